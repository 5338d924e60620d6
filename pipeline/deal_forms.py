"""The forms beside a deal: who is in it, who else sells there, what comes next, and where it goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import BuyingRole
from accounts.team_forms import day_field, member_choices
from pipeline.deal_queries import competitor_choices, contact_choices, stage_choices
from pipeline.forms import NOTHING
from pipeline.models import Opportunity, Outcome, Stage
from users.models import User


class _Choosing(forms.Form):
    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class ContactForm(_Choosing):
    contact = forms.ChoiceField(label=_("Contact"), widget=forms.Select(attrs={"data-search": ""}))
    buying_role = forms.ChoiceField(
        label=_("Part in the purchase"),
        required=False,
        choices=[("", _("As in the contact’s record")), *BuyingRole.choices],
    )

    def __init__(self, *args: Any, viewer: User, account_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("contact", [NOTHING, *contact_choices(viewer=viewer, account_id=account_id)])


class CompetitorForm(_Choosing):
    competitor = forms.ChoiceField(label=_("Competitor"))
    is_incumbent = forms.BooleanField(label=_("Supplies the customer today"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("competitor", [NOTHING, *competitor_choices()])

    @property
    def has_choice(self) -> bool:
        """Whether an administrator has named any."""
        return len(self.fields["competitor"].choices) > 1  # type: ignore[attr-defined]  # a ChoiceField


class NextStepForm(_Choosing):
    text = forms.CharField(label=_("What is done next"), max_length=300)
    due_on = day_field(_("Due on"), required=False)
    member = forms.ChoiceField(label=_("Who"), required=False, widget=forms.Select(attrs={"data-search": ""}))

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("member", member_choices(viewer))


class MoveForm(_Choosing):
    """Where a deal goes. `reason` is asked for only once criteria are not met, `closed_on` only of a deal that ends."""

    stage = forms.ChoiceField(label=_("Stage"))
    closed_on = day_field(
        _("Won or lost on"), required=False, help_text=_("Only for a deal that ends: its business date.")
    )
    reason = forms.CharField(
        label=_("Why it goes on without them"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the stage history."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Opportunity, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("stage", stage_choices(current=deal.stage_id))
        self.fields["closed_on"].initial = on
        self.asks_reason = False

    @property
    def asks_day(self) -> bool:
        """Whether the chosen stage ends a deal; without scripts the day stands there anyway."""
        chosen = self["stage"].value()
        return Stage.objects.filter(pk=chosen).exclude(outcome=Outcome.OPEN).exists()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.asks_day and not given.get("closed_on") and "closed_on" not in self.errors:
            self.add_error("closed_on", _now("Say on which day it was won or lost."))
        return given
