from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Tier
from accounts.work import Whose, source_of
from workspace.work_models import LONGEST_DAYS, USUAL_DAYS, ContactRhythm
from workspace.work_queries import Chosen

WHOSE = {Whose.MINE: _("Mine"), Whose.ACCOUNTS: _("My accounts"), Whose.SIGHT: _("All I see")}


class WorkFilter(forms.Form):
    """What of the list is shown; what can't be read narrows nothing."""

    whose = forms.ChoiceField(required=False, choices=[(one.value, words) for one, words in WHOSE.items()])
    kind = forms.CharField(required=False, max_length=40)
    account = forms.CharField(label=_("Account"), required=False, max_length=60)
    show = forms.ChoiceField(required=False, choices=[("snoozed", "")])

    def chosen(self) -> Chosen:
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        kind = given.get("kind", "")
        return Chosen(
            whose=Whose(given["whose"]) if given.get("whose") else None,
            kind=kind if source_of(kind) else "",
            account=given.get("account", ""),
            is_snoozed=given.get("show") == "snoozed",
        )


class SnoozeForm(forms.Form):
    """Which thing, and until when: a day, or one of the days that the menu offers."""

    source = forms.CharField(max_length=40)
    key = forms.CharField(max_length=120)
    until = forms.DateField(required=False)
    day = forms.DateField(required=False)

    @property
    def until_day(self) -> dt.date | None:
        """A day that was pressed goes before one that was typed."""
        found: dt.date | None = self.cleaned_data.get("day") or self.cleaned_data.get("until")
        return found


class RhythmForm(forms.Form):
    """After how many days without a contact the people of each tier count as gone quiet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = dict(ContactRhythm.objects.values_list("tier_id", "days"))
        for tier in Tier.objects.order_by("position", "code"):
            self.fields[tier.pk] = forms.IntegerField(
                label=tier.name,
                required=False,
                min_value=1,
                max_value=LONGEST_DAYS,
                initial=days.get(tier.pk),
                help_text=_("Days; empty: %(days)s, as for accounts without a tier.") % {"days": USUAL_DAYS},
            )
