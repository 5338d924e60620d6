"""Who may see an account, and which of its facts: the one place (PRODUCT.md, "Who sees what").

- A member of the account's team today, and whoever was granted the account, sees it whole.
- A regional lead sees its name, structure and team if any of its units or facts lies in the lead's subtree now;
  facts and figures only where the fact's country is in that subtree now, or was on the last day of the fact's month.
- `see_all_figures` (executives, superusers) sees all. Administrators see every account's name, structure and team,
  but no customer's money without that permission.

Facts live in rooms above this one; the database keeps in which countries they lie (`accounts.presence`), so that access asks
one table and imports nothing upward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from accounts import presence
from money.queries import business_date
from regions.queries import region_tree, regions_led_by
from regions.tree import RegionTree, Span
from teams.models import TeamMember
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class Scope:
    """What one viewer may see on one as-of date. `spans` and `countries_now` describe her regions' countries."""

    on: dt.date
    is_everything: bool = False
    sees_all_accounts: bool = False
    whole_account_ids: tuple[int, ...] = ()
    account_codes: tuple[str, ...] = ()
    region_ids: tuple[int, ...] = ()
    region_codes: tuple[str, ...] = ()
    countries_now: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()

    @property
    def lists_parts(self) -> bool:
        """Whether she finds accounts of which she may see a part only."""
        return not self.is_everything and (self.sees_all_accounts or bool(self.region_ids))


def scope_of(viewer: User) -> Scope:
    """The viewer's scope on the business date; computed once per user object (one request)."""
    kept: Scope | None = getattr(viewer, "_scope", None)
    if kept is None:
        kept = _compute(viewer, business_date())
        viewer._scope = kept  # type: ignore[attr-defined]  # noqa: SLF001  a cache on this request's user object
    return kept


def _compute(viewer: User, on: dt.date) -> Scope:
    if not viewer.is_active:
        return Scope(on)
    if viewer.may(Permission.SEE_ALL_FIGURES):
        return Scope(on, is_everything=True, sees_all_accounts=True)
    mine = _whole_accounts(viewer, on)
    led = regions_led_by(viewer=viewer, on=on)
    tree = tree_for(viewer) if led else None
    return Scope(
        on,
        sees_all_accounts=viewer.may(Permission.SEE_ALL_ACCOUNTS),
        whole_account_ids=tuple(mine),
        account_codes=tuple(mine.values()),
        region_ids=tuple(led),
        region_codes=tuple(led.values()),
        countries_now=frozenset(tree.on(on).countries_under(led)) if tree else frozenset(),
        spans=tuple(tree.spans_under(led)) if tree else (),
    )


def tree_for(viewer: User) -> RegionTree:
    """The region tree, read once per user object (one request)."""
    kept: RegionTree | None = getattr(viewer, "_tree", None)
    if kept is None:
        kept = region_tree()
        viewer._tree = kept  # type: ignore[attr-defined]  # noqa: SLF001  a cache on this request's user object
    return kept


def read_tree_again(viewer: User) -> None:
    """Forget the tree that was read for this user object: what follows is read in another snapshot."""
    vars(viewer).pop("_tree", None)


def _whole_accounts(viewer: User, on: dt.date) -> dict[int, str]:
    account = apps.get_model("accounts", "Account")  # models.py imports this module
    memberships = TeamMember.objects.as_of(on).filter(member__user=viewer)
    rows = account.objects.filter(models.Q(team_id__in=memberships.values("team_id")) | models.Q(grants__user=viewer))
    return dict(rows.values_list("id", "code"))


def may_see_whole_account(viewer: User, account: str) -> models.Q:
    """Rows whose account (column `account`) the viewer sees whole."""
    scope = scope_of(viewer)
    return models.Q() if scope.is_everything else models.Q(**{f"{account}__in": scope.whole_account_ids})


def sees_whole_structure(viewer: User, account_id: int) -> bool:
    """Whether the viewer sees an account's structure as her own business: on its team, granted, or all accounts. A lead who
    sees it for a country of hers sees a part of the account."""
    scope = scope_of(viewer)
    return scope.is_everything or scope.sees_all_accounts or account_id in scope.whole_account_ids


def sees_money_of(viewer: User, account_id: int) -> bool:
    """Whether any money of an account that the viewer sees is for her: she sees it whole, or leads countries."""
    scope = scope_of(viewer)
    return scope.is_everything or bool(scope.region_ids) or account_id in scope.whole_account_ids


def may_see_account(viewer: User, account: str) -> models.Q:
    """Rows whose account's name, structure and team the viewer may see."""
    scope = scope_of(viewer)
    if scope.sees_all_accounts:
        return models.Q()
    seen = models.Q(**{f"{account}__in": scope.whole_account_ids})
    if scope.countries_now:
        seen |= presence.lies_in(scope.countries_now, account)
    return seen


def lies_in(viewer: User, countries: Collection[str], account: str) -> models.Q:
    """Rows whose account has a unit in `countries`, or a fact there that the viewer may see."""
    scope = scope_of(viewer)
    if scope.is_everything:
        return presence.lies_in(countries, account)
    # Of an account that she does not see whole, a fact elsewhere must not show by the account's being listed.
    whole = models.Q(**{f"{account}__in": scope.whole_account_ids}) & presence.lies_in(countries, account)
    here = presence.lies_in(scope.countries_now.intersection(countries), account)
    return whole | here | presence.lies_in(countries, account, by_unit=True)


def countries_of(account: models.Model) -> set[str]:
    """Where an account lies: the countries of its units and facts, whoever may see them."""
    return set(presence.present().filter(account_id=account.pk).values_list("country", flat=True))


def may_see_fact(
    viewer: User, *, account: str = "account_id", country: str = "country", month: str = "month"
) -> models.Q:
    """Facts that the viewer may see: by account, or by the fact's country now or on its month's last day."""
    scope = scope_of(viewer)
    if scope.is_everything:
        return models.Q()
    whole = models.Q(**{f"{account}__in": scope.whole_account_ids})
    return whole | may_see_country(viewer, country=country, month=month)


def may_see_country(viewer: User, *, country: str = "country", month: str = "month") -> models.Q:
    """Facts that the viewer may see whatever their account: by their country now or on their month's last day."""
    scope = scope_of(viewer)
    if scope.is_everything:
        return models.Q()
    seen = models.Q(**{f"{country}__in": scope.countries_now})
    for (first, last), countries in _by_run(scope).items():
        seen |= models.Q(**{f"{country}__in": countries, f"{month}__range": (first, last)})
    return seen


def _by_run(scope: Scope) -> dict[tuple[int, int], list[str]]:
    """Past spans that `countries_now` does not hold already, grouped by their months to keep the SQL short."""
    runs: dict[tuple[int, int], list[str]] = {}
    for span in scope.spans:
        if span.country not in scope.countries_now:
            runs.setdefault((span.first, min(span.last, 32767)), []).append(span.country)
    return runs
