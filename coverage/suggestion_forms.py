from __future__ import annotations

import datetime as dt
from typing import TypedDict

from django import forms


class Slot(TypedDict):
    """A unit by its code, and a role by its own."""

    unit_code: str
    role: str


class SlotForm(forms.Form):
    """Which slot on which day; what could not be read is left to the default."""

    unit = forms.CharField(required=False)
    role = forms.CharField(required=False)
    on = forms.DateField(required=False)

    def slot(self) -> Slot:
        self.is_valid()
        return {"unit_code": self.cleaned_data.get("unit", ""), "role": self.cleaned_data.get("role", "")}

    @property
    def day(self) -> dt.date | None:
        self.is_valid()
        return self.cleaned_data.get("on")
