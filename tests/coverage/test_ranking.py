"""Accounts ranked by their gap in money: of a region, a country and a member, of what the reader sees."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountGrant
from rollups import services
from tests import factories as make
from tests.boards import Acme

RANKING = "/alignment/"
FRAGMENT = {"HX-Request": "true", "HX-Target": "ranking"}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def two(acme: Acme) -> Acme:
    """A second customer of the tier, in Japan, whom nobody covers."""
    other = acme.cast.other
    other.tier_id = "strategic"
    other.save()
    make.RevenueEntryFactory(
        account=other, org_unit=other.org_units.get(), country="JP", date="2026-05-05", amount=Decimal(9000)
    )
    services.drain()
    return acme


def ranked(response: Any) -> list[str]:
    return [row.account.code for row in response.context["ranking"].rows]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["OTHER", "ACME"]),
        ("region=EUROPE", ["ACME"]),
        ("country=JP", ["OTHER"]),
        ("tier=global", []),
        ("search=acme", ["ACME"]),
        ("region=NOWHERE", []),
        ("region=EUROPE&country=JP", []),
    ],
)
def test_page_part_and_file_rank_the_same_accounts(two: Acme, query: str, codes: list[str]) -> None:
    client = signed_in(two.cast.executive)
    page, part = client.get(f"{RANKING}?{query}"), client.get(f"{RANKING}?{query}", headers=FRAGMENT)
    text = b"".join(client.get(f"{RANKING}?format=csv&{query}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = [line for line in io.StringIO(text) if not line.startswith(("#", '"#'))]
    names = [line["Account"] for line in csv.DictReader(lines)]
    assert ranked(page) == ranked(part) == codes
    assert [name.upper() for name in names] == codes


@pytest.mark.django_db
def test_the_sum_of_the_ranking_is_that_of_its_accounts(two: Acme) -> None:
    found = signed_in(two.cast.executive).get(RANKING).context["ranking"]
    assert found.whole.gap == sum(row.stated.gap for row in found.rows) == Decimal("9500.00")
    board = signed_in(two.cast.executive).get("/accounts/ACME/alignment/").context["screen"].sums
    assert found.rows[1].sums == board


@pytest.mark.django_db
def test_a_country_holds_the_slots_of_its_units(two: Acme) -> None:
    page = signed_in(two.cast.executive).get(f"{RANKING}?country=FR")
    assert page.context["ranking"].whole.gap == Decimal("300.00")
    assert "/accounts/ACME/alignment/?country=FR" in page.content.decode()


@pytest.mark.django_db
def test_a_member_is_measured_by_the_slots_she_covers(two: Acme) -> None:
    page = signed_in(two.cast.executive).get(f"{RANKING}members/owner@example.org/")
    found = page.context["ranking"]
    assert ranked(page) == ["ACME"]
    assert (found.whole.slots, found.whole.score) == (1, 1)
    assert "/accounts/ACME/alignment/?member=owner%40example.org" in page.content.decode()
    assert signed_in(two.cast.executive).get(f"{RANKING}members/nobody@example.org/").status_code == 404


@pytest.mark.django_db
def test_a_members_page_says_how_well_she_fills_what_she_covers(two: Acme) -> None:
    client = signed_in(two.cast.executive)
    tile = f"{RANKING}members/owner@example.org/tile/"
    assert tile in client.get("/members/owner@example.org/").content.decode()
    said = client.get(tile).content.decode()
    assert "100%" in said
    assert "of 1 slot, 100.0% of the weight known" in re.sub(r"</?bdi[^>]*>", "", said)
    assert f'href="{RANKING}members/owner@example.org/"' in said
    assert "no slot is covered" in client.get(f"{RANKING}members/{two.colleague.email}/tile/").content.decode()
    assert "no slot is covered" in signed_in(two.cast.asia_lead).get(tile).content.decode(), "ACME is not hers"
    two.owner.languages = []
    two.owner.save()
    assert "unknown" in client.get(tile).content.decode()


@pytest.mark.django_db
def test_only_what_the_reader_sees_is_ranked_and_she_is_told(two: Acme) -> None:
    assert ranked(signed_in(two.cast.owner).get(RANKING)) == ["ACME"]
    assert ranked(signed_in(two.cast.asia_lead).get(RANKING)) == ["OTHER"]
    assert "You see a part of this" in signed_in(two.cast.asia_lead).get(RANKING).content.decode()


@pytest.mark.django_db
def test_who_sees_no_figures_is_told_that_gaps_say_nothing_in_money(two: Acme) -> None:
    page = signed_in(two.cast.administrator).get(RANKING)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
    assert "every unit counts the same" in text
    assert "Gap in money not shown you see no figures of these customers" in text
    assert "The most empty slots come first" in text
    assert ranked(page) == ["ACME", "OTHER"], "five empty slots before two"
    lines = b"".join(signed_in(two.cast.administrator).get(f"{RANKING}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert {
        row["Gap, EUR"] for row in csv.DictReader(line for line in io.StringIO(lines) if line[0] not in '\ufeff#"')
    } == {""}
    assert "every unit counts the same" not in signed_in(two.cast.asia_lead).get(RANKING).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "look=list", "look=gap"])
def test_a_board_shows_no_sums_of_equal_units_to_who_sees_no_figures(two: Acme, query: str) -> None:
    client = signed_in(two.cast.administrator)
    for path in (f"/accounts/ACME/alignment/?{query}", "/accounts/ACME/alignment/line/"):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).content.decode()))
        assert "not shown" in text
        assert re.findall(r"\d\.\d+ ?EUR|\d\.\d\d\b", text) == []


@pytest.mark.django_db
def test_who_sees_figures_of_one_customer_gets_the_gap_of_that_one(two: Acme) -> None:
    """The others follow it without a sum, and are in none."""
    AccountGrant.objects.create(account=two.cast.acme, user=two.cast.administrator)
    found = signed_in(two.cast.administrator).get(RANKING).context["ranking"]
    assert [(row.account.code, row.has_money) for row in found.rows] == [("ACME", True), ("OTHER", False)]
    assert found.whole.gap == found.rows[0].stated.gap == Decimal("500.00")


@pytest.mark.django_db
def test_ranking_asks_as_much_for_twenty_accounts_as_for_two(two: Acme) -> None:
    client = signed_in(two.cast.executive)

    def asked() -> int:
        client.get(RANKING)
        with CaptureQueriesContext(connection) as queries:
            client.get(RANKING)
        return len(queries)

    few = asked()
    for number in range(18):
        account = make.AccountFactory(code=f"MORE-{number}", tier_id="strategic")
        make.CoverageFactory(org_unit=make.OrgUnitFactory(account=account, country="FR"))
    assert asked() == few <= 18


@pytest.mark.django_db
def test_more_accounts_than_can_be_weighed_are_to_be_narrowed(two: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coverage.ranking_queries.AT_ONCE", 1)
    client = signed_in(two.cast.executive)
    assert "2 accounts lie here" in client.get(RANKING).content.decode()
    assert ranked(client.get(f"{RANKING}?country=JP")) == ["OTHER"]
