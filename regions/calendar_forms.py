from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import formats
from core.weekdays import WEEKDAYS
from regions.forms import day_field
from regions.standards import zones_of


class ListForm(forms.Form):
    """Which countries the list shows."""

    SHOWN = (("regions", _("In our regions")), ("decided", _("Decided here")), ("all", _("All")))
    show = forms.ChoiceField(choices=SHOWN, required=False)
    q = forms.CharField(max_length=60, required=False, strip=True)

    def chosen(self) -> tuple[str, str]:
        """What to show and what is searched for; a search without a choice looks through all countries."""
        given = self.cleaned_data if self.is_valid() else {}
        search = given.get("q", "")
        return given.get("show") or ("all" if search else "regions"), search


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=1990, max_value=2100)

    def chosen(self, default: int) -> int:
        return int(self.cleaned_data["year"]) if self.is_valid() else default


class WeekForm(forms.Form):
    """A country's week-end and where its places are, from a day on."""

    weekend = forms.MultipleChoiceField(
        label=_("Days that are not worked"), required=False, widget=forms.CheckboxSelectMultiple
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone of places that name none"),
        required=False,
        widget=forms.Select(attrs={"data-search": ""}),
    )
    on = day_field(_("From the day"), required=False, help_text=_("Empty: since ever."))
    until = day_field(_("Until before the day"), required=False, help_text=_("Empty: for good."))

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days, zones = self.fields["weekend"], self.fields["time_zone"]
        assert isinstance(days, forms.MultipleChoiceField)
        assert isinstance(zones, forms.ChoiceField)
        days.choices = [(day, formats.weekday(day)) for day in WEEKDAYS]
        own = zones_of(country) or sorted(zoneinfo.available_timezones())
        zones.choices = [("", _("As far as all its zones agree")), *((zone, zone) for zone in own)]


class DayForm(forms.Form):
    """One day that is off, or worked."""

    WORKS = (("off", _("A day off")), ("worked", _("Worked")))
    day = day_field(_("Day"))
    works = forms.ChoiceField(label=_("It is"), choices=WORKS)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)


class TakeBackForm(forms.Form):
    """A decision that is forgotten."""

    pk = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
