"""What a deal's way to the purchase gives a manager to do: next steps that are due, stages it stands in for too long, people
who are missing. Sources of the work list."""

from __future__ import annotations

import datetime as dt
from math import ceil
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import BuyingRole
from accounts.team_forms import day_field
from accounts.work import Ask, Deed, Done, Found, Whose, WorkItem, WorkSource, gives_work
from core import formats
from pipeline import work_step_services
from pipeline.deal_models import NextStep
from pipeline.journey_queries import entered_stage, missing_roles, stage_medians
from pipeline.models import Opportunity
from pipeline.work_deals import deals_of, falls_to, item_of
from users.models import User

STEP, STALLED, ROLES = "next_step", "stalled", "missing_roles"
#: A median of fewer stays says nothing of what is usual.
LEAST_STAYS: Final = 5


class DoneForm(forms.Form):
    """Nothing is asked: the step is done."""


class StepForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("What is done next"), max_length=300)
    due_on = day_field(gettext_lazy("By"))


def _steps(ask: Ask) -> Found:
    """The open step of each deal that she sees, of whom it was given to; of nobody's step, of whom the deal falls to."""
    deals = Opportunity.objects.visible_to(ask.viewer).open()
    rows = NextStep.objects.filter(done_at__isnull=True, due_on__lte=ask.on, opportunity__in=deals)
    mine = Q(opportunity__in=deals.filter(falls_to(ask.viewer, ask.whose)))
    if ask.whose is Whose.MINE:
        mine = Q(member__user=ask.viewer) | Q(mine, member__isnull=True)
    if ask.account is not None:
        rows = rows.filter(opportunity__account=ask.account)
    found = rows.filter(mine).select_related("opportunity__account", "opportunity__stage").order_by("due_on", "pk")
    return Found(
        [
            item_of(step.opportunity, ask, since=step.due_on, due=step.due_on, facts={"text": step.text})
            for step in found
        ]
    )


def _why_step(item: WorkItem) -> str:
    assert item.due is not None
    return _("“%(step)s” was to be done by %(day)s.") % {"step": item.facts["text"], "day": formats.day(item.due)}


def _entered(ask: Ask) -> dict[int, dt.date]:
    """The day on which each deal came into its stage, where that is known."""

    def read() -> dict[int, dt.date]:
        found = entered_stage(deal_ids=[deal.pk for deal in deals_of(ask)])
        zone = timezone.get_default_timezone()
        return {pk: timezone.localdate(at, zone) for pk, at in found.items() if at is not None}

    return ask.once("entered", read)


def _stalled(ask: Ask) -> Found:
    deals = deals_of(ask)
    entered, medians = _entered(ask), stage_medians(viewer=ask.viewer)
    ahead = set(
        NextStep.objects.filter(done_at__isnull=True, due_on__gt=ask.on, opportunity__in=[d.pk for d in deals])
        .order_by()
        .values_list("opportunity_id", flat=True)
    )
    items = []
    for deal in deals:
        median, since = medians.get(deal.stage_id), entered.get(deal.pk)
        if median is None or median.stays < LEAST_STAYS or since is None or deal.pk in ahead:
            continue
        days = (ask.on - since).days
        if days > median.days:
            due = since + dt.timedelta(days=ceil(median.days))
            facts = {"stage": deal.stage.name, "days": days, "median": ceil(median.days), "stays": median.stays}
            items.append(item_of(deal, ask, since=due, due=due, facts=facts))
    return Found(items)


def _why_stalled(item: WorkItem) -> str:
    words = ngettext(
        "For %(days)s day in %(stage)s; half of the %(stays)s deals that left it did so within %(median)s.",
        "For %(days)s days in %(stage)s; half of the %(stays)s deals that left it did so within %(median)s.",
        item.facts["days"],
    )
    given = {name: formats.number(item.facts[name]) for name in ("days", "median", "stays")}
    return words % {**given, "stage": item.facts["stage"]}


def _missing(ask: Ask) -> Found:
    deals, entered = deals_of(ask), _entered(ask)
    missing = missing_roles(deals=deals)
    return Found(
        [
            item_of(deal, ask, since=entered.get(deal.pk), facts={"roles": missing[deal.pk], "stage": deal.stage.name})
            for deal in deals
            if deal.pk in missing
        ]
    )


def _why_missing(item: WorkItem) -> str:
    roles = ", ".join(str(BuyingRole(role).label) for role in item.facts["roles"])
    words = _("%(stage)s asks for people whom this deal has no contact for: %(roles)s.")
    return words % {"stage": item.facts["stage"], "roles": roles}


def _finish(*, key: str, by: User) -> Done:
    step = work_step_services.finish_step(pk=int(key), by=by)
    return Done(_("The step is done."), {"pk": int(key), "step": step})


def _reopen(*, by: User, pk: int, step: int) -> None:
    work_step_services.reopen_step(pk=pk, step=step, by=by)


def _plan(*, key: str, by: User, text: str, due_on: dt.date) -> Done:
    was = work_step_services.plan_step(pk=int(key), text=text, due_on=due_on, by=by)
    words = _("Next, by %(day)s: %(step)s") % {"day": formats.day(due_on), "step": text}
    return Done(words, {"pk": int(key), "text": text, "was": was})


def _unplan(*, by: User, pk: int, text: str, was: Any) -> None:
    work_step_services.unplan_step(pk=pk, text=text, was=was, by=by)


_FINISH = Deed(
    label=gettext_lazy("Next step"),
    verb=gettext_lazy("It is done"),
    form=DoneForm,
    carry_out=_finish,
    take_back=_reopen,
)
_PLAN = Deed(
    label=gettext_lazy("Next step"),
    verb=gettext_lazy("Set the next step"),
    form=StepForm,
    carry_out=_plan,
    take_back=_unplan,
)
_SOURCES = (
    WorkSource(
        code=STEP,
        label=gettext_lazy("Next steps due"),
        explains=gettext_lazy("A next step of an open deal, to be done today or before."),
        urgency=90,
        find=_steps,
        why=_why_step,
        deed=_FINISH,
    ),
    WorkSource(
        code=STALLED,
        label=gettext_lazy("Stalled deals"),
        explains=gettext_lazy(
            "Longer in its stage than half of the deals that left it, and no next step is set for a day ahead."
        ),
        urgency=60,
        find=_stalled,
        why=_why_stalled,
        deed=_PLAN,
    ),
    WorkSource(
        code=ROLES,
        label=gettext_lazy("Missing buying roles"),
        explains=gettext_lazy("The deal’s stage asks for somebody of the customer whom it has no contact for."),
        urgency=50,
        find=_missing,
        why=_why_missing,
        hint=gettext_lazy("Add the contact"),
    ),
)


def register() -> None:
    """Called once by this room's AppConfig."""
    for source in _SOURCES:
        gives_work(source)
