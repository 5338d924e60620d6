from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.clock import now
from regions.forms import day_field
from workspace.meeting_queries import MOST_PEOPLE, Asked, Offered

LONGEST_RANGE = 14


class MeetingForm(forms.Form):
    """Who is to meet, for how long, and when."""

    people = forms.MultipleChoiceField(
        label=_("Who meets"),
        widget=forms.SelectMultiple(attrs={"data-search": ""}),
        error_messages={"required": _("Choose at least one person.")},
    )
    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int, choices=())
    since = day_field(_("From the day"))
    until = day_field(_("To the day"))
    times = forms.TypedChoiceField(label=_("How often"), coerce=int, choices=())
    every = forms.TypedChoiceField(label=_("Every"), coerce=int, choices=())

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = ((_("Members"), offered.members), (_("Contacts"), offered.contacts))
        self._offer(
            "people",
            [
                (label, [(one.key, f"{one.name} · {one.detail}") for one in people])
                for label, people in groups
                if people
            ],
        )
        self._offer("minutes", [(n, _("%(n)s minutes") % {"n": n}) for n in (15, 30, 45, 60, 90, 120, 180)])
        self._offer("times", [(1, _("Once")), *((n, _("%(n)s times") % {"n": n}) for n in (2, 3, 4, 6, 8, 12))])
        self._offer("every", [(7, _("week")), (14, _("two weeks")), (28, _("four weeks"))])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_people(self) -> list[str]:
        people: list[str] = self.cleaned_data["people"]
        if len(people) > MOST_PEOPLE:
            raise forms.ValidationError(_("At most %(n)s people.") % {"n": MOST_PEOPLE})
        return people

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and not since <= until < since + dt.timedelta(days=LONGEST_RANGE):
            text = _("Choose a last day on or after the first, within %(n)s days.")
            self.add_error("until", text % {"n": LONGEST_RANGE})
        if since and not now().year - 5 <= since.year <= now().year + 5:
            self.add_error("since", _("Choose a day within five years."))
        return given

    def asked(self, zone: str) -> Asked:
        """What is looked for, by the clock of `zone`. Only of a valid form."""
        given = self.cleaned_data
        return Asked(
            people=tuple(given["people"]),
            minutes=given["minutes"],
            since=given["since"],
            until=given["until"] + dt.timedelta(days=1),
            zone=zone,
            times=given["times"],
            every=given["every"],
        )


class InvitationForm(forms.Form):
    """Which windows to put into a file: their beginnings in UTC, and how long each lasts."""

    at = forms.RegexField(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z(,\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z){0,11}$")
    minutes = forms.IntegerField(min_value=15, max_value=180)

    def clean_at(self) -> list[dt.datetime]:
        try:
            return [dt.datetime.fromisoformat(one) for one in self.cleaned_data["at"].split(",")]
        except ValueError as error:
            raise forms.ValidationError(_("Must be an instant, e.g. 2024-12-31T22:10:04Z.")) from error
