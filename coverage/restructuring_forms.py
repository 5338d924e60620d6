"""The forms by which a structure is changed. Dragging in the chart opens the same ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.deeds import Add, Close, Deed, Divest, Merge, Move, Part, Rename, Split
from accounts.estate import Estate, Unit
from accounts.models import Structure, UnitKind
from core import formats

PARTS = 3
STAYS = "0"


class UnitField(forms.CharField):
    """A unit by its code, or by its name where no other has it. The options are those of the page's list."""

    def __init__(self, **how: Any) -> None:
        widget = forms.TextInput(attrs={"list": "restructure-units", "autocomplete": "off", "data-units": ""})
        super().__init__(max_length=300, widget=widget, **how)


class EndingField(forms.BooleanField):
    """Whether the step ends the coverage of units that close."""

    def __init__(self, label: Any = "") -> None:
        super().__init__(label=label or _("Coverage of what closes ends on that day"), required=False)


def code_of(estate: Estate, text: str) -> str:
    """ValidationError when no unit, or more than one, is meant."""
    if not text or text in estate.units:
        return text
    called = [unit.code for unit in estate.units.values() if unit.name.casefold() == text.casefold()]
    if len(called) == 1:
        return called[0]
    said = (
        gettext("Several units are called “%(name)s”: give the code.")
        if called
        else gettext("There is no org unit “%(name)s”.")
    )
    raise forms.ValidationError(said % {"name": text})


class DeedForm(forms.Form):
    """One deed to one unit of an estate, from a day on. `structure` is the one that the chart shows. `expected` comes with
    the preview: it is the version of what was looked at."""

    name_of_deed: ClassVar[str]
    title: ClassVar[Any]
    verb: ClassVar[Any]
    about: ClassVar[Any] = ""

    on = forms.DateField(
        label=_("From the day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Before this day everything stays as it was. A later day plans the change."),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, help_text=_("Kept in the history."))
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, estate: Estate, unit: str, structure: str, **kwargs: Any) -> None:
        self.estate, self.unit, self.structure = estate, unit, structure
        super().__init__(*args, **kwargs)
        self.prepare()
        self.order_fields([name for name in self.fields if name not in ("on", "reason", "expected")])

    def prepare(self) -> None:
        """Offer what the estate has."""

    def visible(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.fields if name != "expected")

    def deed(self) -> Deed:
        raise NotImplementedError

    @property
    def ends(self) -> bool:
        """Whether coverage of units that close ends with them."""
        return bool(self.cleaned_data.get("ends_coverage"))

    def children(self) -> list[str]:
        """What stands directly below the unit on the day that the page shows, in any structure."""
        day: dt.date = self.initial["on"]
        return list(dict.fromkeys(place.child for place in self.estate.held_by(self.unit, day)))

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _unit(self, name: str) -> str:
        try:
            return code_of(self.estate, self.cleaned_data[name].strip())
        except forms.ValidationError as error:
            self.add_error(name, error)
            return ""


class MoveForm(DeedForm):
    name_of_deed, title, verb = "move", _("Move %(name)s"), _("Move it")
    parent = UnitField(label=_("Comes under"), required=False, help_text=_("Empty: at the top of the structure."))
    within = forms.ChoiceField(label=_("In the structure"), choices=Structure.choices)

    def clean_parent(self) -> str:
        return code_of(self.estate, self.cleaned_data["parent"].strip())

    def deed(self) -> Deed:
        return Move(self.unit, self.cleaned_data["parent"], self.cleaned_data["within"])


class AddForm(DeedForm):
    name_of_deed, title, verb = "add", _("Add a unit under %(name)s"), _("Add the unit")
    name = forms.CharField(label=_("Name"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    country = forms.ChoiceField(label=_("Country"), required=False)
    city = forms.CharField(label=_("City"), required=False, max_length=120)
    code = forms.CharField(
        label=_("Code"), required=False, max_length=80, help_text=_("As in files. Empty: made of the name.")
    )
    within = forms.MultipleChoiceField(
        label=_("In the structures"), choices=Structure.choices, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        named = sorted(((str(code), formats.country(str(code))) for code, _n in countries), key=lambda pair: pair[1])
        self._choose("country", [("", "–"), *named])

    def deed(self) -> Deed:
        given = self.cleaned_data
        unit = Unit(given["code"].strip(), given["name"], given["kind"], given["country"], given["city"].strip())
        return Add(unit, dict.fromkeys(given["within"], self.unit))


class RenameForm(DeedForm):
    name_of_deed, title, verb = "rename", _("Rename %(name)s"), _("Rename it")
    about = _("A name has no date: what was reported under the old one is read under the new one.")
    name = forms.CharField(label=_("New name"), max_length=300)

    def prepare(self) -> None:
        self.fields["on"].label = _("Called so since")
        self.fields["on"].help_text = ""

    def deed(self) -> Deed:
        return Rename(self.unit, self.cleaned_data["name"])


class CloseForm(DeedForm):
    name_of_deed, title, verb = "close", _("Close %(name)s"), _("Close it")
    about = _("Its deals, revenue and people stay with it; it is no longer in the structure.")
    lifts = forms.BooleanField(label=_("What stands below it comes under its parent"), required=False)
    ends_coverage = EndingField()

    def deed(self) -> Deed:
        return Close(self.unit, self.cleaned_data["lifts"])


class DivestForm(DeedForm):
    name_of_deed, title, verb = "divest", _("Let %(name)s leave the group"), _("Let it leave")
    about = _("It leaves with all below it in this structure. Deals and revenue stay with its units.")
    lifts = forms.BooleanField(
        label=_("What stands below one of them in another structure only is lifted out"), required=False
    )
    ends_coverage = EndingField()

    def deed(self) -> Deed:
        return Divest(self.unit, self.structure, self.cleaned_data["lifts"])


class MergeForm(DeedForm):
    name_of_deed, title, verb = "merge", _("Merge others into %(name)s"), _("Merge them")
    about = _("What stands below the others comes under this unit, and the others close.")
    codes = forms.MultipleChoiceField(
        label=_("Units beside it"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    other = UnitField(label=_("Another unit"), required=False)
    ends_coverage = EndingField()

    def prepare(self) -> None:
        day: dt.date = self.initial["on"]
        above = self.estate.standing(self.structure, self.unit, day)
        places = self.estate.held_by(above.parent, day) if above else []
        beside = [p.child for p in places if p.structure == self.structure and p.child != self.unit and p.since <= day]
        named = [(code, self.estate.name_of(code)) for code in dict.fromkeys(beside)][:60]
        self._choose("codes", sorted(named, key=lambda one: one[1].casefold()))
        if not beside:
            del self.fields["codes"]

    def clean_other(self) -> str:
        return code_of(self.estate, self.cleaned_data["other"].strip())

    def deed(self) -> Deed:
        codes = [*self.cleaned_data.get("codes", ()), *filter(None, [self.cleaned_data["other"]])]
        return Merge(tuple(dict.fromkeys(codes)), self.unit)


class SplitForm(DeedForm):
    name_of_deed, title, verb = "split", _("Split %(name)s"), _("Split it")
    about = _(
        "Parts open beside the unit, in its kind and country, and take what you give them of what stands below it."
    )
    keeps = forms.BooleanField(label=_("The unit itself goes on, with the rest"), required=False)
    ends_coverage = EndingField(_("Otherwise its coverage ends on that day"))

    def prepare(self) -> None:
        for number in range(1, PARTS + 1):
            label = gettext("Part %(number)d: its name") % {"number": number}
            self.fields[f"part_{number}"] = forms.CharField(label=label, required=False, max_length=300)
        goals = [(STAYS, gettext("Stays with the unit"))]
        goals += [(str(n), gettext("Part %(number)d") % {"number": n}) for n in range(1, PARTS + 1)]
        for at, code in enumerate(self.children()):
            label = gettext("%(name)s goes to") % {"name": self.estate.name_of(code)}
            self.fields[f"to_{at}"] = forms.ChoiceField(label=label, choices=goals, initial=STAYS)

    def deed(self) -> Deed:
        given, whole = self.cleaned_data, self.estate.units[self.unit]
        children = self.children()
        parts = []
        for number in range(1, PARTS + 1):
            name = given[f"part_{number}"].strip()
            takes = tuple(code for at, code in enumerate(children) if given[f"to_{at}"] == str(number))
            if name:
                parts.append(Part(Unit("", name, whole.kind, whole.country, whole.city), takes))
            elif takes:
                self.add_error(f"part_{number}", gettext("A name is needed."))
        return Split(self.unit, tuple(parts), given["keeps"])


FORMS: dict[str, type[DeedForm]] = {
    form.name_of_deed: form
    for form in (MoveForm, AddForm, RenameForm, SplitForm, MergeForm, CloseForm, DivestForm)
}  # fmt: skip


def form_for(
    deed: str, sent: Mapping[str, Any] | None, *, estate: Estate, unit: str, structure: str, initial: dict[str, Any]
) -> DeedForm:
    """The form of a deed; KeyError when there is none such."""
    start: dict[str, Any] = {
        "within": [structure] if deed == "add" else structure,
        "name": estate.name_of(unit) if deed == "rename" else "",
        "lifts": True,
        "ends_coverage": True,
        "kind": UnitKind.LEGAL_ENTITY,
        **initial,
    }
    return FORMS[deed](sent, estate=estate, unit=unit, structure=structure, initial=start)
