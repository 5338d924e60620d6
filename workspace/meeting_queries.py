"""What the meeting finder reads: who may be asked, when they work, and the windows that suit them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from teams.overlap import certain_zone
from users.models import User
from workspace.meetings import Attendee, Obstacle, Series, Window, fairest_series, obstacles, windows
from workspace.together_queries import Person, people_to_meet

SHOWN = 8
MOST_PEOPLE = 20


@dataclass(frozen=True)
class Asked:
    """What is looked for: who, how long, in which days by whose clock, and how often every how many days."""

    people: tuple[str, ...]
    minutes: int
    since: dt.date
    until: dt.date
    zone: str
    times: int = 1
    every: int = 7

    @property
    def ranges(self) -> list[tuple[dt.date, dt.date]]:
        """The days of each occurrence, half-open."""
        steps = [dt.timedelta(days=self.every * number) for number in range(self.times)]
        return [(self.since + step, self.until + step) for step in steps]

    @property
    def last(self) -> dt.date:
        return self.ranges[-1][1]


@dataclass(frozen=True)
class Offered:
    """Who may be asked to a meeting of an account."""

    members: list[Person]
    contacts: list[Person]

    def named(self, keys: Sequence[str]) -> list[Person]:
        return [person for person in (*self.members, *self.contacts) if person.key in keys][:MOST_PEOPLE]


@dataclass(frozen=True)
class Found:
    """The windows of one meeting, the best first, and of a series; who can't be placed, and which days are off."""

    attendees: list[Attendee]
    unplaced: list[Person]
    windows: list[Window]
    series: Series | None
    obstacles: list[Obstacle]


def offered(*, viewer: User, account: Account, on: dt.date) -> Offered:
    """`account` is one that `viewer` sees; contacts only where she sees it whole."""
    return Offered(*people_to_meet(viewer=viewer, account=account, on=on))


def found(people: Sequence[Person], asked: Asked) -> Found:
    """Windows for `people`. Whose zone is not known can't be placed and is left out, by name."""
    attendees, unplaced = [], []
    for person in people:
        zone = certain_zone(person.works, asked.since - dt.timedelta(days=2), asked.last + dt.timedelta(days=2))
        if zone is None:
            unplaced.append(person)
        else:
            attendees.append(Attendee(person.key, person.name, zone, person.works))
    if not attendees:
        return Found([], unplaced, [], None, [])
    choices = [
        windows(attendees, minutes=asked.minutes, since=since, until=until, zone=asked.zone)
        for since, until in asked.ranges
    ]
    return Found(
        attendees=attendees,
        unplaced=unplaced,
        windows=choices[0][:SHOWN],
        series=fairest_series(choices) if asked.times > 1 else None,
        obstacles=obstacles(attendees, asked.since, asked.until),
    )
