"""The scores of one night, read in their place where more accounts lie than are weighed at once.

They hold all facts: they are read by who sees everything, and by nobody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from coverage.alignment import DEFINITION, Sums
from coverage.models import AlignmentScore
from money.queries import exponents, reporting_currencies

_SUMS: Final = ("filled", "known", "total", "gap", "slots", "empty", "unknown")
_TOTALS: Final = {f"all_{name}": Sum(name) for name in _SUMS}


@dataclass(frozen=True)
class Night:
    """Scores of a day in `currency`: of whole accounts, or with a country, of their units there."""

    on: dt.date
    currency: str
    scores: QuerySet[AlignmentScore]

    def within(self, countries: Collection[str]) -> Night:
        """The same of some countries, of a night by country."""
        return replace(self, scores=self.scores.filter(country__in=countries))

    def gap_of(self, account: OuterRef) -> Subquery:
        """The gap of the account of an outer query, in `currency`; null where it has no slot."""
        its = self.scores.filter(account_id=account).order_by().values("account_id")
        return Subquery(its.annotate(all_gaps=Sum("gap")).values("all_gaps"))

    def of_accounts(self, account_ids: Collection[int]) -> dict[int, Sums]:
        found = self.scores.filter(account_id__in=account_ids)
        return {row["account_id"]: self._read(row) for row in _added(found, "account_id")}

    def of_countries(self) -> dict[str, Sums]:
        return {row["country"]: self._read(row) for row in _added(self.scores, "country")}

    def together(self, accounts: QuerySet[Any]) -> tuple[Sums, int]:
        """Of all `accounts` (a query of their ids), and how many of them have a slot."""
        row = self.scores.filter(account_id__in=accounts).aggregate(**_TOTALS, many=Count("account_id", distinct=True))
        return self._read(row), row["many"]

    def _read(self, row: Mapping[str, Any]) -> Sums:
        filled, known, total, gap, slots, empty, unknown = (row[f"all_{name}"] or 0 for name in _SUMS)
        minor = 10 ** exponents()[self.currency]
        return Sums(Fraction(filled), Fraction(known), Fraction(total), int(gap * minor), slots, empty, unknown)


def _added(scores: QuerySet[AlignmentScore], by: str) -> Iterable[dict[str, Any]]:
    found: Iterable[dict[str, Any]] = scores.order_by().values(by).annotate(**_TOTALS)
    return found


def night_of(on: dt.date, *, by_country: bool) -> Night | None:
    """The last night on or before a day that is whole, in the first reporting currency; None when there is none. A day of
    the past has no countries.

    A night takes its time, and may be ended in the middle. Until it is done, the countries of the one before are there too:
    so the oldest one that has countries is the last one that is whole.
    """
    currency = reporting_currencies()[0]
    kept = AlignmentScore.objects.filter(currency=currency, definition=DEFINITION)
    parts, whole = kept.exclude(country=""), kept.filter(country="")
    last = parts.order_by("on").values_list("on", flat=True).first()
    if last is not None and last > on and not by_country:
        last = whole.filter(on__lte=on).order_by("-on").values_list("on", flat=True).first()
    if last is None or last > on:
        return None
    return Night(last, currency, (parts if by_country else whole).filter(on=last))
