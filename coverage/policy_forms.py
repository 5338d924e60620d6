from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import UnitKind
from core import formats
from coverage.policies import Cell, Place
from teams.models import TeamRole


class PolicyForm(forms.Form):
    """A weight and a tick for each role and unit kind; an empty weight asks for nothing. `seen` is the grid last weighed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cells: Mapping[Place, Cell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = list(TeamRole.objects.order_by("position", "code"))
        for role in self.roles:
            for kind in UnitKind:
                cell = cells.get((kind.value, role.pk))
                words = {"role": role.name, "kind": kind.label}
                self.fields[_weight(kind, role)] = forms.DecimalField(
                    label=_("Weight of %(role)s, %(kind)s") % words,
                    required=False,
                    min_value=Decimal(0),
                    max_digits=9,
                    decimal_places=4,
                    initial=cell.weight.normalize() if cell else None,
                    widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                )
                self.fields[_inherits(kind, role)] = forms.BooleanField(
                    label=_("%(role)s may be inherited, %(kind)s") % words,
                    required=False,
                    initial=cell.is_inheritable if cell else True,
                    widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
                )

    @property
    def kinds(self) -> list[Any]:
        return [kind.label for kind in UnitKind]

    @property
    def rows(self) -> list[tuple[TeamRole, list[tuple[Any, Any]]]]:
        """A role with its pairs of fields, one a unit kind."""
        return [
            (role, [(self[_weight(kind, role)], self[_inherits(kind, role)]) for kind in UnitKind])
            for role in self.roles
        ]

    def cells(self) -> dict[Place, Cell]:
        """The grid as it was given."""
        found = {}
        for role in self.roles:
            for kind in UnitKind:
                weight = self.cleaned_data.get(_weight(kind, role))
                if weight is not None:
                    found[kind.value, role.pk] = Cell(weight, self.cleaned_data[_inherits(kind, role)])
        return found


def digest(cells: Mapping[Place, Cell]) -> str:
    """Equal for equal grids: what is saved is what was weighed."""
    told = sorted(
        (*place, formats.exact(cell.weight).normalize(), cell.is_inheritable) for place, cell in cells.items()
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _weight(kind: UnitKind, role: TeamRole) -> str:
    return f"w-{kind.value}-{role.pk}"


def _inherits(kind: UnitKind, role: TeamRole) -> str:
    return f"i-{kind.value}-{role.pk}"
