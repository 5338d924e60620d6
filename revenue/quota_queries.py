"""What pages, endpoints and jobs read of quotas: which there are for a reader, and whom each is for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Account
from money.queries import business_date
from regions.queries import region_names, region_tree
from revenue.models import Product, Quota, QuotaScope
from revenue.querysets import QuotaQuerySet
from teams.models import Member
from users.models import User

ScopeKey = tuple[str, str]
"""A scope and the code in it."""


QuotaKey = tuple[str, str, str, dt.date, dt.date]


def key_of(quota: Quota) -> QuotaKey:
    """What there is one quota of; also of one that is not written yet."""
    return quota.scope, quota.scope_code, quota.measure, quota.period_start, quota.period_end


@dataclass(frozen=True)
class Bearer:
    """Whom a quota is for. `order` is the place in a list: of a region its path in the tree, else the name; `depth` how far
    below a root it stands."""

    pk: int
    code: str
    name: str
    order: tuple[str, ...]
    depth: int = 0


def quotas(
    *, viewer: User, scope: str = "", measure: str = "", on: dt.date | None = None, codes: Collection[str] | None = None
) -> QuotaQuerySet:
    """Quotas that `viewer` may know; of one scope, of one measure, whose period holds the day `on`, of some codes."""
    found: QuotaQuerySet = Quota.objects.permitted_to(viewer)
    if scope:
        found = found.filter(scope=scope)
    if measure:
        found = found.filter(measure=measure)
    if on is not None:
        found = found.filter(period_start__lte=on, period_end__gt=on)
    return found if codes is None else found.filter(scope_code__in=codes)


def bearers(*, of: Iterable[ScopeKey]) -> dict[ScopeKey, Bearer]:
    """Whom quotas are for, by scope and code: one statement a scope. What is gone is absent."""
    codes: dict[str, list[str]] = {}
    for scope, code in of:
        codes.setdefault(scope, []).append(code)
    found: dict[ScopeKey, Bearer] = {}
    for scope, wanted in codes.items():
        found |= {(scope, bearer.code): bearer for bearer in _READ[QuotaScope(scope)](wanted)}
    return found


def _regions(codes: Sequence[str]) -> list[Bearer]:
    names = region_names()
    tree = region_tree().on(business_date())
    paths = {pk: tuple(names[one][1] for one in reversed(tree.path(pk)) if one in names) for pk in names}
    wanted = set(codes)
    return [
        Bearer(pk, code, name, paths[pk], len(paths[pk]) - 1) for pk, (code, name) in names.items() if code in wanted
    ]


def _accounts(codes: Sequence[str]) -> list[Bearer]:
    rows = Account.objects.filter(code__in=codes).values_list("pk", "code", "name")
    return [Bearer(pk, code, name, (name.casefold(), code)) for pk, code, name in rows]


def _members(codes: Sequence[str]) -> list[Bearer]:
    rows = Member.objects.filter(email__in=codes)
    return [Bearer(row.pk, row.email, str(row), (str(row).casefold(), row.email)) for row in rows]


def _products(codes: Sequence[str]) -> list[Bearer]:
    rows = Product.objects.filter(code__in=codes).values_list("pk", "code", "name")
    return [Bearer(pk, code, name, (name.casefold(), code)) for pk, code, name in rows]


_READ = {
    QuotaScope.REGION: _regions,
    QuotaScope.ACCOUNT: _accounts,
    QuotaScope.MEMBER: _members,
    QuotaScope.PRODUCT: _products,
}


def products_below(ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Each of these products with all below it: a quota of a product holds those of its kinds."""
    children: dict[int, list[int]] = {}
    for pk, parent in Product.objects.exclude(parent=None).values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found = {}
    for root in ids:
        seen, waiting = set[int](), [root]
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                waiting += children.get(one, ())
        found[root] = frozenset(seen)
    return found
