"""What a plan touches, row by row: taken before and after it is carried out, compared and put back when it is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext as _

from core import codes, formats
from core.errors import DomainError
from core.footprints import Row, putting_back, restore, rows_of
from core.staging_periods import LOCK
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


def _rows(kind: str, which: Q) -> list[Row]:
    return rows_of(*_COLUMNS[kind], which)


def differing(changes: Sequence[Change], was: Footprint, now: Footprint) -> bool:
    """Whether somebody has changed something of it since."""
    return any(was.get(kind) != now[kind] for kind in ("links", "countries", "leads", "names"))


def put_back(before: Footprint, after: Footprint) -> None:
    """Make the rows of `after` those of `before` again. DomainError when what has been built on them stands in the way."""
    circle = _("It can't be taken back: a region would stand below itself, because of a move made since.")
    changed = _("It can't be taken back: something of it was changed since.")
    with putting_back(circle=DomainError(circle), taken=DomainError(changed)):
        for kind, (model, columns) in _COLUMNS.items():
            restore(model, columns, before[kind], after[kind])
        _names(dict(before["names"]), dict(after["names"]))


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
