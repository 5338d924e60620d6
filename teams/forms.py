from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from core import formats
from core.languages import CEFR, MASTERY_PATTERN
from core.weekdays import WEEKDAYS
from teams.models import Level, Member

_TIME = {"type": "time"}


class MemberForm(forms.Form):
    """Everything about a member but her login, which is given under “People and access”."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    given_name = forms.CharField(label=_("Given name"), max_length=150, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"))
    level = forms.ChoiceField(label=_("Level"), choices=[("", "–"), *Level.choices], required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, widget=forms.Select(attrs={"data-search": ""}))
    time_zone = forms.CharField(label=_("Time zone"), max_length=64, required=False, help_text=_("Such as Asia/Tokyo."))
    languages = forms.CharField(
        label=_("Languages"),
        required=False,
        help_text=_("Codes with a level of the CEFR, separated by semicolons: en:C2; de:B1. Empty: unknown."),
    )
    skills = forms.CharField(label=_("Skills"), required=False, help_text=_("Separated by semicolons."))
    weekly_hours = forms.DecimalField(
        label=_("Weekly hours"), required=False, min_value=0, max_value=168, max_digits=5, decimal_places=2
    )
    manager_email = forms.ChoiceField(
        label=_("Manager"), required=False, widget=forms.Select(attrs={"data-search": ""})
    )
    works_from = forms.TimeField(
        label=_("Works from"),
        required=False,
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
        help_text=_("Empty: 09:00."),
    )
    works_to = forms.TimeField(
        label=_("Works until"),
        required=False,
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
        help_text=_("Empty: 17:00."),
    )
    working_days = forms.MultipleChoiceField(
        label=_("Working days"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: the week of the country."),
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((str(code), formats.country(str(code))) for code, _name in countries), key=lambda pair: pair[1])
        self.fields["country"].choices = [("", "–"), *named]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["manager_email"].choices = people  # type: ignore[attr-defined]  # as above
        self.fields["working_days"].choices = [(day, formats.weekday(day)) for day in WEEKDAYS]  # type: ignore[attr-defined]

    def clean_languages(self) -> list[str]:
        given = _listed(self.cleaned_data["languages"])
        found = []
        for one in given:
            language, sign, level = one.partition(":")
            code = f"{language.strip()}{sign}{level.strip().upper()}"
            if not re.match(MASTERY_PATTERN, code):
                text = _("“%(value)s” is not a language code with a level from %(first)s to %(last)s.")
                raise forms.ValidationError(text, params={"value": one, "first": CEFR[0], "last": CEFR[-1]})
            found.append(code)
        return found

    def clean_skills(self) -> list[str]:
        return _listed(self.cleaned_data["skills"])

    @staticmethod
    def initial_of(member: Member) -> dict[str, Any]:
        """The fields as they stand."""
        names = ("given_name", "family_name", "email", "level", "time_zone", "weekly_hours", "works_from", "works_to")
        return {
            **{name: getattr(member, name) for name in (*names, "working_days")},
            "country": member.country.code or "",
            "languages": "; ".join(member.languages),
            "skills": "; ".join(member.skills),
            "manager_email": member.manager.email if member.manager else "",
        }


def _listed(text: str) -> list[str]:
    return [part for one in text.split(";") if (part := one.strip())]
