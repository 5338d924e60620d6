"""Quotas beside what came: which facts, in which currency, whose to know; what was given below."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from revenue.models import Product, Quota
from revenue.quota_queries import key_of
from revenue.quota_queries import quotas as known_quotas
from rollups import services
from rollups.quota_figures import Attainment, attainments
from rollups.quota_parts import Assignment, assignments
from teams.models import Member
from tests import factories as make
from tests.cast import Cast

ON = dt.date(2025, 6, 13)
YEAR = (dt.date(2025, 1, 1), dt.date(2026, 1, 1))
HALF = (dt.date(2025, 1, 1), dt.date(2025, 7, 1))


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.GAM_AS_OF = ON


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Rates of every 10th; revenue of Acme in Germany, France and the United States; deals of two members."""
    for month in range(1, 13):
        make.ExchangeRateFactory(currency_id="USD", date=dt.date(2025, month, 10), rate=Decimal("1.25"))
        make.ExchangeRateFactory(currency_id="JPY", date=dt.date(2025, month, 10), rate=Decimal(160))
    for country, day, amount, currency in (
        ("DE", (1, 15), "1000.00", "EUR"),
        ("DE", (6, 13), "200.00", "EUR"),
        ("DE", (6, 14), "50.00", "EUR"),
        ("FR", (2, 12), "125.00", "USD"),
        ("FR", (3, 1), "77.00", "ARS"),
        ("US", (2, 12), "9000.00", "EUR"),
    ):
        make.RevenueEntryFactory(
            account=cast.acme, country=country, date=dt.date(2025, *day), amount=Decimal(amount), currency_id=currency
        )
    return cast


def quota(
    scope: str, code: str, amount: str, *, measure: str = "revenue", currency: str = "EUR", period: Any = YEAR
) -> Quota:
    return Quota.objects.create(
        scope=scope, scope_code=code, measure=measure, period_start=period[0], period_end=period[1],
        amount=Decimal(amount), currency_id=currency,
    )  # fmt: skip


def stated(viewer: Any, *quotas: Quota, book: str = "prime", drained: bool = True) -> Any:
    if drained:
        services.drain()
    found = attainments(viewer=viewer, quotas=quotas, book=book)
    return found[0] if len(quotas) == 1 else found


def amounts(found: Attainment) -> tuple[Any, ...]:
    return found.actual, found.to_date, found.open


def test_a_region_is_beside_what_lies_in_it_at_any_depth(world: Cast) -> None:
    """125 USD at 1.25; the pesos have no rate; the 14th is after today."""
    found = stated(world.superuser, quota("region", "EUROPE", "2700.00"))
    assert amounts(found) == (Decimal("1350.00"), Decimal("1300.00"), Decimal("0.00"))
    assert found.attained.attainment == Fraction(1, 2)
    assert (found.unpriced.facts, dict(found.unpriced.amounts)) == (1, {"ARS": Decimal("77.00")})
    assert found.is_partial
    above = stated(world.superuser, quota("region", "WORLD", "2700.00"))
    assert above.actual == Decimal("1350.00")  # nobody has the United States


def test_cells_and_facts_say_the_same(world: Cast) -> None:
    target = quota("region", "EUROPE", "2700.00")
    live = stated(world.superuser, target, drained=False)
    services.rebuild()
    assert amounts(stated(world.superuser, target)) == amounts(live) == (Decimal(1350), Decimal(1300), Decimal(0))


def test_a_country_counts_where_it_stood_at_the_end_of_the_month(world: Cast) -> None:
    """France stood under Asia until April 2024."""
    make.RevenueEntryFactory(account=world.acme, country="FR", date=dt.date(2024, 3, 5), amount=Decimal("10.00"))
    make.RevenueEntryFactory(account=world.acme, country="FR", date=dt.date(2024, 4, 5), amount=Decimal("7.00"))
    year = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))
    europe, asia = quota("region", "EUROPE", "100", period=year), quota("region", "ASIA", "100", period=year)
    assert [found.actual for found in stated(world.superuser, europe, asia)] == [Decimal("7.00"), Decimal("10.00")]


def test_a_quota_in_another_currency_converts_each_fact_once(world: Cast) -> None:
    """The yen is no reporting currency: 1,000 and 200 and 50 EUR at 160, and 125 USD through the euro at 1.25."""
    found = stated(world.superuser, quota("account", "ACME", "400000", currency="JPY"))
    # January has its rate of the 10th; the 13th and 14th of June that of the 10th.
    assert found.exponent == 0
    assert found.actual == Decimal(1000 * 160 + 200 * 160 + 50 * 160 + 100 * 160 + 9000 * 160)


def test_parts_of_months_are_read_by_the_day(world: Cast) -> None:
    some = quota("region", "EUROPE", "100", period=(dt.date(2025, 1, 16), dt.date(2025, 6, 14)))
    assert amounts(stated(world.superuser, some)) == (Decimal("300.00"), Decimal("300.00"), Decimal("0.00"))
    until = quota("region", "EUROPE", "100", period=(dt.date(2025, 1, 15), dt.date(2025, 6, 13)))
    assert stated(world.superuser, until).actual == Decimal("1100.00")


@pytest.fixture
def deals(world: Cast) -> Cast:
    """Won in May: 100.01 of Ann and Bob by 50 %, two lines of two products in two countries; Ann claims 30 % of Bob's own 200.
    Open: 80 in July and 20 in June. Each with two contacts of the account beside it."""
    ann, bob = make.MemberFactory(email="ann@x.org"), make.MemberFactory(email="bob@x.org", manager=None)
    ann.manager = bob
    ann.save()
    make.ContactFactory(account=world.acme)
    make.ContactFactory(account=world.acme)
    for member in (ann, bob):
        make.TeamMemberFactory(team=world.acme.team, member=member)
    hardware = make.ProductFactory(code="HW")
    robots = make.ProductFactory(code="ROBOT", parent=hardware)
    paper = make.ProductFactory(code="PAPER")
    won: dict[str, Any] = {"account": world.acme, "stage_id": "won", "close_date": dt.date(2025, 5, 2)}
    shared = make.OpportunityFactory(**won, country="DE", owner=ann, amount=Decimal("100.01"))
    make.OpportunityLineFactory(opportunity=shared, line=1, country="DE", product=robots, amount=Decimal("60.01"))
    make.OpportunityLineFactory(opportunity=shared, line=2, country="FR", product=paper, amount=Decimal("40.00"))
    _split(shared, {ann: 50, bob: 50})
    mine = make.OpportunityFactory(**won, country="DE", owner=bob, product=hardware, amount=Decimal(200))
    make.OpportunitySplitFactory(opportunity=mine, member=ann, type="overlay", percent=Decimal(30))
    for day, amount in ((dt.date(2025, 7, 1), 80), (dt.date(2025, 6, 20), 20)):
        make.OpportunityFactory(account=world.acme, country="DE", owner=ann, close_date=day, amount=Decimal(amount))
    return world


def _split(deal: Any, shares: dict[Member, int]) -> None:
    from pipeline.models import OpportunitySplit

    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=member, type="prime", percent=Decimal(percent))
        for member, percent in shares.items()
    )


def test_a_deal_of_two_members_products_and_contacts_counts_once_in_every_quota(deals: Cast) -> None:
    """300.01 won, whichever way it is cut: the cent of the shared deal goes to Ann."""
    of = {
        ("region", "EUROPE"): "300.01", ("account", "ACME"): "300.01", ("member", "ann@x.org"): "50.01",
        ("member", "bob@x.org"): "250.00", ("product", "HW"): "260.01", ("product", "PAPER"): "40.00",
    }  # fmt: skip
    rows = [quota(scope, code, "1000", measure="won") for scope, code in of]
    found = {(one.quota.scope, one.quota.scope_code): one.actual for one in stated(deals.superuser, *rows)}
    assert found == {key: Decimal(amount) for key, amount in of.items()}


def test_the_overlay_book_stands_beside_and_never_inside(deals: Cast) -> None:
    ann = quota("member", "ann@x.org", "100.00", measure="won")
    assert stated(deals.superuser, ann).actual == Decimal("50.01")
    assert stated(deals.superuser, ann, book="overlay").actual == Decimal("60.00")
    places = [
        quota("region", "EUROPE", "1", measure="won"), quota("account", "ACME", "1", measure="won"),
        quota("product", "HW", "1", measure="won"),
    ]  # fmt: skip
    assert [one.actual for one in stated(deals.superuser, *places, book="overlay")] == [Decimal("60.00")] * 3


def test_coverage_is_open_pipeline_of_the_period_beside_what_is_left(deals: Cast) -> None:
    year, half = (quota("member", "ann@x.org", "150.01", measure="won", period=one) for one in (YEAR, HALF))
    found = stated(deals.superuser, year, half)
    assert [one.open for one in found] == [Decimal("100.00"), Decimal("20.00")]
    assert [one.attained.coverage for one in found] == [Fraction(1), Fraction(1, 5)]
    met = stated(deals.superuser, quota("account", "ACME", "300.01", measure="won"))
    assert (met.attained.is_met, met.attained.coverage, met.left) == (True, None, Decimal("0.00"))


def test_revenue_has_no_owner(deals: Cast) -> None:
    found = stated(deals.superuser, quota("member", "ann@x.org", "100"))
    assert (found.why, found.actual, found.attained.attainment) == ("no_revenue", None, None)
    assert stated(deals.superuser, quota("region", "EUROPE", "100"), book="overlay").why == "no_revenue"


def test_a_quota_is_known_to_who_sees_its_figures(deals: Cast) -> None:
    for scope, code in (("region", "EUROPE"), ("region", "ASIA"), ("account", "ACME"), ("member", "owner@example.org")):
        quota(scope, code, "100")

    def known(user: Any) -> set[str]:
        return set(known_quotas(viewer=user).values_list("scope_code", flat=True))

    assert known(deals.europe_lead) == {"EUROPE"}
    assert known(deals.owner) == {"ACME", "owner@example.org"}
    assert known(deals.outsider) == known(deals.viewer) == set()
    make.RegionLeadFactory(region=deals.world, user=deals.outsider)
    assert known(type(deals.outsider).objects.get(pk=deals.outsider.pk)) == {"EUROPE", "ASIA"}


def test_a_manager_knows_the_quotas_of_her_line(deals: Cast) -> None:
    boss = make.UserFactory(email="boss@x.org")
    Member.objects.filter(email="bob@x.org").update(user=boss)
    rows = [quota("member", email, "100", measure="won") for email in ("ann@x.org", "bob@x.org", "owner@example.org")]
    mine = known_quotas(viewer=boss, scope="member").order_by("scope_code")
    assert [one.scope_code for one in mine] == ["ann@x.org", "bob@x.org"]
    found = stated(boss, *rows[:2])
    assert [(one.why, one.is_part, one.actual) for one in found] == [
        ("", True, Decimal("50.01")),
        ("", True, Decimal("250.00")),
    ]


def test_a_part_is_not_stated_beside_a_whole_quota(world: Cast) -> None:
    """An administrator knows quotas, and no customer's money."""
    found = stated(world.administrator, quota("region", "EUROPE", "2700.00"))
    assert (found.why, found.actual, found.attained.pace, found.unpriced.facts) == ("restricted", None, None, 0)
    assert stated(world.europe_lead, Quota.objects.get()).actual == Decimal("1350.00")


def test_months_are_spread_by_the_working_days_of_the_place(world: Cast) -> None:
    """Germany and France in 2025: the mean of their days, to the minor unit."""
    found = stated(world.superuser, quota("region", "EUROPE", "1000.01"))
    assert sum(target for _month, target, _actual in found.months) == Decimal("1000.01")
    assert found.attained.months[3].days == Fraction(20 + 21, 2)  # Good Friday is worked in France
    assert found.attained.due < found.attained.target // 2


def given(viewer: Any, above: Quota) -> Assignment:
    return assignments(viewer=viewer, quotas=[above])[key_of(above)]


def test_what_is_given_below_is_beside_the_quota(world: Cast) -> None:
    above = quota("region", "WORLD", "1000")
    quota("region", "EUROPE", "900")
    quota("region", "EUROPE", "300", period=HALF)  # overlaps, so it is not added up
    quota("region", "ASIA", "32000", currency="JPY", period=HALF)  # 200 EUR, half of the period
    quota("region", "ASIA", "500", measure="won")
    found = given(world.superuser, above)
    assert found.unpriced == 1  # no yen rate on New Year's Day
    make.ExchangeRateFactory(currency_id="JPY", date=dt.date(2025, 1, 1), rate=Decimal(160))
    found = given(world.superuser, above)
    assert [(part.bearer.code, part.minor, part.is_whole) for part in found.parts] == [
        ("ASIA", 20000, False), ("EUROPE", 90000, True),
    ]  # fmt: skip
    assert (found.given, found.ratio, found.without) == (110000, Fraction(11, 10), ())


def test_a_node_without_a_quota_is_looked_through(world: Cast) -> None:
    dach = make.RegionFactory(code="DACH")
    make.RegionLinkFactory(child=dach, parent=world.europe)
    above = quota("region", "WORLD", "1000")
    quota("region", "DACH", "100")
    found = given(world.superuser, above)
    assert ([part.bearer.code for part in found.parts], [one.code for one in found.without]) == (["DACH"], ["ASIA"])
    assert found.ratio == Fraction(1, 10)


def test_the_line_of_managers_is_a_tree_too(deals: Cast) -> None:
    above = quota("member", "bob@x.org", "100", measure="won")
    quota("member", "ann@x.org", "150", measure="won")
    assert given(deals.superuser, above).ratio == Fraction(3, 2)
    assert (
        assignments(viewer=deals.superuser, quotas=[quota("member", "ann@x.org", "1", measure="won", period=HALF)])
        == {}
    )


def test_many_quotas_cost_the_statements_of_one(deals: Cast, django_assert_max_num_queries: Any) -> None:
    rows = [quota("region", code, "10", period=one) for code in ("EUROPE", "ASIA", "WORLD") for one in (YEAR, HALF)]
    services.drain()
    with django_assert_max_num_queries(19):
        attainments(viewer=deals.superuser, quotas=rows)
        assignments(viewer=deals.superuser, quotas=rows)


def test_a_scope_that_is_gone_is_left_out(world: Cast) -> None:
    gone = quota("product", "P", "10")
    assert attainments(viewer=world.superuser, quotas=[gone]) == []
    assert Product.objects.count() == 0
