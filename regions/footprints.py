"""What a plan touches, row by row: taken before and after it is carried out, compared and put back when it is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import codes, formats
from core.errors import DomainError
from core.staging_periods import LOCK
from core.trees import CYCLE_SQLSTATE
from regions.models import Region, RegionCountry, RegionLead, RegionLink
from regions.plan import Change, Kind

Footprint = dict[str, Any]
_COLUMNS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "links": (RegionLink, ("id", "child_id", "parent_id", "valid_from", "valid_to")),
    "countries": (RegionCountry, ("id", "country", "region_id", "valid_from", "valid_to")),
    "leads": (RegionLead, ("id", "region_id", "user_id", "valid_from", "valid_to")),
}


def lock() -> None:
    """Let nobody else change the geography until the transaction ends; in the order in which files are loaded."""
    with connection.cursor() as cursor:
        for model, _columns in _COLUMNS.values():
            cursor.execute(LOCK, [f"periods of {model._meta.db_table}"])


def taken(changes: Sequence[Change]) -> Footprint:
    """Every row of the things that `changes` are about, in four statements. Rows are lists of plain values."""
    places = [c.region for c in changes if c.kind in (Kind.ADD, Kind.MOVE)]
    countries = [c.country for c in changes if c.kind is Kind.COUNTRY]
    led = Q(pk__in=[])
    for change in changes:
        if change.kind in (Kind.APPOINT, Kind.END):
            led |= Q(region__code=change.region, user__email=change.email)
    named = [c.region for c in changes if c.kind in (Kind.ADD, Kind.RENAME)]
    return {
        "links": _rows("links", Q(child__code__in=places)),
        "countries": _rows("countries", Q(country__in=countries)),
        "leads": _rows("leads", led),
        "names": [
            list(row) for row in Region.objects.filter(code__in=named).order_by("id").values_list("code", "name")
        ],
    }


def _rows(kind: str, which: Q) -> list[list[Any]]:
    model, columns = _COLUMNS[kind]
    found = model._default_manager.filter(which).order_by("id").values_list(*columns)
    return [[_plain(value) for value in row] for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)


def differing(changes: Sequence[Change], was: Footprint, now: Footprint) -> bool:
    """Whether somebody has changed something of it since."""
    return any(was.get(kind) != now[kind] for kind in ("links", "countries", "leads", "names"))


def put_back(before: Footprint, after: Footprint) -> None:
    """Make the rows of `after` those of `before` again. DomainError when what has been built on them stands in the way."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for kind in _COLUMNS:
                _restore(kind, before[kind], after[kind])
            _names(dict(before["names"]), dict(after["names"]))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) != CYCLE_SQLSTATE:
            raise
        text = _("It can't be taken back: a region would stand below itself, because of a move made since.")
        raise DomainError(text) from error


def _restore(kind: str, before: list[list[Any]], after: list[list[Any]]) -> None:
    model, columns = _COLUMNS[kind]
    wanted = {row[0]: row for row in before}
    model._default_manager.filter(pk__in=[row[0] for row in after if row[0] not in wanted]).delete()
    held = {row[0]: row for row in after}
    changed = [_made(model, columns, row) for pk, row in wanted.items() if pk in held and held[pk] != row]
    if changed:
        model._default_manager.bulk_update(changed, columns[1:])
    model._default_manager.bulk_create([_made(model, columns, row) for pk, row in wanted.items() if pk not in held])


def _made(model: type[models.Model], columns: Iterable[str], row: list[Any]) -> models.Model:
    values = dict(zip(columns, row, strict=True))
    for name in ("valid_from", "valid_to"):
        values[name] = dt.date.fromisoformat(values[name]) if values[name] else None
    return model(**values)


def _names(before: dict[str, str], after: dict[str, str]) -> None:
    for code, name in before.items():
        if after.get(code) != name:
            Region.objects.filter(code=code).update(name=name)
    for region in Region.objects.filter(code__in=after.keys() - before.keys()):
        _refuse_in_use(region)
        region.delete()


def _refuse_in_use(region: Region) -> None:
    """A region that the plan had added goes only when nothing else has come to it since."""
    held = [row.child.name for row in RegionLink.objects.filter(parent=region).select_related("child")]
    held += [formats.country(str(row.country)) for row in RegionCountry.objects.filter(region=region)]
    held += [str(row.user) for row in RegionLead.objects.filter(region=region).select_related("user")]
    held += [f"{number} {what}" for what, number in codes.held_by_code("region", region.code).items()]
    if held:
        text = _("It can't be taken back: %(region)s, which it added, holds %(what)s by now.")
        raise DomainError(text % {"region": region.name, "what": ", ".join(held[:5])})
