from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries

from core import formats
from regions.models import Region
from users.models import User

NO_PARENT = "/"
Choices = list[tuple[str, str]]


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _offer(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _regions(without: str = "") -> Choices:
    named = Region.objects.order_by("name", "id").values_list("code", "name")
    return [(code, name) for code, name in named if code != without]


class DayForm(forms.Form):
    """The day on which the tree is shown."""

    on = day_field(_("On the day"), required=False)

    def day(self, today: dt.date) -> dt.date:
        return (self.cleaned_data.get("on") if self.is_valid() else None) or today


class AddRegionForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Short and lasting, as in files: DACH."))
    name = forms.CharField(label=_("Name"), max_length=200)
    parent = forms.ChoiceField(label=_("Below"), required=False)
    on = day_field(_("From the day"), required=False, help_text=_("Empty: since ever."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "parent", [("", _("Nothing: it is a root")), *_regions()])


class RenameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)


class MoveForm(forms.Form):
    parent = forms.ChoiceField(label=_("Move below"))
    on = day_field(_("From the day"))

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(
            self,
            "parent",
            [
                ("", "–"),
                *_regions(without=code),
                (NO_PARENT, _("Nothing: it becomes a root")),
            ],
        )


class CountryForm(forms.Form):
    """A country comes into a region."""

    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"data-search": ""}))
    on = day_field(_("From the day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((str(code), formats.country(str(code))) for code, _n in countries), key=lambda pair: pair[1])
        _offer(self, "country", [("", "–"), *named])


class EndForm(forms.Form):
    """Something ends on a day: a region, a country's time in it, somebody's lead."""

    on = day_field(_("From the day"))


class LeadForm(forms.Form):
    user = forms.ChoiceField(label=pgettext_lazy("of a region", "Lead"), widget=forms.Select(attrs={"data-search": ""}))
    on = day_field(_("From the day"))
    until = day_field(_("Until before the day"), required=False, help_text=_("Empty: for good."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = User.objects.filter(is_active=True).order_by("family_name", "given_name", "email")
        _offer(self, "user", [("", "–"), *((user.email, f"{user} · {user.email}") for user in users)])
