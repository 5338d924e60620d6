"""Whatever happens, in whatever order: after a drain every figure is what plain loops over the facts say, and a rebuild
would change nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from money.services import pin_business_date
from rollups import queries, services
from rollups.lens import parse_lens
from tests import factories as make
from tests.rollups.comparison import compare_everything, compare_members
from tests.rollups.histories import EVENTS, World
from users.permissions import Access

pytestmark = pytest.mark.django_db

RANGE = {"from": "2023-12", "to": "2024-03"}
LENSES = [
    {**RANGE},
    {**RANGE, "tree": "now", "currency": "USD", "revenue_kind": "booked"},
    {**RANGE, "tree": "2024-01-20", "currency": "native"},
    {**RANGE, "as_of": "2024-02-03", "currency": "USD"},
    {**RANGE, "book": "overlay"},
    {**RANGE, "book": "overlay", "currency": "native", "tree": "now"},
    {**RANGE, "book": "overlay", "as_of": "2024-02-03", "currency": "USD"},
]
_index = st.integers(0, 40)
_event = st.tuples(st.sampled_from(EVENTS), _index, _index, _index)
_first = st.tuples(st.sampled_from(["add_entry", "add_deal", "add_line", "split"]), _index, _index, _index)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(beginning=st.lists(_first, min_size=4, max_size=12), events=st.lists(_event, max_size=25))
def test_every_figure_is_what_the_facts_say(
    beginning: list[tuple[str, int, int, int]], events: list[tuple[str, int, int, int]]
) -> None:
    with transaction.atomic():
        pin_business_date(on=dt.date(2024, 2, 1), by=None)
        world, viewer = World(), make.UserFactory(access=Access.EXECUTIVE)
        for event in [*beginning, ("drain", 0, 0, 0), *events]:
            world.happen(*event)
        assert services.verify().drift == 0
        for parameters in LENSES:
            compare_everything(viewer, parameters)
            compare_members(viewer, parameters)
            assert queries.check_line(viewer=viewer, lens=parse_lens(parameters)).agrees
        lead = make.RegionLeadFactory(region=world.regions[1]).user
        make.TeamMemberFactory(team=world.accounts[0].team, member=make.MemberFactory(user=lead))
        for parameters in LENSES:
            compare_everything(lead, parameters, lead_of="NORTH", member_of="A0")
            compare_members(lead, parameters, lead_of="NORTH", member_of="A0")
            assert queries.check_line(viewer=lead, lens=parse_lens(parameters)).agrees
        transaction.set_rollback(True)
