"""The history of scores: every night each account's alignment of that day, by country too.

It holds all facts, so that only who sees an account whole may read it. A score is computed, never typed in; one of a past day
can be computed later, from the structure, the team and the revenue of that day (docs/algorithms/alignment.md, "History").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from accounts.models import Account
from core import months
from coverage.alignment import DEFINITION, Sums
from coverage.models import AlignmentScore
from coverage.stated import decimal_of, stated
from coverage.weighing import Evening, evening_of
from money.queries import business_date
from rollups import runs
from rollups.measures import BUCKETS
from rollups.models import Run

_AT_A_TIME = 200
_KEY = ("account_id", "on", "country")
_VALUES = [f.name for f in AlignmentScore._meta.fields if f.name not in (*_KEY, "id")]


def keep_scores(*, on: dt.date | None = None) -> Run:
    """Compute the scores of a day (the business date) and keep them in place of those it had. The run is on the job page.

    Countries are kept of the last day only: of the one before until this one is whole (`coverage.nights`).
    """
    day = on or business_date()
    ids = list(Account.objects.order_by("id").values_list("id", flat=True))
    by_country = not AlignmentScore.objects.filter(on__gt=day).exclude(country="").exists()
    with runs.long_run(Run.Kind.ALIGNMENT) as run:
        for done, chunk in enumerate(_chunks(ids), start=1):
            slots, rows = _keep(chunk, day, by_country=by_country)
            run.facts, run.cells, run.keys = run.facts + slots, run.cells + rows, run.keys + len(chunk)
            runs.show_progress(run, done * _AT_A_TIME * BUCKETS // max(len(ids), done * _AT_A_TIME))
        AlignmentScore.objects.filter(on__lt=day).exclude(country="").delete()
        return run


def keep_past_scores(*, months_back: int) -> int:
    """The scores of the last day of each of so many months before the business date's; how many days. Repeatable."""
    month = months.month_of(business_date())
    days = [months.last_day(month - back) for back in range(months_back, 0, -1)]
    for day in days:
        keep_scores(on=day)
    return len(days)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def _keep(account_ids: Sequence[int], on: dt.date, *, by_country: bool) -> tuple[int, int]:
    """Slots read and rows written. An account whose tier has no policy has no score, and loses what it had of the day."""
    with transaction.atomic():
        rows = [
            row
            for account, found in evening_of(account_ids=account_ids, on=on).items()
            for row in _rows(account, found, on, by_country=by_country)
        ]
        kept = {(row.account_id, row.country) for row in rows}
        old = AlignmentScore.objects.filter(account_id__in=account_ids, on=on)
        stale = [
            pk
            for pk, account, country in old.values_list("id", "account_id", "country")
            if (account, country) not in kept
        ]
        AlignmentScore.objects.filter(id__in=stale).delete()
        AlignmentScore.objects.bulk_create(rows, update_conflicts=True, unique_fields=_KEY, update_fields=_VALUES)
    return sum(row.slots for row in rows if not row.country), len(rows)


def _rows(account: int, found: Evening, on: dt.date, *, by_country: bool) -> Iterator[AlignmentScore]:
    alignment = found.weighing.alignment
    if not alignment.slots:
        return
    yield _row(account, on, "", alignment.sums, found)
    units: dict[str, list[int]] = {}
    for unit, its in found.weighing.staffing.units.items() if by_country else ():
        units.setdefault(its.country, []).append(unit)
    for country in sorted(units):
        sums = alignment.of_units(units[country])
        if country and sums.slots:
            yield _row(account, on, country, sums, found)


def _row(account: int, on: dt.date, country: str, sums: Sums, found: Evening) -> AlignmentScore:
    said = stated(sums, found.weighing.currency)
    return AlignmentScore(
        account_id=account,
        on=on,
        country=country,
        definition=DEFINITION,
        currency=said.currency,
        score=said.score,
        known_weight=said.known_weight,
        mirror_ratio=None if country else _share(found.mirror.ratio),
        level_parity=None if country else _share(found.parity.share),
        gap=said.gap,
        filled=_amount(sums.filled),
        known=_amount(sums.known),
        total=_amount(sums.all),
        slots=said.slots,
        empty=said.empty,
        unknown=said.unknown,
    )


def _share(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal_of(value)


def _amount(value: Fraction) -> Decimal:
    """To eight decimals, ties to even."""
    return Decimal(round(value * 10**8)).scaleb(-8)
