"""The accounts list and the pages of one account."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, OrgLink, OrgUnit
from accounts.structures import Forest
from rollups.services import drain
from tests import factories as make
from tests.cast import Cast
from users.models import User

FRAGMENT = {"HX-Request": "true", "HX-Target": "list-accounts"}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def codes(text: str) -> set[str]:
    return set(re.findall(r'<th scope="row"[^>]*><a href="/accounts/([^/"]+)/"', text))


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    text = b"".join(client.get(f"/accounts/?format=csv&columns=code,name,revenue,open{query}").streaming_content)  # type: ignore[attr-defined]
    return list(
        csv.DictReader(line for line in io.StringIO(text.decode("utf-8-sig")) if not line.startswith(("#", '"#')))
    )


@pytest.fixture
def three(cast: Cast) -> Cast:
    """A third customer, in France, with a fact in Japan."""
    third = make.AccountFactory(code="THIRD", name="Third", tier_id="global")
    make.OrgUnitFactory(account=third, code="THIRD-FR", country="FR")
    make.RevenueEntryFactory(account=third, country="JP", date=dt.date(2026, 1, 5))
    return cast


QUERIES = ["", "region=EUROPE", "region=ASIA", "country=FR", "tier=global", "search=third", "search=ACME"]


@pytest.mark.django_db
def test_a_far_page_starts_at_a_range_of_the_index(cast: Cast) -> None:
    client = signed_in(cast.executive)
    first = client.get("/accounts/?size=1").context["list"]
    with CaptureQueriesContext(connection) as asked:
        client.get(first.next_url)
    page = next(one["sql"] for one in asked if 'AS "sort_key"' in one["sql"])
    assert 'COLLATE "C" >= ' in page
    # An alternative for rows without a name, of which there are none, would have all rows before it read.
    assert 'COLLATE "C" IS NULL' not in page


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.django_db
def test_page_fragment_export_and_api_hold_the_same_accounts(three: Cast, query: str) -> None:
    for user in (three.executive, three.europe_lead):
        client = signed_in(user)
        page = codes(client.get(f"/accounts/?{query}").content.decode())
        assert codes(client.get(f"/accounts/?{query}", headers=FRAGMENT).content.decode()) == page
        assert {row["Code"] for row in exported(client, f"&{query}")} == page
        answer = client.get(f"/api/v1/accounts/?{query}")
        if answer.status_code == 200:  # the API filters by what its contract names
            assert {row["code"] for row in answer.json()["results"]} == page


@pytest.mark.django_db
def test_a_region_holds_what_lies_below_it(three: Cast) -> None:
    assert codes(signed_in(three.executive).get("/accounts/?region=WORLD").content.decode()) == {
        "ACME",
        "OTHER",
        "THIRD",
    }


@pytest.mark.django_db
def test_a_filter_does_not_tell_of_facts_out_of_sight(three: Cast) -> None:
    """Third has a fact in Japan, which the lead of Europe may not know of."""
    assert codes(signed_in(three.europe_lead).get("/accounts/?region=ASIA").content.decode()) == set()
    assert "THIRD" in codes(signed_in(three.executive).get("/accounts/?region=ASIA").content.decode())


@pytest.mark.django_db
def test_the_fragment_is_the_page_without_its_frame(three: Cast) -> None:
    client = signed_in(three.executive)
    fragment = client.get("/accounts/", headers=FRAGMENT).content.decode().strip()
    assert fragment in client.get("/accounts/").content.decode()


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.django_db
def test_the_list_takes_twelve_statements_whatever_the_rows(
    cast: Cast, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        make.OrgUnitFactory(country="DE")
    client = signed_in(cast.europe_lead)
    for query in ("", "?region=EUROPE", "?sort=-revenue"):
        with django_assert_max_num_queries(12):
            client.get(f"/accounts/{query}")


@pytest.mark.django_db
def test_pages_follow_one_another_without_gap_or_repetition(cast: Cast) -> None:
    for number in range(25):
        make.AccountFactory(name=f"Same {number % 3}")
    client = signed_in(cast.executive)
    for sort in ("name", "-name", "-revenue", "manager"):
        seen: list[str] = []
        url = f"/accounts/?size=7&sort={sort}"
        while url:
            page = client.get(url)
            seen += [row.source.code for row in page.context["list"].rows]
            url = page.context["list"].next_url
        assert len(seen) == len(set(seen)) == Account.objects.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("who", "is_told"),
    [("europe_lead", True), ("administrator", True), ("owner", False), ("viewer", False), ("executive", False)],
)
def test_who_sees_a_part_of_the_listed_accounts_is_told(cast: Cast, who: str, *, is_told: bool) -> None:
    client, part = signed_in(getattr(cast, who)), "totals hold only the accounts you work on"
    assert (part in client.get("/accounts/").content.decode()) is is_told
    file = b"".join(client.get("/accounts/?format=csv").streaming_content)  # type: ignore[attr-defined]
    assert (part in file.decode()) is is_told


def test_who_sees_a_part_of_an_account_is_told_beside_its_units(cast: Cast) -> None:
    part = "You see a part of this account"
    assert part in signed_in(cast.europe_lead).get("/accounts/ACME/alignment/").content.decode()
    assert part not in signed_in(cast.owner).get("/accounts/ACME/alignment/").content.decode()


def test_figures_hold_what_the_reader_may_see(cast: Cast) -> None:
    for country, amount in (("DE", 100), ("JP", 900)):
        make.RevenueEntryFactory(account=cast.acme, country=country, date=dt.date(2026, 1, 5), amount=Decimal(amount))
    make.RevenueEntryFactory(account=cast.acme, country="DE", date=dt.date(2020, 1, 5), amount=Decimal(7))
    make.OpportunityFactory(account=cast.acme, country="DE", amount=Decimal("50.25"))
    make.RevenueEntryFactory(account=cast.other, country="JP", date=dt.date(2026, 1, 5), currency_id="ARS")
    from money.services import pin_business_date

    pin_business_date(on=dt.date(2026, 3, 15), by=None)
    drain()

    def row(user: User, code: str) -> tuple[str, str]:
        found = next(one for one in exported(signed_in(user)) if one["Code"] == code)
        return found["Revenue, 12 months, EUR"], found["Open pipeline, EUR"]

    assert row(cast.executive, "ACME") == ("1000.00", "50.25")
    assert row(cast.europe_lead, "ACME") == ("100.00", "50.25")
    assert row(cast.executive, "OTHER") == ("", "")  # unpriced: unknown, not 0


PAGES = ("", "team/", "people/", "structure/", "alignment/", "opportunities/", "figures/", "unit/?unit=ACME-DE")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.django_db
def test_outsiders_find_no_page_of_an_account(cast: Cast, page: str) -> None:
    address = f"/accounts/ACME/{page}"
    assert signed_in(cast.outsider).get(address).status_code == 404
    assert signed_in(cast.owner).get(address).status_code == 200
    assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_a_lead_sees_the_team_and_not_the_people(cast: Cast) -> None:
    make.ContactFactory(account=cast.acme, given_name="Greta", family_name="Meyer")
    assert "Greta Meyer" in signed_in(cast.owner).get("/accounts/ACME/people/").content.decode()
    page = signed_in(cast.europe_lead).get("/accounts/ACME/people/").content.decode()
    assert "Greta" not in page
    assert "seen by the account’s team" in page


@pytest.mark.django_db
def test_the_team_tells_past_present_and_planned_apart(cast: Cast) -> None:
    for name, since, until in (
        ("Past", dt.date(2001, 1, 1), dt.date(2002, 1, 1)),
        ("Planned", dt.date(2999, 1, 1), None),
    ):
        member = make.MemberFactory(given_name=name)
        make.TeamMemberFactory(team=cast.acme.team, member=member, valid_from=since, valid_to=until)
    team = signed_in(cast.owner).get("/accounts/ACME/team/").context["team"]
    assert [str(row.member) for row in team.past] == ["Past"]
    assert [str(row.member) for row in team.coming] == ["Planned"]
    assert len(team.now) == 1


def test_a_forest_names_roots_ancestors_and_depths() -> None:
    forest = Forest.of([1, 2, 3, 4], [(2, 1), (3, 2), (4, 9)])
    assert forest.roots == [1, 4]
    assert list(forest.ancestors(3)) == [2, 1]
    assert list(forest.walk()) == [(1, 0), (2, 1), (3, 2), (4, 0)]


@pytest.mark.django_db
def test_the_structure_is_that_of_the_chosen_day(cast: Cast) -> None:
    top = OrgUnit.objects.get(code="ACME-DE")
    unit = make.OrgUnitFactory(account=cast.acme, code="MOVED", country="FR", opened_on=dt.date(2021, 1, 1))
    other = make.OrgUnitFactory(account=cast.acme, code="TOP2")
    OrgLink.objects.create(account=cast.acme, structure="legal", child=unit, parent=top, valid_to=dt.date(2024, 1, 1))
    OrgLink.objects.create(
        account=cast.acme, structure="legal", child=unit, parent=other, valid_from=dt.date(2024, 1, 1)
    )
    client = signed_in(cast.owner)

    def parent(query: str) -> Any:
        nodes = client.get(f"/accounts/ACME/structure/?{query}").context["nodes"]
        return {node["id"]: node["parent"] for node in nodes}.get(str(unit.pk), "not there")

    assert parent("on=2023-12-31") == str(top.pk)
    assert parent("on=2024-01-01") == str(other.pk)
    assert parent("on=2020-06-01") == "not there"
    slid = client.get(f"/accounts/ACME/structure/?on=2024-06-01&was=2024-06-01&month={2023 * 12 + 11}")
    assert slid.context["chart"].view.on == dt.date(2023, 12, 31)
    dated = client.get(f"/accounts/ACME/structure/?on=2024-02-03&was=2024-06-01&month={2024 * 12 + 5}")
    assert dated.context["chart"].view.on == dt.date(2024, 2, 3)
