"""Whatever happens, in whatever order: the facts of all pages of a proof add up to the figure, for every node, part and
measure; and every fact says itself what it adds."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from money.services import pin_business_date
from regions.models import Region
from rollups import queries
from rollups.figures import Figure, Measures
from rollups.lens import Lens, parse_lens
from rollups.measures import BOOKS, COUNT_KEYS, MONEY_KEYS
from rollups.proof import Proof, ProofRow
from rollups.proof_cursors import read_cursor
from rollups.proof_ground import Asked
from tests import factories as make
from tests.rollups.histories import EVENTS, World
from tests.rollups.oracle import rounded
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db

RANGE = {"from": "2023-12", "to": "2024-03"}
LENSES = [
    {**RANGE},
    {**RANGE, "tree": "now", "currency": "USD", "revenue_kind": "booked", "rates": "constant"},
    {**RANGE, "tree": "2024-01-20", "currency": "native"},
    {**RANGE, "as_of": "2024-02-03", "currency": "USD"},
    {**RANGE, "book": "overlay", "tree": "now"},
]
_index = st.integers(0, 40)
_event = st.tuples(st.sampled_from(EVENTS), _index, _index, _index)
_first = st.tuples(st.sampled_from(["add_entry", "add_deal", "add_line", "split"]), _index, _index, _index)
_PHASES = [phase for phase in Phase if phase != Phase.explain]


def all_pages(viewer: User, asked: Asked, lens: Lens, measure: str, size: int = 2) -> list[Proof]:
    """Every page of a proof, found forwards; going back finds the same pages."""
    pages = [queries.proof(viewer=viewer, asked=asked, lens=lens, measure=measure, size=size)]
    while pages[-1].next:
        cursor = read_cursor(pages[-1].next)
        pages.append(queries.proof(viewer=viewer, asked=asked, lens=lens, measure=measure, cursor=cursor, size=size))
    assert not pages[0].previous
    if len(pages) > 1:
        cursor = read_cursor(pages[-1].previous)
        back = queries.proof(viewer=viewer, asked=asked, lens=lens, measure=measure, cursor=cursor, size=size)
        assert (back.rows, back.running, back.seen) == (pages[-2].rows, pages[-2].running, pages[-2].seen)
    return pages


def added(rows: list[ProofRow], measure: str, *, is_native: bool) -> Any:
    if measure in COUNT_KEYS:
        return len({row.id for row in rows})
    sums: Counter[str] = Counter()
    for row in rows:
        assert row.minor is not None
        sums[row.goal] += row.minor
    exponents = {row.goal: row.exponent for row in rows}
    found = {code: Fraction(minor, 10 ** exponents[code]) for code, minor in sums.items()}
    return found if is_native else sum(found.values(), Fraction(0))


def proves(viewer: User, asked: Asked, figure: Figure | None, lens: Lens, measure: str, stated: Any, size: int) -> None:
    """That the pages hold `stated`, row by row."""
    pages = all_pages(viewer, asked, lens, measure, size)
    rows = [row for page in pages for row in page.rows]
    where = (asked, lens, measure)
    value = pages[0].value
    assert value == stated, where
    plain = {code: Fraction(amount) for code, amount in value.items()} if isinstance(value, dict) else Fraction(value)
    mine = added(rows, measure, is_native=lens.is_native)
    if isinstance(plain, dict):
        assert {c: v for c, v in plain.items() if v} == {c: v for c, v in mine.items() if v}, where
    else:
        assert plain == mine, where
    assert all(page.value == value for page in pages)
    assert (pages[-1].seen, pages[0].facts) == (len(rows), len(rows)), where
    if not lens.is_native:
        assert pages[-1].running == value
    assert [row.key for row in rows] == sorted({row.key for row in rows}, reverse=True)
    for row in rows:
        is_explained(row, measure)
    said = pages[0].evidence
    assert said is not None
    assert said.check.agrees, (where, said.check)
    if figure is not None:
        assert pages[0].figure.restricted == figure.restricted
    unpriced = {group.reason: group for group in said.excluded}.get("no_rate")
    if figure is not None and measure in figure.unpriced:
        of_figure = figure.unpriced[measure]
        assert (
            (unpriced.facts, unpriced.amounts) == (of_figure.facts, of_figure.amounts)
            if unpriced
            else (not of_figure.facts)
        )


def is_explained(row: ProofRow, measure: str) -> None:
    """That amount, legs and share are what the fact adds. Shares of a line are laid over its deal, so to two units."""
    if measure in COUNT_KEYS:
        return
    assert row.price is not None
    assert row.amount is not None
    assert row.minor is not None
    price = Fraction(1)
    if row.price.legs:
        source, goal = row.price.legs
        assert (source.currency, goal.currency) == (row.currency, row.goal)
        price = Fraction(goal.total) / goal.days / (Fraction(source.total) / source.days)
    else:
        assert row.currency == row.goal
    assert price == row.price.fraction
    weight = Fraction(row.probability or 0) / 100 if measure == "pipeline_weighted" else Fraction(1)
    whole = rounded(Fraction(row.amount) * weight * price * 10**row.exponent)
    if row.share == 100:
        assert row.minor == whole
    else:
        assert abs(row.minor - Fraction(whole) * Fraction(row.share) / 100) <= 2


def nodes(viewer: User, lens: Lens) -> list[tuple[Asked, Figure | None, Measures]]:
    """Every node with its parts: what is asked, and what figures say it is."""
    found: list[tuple[Asked, Figure | None, Measures]] = []
    world, roots = queries.world_figures(viewer=viewer, lens=lens)
    found.append((Asked(region=""), world, world.measures))
    found += [(Asked(region="", child=root.scope.code), None, root.measures) for root in roots]
    for code in [*Region.objects.values_list("code", flat=True), "unallocated"]:
        figure = queries.region_figures(viewer=viewer, code=code, lens=lens)
        found.append((Asked(region=code), figure, figure.measures))
        found += [(Asked(region=code, child=child.code), None, child.measures) for child in figure.children]
        for row in queries.region_accounts(viewer=viewer, code=code, lens=lens):
            found.append((Asked(region=code, of_account=row.code), None, row.measures))
    for account in Account.objects.visible_to(viewer):
        figure = queries.account_figures(viewer=viewer, code=account.code, lens=lens)
        found.append((Asked(account=account.code), figure, figure.measures))
        found += [(Asked(account=account.code, child=c.code), None, c.measures) for c in figure.children]
        for child in queries.account_regions(viewer=viewer, code=account.code, lens=lens):
            found.append((Asked(account=account.code, country=child.code), None, child.measures))
        for code in [*account.org_units.values_list("code", flat=True), "unallocated"]:
            unit = queries.org_unit_figures(viewer=viewer, account=account.code, code=code, lens=lens)
            found.append((Asked(account=account.code, unit=code), unit, unit.measures))
            assert unit.own is not None
            found.append((Asked(account=account.code, unit=code, child="own"), None, unit.own))
    for member in queries.members_list(viewer=viewer, lens=lens):
        found.append((Asked(member=member.scope.code), member, member.measures))
        for child in member.children:
            found.append((Asked(member=member.scope.code, of_account=child.code), None, child.measures))
    return found


def prove_everything(viewer: User, parameters: dict[str, str]) -> None:
    """Of every node every measure; of a node's parts, of which there are many, one measure each in turn."""
    lens = parse_lens(parameters)
    every = (*MONEY_KEYS, *COUNT_KEYS)
    for at, (asked, figure, measures) in enumerate(nodes(viewer, lens)):
        for measure in every if figure is not None else (every[at % len(every)],):
            stated = getattr(measures, measure)
            if stated is None or (figure is None and not stated):
                continue  # what a node does not have, and parts without anything
            if asked.child == "own" and measure in COUNT_KEYS:
                continue
            proves(viewer, asked, figure, lens, measure, stated, size=3)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=_PHASES)
@given(
    beginning=st.lists(_first, min_size=8, max_size=14), events=st.lists(_event, max_size=25), which=st.integers(0, 4)
)
def test_the_facts_of_all_pages_add_up_to_every_figure(
    beginning: list[tuple[str, int, int, int]], events: list[tuple[str, int, int, int]], which: int
) -> None:
    assert list(BOOKS) == ["prime", "overlay"]
    with transaction.atomic():
        pin_business_date(on=dt.date(2024, 2, 1), by=None)
        world, viewer = World(), make.UserFactory(access=Access.EXECUTIVE)
        for event in [*beginning, ("drain", 0, 0, 0), *events, ("drain", 0, 0, 0)]:
            world.happen(*event)
        lead = make.RegionLeadFactory(region=world.regions[1]).user
        make.TeamMemberFactory(team=world.accounts[0].team, member=make.MemberFactory(user=lead))
        for reader in (viewer, lead):
            prove_everything(reader, LENSES[which])
        transaction.set_rollback(True)
