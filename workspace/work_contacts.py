"""People at customers who went quiet, as sources of the work list; those of whom nobody knows when they were last met are a kind
of their own, and never taken for quiet."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import contact_services
from accounts.models import Contact, Relationship
from accounts.team_forms import day_field
from accounts.work import Ask, Deed, Done, Found, Whose, WorkItem, WorkSource, gives_work
from core import formats
from users.models import User
from users.permissions import Permission
from workspace.work_models import USUAL_DAYS, ContactRhythm

QUIET, NEVER = "quiet_contact", "unknown_contact"
AT_ONCE: Final = 2000


class ContactForm(forms.Form):
    """When somebody was met; `seen` is the day that stands so far."""

    on = day_field(gettext_lazy("Met on"))
    seen = forms.DateField(widget=forms.HiddenInput, required=False)


def _known(ask: Ask) -> QuerySet[Any]:
    """One row a contact: when any of those asked about last met her."""
    rows = Relationship.objects.visible_to(ask.viewer)
    if ask.whose is Whose.MINE:
        rows = rows.filter(member__user=ask.viewer)
    elif ask.whose is Whose.ACCOUNTS:
        rows = rows.filter(contact__account__in=ask.scope.whole_account_ids)
    if ask.account is not None:
        rows = rows.filter(contact__account=ask.account)
    return rows.order_by().values("contact", "contact__account__tier").annotate(last=Max("last_contact_on"))


def _quiet(ask: Ask) -> Found:
    rhythms = dict(ContactRhythm.objects.values_list("tier", "days"))
    late = ~Q(contact__account__tier__in=rhythms) & Q(last__lt=_before(ask.on, USUAL_DAYS))
    late |= Q(contact__account__tier__isnull=True, last__lt=_before(ask.on, USUAL_DAYS))
    for tier, days in rhythms.items():
        late |= Q(contact__account__tier=tier, last__lt=_before(ask.on, days))
    rows = list(_known(ask).filter(late).order_by("last", "contact")[: AT_ONCE + 1])
    items = []
    people = _people(row["contact"] for row in rows)
    for row in rows[:AT_ONCE]:
        days = rhythms.get(row["contact__account__tier"], USUAL_DAYS)
        due = row["last"] + dt.timedelta(days=days)
        facts = {"seen": row["last"], "days": days}
        items.append(_item(people[row["contact"]], ask, since=due, due=due, facts=facts))
    return Found(items, _beyond(rows))


def _never(ask: Ask) -> Found:
    rows = list(_known(ask).filter(last__isnull=True).order_by("contact")[: AT_ONCE + 1])
    people = _people(row["contact"] for row in rows)
    return Found([_item(people[row["contact"]], ask, facts={"seen": None}) for row in rows[:AT_ONCE]], _beyond(rows))


def _before(on: dt.date, days: int) -> dt.date:
    return on - dt.timedelta(days=days)


def _beyond(rows: list[Any]) -> str:
    if len(rows) <= AT_ONCE:
        return ""
    return _("Of people who went quiet only the first %(n)s are listed. Choose an account to see all of its.") % {
        "n": formats.number(AT_ONCE)
    }


def _people(ids: Any) -> dict[int, Contact]:
    found = Contact.objects.filter(pk__in=list(ids)).select_related("account")
    return {contact.pk: contact for contact in found}


def _item(contact: Contact, ask: Ask, **more: Any) -> WorkItem:
    more["facts"] = {**more["facts"], "title": contact.title}
    return WorkItem(
        key=str(contact.pk),
        subject=str(contact),
        url=reverse("accounts:people", args=[contact.account.code]),
        account_code=contact.account.code,
        account=contact.account.name,
        may_act=ask.viewer.may(Permission.EDIT_ACCOUNTS),
        **more,
    )


def _why_quiet(item: WorkItem) -> str:
    days = item.facts["days"]
    words = ngettext(
        "Last met on %(day)s; this tier’s contacts are met every day.",
        "Last met on %(day)s; this tier’s contacts are met every %(n)d days.",
        days,
    )
    return words % {"day": formats.day(item.facts["seen"]), "n": days}


def _why_never(item: WorkItem) -> str:
    return _("Nobody has noted when this person was last met.")


def _note(*, key: str, by: User, on: dt.date, seen: dt.date | None) -> Done:
    before = contact_services.note_contact(contact=int(key), on=on, by=by)
    back = {"contact": int(key), "on": on.isoformat(), **before}
    return Done(_("Met on %(day)s: noted.") % {"day": formats.day(on)}, back)


def _take_back(*, by: User, contact: int, on: str, was: str | None, is_new: bool) -> None:
    before = dt.date.fromisoformat(was) if was else None
    contact_services.forget_contact(contact=contact, on=dt.date.fromisoformat(on), was=before, is_new=is_new, by=by)


_DEED = Deed(
    label=gettext_lazy("Contact"),
    verb=gettext_lazy("Note a contact"),
    form=ContactForm,
    carry_out=_note,
    take_back=_take_back,
)


def register() -> None:
    """Called once by this room's AppConfig."""
    gives_work(
        WorkSource(
            code=QUIET,
            label=gettext_lazy("Contacts gone quiet"),
            explains=gettext_lazy("Nobody met this person for longer than the tier’s rhythm."),
            urgency=40,
            find=_quiet,
            why=_why_quiet,
            deed=_DEED,
        )
    )
    gives_work(
        WorkSource(
            code=NEVER,
            label=gettext_lazy("Last contact not known"),
            explains=gettext_lazy("A relationship without a date: whether this person went quiet is unknown."),
            urgency=10,
            find=_never,
            why=_why_never,
            deed=_DEED,
        )
    )
