"""Members' own hours and days, and calendars of countries, as files bring them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.staging_rows import RowsRejected, write_rows
from regions.loading import COUNTRY_CALENDARS, COUNTRY_DAYS
from regions.models import CountryCalendar, CountryDay
from teams.loading import MEMBERS
from teams.models import Member
from tests import factories as make

pytestmark = pytest.mark.django_db


def write(spec: Any, **row: Any) -> None:
    write_rows(spec, [row], by=None)


def test_hours_and_days_are_kept_as_stated() -> None:
    write(MEMBERS, email="eve@example.org", works_from="07:30", works_to="15:00", working_days="sun; mon;tue")
    eve = Member.objects.get()
    assert (eve.works_from, eve.works_to) == (dt.time(7, 30), dt.time(15))
    assert eve.working_days == ["sun", "mon", "tue"]
    write(MEMBERS, email="eve@example.org", works_from="", works_to="", working_days="")
    eve.refresh_from_db()
    assert (eve.works_from, eve.works_to, eve.working_days) == (None, None, [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"works_from": "7"}, "works_from"),
        ({"works_to": "24:00"}, "works_to"),
        ({"works_to": "15:00:30"}, "works_to"),
        ({"works_from": "09:00", "works_to": "09:00"}, "works_to"),
        ({"works_from": "17:00"}, "works_to"),
        ({"works_to": "09:00"}, "works_to"),
        ({"working_days": "monday"}, "working_days"),
        ({"working_days": "mon;mon"}, "working_days"),
        ({"working_days": "mon,tue"}, "working_days"),
    ],
)
def test_what_are_no_hours_or_days_is_a_rejected_row(cells: dict[str, str], column: str) -> None:
    with pytest.raises(RowsRejected) as refused:
        write(MEMBERS, email="eve@example.org", **cells)
    assert refused.value.problems[0].column == column
    assert not Member.objects.exists()


def test_the_database_itself_refuses_hours_that_are_none() -> None:
    eve = make.MemberFactory(works_from=dt.time(21), works_to=dt.time(5))
    for wrong in ({"works_to": dt.time(21)}, {"working_days": ["day"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=eve.pk).update(**wrong)


def test_calendars_of_countries_come_from_files_and_a_later_one_ends_the_first() -> None:
    write(COUNTRY_CALENDARS, country="BD", valid_from="2020-01-01", weekend="fri;sat", time_zone="")
    write(COUNTRY_CALENDARS, country="BD", valid_from="2027-01-01", weekend="sat;sun", time_zone="Asia/Dhaka")
    rows = CountryCalendar.objects.order_by("valid_from").values_list("weekend", "time_zone", "valid_to")
    assert list(rows) == [(["fri", "sat"], "", dt.date(2027, 1, 1)), (["sat", "sun"], "Asia/Dhaka", None)]


def test_single_days_come_from_files_and_are_corrected() -> None:
    write(COUNTRY_DAYS, country="DE", day="2026-05-15", works="false", name="Bridge")
    write(COUNTRY_DAYS, country="DE", day="2026-05-15", works="true", name="")
    assert [(row.works, row.name) for row in CountryDay.objects.all()] == [(True, "")]
    with pytest.raises(RowsRejected):
        write(COUNTRY_DAYS, country="DE", day="2026-05-15", works="perhaps")
