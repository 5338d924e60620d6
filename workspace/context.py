"""What the pages of every room know from here: where search is, and that the business date is pinned."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import clock, formats


def page(request: HttpRequest) -> dict[str, object]:
    """`find_url` and `as_of_notice` of the base template, for those who are signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"find_url": reverse("workspace:search"), "as_of_notice": _notice(scope_of(user).on)}


def _notice(day: dt.date) -> str:
    """What the banner says of the business date, which the reader's scope knows already; nothing when it is today."""
    if day == clock.today():
        return ""
    return _("Figures stand as of %(day)s: the organisation has pinned this date.") % {
        "day": formats.day(day, style="long")
    }
