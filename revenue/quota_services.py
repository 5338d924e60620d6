"""Quotas of one scope and measure, set as a grid: by who configures the pipeline, and by leads for what stands below them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import last_change
from core.errors import DomainError, NotPermitted
from core.staging_periods import LOCK
from core.staging_rows import Cell, RowsRejected, write_rows
from revenue.loading import QUOTAS
from revenue.models import Quota, QuotaScope
from revenue.querysets import led_with_below
from teams.queries import line_of
from users.models import User
from users.permissions import Permission

Place = tuple[str, dt.date, dt.date]
"""The code of who is to reach it, and the half-open period."""
Given = tuple[Decimal, str]
"""An amount and its currency."""


class QuotasChanged(DomainError):
    """Somebody else changed these quotas after they were read. Nothing was written."""


def may_set_some(user: User) -> bool:
    """Whether `user` may set any quota: with the permission, or as the lead of a region."""
    return user.may(Permission.CONFIGURE_PIPELINE) or _leads(user)


def _leads(user: User) -> bool:
    return user.may(Permission.EDIT_FACTS) and bool(scope_of(user).region_ids)


def settable(*, by: User, scope: str) -> Callable[[str], bool]:
    """Of which codes of a scope `by` may set quotas. A lead: of the regions below hers and of who reports to her, never of
    her own."""
    if by.may(Permission.CONFIGURE_PIPELINE):
        return lambda _code: True
    if scope == QuotaScope.REGION and _leads(by):
        below = led_with_below(by) - set(scope_of(by).region_codes)
        return below.__contains__
    if scope == QuotaScope.MEMBER and _leads(by):
        reports = set(line_of(viewer=by)) - set(_own(by))
        return reports.__contains__
    return lambda _code: False


def _own(user: User) -> list[str]:
    member = getattr(user, "member", None)
    return [user.email, member.email] if member is not None else [user.email]


def quota_version(*, scope: str, measure: str) -> int:
    """Grows with every change of the quotas of a scope and measure."""
    return last_change.version_of(Quota, scope=scope, measure=measure)


@transaction.atomic
def save_quotas(*, scope: str, measure: str, cells: Mapping[Place, Given | None], version: int, by: User) -> int:
    """Set the quotas of `cells`, or take them away (None); all others stay. How many changed. `version` is that of
    `quota_version` when they were read.

    NotPermitted, QuotasChanged; DomainError for an amount or code that can't be. All or nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["quotas"])
    if quota_version(scope=scope, measure=measure) != version:
        raise QuotasChanged(_("Somebody changed these quotas after you opened them. Open them again."))
    stood = {
        (quota.scope_code, quota.period_start, quota.period_end): quota
        for quota in Quota.objects.filter(scope=scope, measure=measure)
    }
    changed = {place: given for place, given in cells.items() if _differs(stood.get(place), given)}
    may = settable(by=by, scope=scope)
    if any(not may(code) for code, _start, _end in changed):
        raise NotPermitted(_("You may not set the quota of all of these."))
    gone = [stood[place].pk for place, given in changed.items() if given is None]
    with pghistory.context(user=by.pk, reason=_("Quotas set as a grid.")):
        for quota in Quota.objects.filter(pk__in=gone):
            quota.delete()
        _write(scope, measure, {place: given for place, given in changed.items() if given is not None}, by)
    return len(changed)


def _differs(quota: Quota | None, given: Given | None) -> bool:
    return ((quota.amount, str(quota.currency_id)) if quota else None) != given


def _write(scope: str, measure: str, cells: Mapping[Place, Given], by: User) -> None:
    rows: list[dict[str, Cell]] = [
        {
            "scope": scope,
            "scope_code": code,
            "measure": measure,
            "period_start": start,
            "period_end": end,
            "amount": amount,
            "currency": currency,
        }
        for (code, start, end), (amount, currency) in cells.items()
    ]
    # Who may set which was asked above; a lead holds no right to the file as a whole.
    held = by.may(Permission.CONFIGURE_PIPELINE)
    spec = QUOTAS if held else replace(QUOTAS, permission=Permission.EDIT_FACTS)
    try:
        write_rows(spec, rows, by=by)
    except RowsRejected as error:
        raise DomainError(error.problems[0].reason) from error


@transaction.atomic
def undo_quotas(*, scope: str, measure: str, version: int, by: User) -> None:
    """Put the quotas of a scope and measure back as they stood before their last change: by who made it, or who configures
    the pipeline. NotPermitted; DomainError when something else was changed since."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["quotas"])
    last = last_change.last_change(Quota, scope=scope, measure=measure)
    is_own = last is not None and last.by == by.pk and may_set_some(by)
    if not (is_own or by.may(Permission.CONFIGURE_PIPELINE)):
        raise NotPermitted(_("You may not take this back."))
    with pghistory.context(user=by.pk, reason=_("Took back the last change of quotas.")):
        last_change.take_back(Quota, version=version, scope=scope, measure=measure)
