"""A bridge's page ends on the figures of the tiles, compares whole months with whole months, and says what it leaves out."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from core import formats
from tests.cast import Cast
from users.models import User
from workspace import bridging, lenses, queries
from workspace.bridging import Asked

pytestmark = pytest.mark.django_db

YEAR = {"from": "2024-01", "to": "2024-12"}


def opened(user: User, path: str, **params: str) -> Any:
    client = Client()
    client.force_login(user)
    answer = client.get(path, params)
    assert answer.status_code == 200, answer.status_code
    return answer


def text_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def asked(**params: str) -> Asked:
    return bridging.asked(lenses.chosen(params, None, queries.frame()), params)


@pytest.mark.parametrize("code", ["", "WORLD", "EUROPE", "ASIA", "unallocated"])
@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_the_waterfall_ends_on_the_tile(money: Cast, code: str, currency: str) -> None:
    params = {"from": "2025-01", "to": "2025-09", "currency": currency}
    page = opened(money.executive, "/figures/bridge/", region=code, **params)
    # The tile's figure is the API's (test_dashboards).
    node = opened(
        money.executive, f"/api/v1/rollups/regions/{code}/" if code else "/api/v1/rollups/regions/", **params
    ).json()
    tile = sum(Decimal(one["measures"]["revenue"]) for one in node.get("results", [node]))
    values = page.context["picture"].series[0].values
    assert values[-1] == tile
    assert sum(values[:-1]) == values[-1]
    assert formats.number(tile) in text_of(page)


def test_the_table_repeats_the_picture_and_its_parts_add_up(money: Cast) -> None:
    context = opened(money.executive, "/figures/bridge/", region="ASIA", **YEAR).context
    rows, foot = [row.source.amounts for row in context["table"].rows], context["table"].foot.amounts
    assert list(foot.values()) == list(context["picture"].series[0].values)
    assert {name: sum(row[name] for row in rows) for name in foot} == foot


def test_a_period_under_way_is_compared_by_its_whole_months(money: Cast) -> None:
    page = opened(money.executive, "/figures/bridge/", region="EUROPE", period="fiscal_year")
    found = page.context["found"]
    assert (found.lens.first % 12, found.lens.last % 12) == (0, 8)  # D is 20 October
    assert "only its 9 whole months that have passed" in text_of(page)
    # Of 2024 neither the October nor the November.
    assert found.bridge.before == Decimal("860.00") - Decimal("60.00")
    assert "under way" not in text_of(opened(money.executive, "/figures/bridge/", region="EUROPE", **YEAR))


def test_nothing_is_compared_before_a_whole_month_has_passed(money: Cast) -> None:
    page = opened(money.executive, "/figures/bridge/", region="EUROPE", period="month")
    assert "No whole month has passed yet" in text_of(page)
    assert opened(money.executive, "/figures/bridge/bar/", region="EUROPE", period="month").content.strip() == b""


def test_the_period_just_before_is_offered(money: Cast) -> None:
    page = opened(
        money.executive, "/figures/bridge/", region="EUROPE", **{"from": "2025-03", "to": "2025-06", "k": "4"}
    )
    assert "the period just before" in text_of(page)
    assert (page.context["found"].earlier.first % 12, page.context["found"].earlier.last % 12) == (10, 1)


def test_what_has_no_bridge_is_said_and_the_usual_stands_in(money: Cast) -> None:
    page = opened(money.executive, "/figures/bridge/", region="EUROPE", currency="native", k="400")
    assert "it is stated in EUR" in text_of(page)
    assert "“400” is not a number of whole months from 1 to 120." in text_of(page)
    assert page.context["asked"].k == 12


def test_a_part_opens_on_its_own_bridge(money: Cast) -> None:
    html = unescape(opened(money.executive, "/figures/bridge/", region="WORLD", k="3", **YEAR).content.decode())
    link = re.search(r'href="(/figures/bridge/\?region=EUROPE&[^"]*)"', html)
    assert link
    assert "k=3" in link[1]
    html = unescape(opened(money.executive, "/figures/bridge/", region="EUROPE", **YEAR).content.decode())
    assert "/figures/bridge/?region=EUROPE&country=DE&" in html


def test_a_country_of_a_region_down_to_its_accounts(money: Cast) -> None:
    params = {"from": "2025-01", "to": "2025-09"}
    figures = unescape(opened(money.executive, "/regions/EUROPE/countries/DE/", **params).content.decode())
    assert "/figures/bridge/bar/?region=EUROPE&country=DE&" in figures
    page = opened(money.executive, "/figures/bridge/", region="EUROPE", country="DE", **params)
    assert page.context["picture"].series[0].values[-1] == Decimal("1000.10")
    assert "Germany" in text_of(page)
    html = unescape(page.content.decode())
    assert "/accounts/ACME/figures/bridge/?" in html
    assert "/regions/EUROPE/countries/DE/?" in html
    client = Client()
    client.force_login(money.executive)
    assert client.get("/figures/bridge/", {"region": "EUROPE", "country": "Germany"}).status_code == 404
    # A country that stands there later only is a page already, and its bar says that nothing differs.
    bar = client.get("/figures/bridge/bar/", {"region": "EUROPE", "country": "JP", **params})
    assert "no difference" in bar.content.decode()


def test_the_revenue_tile_has_its_bridge_as_a_thin_bar(money: Cast) -> None:
    html = unescape(opened(money.executive, "/regions/EUROPE/", **YEAR).content.decode())
    address = re.search(r'hx-get="(/figures/bridge/bar/\?region=EUROPE[^"]*)"', html)
    assert address
    client = Client()
    client.force_login(money.executive)
    bar = unescape(client.get(address[1]).content.decode())
    assert 'class="bridge-bar"' in bar
    assert "/figures/bridge/?region=EUROPE&" in bar
    for lens in ({"tree": "now"}, {"currency": "native"}):
        assert "/figures/bridge/bar/" not in opened(money.executive, "/regions/EUROPE/", **lens).content.decode()


def test_the_thin_bar_keeps_proportion_and_stays_within() -> None:
    from rollups.bridge import Side, bridge

    found = bridging.segments(bridge(Side(100, 150, 150, 0), Side(400, 400, 350, 20), 2))
    assert [segment.tone for segment in found] == ["more", "more", "more", "more"]
    found = bridging.segments(bridge(Side(100, 50, 50, 0), Side(400, 400, 350, 20), 2))
    assert {segment.tone for segment in found} == {"more", "less"}
    assert all(float(s.x) >= 0 and float(s.x) + float(s.width) <= 100 for s in found)


def test_an_account_and_its_units(money: Cast) -> None:
    unit = money.acme.org_units.get()
    page = opened(money.owner, "/accounts/ACME/figures/bridge/", **{"from": "2025-01", "to": "2025-09"})
    assert page.context["found"].bridge.structure == 0
    assert "Without a unit" in text_of(page)
    below = opened(money.owner, "/accounts/ACME/figures/bridge/", unit=unit.code, **YEAR)
    assert unit.name in text_of(below)
    assert "The unit itself" in text_of(below)
    client = Client()
    client.force_login(money.owner)
    assert client.get("/accounts/ACME/figures/bridge/", {"unit": "NONE"}).status_code == 404
    assert client.get("/accounts/OTHER/figures/bridge/").status_code == 404
    assert client.get("/figures/bridge/", {"region": "NONE"}).status_code == 404


def test_a_lead_sees_her_part_and_is_told_so(money: Cast) -> None:
    page = opened(money.europe_lead, "/figures/bridge/", **YEAR)
    assert "totals hold only" in text_of(page)
    assert page.context["found"].restricted


def test_facts_without_a_rate_are_named(money: Cast) -> None:
    page = opened(money.executive, "/figures/bridge/", region="EUROPE", **{"from": "2025-01", "to": "2025-09"})
    assert "1 fact of Jan 2025 – Sept 2025 has no rate and is in no number here" in text_of(page)
    assert "150,000" in text_of(page)
