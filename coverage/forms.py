from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Structure
from core import months


class StructureForm(forms.Form):
    """Which structure to draw and on which day. The slider names a month: its last day is meant."""

    structure = forms.ChoiceField(choices=Structure.choices, required=False)
    on = forms.DateField(label=_("On the day"), required=False)
    month = forms.IntegerField(required=False, min_value=12, max_value=9999 * 12 - 1)
    unit = forms.CharField(required=False)

    def chosen(self, *, by_slider: bool) -> dict[str, Any]:
        """`structure` and `on` for the query; what could not be read is left to the default."""
        self.is_valid()
        given = self.cleaned_data
        day: dt.date | None = given.get("on")
        if given.get("month") and (by_slider or day is None):
            day = months.last_day(given["month"])
        return {"structure": given.get("structure", ""), "on": day}
