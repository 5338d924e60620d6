"""What stands beside the parts of a whole is computed from the whole's sums, never from the parts' own percentages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from rollups import services
from tests import factories as make
from tests.cast import Cast
from workspace import lenses, queries
from workspace.dashboard import Dashboard

pytestmark = pytest.mark.django_db


@pytest.fixture
def europe(money: Cast) -> Dashboard:
    return queries.region_dashboard(
        viewer=money.executive, code="EUROPE", lens=lenses.chosen({}, None, queries.frame())
    )


def test_a_share_is_of_the_whole_and_all_shares_are_one(europe: Dashboard) -> None:
    sold = {row.code: Decimal(str(row.amounts["revenue"])) for row in europe.rows if row.amounts}
    assert {row.code: row.share for row in europe.rows} == {
        code: one / sum(sold.values()) for code, one in sold.items()
    }
    assert round(sum(row.share or 0 for row in europe.rows), 20) == 1
    assert sold["DE"] > sold["FR"] > 0


def test_the_whole_is_compared_by_its_sums(europe: Dashboard) -> None:
    # Germany grew from 840 to 1,500.15 and France, which stood elsewhere last year, from nothing: no mean of the two.
    assert europe.compared.before == sum(row.compared.before or 0 for row in europe.rows) == Decimal("840.00")
    assert europe.compared.now == sum(row.compared.now or 0 for row in europe.rows) == europe.whole.measures.revenue


def test_a_deal_that_lies_in_two_parts_of_the_world_is_one_deal(money: Cast) -> None:
    deal = make.OpportunityFactory(account=money.acme, country="DE", close_date=dt.date(2025, 10, 25))
    for line, country in enumerate(("DE", "BR"), start=1):  # Brazil stands in no region
        make.OpportunityLineFactory(opportunity=deal, line=line, country=country)
    services.rebuild()
    world = queries.world_dashboard(viewer=money.executive, lens=lenses.chosen({}, None, queries.frame()))
    parts = {part.code: part.measures.opportunities_open for part in world.whole.children}
    assert world.whole.measures.opportunities_open == 3
    assert parts["unallocated"] == 1
