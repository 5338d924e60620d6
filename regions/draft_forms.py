"""The forms by which a draft is changed. Dragging in the tree fills in the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries

from core import formats
from regions.plan import Change, Estate, Kind
from users.models import User

#: What stands for "to no region" and "a root" where a code is asked for.
NOWHERE = "/"
Choices = list[tuple[str, Any]]


def _searched() -> forms.Select:
    return forms.Select(attrs={"data-search": ""})


class ChangeForm(forms.Form):
    """A change of one kind; `estate` is the geography with the draft's changes so far."""

    kind: Kind
    title: Any
    verb: Any

    def __init__(self, sent: Mapping[str, Any] | None, *, estate: Estate, initial: dict[str, Any]) -> None:
        super().__init__(sent, initial=initial, auto_id=f"{self.kind}-%s")
        named = sorted(estate.names.values(), key=lambda pair: (pair[1], pair[0]))
        self.offer([(code, name) for code, name in named], estate)

    def offer(self, regions: Choices, estate: Estate) -> None:
        raise NotImplementedError

    def _choose(self, name: str, *choices: tuple[str, Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def change(self) -> Change:
        given = self.cleaned_data
        return Change(self.kind, **{name: "" if value == NOWHERE else value for name, value in given.items()})


class MoveCountryForm(ChangeForm):
    kind = Kind.COUNTRY
    title = _("Move a country")
    verb = _("Add the move")
    country = forms.ChoiceField(label=_("Country"), widget=_searched())
    region = forms.ChoiceField(label=_("Comes to"), widget=_searched())

    def offer(self, regions: Choices, estate: Estate) -> None:
        named = sorted(((str(code), formats.country(str(code))) for code, _n in countries), key=lambda pair: pair[1])
        self._choose("country", ("", "–"), *named)
        self._choose("region", ("", "–"), *regions, (NOWHERE, _("No region: unallocated")))


class MoveRegionForm(ChangeForm):
    kind = Kind.MOVE
    title = _("Move a region")
    verb = _("Add the move")
    region = forms.ChoiceField(label=_("Region"), widget=_searched())
    parent = forms.ChoiceField(label=_("Comes below"), widget=_searched())

    def offer(self, regions: Choices, estate: Estate) -> None:
        self._choose("region", ("", "–"), *regions)
        self._choose("parent", ("", "–"), *regions, (NOWHERE, _("Nothing: it becomes a root")))


class AddRegionForm(ChangeForm):
    kind = Kind.ADD
    title = _("Add a region")
    verb = _("Add the region")
    region = forms.CharField(label=_("Code"), max_length=40, help_text=_("Short and lasting, as in files: DACH."))
    name = forms.CharField(label=_("Name"), max_length=200)
    parent = forms.ChoiceField(label=_("Below"), widget=_searched())

    def offer(self, regions: Choices, estate: Estate) -> None:
        self._choose("parent", (NOWHERE, _("Nothing: it is a root")), *regions)


class RenameForm(ChangeForm):
    kind = Kind.RENAME
    title = _("Rename a region")
    verb = _("Add the new name")
    region = forms.ChoiceField(label=_("Region"), widget=_searched())
    name = forms.CharField(
        label=_("New name"), max_length=200, help_text=_("A name has no date: it changes with the commit.")
    )

    def offer(self, regions: Choices, estate: Estate) -> None:
        self._choose("region", ("", "–"), *regions)


class AppointForm(ChangeForm):
    kind = Kind.APPOINT
    title = _("Assign a lead")
    verb = _("Add the lead")
    region = forms.ChoiceField(label=_("Region"), widget=_searched())
    email = forms.ChoiceField(label=pgettext_lazy("of a region", "Lead"), widget=_searched())

    def offer(self, regions: Choices, estate: Estate) -> None:
        users = User.objects.filter(is_active=True).order_by("family_name", "given_name", "email")
        self._choose("region", ("", "–"), *regions)
        self._choose("email", ("", "–"), *((user.email, f"{user} · {user.email}") for user in users))


class EndForm(ChangeForm):
    kind = Kind.END
    title = _("End a lead")
    verb = _("Add the end")
    lead = forms.ChoiceField(label=pgettext_lazy("of a region", "Lead"), widget=_searched())

    def offer(self, regions: Choices, estate: Estate) -> None:
        lasting = [s for s in estate.stints if s.until is None and s.region in estate.names]
        choices = [
            (f"{estate.names[s.region][0]} {s.email}", f"{estate.names[s.region][1]}: {estate.person(s.email)}")
            for s in lasting
        ]
        self._choose("lead", ("", "–"), *sorted(choices, key=lambda pair: pair[1]))

    def change(self) -> Change:
        # An e-mail address holds no space, a code may.
        region, _space, email = self.cleaned_data["lead"].rpartition(" ")
        return Change(self.kind, region=region, email=email)


FORMS: tuple[type[ChangeForm], ...] = (MoveCountryForm, MoveRegionForm, AddRegionForm, AppointForm, EndForm, RenameForm)


def forms_for(
    estate: Estate, *, sent: Mapping[str, Any] | None = None, do: str = "", asked: Any = None
) -> list[ChangeForm]:
    """Every form; the one that was sent (`do` names its kind) is bound, the others start with what the address asks for."""
    asked = asked or {}
    return [
        form(
            sent if form.kind == do else None,
            estate=estate,
            initial={k: asked[k] for k in form.base_fields if k in asked},
        )
        for form in FORMS
    ]


class DayForm(forms.Form):
    on = forms.DateField(
        label=_("Takes effect on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Today or earlier: committed at once. A later day: planned."),
    )
