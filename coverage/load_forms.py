from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.filters import regions_for
from accounts.models import AccountType
from core import formats
from coverage.load import Rates
from coverage.load_queries import Chosen, TeamLoad
from teams.models import TeamRole
from users.models import User

SHOW = (
    ("", _("Everybody")),
    ("managers", _("Account managers")),
    ("outside", _("Outside the band")),
    ("over", _("More hours than capacity")),
    ("unknown", _("Capacity unknown")),
)
SORT = (("hours", _("Hours against capacity")), ("accounts", _("Accounts")), ("name", _("Name")))


class LoadFilter(forms.Form):
    """Which members the load shows, and in which order."""

    search = forms.CharField(label=_("Search members"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    show = forms.ChoiceField(label=_("Show"), choices=SHOW, required=False)
    accounts = forms.IntegerField(label=_("Accounts"), required=False, min_value=0, max_value=9999)
    sort = forms.ChoiceField(label=_("Order"), choices=SORT, required=False)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((code, name) for code, (_pk, name) in regions_for(viewer).items()), key=lambda pair: pair[1])
        for name in ("region", "show", "sort"):
            self.fields[name].widget.attrs["class"] = "form-select"
        self.fields["region"].choices = [("", _("Any")), *named]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def choices_shown(self) -> list[Any]:
        return [self[name] for name in ("region", "show", "sort")]

    def chosen(self) -> Chosen:
        """What could not be read is left out."""
        self.is_valid()
        given = self.cleaned_data
        return Chosen(
            region=given.get("region", ""),
            search=given.get("search", "").replace("\0", ""),
            show=given.get("show", ""),
            accounts=given.get("accounts"),
            sort=given.get("sort") or "hours",
        )

    def in_words(self, found: TeamLoad) -> list[str]:
        """What stands above an export: the day, the band and the filters in force."""
        band = {"least": found.rates.least, "most": found.rates.most, "day": formats.day(found.on)}
        said = [gettext("Load on %(day)s, healthy band %(least)s to %(most)s accounts") % band]
        said += [
            f"{self.fields[name].label}: {self.data.get(name)}"
            for name in self.fields
            if name != "sort" and self.cleaned_data.get(name) not in ("", None)
        ]
        return [*said, gettext("Of accounts that you see; some members have more.")] if found.is_part else said


def _hours(label: Any, *, required: bool = True) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, required=required, min_value=0, max_value=168, max_digits=5, decimal_places=2, widget=widget
    )


class LoadSettingsForm(forms.Form):
    """The band and the hours; a field for each role and account type."""

    least = forms.IntegerField(label=_("Fewest accounts for a manager"), min_value=1, max_value=999)
    most = forms.IntegerField(label=_("Most accounts for a manager"), min_value=1, max_value=999)
    per_contact = _hours(_("Hours a week for a contact"))
    per_unit = _hours(_("Hours a week for a unit covered"))

    def __init__(
        self, *args: Any, rates: Rates, roles: Iterable[TeamRole], types: Iterable[AccountType], **kwargs: Any
    ) -> None:
        self.roles, self.types = list(roles), list(types)
        initial: dict[str, Any] = {
            "least": rates.least,
            "most": rates.most,
            "per_contact": rates.per_contact,
            "per_unit": rates.per_unit,
        }
        super().__init__(*args, **kwargs)
        self.initial = initial
        for role in self.roles:
            name = {"role": role.name}
            self.fields[f"hours_{role.code}"] = _hours(
                gettext("Hours a week for a unit: %(role)s") % name, required=False
            )
            self.fields[f"manages_{role.code}"] = forms.BooleanField(
                label=gettext("Manages the account: %(role)s") % name, required=False
            )
            initial[f"hours_{role.code}"] = rates.by_role.get(role.code)
            initial[f"manages_{role.code}"] = role.code in rates.manages
        for kind in self.types:
            self.fields[f"weight_{kind.code}"] = forms.DecimalField(
                label=gettext("Load weight: %(type)s") % {"type": kind.name},
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
            initial[f"weight_{kind.code}"] = rates.weight(kind.code)

    @property
    def role_rows(self) -> list[tuple[TeamRole, Any, Any]]:
        return [(role, self[f"hours_{role.code}"], self[f"manages_{role.code}"]) for role in self.roles]

    @property
    def type_rows(self) -> list[tuple[AccountType, Any]]:
        return [(kind, self[f"weight_{kind.code}"]) for kind in self.types]

    def chosen(self) -> dict[str, Any]:
        """The arguments of the service; of a valid form."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("least", "most", "per_contact", "per_unit")},
            "roles": {r.code: (given[f"hours_{r.code}"], given[f"manages_{r.code}"]) for r in self.roles},
            "types": {kind.code: given[f"weight_{kind.code}"] for kind in self.types},
        }
