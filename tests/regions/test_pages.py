"""The pages by which administrators change regions and countries, with dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from regions.models import Region, RegionCountry, RegionLead, RegionLink
from tests.cast import MOVED_ON, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.administrator)
    return found


def region_of(country: str, day: dt.date) -> str | None:
    row = RegionCountry.objects.filter(country=country).as_of(day).first()
    return row.region.code if row else None


def send(client: Client, code: str, do: str, **fields: Any) -> Any:
    return client.post(f"/set-up/regions/of/{code}/", {"do": do, **fields})


def test_only_who_configures_regions_opens_the_pages(cast: Cast) -> None:
    for user, status in ((cast.europe_lead, 403), (cast.owner, 403), (cast.superuser, 200)):
        other = Client()
        other.force_login(user)
        assert other.get("/set-up/regions/").status_code == status


def test_the_tree_is_that_of_the_chosen_day(client: Client) -> None:
    def countries(day: str) -> dict[str, list[str]]:
        rows = client.get(f"/set-up/regions/?on={day}").context["tree"].rows
        return {row.code: [chip.code for chip in row.countries] for row in rows}

    assert countries("2024-03-31")["ASIA"] == ["FR", "JP"]
    assert countries("2024-04-01")["EUROPE"] == ["FR", "DE"]


def test_a_country_moves_from_a_day_and_history_stays(client: Client) -> None:
    send(client, "ASIA", "country", country="DE", on="2026-07-01")
    assert region_of("DE", dt.date(2026, 6, 30)) == "EUROPE"
    assert region_of("DE", dt.date(2026, 7, 1)) == "ASIA"


def test_a_move_that_history_forbids_says_why_and_changes_nothing(client: Client) -> None:
    answer = send(client, "WORLD", "country", country="FR", on="2023-01-01")
    assert answer.status_code == 422
    said = "France has belonged to Region EUROPE since 1 April 2024. Choose a later date, or end that period first."
    assert said in answer.content.decode()
    assert RegionCountry.objects.filter(country="FR").count() == 2


def test_a_country_can_be_taken_out(client: Client) -> None:
    send(client, "EUROPE", "end_country", country="FR", on="2025-01-01")
    assert region_of("FR", dt.date(2025, 1, 1)) is None
    assert region_of("FR", MOVED_ON) == "EUROPE"


def test_a_region_is_added_moved_renamed_and_ended(client: Client) -> None:
    client.post("/set-up/regions/add/", {"code": "NORDICS", "name": "Nordics", "parent": "ASIA", "on": "2025-01-01"})
    send(client, "NORDICS", "move", parent="EUROPE", on="2026-01-01")
    send(client, "NORDICS", "rename", name="Nordic countries")
    region = Region.objects.get(code="NORDICS")
    places = RegionLink.objects.filter(child=region).order_by("valid_from").values_list("parent__code", "valid_to")
    assert (region.name, list(places)) == ("Nordic countries", [("ASIA", dt.date(2026, 1, 1)), ("EUROPE", None)])
    send(client, "NORDICS", "end", on="2027-01-01")
    assert RegionLink.objects.get(child=region, parent__code="EUROPE").valid_to == dt.date(2027, 1, 1)


def test_a_region_can_not_come_under_itself(client: Client) -> None:
    answer = send(client, "WORLD", "move", parent="EUROPE", on="2026-01-01")
    assert answer.status_code == 422
    assert not RegionLink.objects.filter(child__code="WORLD").exists()


def test_a_region_that_holds_something_does_not_end(client: Client) -> None:
    answer = send(client, "EUROPE", "end", on="2026-01-01")
    assert "it still holds France, Germany" in answer.content.decode()


def test_a_lead_is_assigned_and_ended(client: Client, cast: Cast) -> None:
    send(client, "ASIA", "lead", user=cast.executive.email, on="2025-01-01")
    lead = RegionLead.objects.get(region=cast.asia, user=cast.executive)
    send(client, "ASIA", "end_lead", lead=lead.pk, on="2026-01-01")
    lead.refresh_from_db()
    assert (lead.valid_from, lead.valid_to) == (dt.date(2025, 1, 1), dt.date(2026, 1, 1))


def test_a_known_code_is_refused_beside_its_field(client: Client) -> None:
    answer = client.post("/set-up/regions/add/", {"code": "ASIA", "name": "Again", "parent": "", "on": ""})
    assert answer.status_code == 422
    assert "code" in answer.context["form"].errors


@pytest.mark.parametrize("number", [2, 30])
def test_the_tree_takes_few_statements_whatever_the_regions(
    client: Client, cast: Cast, number: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(number):
        region = Region.objects.create(code=f"X{n}", name=f"X{n}")
        RegionLink.objects.create(child=region, parent=cast.world)
    with django_assert_max_num_queries(14):
        client.get("/set-up/regions/")
