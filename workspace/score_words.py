"""What the parts of scores are called, and what each is read from."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pipeline.scores import ACCOUNT, MEMBER, OPPORTUNITY

Words = dict[str, tuple[Promise, Promise]]

PARTS: dict[str, Words] = {
    OPPORTUNITY: {
        "time_in_stage": (
            _("Time in stage"),
            _(
                "Days in its stage beside the median of finished stays: full up to the median, nothing at three times it."
            ),
        ),
        "close_date": (
            _("Close date kept"),
            _("How often the close date moved later: full if never, nothing from three times on."),
        ),
        "buying_roles": (
            _("Buying roles"),
            _("Roles that the stage asks for and that a contact of the deal has."),
        ),
        "amount": (
            _("Usual amount"),
            _(
                "The amount beside the median of what the account bought in three years: full up to twice, nothing at five times."
            ),
        ),
        "next_step": (
            _("Next step in time"),
            _("Full while the next step is not overdue, nothing two weeks after. Without a next step it is unknown."),
        ),
    },
    ACCOUNT: {
        "revenue": (
            _("Revenue trend"),
            _("12 whole months beside the 12 before at the same rates: nothing at a fifth less, full at a tenth more."),
        ),
        "contacts": (
            _("Key contacts"),
            _(
                "Decision makers, economic buyers and executives of whom the last contact is known: the share within 90 days."
            ),
        ),
        "alignment": (_("Alignment"), _("The account’s alignment of the night.")),
        "overdue": (_("Deals on time"), _("The share of open deals that are not past their close date.")),
        "bridges": (
            _("Effective bridges"),
            _("On how many of us the relationships rest: nothing on one person, full on three."),
        ),
    },
    MEMBER: {
        "pace": (_("Pace of the quota"), _("Prime shares of won deals to date beside what is due by working days.")),
        "win_rate": (
            _("Win rate"),
            _("Won of won and lost deals in 12 months, from five closed deals on: full at every second deal."),
        ),
        "coverage": (
            _("Pipeline coverage"),
            _("Open pipeline beside what is left of the quota: full at three times, or when the quota is met."),
        ),
        "age": (_("Age of open deals"), _("The median age in days: full up to 90, nothing from 365 on.")),
    },
}
