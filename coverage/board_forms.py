"""The forms of the alignment board: what is shown of it, and who covers a slot from which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import countries_in_region, regions_for
from accounts.team_forms import day_field
from core import formats
from coverage.board import BY_GAP, BY_TREE, Narrowing
from coverage.slots import EMPTY, FILLED, INHERITED, UNKNOWN
from users.models import User

#: A third way to look at the same slots: those that lack something, one a line.
AS_LIST = "list"
ORDERS = ((BY_TREE, _("As a tree")), (BY_GAP, _("By gap")), (AS_LIST, _("Gap list")))
STATES = (
    (FILLED, _("Filled")),
    (INHERITED, _("Inherited")),
    (EMPTY, pgettext_lazy("of a slot", "Empty")),
    (UNKNOWN, _("Unknown")),
)
WORDS = 10


class DayForm(forms.Form):
    """The day that a page shows; what can't be read is today."""

    on = forms.DateField(label=_("On the day"), required=False)

    def day(self) -> dt.date | None:
        self.is_valid()
        found: dt.date | None = self.cleaned_data.get("on")
        return found


class BoardForm(forms.Form):
    """What is shown of a board: one form for the page, the part of it that htmx swaps, and the file."""

    search = forms.CharField(label=_("Search units"), required=False, max_length=200)
    region = forms.ChoiceField(label=_("Region"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    role = forms.ChoiceField(label=_("Role"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=(("", _("Any")), *STATES))
    member = forms.ChoiceField(label=_("Member"), required=False)

    def __init__(
        self, *args: Any, viewer: User, countries: set[str], roles: Mapping[str, str], members: Mapping[str, str],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        named = {
            "region": {code: name for code, (_pk, name) in regions_for(viewer).items()},
            "country": {code: formats.country(code) for code in countries},
            "member": members,
        }
        for name, choices in named.items():
            self._offer(name, sorted(choices.items(), key=lambda pair: pair[1]))
        self._offer("role", list(roles.items()))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]  # a ChoiceField

    def narrowing(self, members: Mapping[str, int]) -> Narrowing:
        """What was asked for; what can't be read shows nothing, and the page says why. `members` are ids by e-mail address."""
        if not self.is_valid():
            return Narrowing(countries=frozenset())
        given = self.cleaned_data
        places = [{given["country"]}] if given["country"] else []
        if given["region"]:
            places.append(countries_in_region(viewer=self._viewer, code=given["region"]))
        return Narrowing(
            countries=frozenset(set.intersection(*places)) if places else None,
            role=given["role"],
            state=given["state"],
            member=members[given["member"]] if given["member"] else None,
            words=tuple(given["search"].casefold().split()[:WORDS]),
        )


class SlotForm(forms.Form):
    """Which slot: a unit's code and a role's."""

    unit = forms.CharField(max_length=100, widget=forms.HiddenInput)
    role = forms.CharField(max_length=40, widget=forms.HiddenInput)


class CoverForm(SlotForm):
    """Somebody covers a slot from a day on."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    member = forms.ChoiceField(label=_("Member"), widget=forms.Select(attrs={"data-search": ""}))
    on = day_field(_("From the day"))
    until = day_field(_("Until before the day"), required=False, help_text=_("Empty: for good."))
    instead = forms.TypedChoiceField(
        label=_("Whoever covers it on that day"),
        coerce=lambda text: text == "yes",
        choices=(("no", _("stays beside")), ("yes", _("ceases on that day"))),
        widget=forms.RadioSelect,
        initial="no",
    )
    covers_descendants = forms.BooleanField(
        label=_("Covers the units below too"),
        required=False,
        help_text=_("Units below inherit it where the policy lets the role be inherited: half with every link."),
    )

    def __init__(self, *args: Any, members: Mapping[str, str], is_held: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = list(members.items())  # type: ignore[attr-defined]  # a ChoiceField
        if not is_held:
            self.fields["instead"].widget = forms.HiddenInput()


class PreviewForm(SlotForm):
    """What a preview asks: the form of somebody's coming, as far as it is filled in."""

    member = forms.CharField(max_length=254)
    on = forms.DateField(required=False)
    instead = forms.CharField(required=False)
    covers_descendants = forms.BooleanField(required=False)


class EndForm(forms.Form):
    """Somebody ceases to cover a unit."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field(
        pgettext_lazy("of coverage", "Ends on"),
        help_text=_("The first day on which it no longer holds. A day before its begin takes it away."),
    )
