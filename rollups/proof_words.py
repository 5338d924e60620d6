"""What stands in a proof, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats, months
from rollups.proof import NO_AMOUNT, NO_RATE, OMITTED, OTHER_KIND, RESTRICTED, Leg


def leg_words(leg: Leg) -> str:
    """Where a rate comes from: "spot, published 2024-01-12", "mean of 21 days of Jan 2023", "base"."""
    if leg.is_base:
        return _("base of %(set)s") % {"set": leg.rate_set}
    if leg.month is not None:
        words = ngettext(
            "%(set)s, mean of %(days)d day of %(month)s", "%(set)s, mean of %(days)d days of %(month)s", leg.days
        )
        return words % {"set": leg.rate_set, "days": leg.days, "month": formats.month(months.first_day(leg.month))}
    assert leg.date is not None  # a rate that is no mean and not the base was published on a day
    return _("%(set)s, published %(day)s") % {"set": leg.rate_set, "day": leg.date.isoformat()}


def reason_words(reason: str, of: str = "") -> str:
    """Why facts are not in a figure."""
    kinds = {"booked": _("booked"), "billed": _("billed"), "recognised": _("recognised")}
    words = {
        NO_RATE: _("No rate in reach: counted, and never priced."),
        OMITTED: _("Deals set aside from the forecast (category omitted)."),
        NO_AMOUNT: _("Deals without an amount: counted, and they add no money."),
        OTHER_KIND: _("Revenue of another kind (%(kind)s); kinds are never added.") % {"kind": kinds.get(of, of)},
        RESTRICTED: _("Some facts are not for you to see."),
    }
    return words[reason]
