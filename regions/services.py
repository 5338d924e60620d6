"""Changes of our own geography. Each is dated; history stays as it was. All go through the path that imports take."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import formats
from core.errors import DomainError
from core.staging_rows import RowsRejected, write_rows
from regions.conflicts import belongs_since
from regions.loading import REGION_COUNTRIES, REGION_LEADS, REGION_LINKS, REGIONS
from regions.models import Region, RegionCountry, RegionLead, RegionLink
from users.models import User


class PeriodInTheWay(DomainError):
    """A later period begins on or after the day that was asked for: it must end first, or a later day be chosen."""


@transaction.atomic
def add_region(*, code: str, name: str, parent_code: str = "", on: dt.date | None = None, by: User) -> None:
    """Make a region, below another from a day on, or a root. Raises NotPermitted and DomainError with a field."""
    row = {"code": code, "name": name, "parent_code": parent_code or None, "valid_from": on}
    _write(REGIONS, row, by=by, create_only=True, fields={"parent_code": "parent", "valid_from": "on"})


def rename_region(*, code: str, name: str, by: User) -> None:
    """A name has no date: what was reported under the old one is read under the new one."""
    _write(REGIONS, {"code": code, "name": name}, by=by)


@transaction.atomic
def move_region(*, code: str, parent_code: str, on: dt.date, by: User) -> None:
    """Put a region with all below it under another from a day on; without a parent it becomes a root.

    Raises PeriodInTheWay when its place is already settled from that day or a later one.
    """
    region = Region.objects.get(code=code)
    later = RegionLink.objects.filter(child=region, valid_from__gte=on).select_related("parent").order_by("valid_from")
    _refuse_later(region.name, [(link.parent.name, link.valid_from) for link in later])
    standing = RegionLink.objects.filter(child=region).as_of(on).select_related("parent").first()
    if (standing.parent.code if standing else "") == parent_code:
        raise DomainError(_("It stands there already on that day."), field="parent")
    row = {"child_code": code, "parent_code": parent_code or None, "valid_from": on}
    _write(REGION_LINKS, row, by=by, fields={"parent_code": "parent", "valid_from": "on"})


@transaction.atomic
def move_country(*, country: str, region_code: str, on: dt.date, by: User) -> None:
    """Put a country into a region from a day on. Raises PeriodInTheWay as `move_region` does."""
    later = RegionCountry.objects.filter(country=country, valid_from__gte=on).select_related("region")
    _refuse_later(formats.country(country), [(row.region.name, row.valid_from) for row in later.order_by("valid_from")])
    if RegionCountry.objects.filter(country=country, region__code=region_code).as_of(on).exists():
        raise DomainError(_("It belongs to this region already on that day."), field="country")
    row = {"region_code": region_code, "country": country, "valid_from": on}
    _write(REGION_COUNTRIES, row, by=by, fields={"region_code": "region", "valid_from": "on"})


@transaction.atomic
def end_country(*, country: str, on: dt.date, by: User) -> None:
    """Take a country out of its region from a day on: it is unallocated then."""
    standing = RegionCountry.objects.filter(country=country).as_of(on).select_related("region").first()
    if standing is None or standing.valid_from == on:
        raise DomainError(_("It belongs to no region before that day."), field="on")
    row = {"region_code": standing.region.code, "country": country, "valid_from": standing.valid_from, "valid_to": on}
    _write(REGION_COUNTRIES, row, by=by, fields={"valid_to": "on"})


@transaction.atomic
def end_region(*, code: str, on: dt.date, by: User) -> None:
    """Close a region from a day on. DomainError while countries or regions still belong to it then."""
    region = Region.objects.get(code=code)
    left = [formats.country(str(row.country)) for row in RegionCountry.objects.filter(region=region).as_of(on)]
    left += [link.child.name for link in RegionLink.objects.filter(parent=region).as_of(on).select_related("child")]
    if left:
        named = ", ".join(sorted(left)[:5])
        text = _("On that day it still holds %(names)s. Move them elsewhere first.")
        raise DomainError(text % {"names": f"{named} …" if len(left) > 5 else named}, field="on")
    move_region(code=code, parent_code="", on=on, by=by)


@transaction.atomic
def assign_lead(*, code: str, email: str, on: dt.date, until: dt.date | None = None, by: User) -> None:
    """Let a user lead a region from a day on, until another or for good. Several may lead at once."""
    row = {"region_code": code, "user_email": email, "valid_from": on, "valid_to": until}
    _write(REGION_LEADS, row, by=by, fields={"user_email": "user", "valid_from": "on", "valid_to": "until"})


@transaction.atomic
def end_lead(*, lead_id: int, on: dt.date, by: User) -> None:
    """Let somebody cease to lead a region on a day. A lead that would not have begun by then is taken back."""
    lead = RegionLead.objects.select_related("region", "user").get(pk=lead_id)
    row = {
        "region_code": lead.region.code,
        "user_email": lead.user.email,
        "valid_from": lead.valid_from,
        "valid_to": on,
    }
    _write(REGION_LEADS, row, by=by, fields={"valid_to": "on"})


@transaction.atomic
def end_stint(*, code: str, email: str, on: dt.date, by: User) -> None:
    """Let whoever leads a region on a day cease to on that day. DomainError when she does not lead it before."""
    led = RegionLead.objects.filter(region__code=code, user__email=email, valid_from__lt=on).as_of(on)
    lead = led.select_related("region").first()
    if lead is None:
        raise DomainError(_("Nobody with this address leads it before that day."), field="on")
    end_lead(lead_id=lead.pk, on=on, by=by)


def _refuse_later(what: str, periods: list[tuple[str, dt.date]]) -> None:
    if periods:
        where, since = periods[-1]
        raise PeriodInTheWay(belongs_since(what, where, since), field="on")


def _write(spec: Any, row: dict[str, Any], *, by: User, fields: dict[str, str] | None = None, **how: Any) -> None:
    """One row; what is refused names the form's field."""
    try:
        write_rows(spec, [row], by=by, **how)
    except RowsRejected as error:
        problem = error.problems[0]
        raise DomainError(problem.reason, field=(fields or {}).get(problem.column, problem.column) or None) from error
