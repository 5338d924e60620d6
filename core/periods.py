"""Half-open periods `[valid_from, valid_to)` on calendar days.

An open start is stored as `BEGINNING` (0001-01-01), never null, so that a period always has a plain key;
an open end is null. The database refuses overlaps: `no_overlap` builds the exclusion constraint, deferred so
that one statement may close a period and open the next in any row order.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

BEGINNING = dt.date(1, 1, 1)

_M_co = TypeVar("_M_co", bound=models.Model, covariant=True)


class DateRange(models.Func):
    """SQL `daterange(valid_from, valid_to, '[)')`."""

    function = "DATERANGE"
    output_field = DateRangeField()


class DatedQuerySet(models.QuerySet[_M_co]):
    """Rows that hold for a period."""

    def as_of(self, day: dt.date) -> DatedQuerySet[_M_co]:
        """Rows whose period contains `day`."""
        return self.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day), valid_from__lte=day)


class Dated(models.Model):
    """Columns of a row that holds for a half-open period. Abstract: it makes no table."""

    valid_from = models.DateField(_("valid from"), default=BEGINNING)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        abstract = True


def period_in_order(name: str) -> models.CheckConstraint:
    """Check that a period is not empty: `valid_from < valid_to` when it has an end."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
        violation_error_message=_("A period must end after it starts."),
    )


def no_overlap(name: str, *fields: str, condition: models.Q | None = None) -> ExclusionConstraint:
    """Exclude two rows with equal `fields` whose periods share a day. Deferred to the end of the transaction."""
    expressions: list[Any] = [(field, RangeOperators.EQUAL) for field in fields]
    period = DateRange("valid_from", "valid_to", RangeBoundary())
    return ExclusionConstraint(
        name=name,
        expressions=[*expressions, (period, RangeOperators.OVERLAPS)],
        condition=condition,
        deferrable=models.Deferrable.DEFERRED,
        violation_error_message=_("Two periods overlap."),
    )
