"""Events as an iCalendar file (RFC 5545), in UTC: every calendar program shows them by its reader's own clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 75


@dataclass(frozen=True)
class Event:
    """`uid` names the event for ever; `attendees` are (name, e-mail address)."""

    uid: str
    begins: dt.datetime
    ends: dt.datetime
    summary: str
    description: str = ""
    attendees: tuple[tuple[str, str], ...] = ()


def calendar(events: Iterable[Event], *, made_at: dt.datetime) -> str:
    """The text of the file: lines of at most 75 bytes, ended by CRLF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//GAM//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(event.uid)}",
            f"DTSTAMP:{_instant(made_at)}",
            f"DTSTART:{_instant(event.begins)}",
            f"DTEND:{_instant(event.ends)}",
            f"SUMMARY:{_text(event.summary)}",
        ]
        lines += [f"DESCRIPTION:{_text(event.description)}"] if event.description else []
        lines += [f'ATTENDEE;CN="{_parameter(name)}":mailto:{_address(email)}' for name, email in event.attendees]
        lines.append("END:VEVENT")
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _parameter(words: str) -> str:
    """A quoted parameter holds no quotation mark and no control character."""
    return "".join(" " if sign < " " or sign in '"\x7f' else sign for sign in words)


def _address(email: str) -> str:
    return "".join(sign for sign in email if sign > " " and sign != "\x7f")


def _folded(line: str) -> str:
    """A long line goes on after a line end and a space; a character is never cut in two."""
    parts: list[str] = []
    held = ""
    for sign in line:
        room = _LONGEST if not parts else _LONGEST - 1
        if len((held + sign).encode()) > room:
            parts.append(held)
            held = ""
        held += sign
    return "\r\n ".join([*parts, held])
