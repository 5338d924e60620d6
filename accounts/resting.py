"""What rests on an org unit for a time and ends with it: who covers it.

A room above registers its dated tables here once, from its AppConfig, so that a step of the structure ends their rows, and
takes that back, without importing upward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, models
from django.db.models import Q

from accounts.models import Account
from core.footprints import Row, restore, rows_of
from core.staging_periods import LOCK

Resting = dict[str, list[Row]]
_tables: dict[str, type[models.Model]] = {}


def ends_with_unit(model: type[models.Model]) -> None:
    """Register a table with `account`, `org_unit` and a period."""
    _tables[model._meta.label] = model


def resting_on(units: Collection[int], on: dt.date) -> Resting:
    """By table, what rests on `units` on a day or later, with nobody else changing any of it until the transaction ends."""
    _lock()
    lasting = Q(org_unit__in=units) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return _rows(dict.fromkeys(_tables, lasting))


def resting_again(rows: Mapping[str, list[Row]]) -> Resting:
    """The same rows as they stand now, without those that are gone."""
    return _rows({label: Q(pk__in=[row[0] for row in its]) for label, its in rows.items()})


def end_resting(rows: Mapping[str, list[Row]], on: dt.date) -> None:
    """Let them end on a day; what would not have begun by then is taken away."""
    for label, its in rows.items():
        found = _tables[label]._default_manager.filter(pk__in=[row[0] for row in its])
        found.filter(valid_from__gte=on).delete()
        found.update(valid_to=on)


def put_resting_back(account: Account, before: Mapping[str, list[Row]], after: Mapping[str, list[Row]]) -> None:
    """Inside `putting_back`."""
    for label, its in before.items():
        restore(_tables[label], _columns(_tables[label]), its, after[label], account=account)


def _rows(which: Mapping[str, Q]) -> Resting:
    return {label: rows_of(_tables[label], _columns(_tables[label]), its) for label, its in which.items()}


def _columns(model: type[models.Model]) -> list[str]:
    own: list[Any] = list(model._meta.concrete_fields)
    return ["id", *(field.attname for field in own if not field.primary_key and field.name != "account")]


def _lock() -> None:
    with connection.cursor() as cursor:
        for model in _tables.values():
            cursor.execute(LOCK, [f"periods of {model._meta.db_table}"])
