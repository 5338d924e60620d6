"""The work list of a reader: what every source of work finds for her, ranked, with the money of each deal once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from accounts import work
from accounts.access import scope_of
from accounts.models import Account
from accounts.work import Ask, TooMuch, Whose, WorkItem, WorkSource
from core import formats
from core.snapshots import one_snapshot
from money.conversion import from_minor
from money.queries import exponents, reporting_currencies
from pipeline.scoring import Score
from rollups.deal_sums import DealSum, sums_of_deals
from rollups.sight import sight_of
from users.models import User
from workspace import services
from workspace.models import Snooze
from workspace.work_rank import rank

#: A place in the list is by whole points of so many.
POINTS: Final = 1000
Money = Decimal | formats.Unknown | None


@dataclass(frozen=True)
class Chosen:
    """What of the list is asked for: whose, one kind (a source's code), one account (its code), or what was put off."""

    whose: Whose | None = None
    kind: str = ""
    account: str = ""
    is_snoozed: bool = False


@dataclass(frozen=True)
class Line:
    """One thing to do with its place. `amount` is its deal's, or a gap, in `currency`; `until` the day it is put off to."""

    source: WorkSource
    item: WorkItem
    amount: Money
    currency: str
    rank: Score
    on: dt.date
    until: dt.date | None = None

    @property
    def why(self) -> str:
        return self.source.why(self.item)

    @property
    def days(self) -> int | None:
        """For how many days it has waited; None: not known."""
        return None if self.item.since is None else max(0, (self.on - self.item.since).days)

    @property
    def points(self) -> int:
        return int((self.rank.value or 0) * POINTS)

    @property
    def place(self) -> tuple[int, str, str]:
        """What the list is sorted by."""
        return (-self.points, self.source.code, self.item.key)


@dataclass(frozen=True)
class Total:
    """Distinct deals of a list and their money in a currency, the same as the lines show it; and how many of the deals have no
    amount, a part without a rate, or are left out of the forecast: these add nothing."""

    deals: int
    amount: Decimal
    unknown: int
    unpriced: int
    omitted: int
    currency: str


@dataclass(frozen=True)
class WorkList:
    """`lines` in their order. `counts` are of every kind, whichever kind is shown; `notes` say what was not looked at."""

    on: dt.date
    whose: Whose
    lines: Sequence[Line]
    counts: Sequence[tuple[WorkSource, int]]
    snoozed: int
    total: Total
    accounts: Sequence[tuple[str, str]]
    notes: Sequence[str]

    @cached_property
    def all(self) -> int:
        """How many things wait, of all kinds."""
        return sum(count for _source, count in self.counts)


def offered(viewer: User) -> list[Whose]:
    """Whose work a reader may ask for; the first is what she sees unless she chooses."""
    scope = scope_of(viewer)
    leads = scope.is_everything or bool(scope.region_ids)
    found = [Whose.MINE]
    if scope.whole_account_ids:
        found.append(Whose.ACCOUNTS)
    if leads:
        # Who works on no account herself looks at what she leads.
        found.insert(0 if not scope.whole_account_ids else len(found), Whose.SIGHT)
    return found


@one_snapshot()
def worklist(*, viewer: User, chosen: Chosen) -> WorkList:
    """Everything that waits, or of it what was chosen. Account.DoesNotExist for one that `viewer` does not see."""
    ways = offered(viewer)
    whose = chosen.whose if chosen.whose in ways else ways[0]
    account = Account.objects.visible_to(viewer).get(code=chosen.account) if chosen.account else None
    ask = Ask(viewer, scope_of(viewer).on, whose or ways[0], account.pk if account else None)
    found, notes = _found(ask)
    put_off = _put_off(viewer, ask.on)
    here = [pair for pair in found if ((pair[0].code, pair[1].key) in put_off) == chosen.is_snoozed]
    shown = [pair for pair in here if not chosen.kind or pair[0].code == chosen.kind]
    # Ranked among all that waits, so that a thing keeps its points under every filter.
    lines, sums = _lines(ask, found, put_off)
    counted = Counter(source.code for source, _item in here)
    kept = {(source.code, item.key) for source, item in shown}
    listed = sorted((one for one in lines if (one.source.code, one.item.key) in kept), key=lambda one: one.place)
    return WorkList(
        on=ask.on,
        whose=ask.whose,
        lines=listed,
        counts=[(source, counted[source.code]) for source in work.sources()],
        snoozed=sum((source.code, item.key) in put_off for source, item in found),
        total=_total(listed, sums, currency_of(viewer)),
        accounts=sorted({(i.account_code, i.account) for _s, i in found if i.account_code}, key=lambda one: one[1]),
        notes=notes,
    )


Pair = tuple[WorkSource, WorkItem]


def _found(ask: Ask) -> tuple[list[Pair], list[str]]:
    pairs: list[Pair] = []
    notes: dict[str, None] = {}
    for source in work.sources():
        try:
            found = source.find(ask)
        except TooMuch as error:
            notes[error.message] = None
            continue
        pairs += [(source, item) for item in found.items]
        if found.left_out:
            notes[found.left_out] = None
    return pairs, list(notes)


def _put_off(viewer: User, on: dt.date) -> dict[tuple[str, str], dt.date]:
    rows = Snooze.objects.filter(user=viewer, until__gt=on)
    return {(source, key): until for source, key, until in rows.values_list("source", "key", "until")}


def currency_of(viewer: User) -> str:
    """The reporting currency that a reader reads in: as her pages do."""
    kept = viewer.preferences.get(services.LENS)
    habit = kept.get("currency") if isinstance(kept, dict) else None
    known = reporting_currencies()
    return habit if habit in known else known[0]


def _lines(
    ask: Ask, pairs: Collection[Pair], put_off: dict[tuple[str, str], dt.date]
) -> tuple[list[Line], dict[int, DealSum]]:
    ids = {item.deal for _source, item in pairs if item.deal is not None}
    currency = currency_of(ask.viewer)
    sums = sums_of_deals(ids, sight=sight_of(ask.viewer), on=ask.on, currency=currency) if ids else {}
    decimals = exponents()[currency]
    largest_deal = max((from_minor(one.amount, decimals) for one in sums.values()), default=Decimal(0))
    largest_own = max((item.amount for _source, item in pairs if item.amount is not None), default=Decimal(0))
    lines = []
    for source, item in pairs:
        of_deal = item.deal is not None
        amount = _money(sums.get(item.deal), decimals) if item.deal is not None else item.amount
        place = rank(
            urgency=source.urgency,
            days=_late(item, ask.on),
            amount=amount if isinstance(amount, Decimal) else None,
            largest=largest_deal if of_deal else largest_own,
        )
        until = put_off.get((source.code, item.key))
        own = currency if of_deal else reporting_currencies()[0]
        lines.append(Line(source, item, amount, own, place, ask.on, until))
    return lines, sums


def _late(item: WorkItem, on: dt.date) -> int | None:
    day = item.due or item.since
    return None if day is None else (on - day).days


def _money(found: DealSum | None, decimals: int) -> Money:
    """What of a deal has a price; unknown where nothing has. One left out of the forecast has no money in figures."""
    if found is None or found.omitted:
        return None
    if not found.amount and (found.unknown or found.unpriced):
        return formats.UNKNOWN
    return from_minor(found.amount, decimals)


def _total(lines: Collection[Line], sums: dict[int, DealSum], currency: str) -> Total:
    """Each deal once, however many reasons it stands there for."""
    deals = {line.item.deal for line in lines if line.item.deal is not None}
    found = [sums[deal] for deal in deals if deal in sums]
    return Total(
        deals=len(deals),
        amount=from_minor(sum(one.amount for one in found), exponents()[currency]),
        unknown=sum(bool(one.unknown) for one in found),
        unpriced=sum(bool(one.unpriced) for one in found),
        omitted=sum(bool(one.omitted) for one in found),
        currency=currency,
    )
