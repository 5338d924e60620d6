from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Structure
from core import months


class StructureForm(forms.Form):
    """Which structure to draw and on which day. The slider names a month: its last day is meant.

    `was` is the day that the page shows: while the day stands as it was, it is the slider that has moved.
    """

    structure = forms.ChoiceField(choices=Structure.choices, required=False)
    on = forms.DateField(label=_("On the day"), required=False)
    month = forms.IntegerField(required=False, min_value=12, max_value=9999 * 12 - 1)
    was = forms.DateField(required=False)
    unit = forms.CharField(required=False)

    def chosen(self) -> dict[str, Any]:
        """`structure` and `on` for the query; what could not be read is left to the default."""
        self.is_valid()
        given = self.cleaned_data
        day: dt.date | None = given.get("on")
        month, was = given.get("month"), given.get("was")
        if month and (day is None or (day == was and month != months.month_of(day))):
            day = months.last_day(month)
        return {"structure": given.get("structure", ""), "on": day}


class BranchForm(forms.Form):
    """Which units the chart asks for: those below `unit`, an id (none: at the top), after the first `since`."""

    unit = forms.IntegerField(required=False, min_value=1)
    since = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)

    def unit_id(self) -> int | None:
        return self._given("unit")

    def after(self) -> int:
        return self._given("since") or 0

    def _given(self, name: str) -> int | None:
        self.is_valid()
        value: int | None = self.cleaned_data.get(name)
        return value
