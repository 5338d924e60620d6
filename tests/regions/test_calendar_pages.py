"""Administrators decide about working days: by page, with history, and taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.errors import DomainError, NotPermitted
from regions import calendar_queries, calendar_services
from regions.models import CountryCalendar, CountryDay
from regions.queries import calendars
from tests.cast import Cast, cast

__all__ = ["cast"]

BANGLADESH = "/set-up/regions/calendars/BD/"
FRIDAY = dt.date(2026, 3, 6)


@pytest.fixture(autouse=True)
def today(settings: Any) -> None:
    settings.GAM_AS_OF = dt.date(2026, 3, 2)


@pytest.fixture
def admin(cast: Cast, client: Client) -> Client:
    client.force_login(cast.administrator)
    return client


def works(country: str, day: dt.date) -> bool:
    calendar = calendars().of(country)
    assert calendar is not None
    return calendar.works_on(day)


def test_a_week_end_is_decided_from_a_day_on_and_taken_back(admin: Client) -> None:
    sent = {"do": "week", "weekend": ["fri", "sat"], "on": "2026-03-06"}
    assert admin.post(BANGLADESH, sent).status_code == 302
    assert not works("BD", FRIDAY)
    assert works("BD", FRIDAY - dt.timedelta(days=7)), "before that day the standard week holds"
    page = admin.get(BANGLADESH).content.decode()
    assert "Sun–Thu" in page
    assert "Decided: Sun–Thu" in page
    assert "administrator@example.org" in page
    row = CountryCalendar.objects.get()
    assert admin.post(BANGLADESH, {"do": "take_back_week", "pk": row.pk}).status_code == 302
    assert works("BD", FRIDAY)
    assert "Taken back: Sun–Thu" in admin.get(BANGLADESH).content.decode()


def test_a_later_decision_ends_the_one_before(cast: Cast) -> None:
    by = cast.administrator
    calendar_services.decide_week(country="BD", weekend=["fri", "sat"], by=by)
    calendar_services.decide_week(country="BD", weekend=["fri"], on=dt.date(2026, 7, 1), by=by)
    assert [row.valid_to for row in CountryCalendar.objects.order_by("valid_from")] == [dt.date(2026, 7, 1), None]
    assert not works("BD", dt.date(2026, 6, 27))
    assert works("BD", dt.date(2026, 7, 4))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"weekend": []}, "Choose the days of the week-end, a time zone, or both."),
        (
            {"weekend": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
            "a week without a working day: “mon;tue;wed;thu;fri;sat;sun”",
        ),
        ({"weekend": ["fri"], "on": "2026-03-06", "until": "2026-03-06"}, "the end 2026-03-06 is not after the start"),
        ({"weekend": ["fri"], "time_zone": "Mars/Olympus"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_week_is_refused_with_a_reason(admin: Client, sent: dict[str, Any], said: str) -> None:
    answer = admin.post(BANGLADESH, {"do": "week", **sent})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CountryCalendar.objects.exists()


def test_a_holiday_is_worked_and_a_bridge_day_is_off(admin: Client) -> None:
    germany = "/set-up/regions/calendars/DE/"
    admin.post(germany, {"do": "day", "day": "2026-05-01", "works": "worked", "name": "Labour Day"})
    admin.post(germany, {"do": "day", "day": "2026-05-15", "works": "off", "name": "Brückentag"})
    assert works("DE", dt.date(2026, 5, 1))
    assert not works("DE", dt.date(2026, 5, 15))
    assert "Brückentag" in admin.get(germany).content.decode()
    row = CountryDay.objects.get(day=dt.date(2026, 5, 15))
    assert admin.post("/set-up/regions/calendars/FR/", {"do": "take_back_day", "pk": row.pk}).status_code == 404
    assert admin.post(germany, {"do": "take_back_day", "pk": row.pk}).status_code == 302
    assert works("DE", dt.date(2026, 5, 15))


def test_a_zone_is_decided_without_a_week_end(cast: Cast) -> None:
    calendar_services.decide_week(country="ES", weekend=[], time_zone="Europe/Madrid", by=cast.administrator)
    spain = calendars().of("ES")
    assert spain is not None
    assert spain.zones_on(FRIDAY) == ("Europe/Madrid",)
    assert works("ES", FRIDAY)


def test_only_who_configures_regions_decides(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        calendar_services.decide_day(country="DE", day=FRIDAY, works=False, by=cast.owner)
    with pytest.raises(NotPermitted):
        calendar_services.take_back_week(pk=1, country="DE", by=cast.owner)
    with pytest.raises(DomainError):
        calendar_services.decide_day(country="XX", day=FRIDAY, works=False, by=cast.administrator)


def test_the_list_shows_our_countries_those_decided_and_all(admin: Client, cast: Cast) -> None:
    calendar_services.decide_week(country="BD", weekend=["fri", "sat"], by=cast.administrator)

    def listed(**asked: str) -> list[str]:
        return [row.country for row in admin.get("/set-up/regions/calendars/", asked).context["rows"]]

    assert listed() == ["FR", "DE", "JP"]
    assert listed(show="decided") == ["BD"]
    assert len(listed(show="all")) > 240
    assert listed(q="bangl") == ["BD"]
    assert listed(q="nowhere at all") == []
    assert listed(show="decided", q="jap") == []


def test_the_year_of_a_country(cast: Cast) -> None:
    view = calendar_queries.country_view(viewer=cast.administrator, country="JP", on=dt.date(2025, 5, 1), year=2025)
    assert [(one.day.day, one.is_felt) for one in view.days if one.day.month == 5] == [
        (3, False),
        (4, False),
        (5, True),
        (6, True),
    ]
    assert view.months[4].weeks[0][:4] == [None, None, None, (dt.date(2025, 5, 1), "worked")]
    with pytest.raises(KeyError):
        calendar_queries.country_view(viewer=cast.administrator, country="XX", on=FRIDAY, year=2025)


def test_a_year_that_is_none_shows_this_one(admin: Client) -> None:
    assert admin.get(f"{BANGLADESH}?year=99999").context["view"].year == 2026
    assert admin.get(f"{BANGLADESH}?year=2030").context["view"].year == 2030
    assert admin.get("/set-up/regions/calendars/XX/").status_code == 404


def test_calendars_cost_two_queries_and_their_list_four(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert calendars().of("DE") is not None
    with django_assert_num_queries(4):
        calendar_queries.country_rows(viewer=cast.administrator, on=FRIDAY)
