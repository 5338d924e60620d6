"""Bridges: the arithmetic by itself, then every node of random histories against plain loops over the facts."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from money.queries import exponents
from money.services import pin_business_date
from regions.models import Region
from rollups import queries, services
from rollups.bridge import DIFFERENCES, PARTS, Bridge, BridgeFigure, Side, bridge
from rollups.lens import Lens, parse_lens
from tests import factories as make
from tests.rollups import histories
from tests.rollups.bridge_oracle import BridgeOracle, Six
from tests.rollups.histories import World
from users.models import User
from users.permissions import Access

_minor = st.integers(-(10**30), 10**30)
_side = st.builds(Side, _minor, _minor, _minor, _minor)
_exponent = st.sampled_from([0, 2, 3])


@given(_side, _side, _exponent)
def test_the_four_differences_add_up_exactly(before: Side, after: Side, exponent: int) -> None:
    found = bridge(before, after, exponent)
    assert sum(map(Fraction, found.differences.values())) == Fraction(found.after) - Fraction(found.before)
    assert Fraction(found.after) == Fraction(after.then, 10**exponent)
    assert all(amount.as_tuple().exponent == -exponent for amount in found.amounts.values())


@given(_side, _side, _side, _side)
def test_the_bridges_of_parts_add_up_to_the_bridge_of_the_whole(a: Side, b: Side, c: Side, d: Side) -> None:
    whole, parts = bridge(a + b, c + d, 2), (bridge(a, c, 2), bridge(b, d, 2))
    for name in PARTS:
        assert Fraction(whole.amounts[name]) == sum(Fraction(part.amounts[name]) for part in parts)


@given(_side, _side)
def test_the_way_back_is_the_same_with_the_signs_turned(before: Side, after: Side) -> None:
    there, back = bridge(before, after, 2), bridge(after, before, 2)
    for name in DIFFERENCES:  # as fractions: a decimal's minus rounds
        assert Fraction(there.amounts[name]) == -Fraction(back.amounts[name])


@given(_side)
def test_nothing_changed_is_no_difference(side: Side) -> None:
    assert not any(bridge(side, side, 2).differences.values())


DATES = [dt.date(2023, 1, 5), dt.date(2023, 1, 31), dt.date(2023, 2, 10), dt.date(2023, 12, 31), dt.date(2024, 1, 6),
         dt.date(2024, 1, 31), dt.date(2024, 2, 1), dt.date(2024, 2, 29), dt.date(2024, 3, 15)]  # fmt: skip
EVENTS = ["add_entry", "add_entry", "edit_entry", "remove", "publish_rate", "publish_rate", "move_region", "move_country",
          "move_unit", "move_as_of", "drain"]  # fmt: skip
RANGE = {"from": "2024-01", "to": "2024-03"}
ASKED = [({**RANGE}, 12), ({**RANGE, "currency": "USD"}, 12), ({**RANGE, "currency": "USD"}, 1),
         ({**RANGE, "revenue_kind": "booked"}, 11)]  # fmt: skip
_index = st.integers(0, 40)
_event = st.tuples(st.sampled_from(EVENTS), _index, _index, _index)
_entry = st.tuples(st.just("add_entry"), _index, _index, _index)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # a failing history is told as it is: to shrink it takes minutes
)
@given(beginning=st.lists(_entry, min_size=8, max_size=16), events=st.lists(_event, max_size=30))
@pytest.mark.django_db
def test_every_bridge_is_what_the_facts_say(
    monkeypatch: pytest.MonkeyPatch,
    beginning: list[tuple[str, int, int, int]],
    events: list[tuple[str, int, int, int]],
) -> None:
    monkeypatch.setattr(histories, "DATES", DATES)
    with transaction.atomic():
        pin_business_date(on=dt.date(2024, 2, 1), by=None)
        world, executive = World(), make.UserFactory(access=Access.EXECUTIVE)
        for event in [*beginning, ("drain", 0, 0, 0), *events]:
            world.happen(*event)
        services.drain()
        lead = make.RegionLeadFactory(region=world.regions[1]).user
        make.TeamMemberFactory(team=world.accounts[0].team, member=make.MemberFactory(user=lead))
        for parameters, k in ASKED:
            lens = parse_lens(parameters)
            everything = BridgeOracle(lens.as_of, lens.currency, lens.revenue_kind, lens.first + 1, lens.last + 1, k)
            _compare_everything(executive, lens, k, everything)
            everything.restrict_to("A0", "NORTH")
            _compare_everything(lead, lens, k, everything)
        transaction.set_rollback(True)


def _compare_everything(viewer: User, lens: Lens, k: int, oracle: BridgeOracle) -> None:
    asked: dict[str, Any] = {"viewer": viewer, "lens": lens, "k": k}
    world = queries.world_bridge(**asked)
    _compare(world, oracle.world())
    assert not world.bridge.structure
    for code in [*Region.objects.values_list("code", flat=True), "unallocated"]:
        found = queries.region_bridge(code=code, **asked)
        _compare(found, oracle.region(code))
        _ends_on_figures(found, *(queries.region_figures(viewer=viewer, code=code, lens=of) for of in _ends(found)))
        for part in (one for one in found.parts if one.type == "country"):
            country = queries.country_bridge(code=code, country=part.code, **asked)
            assert country.bridge == part.bridge
            for name, amount in part.bridge.amounts.items():
                assert sum(one.bridge.amounts[name] for one in country.parts) == amount
    for account in Account.objects.visible_to(viewer):
        found = queries.account_bridge(code=account.code, **asked)
        _compare(found, oracle.account(account.pk))
        assert not found.bridge.structure
        _ends_on_figures(
            found, *(queries.account_figures(viewer=viewer, code=account.code, lens=of) for of in _ends(found))
        )
        for code in [*account.org_units.values_list("code", flat=True), "unallocated"]:
            unit = queries.org_unit_bridge(account=account.code, code=code, **asked)
            _compare(unit, oracle.unit(account.pk, code))


def _ends(found: BridgeFigure) -> tuple[Lens, Lens]:
    return found.earlier, found.lens


def _ends_on_figures(found: BridgeFigure, before: object, after: object) -> None:
    amounts = (found.bridge.before, found.bridge.after)
    for figure, amount, unpriced in zip((before, after), amounts, found.unpriced, strict=True):
        assert figure.measures.revenue == amount  # type: ignore[attr-defined]  # a figure
        assert figure.unpriced["revenue"] == unpriced  # type: ignore[attr-defined]  # a figure


def _compare(found: BridgeFigure, wanted: dict[str, Six]) -> None:
    exponent = exponents()[found.lens.currency]

    def minors(one: Bridge) -> Six:
        return tuple(int(Fraction(amount) * 10**exponent) for amount in one.amounts.values())  # type: ignore[return-value]  # six of them

    assert minors(found.bridge) == wanted[""], found.scope
    shown = {part.code: minors(part.bridge) for part in found.parts}
    if found.own is not None:
        shown["own"] = minors(found.own)
    assert {c: v for c, v in shown.items() if any(v)} == {c: v for c, v in wanted.items() if c and any(v)}, found.scope
    for at, name in enumerate(PARTS):
        assert sum(v[at] for v in shown.values()) == wanted[""][at], (found.scope, name)
