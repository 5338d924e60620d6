from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from coverage.proposals import Offered

NOTHING = ("", "–")


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class ProposalForm(forms.Form):
    """What to find the best assignment for."""

    account = forms.ChoiceField(label=_("Account"), required=False, widget=forms.Select(attrs={"data-search": ""}))
    region = forms.ChoiceField(label=_("Or region"), required=False)
    on = day_field(_("From the day"))
    team_only = forms.BooleanField(label=_("Only members who are in the account's team"), required=False)
    improves = forms.BooleanField(
        label=_("Slots that are covered in part too"),
        help_text=_("Inherited, or by somebody without the language or hours. Nobody's coverage is taken away."),
        required=False,
    )
    takes_unknown = forms.BooleanField(
        label=_("Members whose weekly hours are unknown too"),
        help_text=_("Their hours can't be limited; the band still is."),
        required=False,
    )

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [NOTHING, *offered.accounts]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["region"].choices = [NOTHING, *offered.regions]  # type: ignore[attr-defined]  # the same


class AcceptForm(forms.Form):
    """Which lines of a proposal to accept, and from which day."""

    valid_from = day_field(_("From the day"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.chosen = [int(text) for text in data.getlist("post") if text.isdecimal()] if data is not None else []

    @property
    def day(self) -> dt.date:
        day: dt.date = self.cleaned_data["valid_from"]
        return day
