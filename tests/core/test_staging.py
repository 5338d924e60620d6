"""How cells are judged and read: asked of the database itself, in one statement."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from core import columns
from core.columns import Kind, filled
from core.staging import Feed
from core.staging_rows import as_text, unfit

pytestmark = pytest.mark.django_db


def judged(kind: Kind, *cells: str) -> list[bool]:
    """For each cell, whether the kind takes it."""
    wrong = " OR ".join(f"({filled(rule.wrong, 'v')})" for rule in kind.rules) or "false"
    # A rule may rely on the earlier ones, so they are asked in order, as a stage does.
    cases = " ".join(f"WHEN {filled(rule.wrong, 'v')} THEN false" for rule in kind.rules)
    assert wrong
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CASE {cases} ELSE true END FROM unnest(%s::text[]) WITH ORDINALITY AS c(v, n) ORDER BY n",
            [list(cells)],
        )
        return [bool(row[0]) for row in cursor.fetchall()]


def read(kind: Kind, cell: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {filled(kind.read, 'v')} FROM (SELECT %s::text AS v) c", [cell])
        return cursor.fetchone()[0]


def test_exactly_the_days_of_the_calendar_are_dates() -> None:
    days = [f"{y:04}-{m:02}-{d:02}" for y in (1, 1900, 2000, 2023, 2024, 9999) for m in range(14) for d in range(33)]

    def is_day(text: str) -> bool:
        y, m, d = map(int, text.split("-"))
        return 1 <= m <= 12 and 1 <= d <= calendar.monthrange(y, m)[1]

    assert judged(columns.date(), *days) == [is_day(day) for day in days]


@pytest.mark.parametrize(
    "cell", ["2024-1-05", "24-01-05", "2024/01/05", "2024-01-05 ", "0000-01-01", "12024-01-01", "today"]
)
def test_nothing_else_is_a_date(cell: str) -> None:
    assert judged(columns.date(), cell) == [False]


def test_amounts_keep_four_decimals_and_sixteen_digits() -> None:
    good = ["0", "-0.0001", "1234567890123456.1234", "007.5", "1.50000000"]
    bad = [
        "",
        "1.",
        ".5",
        "+1",
        "1e5",
        "1,5",
        "1 000",
        "1.00001",
        "12345678901234567",
        "NaN",
        "Infinity",
        "٣",
        "0x1F",
        "--1",
    ]
    assert judged(columns.amount(), *good) == [True] * len(good)
    assert judged(columns.amount(), *bad) == [False] * len(bad)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
@settings(max_examples=60, deadline=None)
def test_an_amount_comes_back_as_it_went(amount: Decimal) -> None:
    assert read(columns.amount(), as_text(amount)) == amount


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
@settings(max_examples=200, deadline=None)
def test_a_workbooks_number_is_written_in_its_shortest_exact_form(number: float) -> None:
    assert float(as_text(number)) == number
    assert "e" not in as_text(number).lower()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_copy_takes_any_text(cells: list[str]) -> None:
    names = ", ".join(f"c{at} text" for at in range(len(cells)))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE any_text (n int, {names})")
        try:
            cursor.copy_expert("COPY any_text FROM STDIN WITH (FORMAT csv)", Feed([[1, *cells]]))
            cursor.execute("SELECT * FROM any_text")
            assert list(cursor.fetchall()[0][1:]) == [cell or None for cell in cells]
        finally:
            cursor.execute("DROP TABLE any_text")


def test_percentages_whole_numbers_and_answers() -> None:
    assert judged(columns.percentage(), "0", "100", "99.99", "100.01", "-1", "1.234") == [True] * 3 + [False] * 3
    assert judged(columns.whole(0, 10), "0", "10", "11", "-1", "1.0", "") == [True] * 2 + [False] * 4
    assert judged(columns.yes_or_no(), "true", "No", "1", "maybe") == [True] * 3 + [False]
    assert read(columns.yes_or_no(), "YES") is True


def test_people_places_and_times() -> None:
    assert judged(columns.email(), "a.b+c@d-e.example", "ä@ö.example") == [True, True]
    assert judged(columns.email(), "a@b", "a b@c.de", "@c.de", "a@@c.de", "a@c..de", "x") == [False] * 6
    assert judged(columns.country(), "DE", "JP", "de", "UK", "ZZ", "") == [True] * 2 + [False] * 4
    assert judged(columns.time_zone(), "Europe/Berlin", "UTC", "Mars/Base", "europe/berlin") == [
        True,
        True,
        False,
        False,
    ]
    assert judged(columns.lei(), "5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R13") == [
        True,
        True,
        False,
    ]


def test_instants_have_an_offset_or_stand_in_the_organisations_zone() -> None:
    kind = columns.instant("Europe/Berlin")
    assert judged(kind, "2024-01-05", "2024-01-05T10:00Z", "2024-01-05 10:00:00.5+02:00") == [True] * 3
    assert judged(kind, "2024-02-30", "2024-01-05T24:00", "2024-01-05T10", "10:00") == [False] * 4
    assert read(kind, "2024-07-01T10:00") == dt.datetime(2024, 7, 1, 8, 0, tzinfo=dt.UTC)
    assert read(kind, "2024-07-01T10:00Z") == dt.datetime(2024, 7, 1, 10, 0, tzinfo=dt.UTC)
    assert read(kind, "2024-07-01") == dt.datetime(2024, 6, 30, 22, 0, tzinfo=dt.UTC)


def test_words_in_one_cell() -> None:
    from core.languages import MASTERY_PATTERN

    kind = columns.words(MASTERY_PATTERN, "", longest=20)
    assert judged(kind, "en:C2;de:B1", "pt-BR; ja:A1", "en:C3", "english") == [True, True, False, False]
    assert read(kind, "en:C2; de:B1;") == ["en:C2", "de:B1"]


def test_text_that_no_database_can_hold() -> None:
    assert (bool(unfit("a\0b")), bool(unfit("\ud800")), unfit("\U0001f600")) == (True, True, "")
