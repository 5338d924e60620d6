"""Working together at an account: what members and places share, who may read it, and a time to meet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from teams.models import Member
from tests import factories as make
from tests.cast import Cast, cast
from workspace import together_queries

__all__ = ["cast"]

PAGE = "/accounts/ACME/together/"
MEETINGS = "/accounts/ACME/meetings/"
FRIDAY = dt.date(2026, 3, 6)


@pytest.fixture(autouse=True)
def today(settings: Any) -> None:
    settings.GAM_AS_OF = FRIDAY


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Owner works in London; ACME has places in Germany, New York, somewhere in the United States, and Saudi Arabia."""
    Member.objects.filter(email="owner@example.org").update(
        given_name="Olive", country="GB", time_zone="Europe/London", languages=["en:C2", "de:B1"]
    )
    for code, place in {
        "ACME-NY": {"country": "US", "time_zone": "America/New_York"},
        "ACME-US": {"country": "US"},
        "ACME-SA": {"country": "SA"},
        "ACME-X": {"country": ""},
    }.items():
        make.OrgUnitFactory(account=cast.acme, code=code, name=code, **place)
    return cast


def shared_with(world: Cast, **asked: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
    found = together_queries.together(viewer=world.owner, account=world.acme, on=FRIDAY, **asked)
    return {
        (row.place.country, row.place.zone): (cell.languages, cell.minutes, cell.later, cell.days, cell.state)
        for row in found.rows
        for cell in row.cells
    }


def test_each_place_says_what_it_shares_with_each_member(world: Cast) -> None:
    assert shared_with(world) == {
        ("DE", "Europe/Berlin"): ((), 420, 420, 20, "gap"),
        ("US", "America/New_York"): (("en",), 180, 180, 20, "covered"),
        ("US", ""): (("en",), None, None, 20, "unknown"),
        ("SA", "Asia/Riyadh"): ((), 300, 360, 13, "gap"),
        ("", ""): (None, None, None, None, "unknown"),
    }


def test_the_weeks_ahead_name_holidays_and_changes_of_the_clocks(world: Cast, client: Client) -> None:
    found = together_queries.together(viewer=world.owner, account=world.acme, on=FRIDAY)
    assert [(on, minutes) for on, minutes, _zones in found.ahead.clocks] == [
        (dt.date(2026, 3, 8), 60),
        (dt.date(2026, 3, 29), 60),
    ]
    assert {(one.country, one.day.day) for one in found.ahead.holidays} >= {("SA", 22)}
    client.force_login(world.owner)
    page = client.get(PAGE).content.decode()
    assert "clocks go forward by 1 h" in page
    assert "America/New_York" in page


def test_places_are_searched_and_narrowed_to_those_where_nobody_fits(world: Cast) -> None:
    assert set(shared_with(world, search="united")) == {("US", "America/New_York"), ("US", "")}
    assert set(shared_with(world, search="acme-sa")) == {("SA", "Asia/Riyadh")}
    assert ("US", "America/New_York") not in shared_with(world, doubtful=True)
    assert len(shared_with(world, doubtful=True)) == 4
    assert len(shared_with(world, most=2)) == 2


def test_units_that_work_alike_are_one_place(world: Cast) -> None:
    make.OrgUnitFactory(account=world.acme, code="ACME-DE2", country="DE", time_zone="Europe/Berlin")
    make.OrgUnitFactory(account=world.acme, code="ACME-OLD", country="FR", closed_on=FRIDAY)
    found = together_queries.together(viewer=world.owner, account=world.acme, on=FRIDAY)
    assert len(found.rows[0].place.units) == 2
    assert "FR" not in {row.place.country for row in found.rows}


def test_the_team_page_loads_the_part_and_an_account_without_team_says_what_will_stand_there(
    world: Cast, client: Client
) -> None:
    client.force_login(world.owner)
    assert f'hx-get="{PAGE}?brief=1"' in client.get("/accounts/ACME/team/").content.decode()
    part = client.get(f"{PAGE}?brief=1", headers={"HX-Request": "true", "HX-Target": "together"}).content.decode()
    assert "<html" not in part
    assert "Holidays" not in part
    assert client.get(f"{PAGE}?q=nowhere").content.decode().count("No place matches.") == 1
    make.AccountFactory(code="ALONE", name="Alone")
    client.force_login(world.superuser)
    assert "Nobody to work together yet" in client.get("/accounts/ALONE/together/").content.decode()
    assert "Nobody to meet yet" in client.get("/accounts/ALONE/meetings/").content.decode()


def test_more_units_and_members_cost_no_more_queries(world: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        make.OrgUnitFactory(account=world.acme, code=f"MORE-{number}", country="FR")
        make.TeamMemberFactory(team=world.acme.team, member=make.MemberFactory(country="IT"))
    with django_assert_max_num_queries(4):
        together_queries.together(viewer=world.owner, account=world.acme, on=FRIDAY)


def asked(world: Cast, *people: str, **other: str) -> dict[str, Any]:
    owner = Member.objects.get(email="owner@example.org").pk
    return {
        "people": [f"member:{owner}", *people],
        "minutes": "60",
        "since": "2026-03-09",
        "until": "2026-03-13",
        "times": "1",
        "every": "7",
        **other,
    }


def contact_at(world: Cast, unit: str, name: str) -> str:
    place = world.acme.org_units.get(code=unit)
    made = make.ContactFactory(
        account=world.acme, org_unit=place, given_name=name, email=f"{name.lower()}@acme.example"
    )
    return f"contact:{made.pk}"


def test_a_window_is_found_with_everybodys_clock(world: Cast, client: Client) -> None:
    client.force_login(world.owner)
    answer = client.get(MEETINGS, asked(world, contact_at(world, "ACME-NY", "Nia")))
    first = answer.context["rows"][0]
    assert first.day == "Mon, 9 Mar 2026"
    assert first.uncomfortable == 0
    assert [local.time for local in first.locals] == ["13:00–14:00", "09:00–10:00"]


def test_who_lives_by_an_unknown_clock_is_left_out_by_name(world: Cast, client: Client) -> None:
    client.force_login(world.owner)
    answer = client.get(MEETINGS, asked(world, contact_at(world, "ACME-US", "Uma")))
    assert "Uma" in answer.content.decode()
    assert [person.name for person in answer.context["found"].unplaced] == ["Uma"]
    assert answer.context["rows"]


def test_a_series_says_who_carries_what(world: Cast, client: Client) -> None:
    client.force_login(world.owner)
    answer = client.get(MEETINGS, asked(world, contact_at(world, "ACME-NY", "Nia"), times="4"))
    assert len(answer.context["series"]) == 4
    assert [(one.name, one.minutes) for one in answer.context["carried"]] == [("Olive", 0), ("Nia", 0)]
    assert "Of all ways to choose" in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": []}, "people"),
        ({"people": ["contact:0"]}, "people"),
        ({"until": "2026-03-01"}, "until"),
        ({"until": "2026-04-30"}, "until"),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "since"),
        ({"minutes": "7"}, "minutes"),
        ({"times": "1000"}, "times"),
    ],
)
def test_what_can_not_be_looked_for_is_refused(world: Cast, client: Client, wrong: dict[str, Any], field: str) -> None:
    client.force_login(world.owner)
    answer = client.get(MEETINGS, {**asked(world), **wrong})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_chosen_windows_leave_as_a_calendar_file(world: Cast, client: Client) -> None:
    client.force_login(world.owner)
    nia = contact_at(world, "ACME-NY", "Nia")
    url = client.get(MEETINGS, asked(world, nia)).context["rows"][0].url
    answer = client.get(url)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert "DTSTART:20260309T130000Z" in text
    assert 'ATTENDEE;CN="Nia":mailto:nia@acme.example' in text
    assert "SUMMARY:Meeting: Acme" in text
    for wrong in (
        "",
        "?at=tomorrow&minutes=60",
        "?at=2026-13-05T14:00Z&minutes=60",
        "?at=2026-03-05T14:00Z&minutes=-1",
    ):
        assert client.get(f"{MEETINGS}invitation.ics{wrong}").status_code == 404


def test_people_at_the_customer_are_seen_by_who_sees_the_account_whole(world: Cast, client: Client) -> None:
    nia = contact_at(world, "ACME-NY", "Nia")
    client.force_login(world.europe_lead)
    page = client.get(MEETINGS, asked(world, nia))
    assert page.status_code == 422, "she is no choice that the lead has"
    assert "Nia" not in page.content.decode()
    file = client.get(f"{MEETINGS}invitation.ics?people={nia}&at=2026-03-05T14:00Z&minutes=60")
    assert "Nia" not in file.content.decode()
