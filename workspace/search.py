"""Search across everything that a reader may see, by name or whole code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from accounts.models import Account, OrgUnit
from core import formats
from money.queries import business_date
from pipeline.models import Opportunity
from regions.models import Region
from teams.models import Member
from users.models import User
from workspace import places
from workspace.hits import IN_BOX, SHORTEST, Hit, HitGroup


def found(*, viewer: User, text: str, limit: int = IN_BOX) -> list[HitGroup]:
    """Everything the viewer may see whose name holds `text` or whose code is `text`; empty for one letter.

    Names that begin with the text come first, shorter before longer. One query a kind.
    """
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        return []
    groups = (search(viewer, text, limit) for search in (_accounts, _units, _regions, _opportunities, _members))
    return [group for group in groups if group.hits]


def _accounts(viewer: User, text: str, limit: int) -> HitGroup:
    rows = _matching(Account.objects.visible_to(viewer), text, "name", "code")
    return _group(
        ("accounts", _("Accounts"), "building-skyscraper"),
        (
            Hit(a.name, _noted(formats.country(str(a.hq_country)), a.code), places.account(a.code))
            for a in rows[: limit + 1]
        ),
        limit,
    )


def _units(viewer: User, text: str, limit: int) -> HitGroup:
    open_units = OrgUnit.objects.visible_to(viewer).open_on(business_date()).select_related("account")
    rows = _matching(open_units, text, "name", "code")
    return _group(
        ("units", _("Org units"), "hierarchy-2"),
        (
            Hit(u.name, _noted(u.account.name, formats.country(str(u.country))), places.unit(u.account.code, u.code))
            for u in rows[: limit + 1]
        ),
        limit,
    )


def _regions(viewer: User, text: str, limit: int) -> HitGroup:
    rows = _matching(Region.objects.permitted_to(viewer), text, "name", "code")
    return _group(
        ("regions", _("Regions"), "world"),
        (Hit(r.name, r.code, places.region(r.code)) for r in rows[: limit + 1]),
        limit,
    )


def _opportunities(viewer: User, text: str, limit: int) -> HitGroup:
    rows = _matching(Opportunity.objects.visible_to(viewer), text, "name", "external_id")
    rows = rows.select_related("account", "stage")
    return _group(
        ("opportunities", _("Opportunities"), "target-arrow"),
        (Hit(o.name, _noted(o.account.name, o.stage.name), places.opportunity(o.pk)) for o in rows[: limit + 1]),
        limit,
    )


def _members(viewer: User, text: str, limit: int) -> HitGroup:
    rows = Member.objects.permitted_to(viewer)
    for word in text.split():
        rows = rows.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(email__icontains=word))
    hits = (
        Hit(str(m), _noted(formats.country(str(m.country)), m.email), places.member(m.email))
        for m in rows.order_by("family_name", "given_name", "pk")[: limit + 1]
    )
    return _group(("members", _("Members"), "users"), hits, limit)


def _matching(rows: QuerySet[Any], text: str, name: str, code: str) -> QuerySet[Any]:
    begins = Case(When(**{f"{name}__istartswith": text}, then=Value(0)), default=Value(1))
    named = Q(**{f"{name}__icontains": text}) | Q(**{code: text})
    return rows.filter(named).order_by(begins, Length(name), name, "pk")


def _group(kind: tuple[str, str, str], hits: Iterable[Hit], limit: int) -> HitGroup:
    shown = list(hits)
    return HitGroup(*kind, hits=tuple(shown[:limit]), has_more=len(shown) > limit)


def _noted(*parts: str) -> str:
    return " · ".join(part for part in parts if part and part != formats.NONE_SIGN)
