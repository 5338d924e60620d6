"""Calendar files as other programs read them."""

from __future__ import annotations

import datetime as dt

from core.icalendar import Event, calendar

BEGINS = dt.datetime(2026, 3, 5, 14, tzinfo=dt.UTC)


def made(**event: object) -> str:
    words = {"uid": "x@gam", "begins": BEGINS, "ends": BEGINS + dt.timedelta(hours=1), "summary": "Talk", **event}
    return calendar([Event(**words)], made_at=BEGINS)  # type: ignore[arg-type]  # the test's own words


def test_an_event_stands_in_utc_between_its_lines() -> None:
    there = dt.timezone(dt.timedelta(hours=9))
    lines = made(begins=BEGINS.astimezone(there)).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART:20260305T140000Z" in lines
    assert "DTEND:20260305T150000Z" in lines


def test_signs_that_mean_something_are_escaped() -> None:
    text = made(summary="A, B; C\\D\nE", attendees=(('Eve "x"\r\nATTACH:y', "eve@example.org\r\nX: y"),))
    assert "SUMMARY:A\\, B\\; C\\\\D\\nE\r\n" in text
    assert 'ATTENDEE;CN="Eve  x   ATTACH:y":mailto:eve@example.orgX:y\r\n' in text


def test_long_lines_are_folded_between_characters() -> None:
    text = made(summary="高橋美咲" * 30)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "高橋美咲" * 30 in text.replace("\r\n ", "")
