"""What a deal's page reads of plays: those offered, in their order and with the reasons, those used, those put aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from accounts.access import may_see_account, scope_of, tree_for
from accounts.models import Account
from pipeline.enablement_circle import Circle, circle_of
from pipeline.enablement_models import Play, PlayDismissal, PlayStage, PlayUse
from pipeline.enablement_querysets import PlayQuerySet
from pipeline.enablement_reach import products_above
from pipeline.models import Opportunity, OpportunityLine, Outcome
from users.models import User
from users.permissions import Permission

FIRST: Final = 6
"""How many offers stand on a deal's page before the reader asks for all."""
MOST: Final = 100


@dataclass(frozen=True)
class Offer:
    """A play with its place in the order: its ranks are those of `_RANKS`, the higher the better."""

    play: Play
    is_for_stage: bool
    role_rank: int
    language_rank: int
    circle: Circle
    names_customer: bool


@dataclass(frozen=True)
class Shelf:
    """Plays on one deal. `more` offers are not among `offers`. Closed deals are offered nothing; what was used stays."""

    deal: Opportunity
    circle: Circle
    offers: list[Offer]
    more: int
    used: list[PlayUse]
    dismissed: list[PlayDismissal]
    may_note: bool
    sees_people: bool

    @property
    def is_open(self) -> bool:
        return self.deal.stage.outcome == Outcome.OPEN


def deal_in_view(*, viewer: User, pk: int) -> Opportunity:
    """The deal with what plays are chosen by. Opportunity.DoesNotExist when `viewer` does not see it."""
    found: Opportunity = (
        Opportunity.objects.visible_to(viewer).select_related("account", "stage", "org_unit", "owner").get(pk=pk)
    )
    return found


def plays(*, viewer: User) -> PlayQuerySet:
    """All that `viewer` may know of, in force or not, with `stage_names`."""
    stages = PlayStage.objects.filter(play=OuterRef("pk")).order_by("stage__position", "stage_id").values("stage__name")
    seen: PlayQuerySet = Play.objects.visible_to(viewer).select_related("product", "region", "owner", "account")
    return seen.annotate(stage_names=ArraySubquery(stages))


def play(*, viewer: User, code: str) -> Play:
    """Play.DoesNotExist when there is none that `viewer` may know of."""
    return plays(viewer=viewer).get(code=code)


def shelf(*, viewer: User, pk: int, shows_all: bool = False) -> Shelf:
    """Plays on a deal. Opportunity.DoesNotExist when `viewer` does not see it."""
    deal = deal_in_view(viewer=viewer, pk=pk)
    scope = scope_of(viewer)
    circle = circle_of(deal, viewer=viewer, on=scope.on)
    uses = PlayUse.objects.visible_to(viewer).standing().filter(opportunity=deal)
    dismissed = PlayDismissal.objects.visible_to(viewer).standing().filter(opportunity=deal)
    rows = _offered(deal, circle, viewer) if deal.stage.outcome == Outcome.OPEN else Play.objects.none()
    limit = MOST if shows_all else FIRST
    offered = list(rows[: limit + 1])
    return Shelf(
        deal=deal,
        circle=circle,
        offers=[_offer(found, circle) for found in offered[:limit]],
        more=rows.count() - limit if len(offered) > limit else 0,
        used=list(
            uses.select_related("play", "stage", "contact", "member", "noted_by").order_by("-used_on", "-noted_at")
        ),
        dismissed=list(dismissed.select_related("play", "noted_by").order_by("-noted_at")),
        may_note=viewer.may(Permission.EDIT_FACTS),
        sees_people=scope.is_everything or deal.account_id in scope.whole_account_ids,
    )


def _offer(found: Any, circle: Circle) -> Offer:
    return Offer(found, found.for_stage, found.role_rank, found.language_rank, circle, found.sees_customer)


def _offered(deal: Opportunity, circle: Circle, viewer: User) -> QuerySet[Any]:
    """Plays that fit and were neither used nor put aside, the best first: the stage itself before any, then the role, the
    language, and how much else fits."""
    stages = PlayStage.objects.filter(play=OuterRef("pk"))
    noted = {"opportunity": deal, "play": OuterRef("pk")}
    used, put_aside = PlayUse.objects.standing().filter(**noted), PlayDismissal.objects.standing().filter(**noted)
    seen = Account.objects.filter(may_see_account(viewer, "pk"), pk=OuterRef("account_id"))
    rows = Play.objects.visible_to(viewer).as_of(scope_of(viewer).on).select_related("product", "region", "account")
    ranked = rows.annotate(
        for_stage=Exists(stages.filter(stage=deal.stage_id)),
        role_rank=_rank("buying_roles", circle.roles, 2, (1, Q(buying_roles=[]))),
        language_rank=_rank(
            "languages", circle.customer_languages, 2, (1, Q(languages__overlap=sorted(circle.member_languages)))
        ),
        other_rank=_number(~Q(product=None)) + _number(~Q(country="") | ~Q(region=None)) + _number(~Q(industry="")),
        sees_customer=Exists(seen),
    )
    fitting = ranked.filter(Q(for_stage=True) | ~Exists(stages), _fits(deal, viewer), ~Exists(used), ~Exists(put_aside))
    return fitting.order_by("-for_stage", "-role_rank", "-language_rank", "-other_rank", "-valid_from", "title", "pk")


def _rank(column: str, wanted: Collection[str], best: int, second: tuple[int, Q]) -> Combinable:
    whens = [When(second[1], then=Value(second[0]))]
    if wanted:
        whens.insert(0, When(**{f"{column}__overlap": sorted(wanted)}, then=Value(best)))
    return Case(*whens, default=Value(0), output_field=IntegerField())


def _number(condition: Q) -> Combinable:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _fits(deal: Opportunity, viewer: User) -> Q:
    """Product, place and industry, of the deal and of its lines in sight."""
    lines = OpportunityLine.objects.visible_to(viewer).filter(opportunity=deal).values_list("product_id", "country")
    parts = [(deal.product_id, str(deal.country)), *((product, str(country)) for product, country in lines)]
    products = products_above({product for product, _country in parts if product is not None})
    countries = {country for _product, country in parts if country}
    tree = tree_for(viewer).on(scope_of(viewer).on)
    regions = {region for country in countries for region in tree.path_of_country(country)}
    return (
        (Q(product=None) | Q(product__in=products))
        & (Q(country="") | Q(country__in=countries))
        & (Q(region=None) | Q(region__in=regions))
        & (Q(industry="") | Q(industry__iexact=deal.account.industry))
    )
