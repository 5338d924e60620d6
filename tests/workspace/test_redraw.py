"""The dry run of a draft: its figures are, to the cent, those that are read once the draft is carried out."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from coverage.models import CoveragePolicy
from money.queries import exponents
from regions import draft_services
from regions.models import Region, RegionCountry
from regions.plan import Change, Kind
from revenue.models import Quota
from rollups import queries as rollups
from rollups import services as rollup_services
from rollups.lens import parse_lens
from tests import factories as make
from tests.cast import Cast
from tests.workspace.conftest import ON
from users.models import User
from workspace import lenses, queries, redraw
from workspace.gaps import CountryCount
from workspace.redraw_people import Sight

pytestmark = pytest.mark.django_db

KEYS = ("revenue", "pipeline_open", "pipeline_weighted", "won", "opportunities_open", "opportunities_won")
MID_YEAR = dt.date(2025, 10, 1)


def fresh(user: User) -> User:
    """As in another request: what a user object remembers of the tree is read again."""
    return User.objects.get(pk=user.pk)


def country(code: str, region: str) -> Change:
    return Change(Kind.COUNTRY, country=code, region=region)


def drafted(by: User, *changes: Change, on: dt.date = ON) -> None:
    draft_services.choose_day(on=on, by=by)
    for change in changes:
        draft_services.add_change(change=change, by=by)


def run(user: User, *, is_then: bool = False, **params: str) -> redraw.DryRun:
    lens = lenses.chosen(params, None, queries.frame())
    found = redraw.dry_run(viewer=fresh(user), lens=lens, is_then=is_then, today=ON)
    assert found is not None
    return found


REDRAWN = (
    country("DE", "ASIA"),
    country("FR", ""),
    Change(Kind.ADD, region="AMERICAS", name="Americas", parent="WORLD"),
    country("BR", "AMERICAS"),
    Change(Kind.MOVE, region="ASIA", parent=""),
)


@pytest.mark.parametrize("params", [{}, {"currency": "USD"}, {"currency": "native"}, {"revenue_kind": "booked"}])
@pytest.mark.parametrize(("on", "is_then"), [(ON, False), (MID_YEAR, True), (dt.date(2026, 1, 1), False)])
def test_the_figures_after_are_those_that_are_read_once_it_is_committed(
    money: Cast, params: dict[str, str], on: dt.date, is_then: bool
) -> None:
    """By the structure of the day and of the time: a move on 1 October parts the year at a month's boundary."""
    drafted(money.superuser, *REDRAWN, on=on)
    told = run(money.superuser, is_then=is_then, **params).figures
    assert told is not None
    tree = "then" if is_then else on.isoformat()
    lens = parse_lens({**lenses.chosen(params, None, queries.frame()).api_params, "tree": tree})

    def read(codes: set[str]) -> dict[str, list[Any]]:
        viewer = fresh(money.superuser)
        figures = [rollups.region_figures(viewer=viewer, code=code, lens=lens) for code in codes]
        return {f.scope.code: [getattr(f.measures, key) for key in KEYS] for f in figures}

    def said(side: Any) -> dict[str, list[Any]]:
        parts = {**side.regions, "unallocated": side.roots["unallocated"]}
        return {code: [getattr(part.measures, key) for key in KEYS] for code, part in parts.items()}

    before = read({"WORLD", "EUROPE", "ASIA", "unallocated"})
    assert said(told.before) == before
    draft_services.commit(by=money.superuser, on=on)
    after = read({"WORLD", "EUROPE", "ASIA", "AMERICAS", "unallocated"})
    assert said(told.after) == after
    if params.get("revenue_kind") != "booked":
        assert {code: after[code] for code in before} != before
    world = rollups.world_figures(viewer=fresh(money.superuser), lens=lens)[0]
    assert [getattr(told.whole, key) for key in KEYS] == [getattr(world.measures, key) for key in KEYS]


@pytest.mark.parametrize("is_then", [True, False])
def test_roots_and_what_is_unallocated_hold_the_same_before_and_after(money: Cast, is_then: bool) -> None:
    drafted(money.superuser, *REDRAWN, on=MID_YEAR)
    told = run(money.superuser, is_then=is_then).figures
    assert told is not None
    assert told.agrees

    def total(side: Any) -> Decimal:
        return sum((part.measures.revenue for part in side.roots.values()), Decimal(0))

    assert total(told.before) == total(told.after) == told.whole.revenue
    assert {"WORLD", "ASIA", "unallocated"} == set(told.after.roots)


def test_a_month_goes_where_its_last_day_lies(money: Cast) -> None:
    """Germany sold 1,000.10 in March and 500.05 in October; from 31 October on it is Asia's, October with it."""
    drafted(money.superuser, country("DE", "ASIA"), on=dt.date(2025, 10, 31))
    told = run(money.superuser, is_then=True).figures
    assert told is not None
    europe = next(row for row in told.rows if row.code == "EUROPE")
    assert europe.amounts["revenue"].difference == Decimal("-500.05")
    drafted(money.superuser, on=dt.date(2025, 11, 1))
    told = run(money.superuser, is_then=True).figures
    assert told is not None
    europe = next(row for row in told.rows if row.code == "EUROPE")
    assert europe.amounts["revenue"].difference == 0


def test_only_what_changes_is_told_beside_the_roots(money: Cast) -> None:
    make.RegionLinkFactory(child=make.RegionFactory(code="QUIET"), parent=money.world)
    drafted(money.superuser, country("DE", "ASIA"))
    told = run(money.superuser).figures
    assert told is not None
    assert [(row.code, row.depth) for row in told.rows] == [
        ("WORLD", 0),
        ("ASIA", 1),
        ("EUROPE", 1),
        ("unallocated", 0),
    ]


def test_quotas_stay_and_what_is_attained_moves(money: Cast) -> None:
    for measure, amount in (("revenue", "2000.00"), ("won", "10000.00")):
        Quota.objects.create(
            scope="region", scope_code="EUROPE", measure=measure, period_start=dt.date(2025, 1, 1),
            period_end=dt.date(2026, 1, 1), amount=Decimal(amount), currency_id="EUR",
        )  # fmt: skip
    Quota.objects.create(
        scope="region", scope_code="ASIA", measure="won", period_start=dt.date(2025, 1, 1),
        period_end=dt.date(2026, 1, 1), amount=Decimal(100), currency_id="USD",
    )  # fmt: skip
    drafted(money.superuser, country("DE", "ASIA"))
    asia, revenue, won = run(money.superuser).quotas
    assert (asia.quota.scope_code, asia.actual.before, bool(asia.why)) == ("ASIA", None, True)
    assert [revenue.share(a) for a in (revenue.actual.before, revenue.actual.after)] == [
        Decimal("1773.18") / 2000,
        Decimal("273.03") / 2000,
    ]
    assert [won.actual.before, won.actual.after] == [Decimal("2500.00"), Decimal("0.00")]
    half = run(money.superuser, is_then=False, **{"from": "2025-01", "to": "2025-06"}).quotas[1]
    assert (half.actual.before, half.why) == (None, "Its period reaches beyond the months shown.")


def test_leads_gain_and_lose_sight_by_name(money: Cast) -> None:
    """ACME and Germany's facts are new to Asia's lead; Europe's goes on seeing ACME in France."""
    drafted(money.superuser, country("DE", "ASIA"))
    people = {person.user.email: person for person in run(money.superuser).people}
    asia, europe = people[money.asia_lead.email], people[money.europe_lead.email]
    assert (asia.gains, asia.loses) == (
        Sight(1, german_facts(dt.date.min), ("DE",)),
        Sight(0, 0),
    )
    assert europe.gains == Sight(0, 0)
    # The months that ended while Germany was Europe's stay with its lead.
    assert europe.loses == Sight(0, german_facts(dt.date(2025, 10, 1)), ("DE",))
    assert europe.loses.facts > 0


def german_facts(since: dt.date) -> int:
    from pipeline.models import Opportunity
    from revenue.models import RevenueEntry

    deals = Opportunity.objects.filter(country="DE", close_date__gte=since).count()
    return deals + RevenueEntry.objects.filter(country="DE", date__gte=since).count()


def test_what_is_said_of_sight_is_what_is_seen_afterwards(money: Cast) -> None:
    from accounts.models import Account
    from revenue.models import RevenueEntry

    def seen(user: User) -> tuple[int, int]:
        viewer = fresh(user)
        return (
            Account.objects.visible_to(viewer).count(),
            RevenueEntry.objects.visible_to(viewer).count() + _deals(viewer),
        )

    drafted(
        money.superuser,
        country("DE", "ASIA"),
        Change(Kind.APPOINT, region="WORLD", email=money.outsider.email),
        Change(Kind.END, region="ASIA", email=money.asia_lead.email),
    )
    told = {person.user.email: person for person in run(money.superuser).people}
    before = {email: seen(person.user) for email, person in told.items()}
    draft_services.commit(by=money.superuser, on=ON)
    assert set(told) == {"outsider@example.org", "asia.lead@example.org", "europe.lead@example.org"}
    for email, person in told.items():
        was, becomes = before[email], seen(person.user)
        assert becomes[0] - was[0] == person.gains.accounts - person.loses.accounts, email
        assert becomes[1] - was[1] == person.gains.facts - person.loses.facts, email


def _deals(viewer: User) -> int:
    from pipeline.models import Opportunity

    return Opportunity.objects.visible_to(viewer).count()


def test_who_sees_all_figures_is_not_named(money: Cast) -> None:
    drafted(money.superuser, Change(Kind.APPOINT, region="EUROPE", email=money.executive.email))
    assert run(money.superuser).people == []


def test_coverage_moves_with_its_countries(money: Cast) -> None:
    money.acme.tier_id = "strategic"
    money.acme.save()
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="local_account_manager")
    drafted(money.superuser, country("DE", "ASIA"))
    told = {row.name: row.count for row in run(money.superuser).coverage}
    assert told == {
        "Region ASIA": CountryCount(1, 1, 1),
        "Region EUROPE": CountryCount(-1, -1, -1),
    }


def test_nothing_is_written_by_a_dry_run(money: Cast) -> None:
    drafted(money.superuser, *REDRAWN)
    stood = list(RegionCountry.objects.order_by("pk").values_list())
    run(money.superuser)
    assert list(RegionCountry.objects.order_by("pk").values_list()) == stood
    assert not Region.objects.filter(code="AMERICAS").exists()


def preview(user: User, **params: str) -> str:
    client = Client()
    client.force_login(user)
    response = client.get("/set-up/regions/preview/", params)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_an_administrator_sees_no_customers_money_and_who_can_grant_it(money: Cast) -> None:
    drafted(money.administrator, country("DE", "ASIA"))
    html = preview(money.administrator)
    assert "Someone with the right to manage people and access can grant it" in html
    assert not re.search(r"1,?500\.15|1,?000\.10|4,?000", html)
    assert "europe.lead@example.org" in html
    drafted(money.superuser, country("DE", "ASIA"))
    told = preview(money.superuser)
    assert "1,500.15" in told
    assert "+ 1 fact unpriced" in told  # pesos in France


def test_an_administrator_with_an_account_sees_its_part_alone(money: Cast) -> None:
    member = make.MemberFactory(email=money.administrator.email, user=money.administrator)
    make.TeamMemberFactory(team=money.other.team, member=member)
    drafted(money.administrator, country("JP", "EUROPE"), country("DE", "ASIA"))
    told = run(money.administrator).figures
    assert told is not None
    assert told.after.restricted
    assert told.agrees
    lens = parse_lens({"currency": "EUR"})
    yens = rollups.account_figures(viewer=fresh(money.superuser), code="OTHER", lens=lens).measures.revenue
    assert told.whole.revenue == yens
    assert told.after.regions["ASIA"].measures.revenue == Decimal("0.00")


def test_without_a_draft_the_page_says_what_to_do(money: Cast) -> None:
    assert "Your draft is empty" in preview(money.administrator)


def test_others_may_not_open_it(money: Cast) -> None:
    for user in (money.executive, money.europe_lead, money.owner, money.viewer):
        client = Client()
        client.force_login(user)
        assert client.get("/set-up/regions/preview/").status_code == 403


@pytest.mark.parametrize("number", [1, 40])
def test_the_statements_are_as_many_whatever_the_tree_and_the_draft(
    money: Cast, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    codes = ["SE", "NO", "DK", "FI", "PL", "ES", "IT", "PT", "NL", "BE", "CH", "AT", "CZ", "HU", "RO", "BG", "GR", "IE"]
    for n in range(number):
        region = make.RegionFactory(code=f"X{n}")
        make.RegionLinkFactory(child=region, parent=money.world)
        make.RegionLeadFactory(region=region, user=make.UserFactory(email=f"x{n}@example.org"))
        if n < len(codes):
            make.RegionCountryFactory(region=region, country=codes[n])
    drafted(money.superuser, country("DE", "X0"), *(country(code, "X0") for code in codes[1 : min(number, 15)]))
    rollup_services.drain()
    lens = lenses.chosen({}, None, queries.frame())
    viewer = fresh(money.superuser)
    exponents()  # a process reads them once
    with django_assert_num_queries(23):
        redraw.dry_run(viewer=viewer, lens=lens, is_then=False, today=ON)
