"""The engine's answers in the oracle's form, so that `==` is the whole comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.models import Account
from regions.models import Region
from rollups import queries
from rollups.figures import Figure, Measures, Unpriced
from rollups.lens import Lens
from teams.models import Member
from tests.rollups.oracle import KEYS, Oracle
from tests.rollups.share_oracle import ShareOracle
from users.models import User


def flat(
    measures: Measures, unpriced: Mapping[str, Unpriced], exponent: Mapping[str, int], goal: str
) -> dict[Any, Any]:
    """Every value that is not zero, money in minor units."""
    found: dict[Any, Any] = {}
    for key in KEYS:
        money = getattr(measures, key)
        if isinstance(money, Decimal):
            found[key] = int(Fraction(money) * 10 ** exponent[goal])
        elif money is not None:
            found |= {(key, code): int(Fraction(amount) * 10 ** exponent[code]) for code, amount in money.items()}
        if key in unpriced:
            for code, amount in unpriced[key].amounts.items():
                found["native", key, code] = Fraction(amount)
            found["facts", key] = unpriced[key].facts
    for key in ("opportunities_open", "opportunities_won", "opportunities_lost"):
        found[key] = getattr(measures, key)
    return {key: value for key, value in found.items() if value}


def expected(part: Mapping[Any, Any]) -> dict[Any, Any]:
    """The oracle's part in the same form."""
    found: dict[Any, Any] = {}
    for key, value in part.items():
        if isinstance(key, tuple) and key[0] == "unpriced":
            found["facts", key[1]] = found.get(("facts", key[1]), 0) + value
        else:
            found[key] = value
    return {key: value for key, value in found.items() if value}


def compare(oracle: Oracle, figure: Figure, child_of: Any) -> None:
    """Assert that a figure's total, months and children are the oracle's."""
    lens = figure.lens
    months = [row.month for row in figure.months]
    wanted = oracle.node(child_of, months[0], months[-1])
    native = lens.is_native

    def shown(measures: Measures, unpriced: Mapping[str, Unpriced]) -> dict[Any, Any]:
        return flat(measures, unpriced, oracle.exponent, lens.currency)

    where = (figure.scope, lens)
    assert shown(figure.measures, figure.unpriced) == expected(wanted["total"]), where
    for row in figure.months:
        part = {k: v for k, v in wanted["months"].get(row.month, {}).items() if native or not _is_unpriced(k)}
        assert shown(row.measures, {}) == expected(part), (where, row.month)
    children = {child.code: shown(child.measures, child.unpriced) for child in figure.children}
    if figure.own is not None:
        children["own"] = shown(figure.own, {})
        wanted["children"]["own"] = {k: v for k, v in wanted["children"].get("own", {}).items() if not _is_unpriced(k)}
    assert {c: v for c, v in children.items() if v} == {
        c: found for c, v in wanted["children"].items() if (found := expected(v))
    }, where
    assert figure.fresh, where
    assert figure.oldest_rate == min(wanted["oldest"], default=None), where
    if figure.scope.type != "member":
        assert figure.provisional == wanted["is_provisional"], where


def _is_unpriced(key: Any) -> bool:
    return isinstance(key, tuple) and key[0] in ("unpriced", "native")


def oracle_of(lens: Lens) -> Oracle:
    """Plain loops under one lens."""
    how: dict[str, Any] = {"rates": lens.rates, "structure": lens.structure}
    if lens.is_overlay:
        return ShareOracle(lens.as_of, lens.currency, lens.book, lens.tree, **how)
    return Oracle(lens.as_of, lens.currency, lens.revenue_kind, lens.tree, **how)


def compare_regions(viewer: User, lens: Lens, oracle: Oracle) -> None:
    """Every region and `unallocated`; the list of roots; the check line."""
    for code in [*Region.objects.values_list("code", flat=True), "unallocated"]:
        compare(oracle, queries.region_figures(viewer=viewer, code=code, lens=lens), oracle.region_child(code))
    for figure in queries.regions_list(viewer=viewer, lens=lens):
        compare(oracle, figure, oracle.region_child(figure.scope.code))
    assert queries.check_line(viewer=viewer, lens=lens).agrees


def compare_accounts(viewer: User, lens: Lens, oracle: Oracle) -> None:
    """Every account that `viewer` sees, alone and in their list, and its units with what is their own."""
    listed = {figure.scope.code: figure for figure in queries.accounts_list(viewer=viewer, lens=lens)}
    for account in Account.objects.visible_to(viewer):
        figure = queries.account_figures(viewer=viewer, code=account.code, lens=lens)
        compare(oracle, figure, oracle.account_child(account.pk))
        compare(oracle, listed.pop(account.code), oracle.account_child(account.pk))
        for code in [*account.org_units.values_list("code", flat=True), "unallocated"]:
            unit = queries.org_unit_figures(viewer=viewer, account=account.code, code=code, lens=lens)
            compare(oracle, unit, oracle.unit_child(account.pk, code))
    assert not listed


def compare_members(viewer: User, lens: Lens, oracle: ShareOracle) -> None:
    """Every member and `unassigned`; the first and the last also alone."""
    codes = dict(Account.objects.values_list("pk", "code"))
    listed = queries.members_list(viewer=viewer, lens=lens)
    assert [figure.scope.code for figure in listed] == [
        *sorted(Member.objects.values_list("email", flat=True)),
        "unassigned",
    ]
    for figure in listed:
        email = figure.scope.code
        compare(oracle.only(email), figure, lambda account, _unit, _country, _on: codes[account])
        assert figure.measures.revenue is None
        assert not any(row.measures.revenue for row in figure.months)
    for figure in (listed[0], listed[-1]):
        alone = queries.member_figures(viewer=viewer, email=figure.scope.code, lens=lens)
        assert replace(alone, computed_at=figure.computed_at) == figure
