"""Every figure of a leading page is the API's, adds up, and holds only what its reader may see."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core import formats
from rollups import services
from tests import factories as make
from tests.cast import Cast
from users.models import User
from workspace import lenses, queries
from workspace.account_figures import account_money
from workspace.dashboard import Dashboard

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(user: User, path: str, **params: str) -> str:
    response = client_of(user).get(path, params)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def api_of(user: User, code: str, **params: str) -> Any:
    return client_of(user).get(f"/api/v1/rollups/regions/{code}/", params).json()


def lens(**params: str) -> lenses.PageLens:
    return lenses.chosen(params, None, queries.frame())


def dashboard(user: User, code: str, **params: str) -> Dashboard:
    return queries.region_dashboard(viewer=User.objects.get(pk=user.pk), code=code, lens=lens(**params))


@pytest.mark.parametrize("code", ["WORLD", "EUROPE", "ASIA", "unallocated"])
@pytest.mark.parametrize("params", [{}, {"currency": "USD"}, {"tree": "now"}, {"tree": "2024-01-31"}])
def test_the_page_says_what_the_api_says(money: Cast, code: str, params: dict[str, str]) -> None:
    told = api_of(money.executive, code, **params)
    html = page_of(money.executive, f"/regions/{code}/", **params)
    figures = [told["measures"], *(child["measures"] for child in told["children"])]
    for measures in figures:
        for name in ("revenue", "pipeline_open"):
            full = formats.number(Decimal(measures[name]))
            assert re.search(rf"(?<![\d,.]){re.escape(full)}(?![\d,.])", html), (name, full)


def test_parts_make_the_whole_to_the_cent(money: Cast) -> None:
    page = dashboard(money.executive, "EUROPE")
    assert page.addition.agrees
    assert sum(row.amounts["revenue"] for row in page.rows if row.amounts) == page.measures.revenue  # type: ignore[misc]
    customers = queries.top_customers(viewer=money.executive, code="EUROPE", lens=lens())
    assert sum(row.amounts["revenue"] for row in customers.rows if row.amounts) == page.measures.revenue  # type: ignore[misc]
    assert sum(c.value for c in page.countries if c.value) == page.measures.revenue  # type: ignore[misc]


def test_the_world_is_its_roots_and_what_is_unallocated(money: Cast) -> None:
    page = queries.world_dashboard(viewer=money.executive, lens=lens())
    assert [row.code for row in page.rows] == ["EUROPE", "ASIA", "unallocated"]
    assert page.rows[2].amounts is not None
    assert page.rows[2].amounts["revenue"] == Decimal("77.77")
    assert page.addition.agrees


def test_a_part_of_a_year_meets_the_same_part_of_the_year_before(money: Cast) -> None:
    compared = dashboard(money.executive, "EUROPE").compared
    # Of October 2024 only what was sold by the 20th; November and the dollars of the 21st lie beyond.
    usd = (Decimal("300.33") / Decimal("1.1")).quantize(Decimal("0.01"))
    assert compared.now == Decimal("1500.15") + usd
    assert compared.before == Decimal("840.00")
    assert compared.last_before == dt.date(2024, 10, 20)


def test_facts_of_days_ahead_stay_out_of_the_comparison(money: Cast) -> None:
    make.RevenueEntryFactory(
        account=money.acme, country="DE", date=dt.date(2025, 10, 21), amount=Decimal("5000.00"), currency_id="USD"
    )
    services.drain()
    page = dashboard(money.executive, "EUROPE")
    assert page.compared.now == page.measures.revenue - (Decimal(5000) / Decimal("1.1")).quantize(Decimal("0.01"))  # type: ignore[operator]


def test_facts_of_days_ahead_stay_out_while_some_still_wait_for_the_roll_ups(money: Cast) -> None:
    for day, is_drained in ((21, True), (22, False)):
        make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 10, day), amount=Decimal(1000))
        if is_drained:
            before = dashboard(money.executive, "EUROPE").compared.now
            services.drain()
        assert dashboard(money.executive, "EUROPE").compared.now == before


def test_an_account_is_compared_with_the_same_part_of_the_year_before(money: Cast) -> None:
    shown = account_money(viewer=money.executive, account=money.acme, lens=lens())
    compared = shown.compared
    assert (compared.before, compared.last_before) == (Decimal("900.00"), dt.date(2024, 10, 20))
    # The line of the year before holds every month in full, those that lie ahead too.
    dollars = (Decimal(9000) / Decimal("1.1")).quantize(Decimal("0.01"))
    assert shown.before[9:11] == [Decimal("40.00") + dollars, Decimal("7.00")]


def test_an_accounts_region_says_what_its_sum_leaves_out(money: Cast) -> None:
    html = page_of(money.executive, "/accounts/ACME/figures/")
    row = re.search(r'<tr class="sum apart"><th scope="row"><bdi>[^<]*EUROPE.*?</tr>', html, re.S)
    assert row
    assert "1 fact unpriced" in row[0]


def test_an_account_in_its_own_currencies_shows_how_many_they_are(money: Cast) -> None:
    html = page_of(money.executive, "/accounts/ACME/figures/", currency="native")
    tiles = re.findall(r'tile-label">\s*([^<]*?)\s*</div>.*?tile-figure">(.*?)</div>', html, re.S)
    assert {re.sub("<[^>]*>", "", label): re.sub("<[^>]*>|\\s", "", figure) for label, figure in tiles}[
        "Revenue recognised"
    ] == "3"


def test_each_part_is_compared_like_the_whole(money: Cast) -> None:
    page = dashboard(money.executive, "EUROPE")
    assert sum(row.compared.before or 0 for row in page.rows) == page.compared.before
    assert sum(row.compared.now or 0 for row in page.rows) == page.compared.now


def test_what_moved_away_is_last_years_only(money: Cast) -> None:
    # France stood under ASIA until April 2024, with the revenue of that March.
    page = dashboard(money.executive, "ASIA")
    france = next(row for row in page.rows if row.code == "FR")
    assert france.amounts is None
    assert france.compared.before == Decimal("60.00")


def test_unpriced_facts_are_counted_listed_and_in_no_total(money: Cast) -> None:
    html = page_of(money.executive, "/regions/EUROPE/")
    assert "1 fact unpriced" in html
    listed = page_of(money.executive, "/figures/unpriced/", region="EUROPE")
    assert "Acme" in listed
    assert "ARS" in listed
    assert "150,000" in re.sub(r"<[^>]+>", "", listed)


def test_a_country_opens_on_its_customers(money: Cast) -> None:
    above = page_of(money.executive, "/regions/EUROPE/")
    assert "/regions/EUROPE/countries/DE/?" in above
    html = page_of(money.executive, "/regions/EUROPE/countries/DE/")
    assert "Acme" in html
    assert "Other" not in html.split('id="figures"')[1]
    assert "1,500.15" in html


def test_a_country_that_never_stood_there_is_not_found(money: Cast) -> None:
    assert client_of(money.executive).get("/regions/EUROPE/countries/JP/").status_code == 404
    assert client_of(money.executive).get("/regions/NOWHERE/").status_code == 404


def test_the_trail_leads_up_the_tree(money: Cast) -> None:
    trail = queries.country_dashboard(viewer=money.executive, code="EUROPE", country="DE", lens=lens()).trail
    assert [name for name, _url in trail] == ["World", "Region EUROPE", "Germany"]


def test_a_lead_sees_her_totals_and_is_told_so(money: Cast) -> None:
    seen = api_of(money.europe_lead, "WORLD")["measures"]["revenue"]
    everything = api_of(money.executive, "WORLD")["measures"]["revenue"]
    html = page_of(money.europe_lead, "/regions/WORLD/")
    assert seen != everything
    assert formats.number(Decimal(seen)) in html
    assert formats.number(Decimal(everything)) not in html
    assert "totals hold only" in html
    assert "Other" not in html.split('id="figures"')[1]


def test_who_may_see_no_money_is_told_who_grants_it(money: Cast) -> None:
    html = page_of(money.viewer, "/regions/EUROPE/")
    assert "No fact that you may see" in html
    assert "1,500" not in html


def test_native_sums_are_never_one_figure(money: Cast) -> None:
    html = page_of(money.executive, "/regions/EUROPE/", currency="native")
    assert "150,000.00" in html
    assert "By currency" in html
    assert "the currency of each fact" in html


def test_the_lens_is_in_the_address_and_is_kept(money: Cast) -> None:
    client = client_of(money.executive)
    client.get("/regions/EUROPE/", {"currency": "USD", "tree": "now", "period": "last_fiscal_year"})
    assert client.get("/regions/EUROPE/").context["page"].lens.params == {
        "currency": "USD",
        "rates": "spot",
        "tree": "now",
        "revenue_kind": "recognised",
        "book": "prime",
        "period": "last_fiscal_year",
    }
    money.executive.refresh_from_db()
    assert money.executive.preferences["lens"]["currency"] == "USD"


def test_a_lens_that_names_nothing_is_said_and_not_kept(money: Cast) -> None:
    html = page_of(money.executive, "/regions/EUROPE/", currency="GBP")
    assert "“GBP” is none of EUR, USD, native." in html
    money.executive.refresh_from_db()
    assert money.executive.preferences.get("lens", {}).get("currency", "EUR") == "EUR"


def test_nothing_is_sent_again_until_the_figures_have_changed(money: Cast) -> None:
    client = client_of(money.executive)
    context = client.get("/regions/EUROPE/").context
    headers = {"HX-Request": "true", "HX-Target": "freshness"}
    assert client.get(context["fresh_url"], headers=headers).status_code == 204
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 10, 19), amount=Decimal("11.11"))
    services.drain()
    news = client.get(context["fresh_url"], headers=headers).content.decode()
    assert 'id="figures" class="figures" hx-swap-oob="true"' in news
    assert "<html" not in news
    assert formats.number(Decimal(api_of(money.executive, "EUROPE")["measures"]["revenue"])) in news


def test_a_change_elsewhere_moves_the_line_and_not_the_figures(money: Cast) -> None:
    client = client_of(money.executive)
    context = client.get("/regions/EUROPE/").context
    make.RevenueEntryFactory(account=money.other, country="JP", date=dt.date(2025, 10, 19), amount=Decimal("11.11"))
    services.drain()
    news = client.get(context["fresh_url"], headers={"HX-Request": "true", "HX-Target": "freshness"}).content.decode()
    assert 'id="freshness"' in news
    assert 'id="figures"' not in news


def test_the_check_compares_roll_ups_with_the_facts(money: Cast) -> None:
    html = page_of(money.executive, "/figures/check/")
    assert "Roll-ups equal the facts" in html


def test_a_page_costs_as_many_queries_with_more_accounts_and_countries(
    money: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(money.executive)
    client.get("/regions/WORLD/")
    with django_assert_max_num_queries(45) as first:
        client.get("/regions/WORLD/")
    for number in range(7):
        account = make.AccountFactory()
        country = ["AT", "CH", "PL", "IT", "ES", "PT", "SE", "NO"][number]
        make.RegionCountryFactory(region=money.europe, country=country)
        make.RevenueEntryFactory(account=account, country=country, date=dt.date(2025, 5, 5))
    services.drain()
    with django_assert_max_num_queries(len(first)):
        client.get("/regions/WORLD/")


@pytest.mark.parametrize("address", ["/", "/regions/EUROPE/", "/regions/EUROPE/countries/DE/"])
@pytest.mark.parametrize(
    "choice", [{"rates": "constant"}, {"book": "overlay"}, {"book": "overlay", "currency": "native"}]
)
def test_every_page_with_money_is_stated_at_any_rates_and_in_either_book(
    money: Cast, address: str, choice: dict[str, str]
) -> None:
    page = page_of(money.executive, address, **choice)
    assert ("overlay book" in page) == ("book" in choice)
    assert ("at last year" in page) == ("rates" in choice)


def test_the_page_states_constant_rates_as_the_api_does(money: Cast) -> None:
    client = client_of(money.executive)
    page = client.get("/regions/EUROPE/", {"rates": "constant", "from": "2024-01", "to": "2024-12"}).context["page"]
    node = client.get("/api/v1/rollups/regions/EUROPE/?rates=constant&from=2024-01&to=2024-12").json()
    assert str(page.measures.revenue) == node["measures"]["revenue"]
    assert sum(row.amounts["revenue"] for row in page.rows if row.amounts) == page.measures.revenue
