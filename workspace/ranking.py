"""Which customers have the most inside a node, by as few rows as say it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.access import scope_of
from rollups.account_queries import Runs, at_lens, rows_of_accounts
from rollups.measures import Measure
from workspace import sums
from workspace.ground import Ground, by_run
from workspace.periods import Period
from workspace.sums import Book

_RANKED = """
SELECT account_id, COALESCE(sum(minor) FILTER (WHERE measure = %s), 0) AS revenue,
       COALESCE(sum(minor) FILTER (WHERE measure = %s), 0) AS pipeline, count(*) OVER ()
  FROM ({held}) h (account_id, measure, minor) GROUP BY account_id ORDER BY revenue DESC, pipeline DESC, account_id LIMIT %s
"""


def largest(
    book: Book, ground: Ground, period: Period, measures: Collection[int], limit: int | None
) -> tuple[list[int], int]:
    """The accounts with the largest revenue inside `ground`, then the largest open pipeline; and how many have anything there."""
    texts: list[str] = []
    values: list[Any] = []
    for rows in _held(book, ground, period):
        named = rows.filter(measure__in=list(measures)).order_by()
        wanted = named.values_list("account_id", "measure", at_lens("minor", book.currency, book.rates))
        try:
            text, given = wanted.query.sql_with_params()
        except EmptyResultSet:  # the reader sees nothing there
            continue
        texts.append(text)
        values += given
    if not texts:
        return [], 0
    with connection.cursor() as cursor:
        held = " UNION ALL ".join(texts)
        cursor.execute(_RANKED.format(held=held), [book.measure, Measure.OPEN, *values, limit])
        found = cursor.fetchall()
    return [row[0] for row in found], found[0][-1] if found else 0


def _held(book: Book, ground: Ground, period: Period) -> list[QuerySet[Any]]:
    """What `book` holds inside `ground`: rows of whole years where its reader sees everything there."""
    scope = scope_of(book.viewer)
    if not (book.is_overlay or ground.is_unallocated or ground.country):
        runs = _runs(ground, period)
        if scope.is_everything or (runs is not None and scope.countries_now.issuperset(chain(*runs.values()))):
            return rows_of_accounts(first=period.first, last=period.last, runs=runs)
    return [book.account_cells().filter(sums.inside(ground, period))]


def _runs(ground: Ground, period: Period) -> Runs | None:
    """The countries of a region by their months of the period; None: everywhere."""
    if ground.is_everything:
        return None
    found: dict[tuple[int, int], list[str]] = {}
    for (first, last), countries in by_run(ground.spans()).items():
        months = max(first, period.first), min(last, period.last)
        if months[0] <= months[1]:
            found.setdefault(months, []).extend(countries)
    return found
