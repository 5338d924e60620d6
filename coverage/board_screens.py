"""What the board shows in words and addresses: its filters, its ways of looking, the parts of the score before the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from core import formats
from core.lists import Chip, Table, address, chips_of
from coverage import board_queries
from coverage.alignment import Sums, WeighedSlot
from coverage.board import BY_GAP, BY_TREE, Board, BoardRow
from coverage.board_forms import AS_LIST, ORDERS, STATES, BoardForm
from coverage.board_lists import gap_table
from coverage.board_queries import BoardPage
from coverage.slots import SLOT_STATES
from coverage.stated import Stated, decimal_of, stated
from teams.models import Member
from users.models import User

#: Rows that are drawn at once; more follow when they are asked for.
ROWS = 400
#: Lines of the gap list that are shown at once.
GAPS = 200


@dataclass(frozen=True)
class Count:
    """How many slots are in a state, and the address that shows only those."""

    state: str
    number: int
    url: str

    @property
    def words(self) -> str:
        return str(dict(STATES)[self.state])


Share = Decimal | formats.Unknown


class BoardScreen:
    """A board with a request's choices: what the template reads."""

    def __init__(self, path: str, query: QueryDict, viewer: User, page: BoardPage) -> None:
        self.path, self.query, self.page = path, query, page
        countries = {line.country for line in page.lines.values() if line.country}
        needed = {one.slot.role for one in page.weighing.alignment.slots}
        roles = {code: name for code, name in page.roles.items() if code in needed}
        self.form = BoardForm(query, viewer=viewer, countries=countries, roles=roles, members=page.covering)

    @property
    def look(self) -> str:
        """As a tree, by gap, or the list of gaps."""
        chosen = self.query.get("look", "")
        return chosen if chosen in (BY_GAP, AS_LIST) else BY_TREE

    @cached_property
    def board(self) -> Board:
        order = BY_TREE if self.look == BY_TREE else BY_GAP
        return board_queries.board_of(self.page, self.form.narrowing(self.page.ids), order)

    @property
    def slots(self) -> Sequence[WeighedSlot]:
        """The slots that are shown, and that a file holds."""
        return self.board.gaps if self.look == AS_LIST else self.board.slots

    @cached_property
    def first_row(self) -> int:
        given = self.query.get("from", "")
        return int(given) if given.isdecimal() and len(given) < 7 else 0

    @property
    def at_once(self) -> int:
        return GAPS if self.look == AS_LIST else ROWS

    @property
    def rows(self) -> Sequence[BoardRow]:
        return self.board.rows[self.first_row : self.first_row + ROWS]

    @property
    def left(self) -> int:
        """How many units, or lines of the gap list, follow those that are shown."""
        there = self.board.gaps if self.look == AS_LIST else self.board.rows
        return max(len(there) - self.first_row - self.at_once, 0)

    @property
    def next_url(self) -> str:
        return self.url(**{"from": str(self.first_row + self.at_once)}) if self.left else ""

    @property
    def previous_url(self) -> str:
        before = max(self.first_row - self.at_once, 0)
        return self.url(**{"from": str(before) if before else None}) if self.first_row else ""

    @property
    def sums(self) -> Sums:
        """Of the whole account, whatever is shown of it."""
        return self.page.weighing.alignment.sums

    @property
    def shown(self) -> Sums:
        return self.board.sums

    @cached_property
    def value(self) -> Decimal | formats.Unknown:
        """The value of the units that are shown."""
        values = self.page.weighing.alignment.values
        return self.page.money(sum((values[row.unit] for row in self.board.rows), Fraction(0)))

    @cached_property
    def whole_value(self) -> Decimal | formats.Unknown:
        return self.page.money(sum(self.page.weighing.alignment.values.values(), Fraction(0)))

    @cached_property
    def stated(self) -> Stated:
        return stated(self.sums, self.page.currency)

    @property
    def unknown_weight(self) -> Decimal:
        """What the known share leaves: a little that is unknown is never nothing."""
        return 1 - self.stated.known_share

    @property
    def mirror(self) -> Share:
        return share(self.page.report.mirror.ratio)

    @property
    def parity(self) -> Share:
        people = self.page.report.people
        return share(people.parity.share if people else None)

    @property
    def bow_ties(self) -> list[int]:
        """Units whose relationship narrows to one person of ours."""
        return [unit for unit, found in self.page.report.bridges.items() if found.is_bow_tie]

    @property
    def at_risk(self) -> int | None:
        """Revenue behind one person; None while no strength of any relationship is known."""
        return self.page.report.at_risk

    @property
    def team(self) -> list[Member]:
        return sorted((self.page.members[pk] for pk in self.page.team), key=str)

    @cached_property
    def gap_table(self) -> Table:
        return gap_table(self.page, self.board.gaps[self.first_row : self.first_row + GAPS])

    @cached_property
    def counts(self) -> list[Count]:
        found = dict.fromkeys(SLOT_STATES, 0)
        for one in self.page.weighing.alignment.slots:
            found[one.slot.state] += 1
        return [Count(state, number, self.url(state=state)) for state, number in found.items()]

    @property
    def looks(self) -> list[tuple[str, str, bool]]:
        return [
            (str(words), self.url(look=None if look == BY_TREE else look), look == self.look) for look, words in ORDERS
        ]

    @property
    def chips(self) -> list[Chip]:
        return chips_of(self.form, self.url)

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(str(self.form[name].label), " ".join(map(str, said))) for name, said in self.form.errors.items()]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chips) or bool(self.errors)

    @property
    def clear_url(self) -> str:
        return self.url(**dict.fromkeys(self.form.fields))

    @property
    def export_url(self) -> str:
        return self.url(format="csv")

    @property
    def today_url(self) -> str:
        return self.url(on=None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filters have to carry along: the day and the way of looking."""
        return [(name, given) for name in ("on", "look") if (given := self.query.get(name, ""))]

    @property
    def kept_by_day(self) -> list[tuple[str, str]]:
        """What the choice of a day has to carry along."""
        names = ("look", *self.form.fields)
        return [(name, given) for name in names if (given := self.query.get(name, ""))]

    def url(self, **changes: str | None) -> str:
        return address(self.path, self.query, changes, without=("from", "format"))


def share(value: Fraction | None) -> Share:
    """A share from 0 to 1 as figures are written; what is not known says so."""
    return formats.UNKNOWN if value is None else decimal_of(value)


def export_head(screen: BoardScreen) -> list[str]:
    """What stands above the lines of a file: of whom, on which day, under which filters, and what is not all."""
    page = screen.page
    lines = [
        _("%(account)s, alignment on %(day)s") % {"account": page.account.name, "day": page.on.isoformat()},
        *(f"{chip.label}: {chip.text}" for chip in screen.chips),
    ]
    if not page.has_money:
        lines.append(
            _("You see no figures of this customer: every unit counts the same, and no gap is shown in money.")
        )
    elif page.report.is_restricted:
        lines.append(_("You see a part of this account: values hold only the countries that you lead."))
    return lines
