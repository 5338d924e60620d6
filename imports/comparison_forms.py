from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Structure
from imports.subsidiaries import FIELDS


class ListForm(forms.Form):
    """A newer list of an account's units, and the day from which it holds."""

    file = forms.FileField(
        label=_("List of subsidiaries"),
        help_text=_("A CSV file, or an XLSX workbook whose first sheet is read. One line for each company."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )
    on = forms.DateField(
        label=_("Effective from"),
        help_text=_("The list is compared with the tree of this day, and what you accept holds from it on."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    structure = forms.ChoiceField(label=_("Structure"), choices=Structure.choices)
    is_complete = forms.BooleanField(
        label=_("The list is complete"),
        help_text=_("Companies that it does not name are shown as closed. Nothing closes before you accept it."),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class ColumnsForm(forms.Form):
    """What each column of a list holds."""

    def __init__(self, *args: Any, header: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in FIELDS.items():
            if name == "account":
                continue
            choices = [("", _("– not in this list –")), *((column, column) for column in header)]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=name == "name")
