"""What deals give a manager to do, as sources of the work list."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.team_forms import day_field
from accounts.work import Ask, Deed, Done, Found, WorkItem, WorkSource, gives_work
from core import formats
from pipeline import work_services
from pipeline.work_deals import deals_of, item_of
from users.models import User

OVERDUE = "close_date"


class CloseDateForm(forms.Form):
    """When a deal is to close instead; `seen` is the day that stands."""

    close_date = day_field(gettext_lazy("Closes on"))
    seen = forms.DateField(widget=forms.HiddenInput)


def _overdue(ask: Ask) -> Found:
    return Found(
        [
            item_of(deal, ask, since=deal.close_date, due=deal.close_date, facts={"seen": deal.close_date})
            for deal in deals_of(ask)
            if deal.close_date < ask.on
        ]
    )


def _why_overdue(item: WorkItem) -> str:
    return _("Still open, and was to close on %(day)s.") % {"day": formats.day(item.facts["seen"])}


def _set_close_date(*, key: str, by: User, close_date: dt.date, seen: dt.date) -> Done:
    work_services.set_close_date(pk=int(key), to=close_date, seen=seen, by=by)
    back = {"pk": int(key), "to": seen.isoformat(), "seen": close_date.isoformat()}
    return Done(_("It closes on %(day)s now.") % {"day": formats.day(close_date)}, back)


def _put_back_close_date(*, by: User, pk: int, to: str, seen: str) -> None:
    day = dt.date.fromisoformat
    work_services.put_back_close_date(pk=pk, to=day(to), seen=day(seen), by=by)


def register() -> None:
    """Called once by this room's AppConfig."""
    gives_work(
        WorkSource(
            code=OVERDUE,
            label=gettext_lazy("Close dates that have passed"),
            explains=gettext_lazy("An open deal whose close date lies before the business date."),
            urgency=80,
            find=_overdue,
            why=_why_overdue,
            deed=Deed(
                label=gettext_lazy("Close date"),
                verb=gettext_lazy("Set the close date"),
                form=CloseDateForm,
                carry_out=_set_close_date,
                take_back=_put_back_close_date,
            ),
        )
    )
