from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from money.models import Currency
from revenue.models import QuotaMeasure, QuotaScope
from revenue.quota_services import Given, Place
from revenue.quotas import Period
from workspace.quota_grid import LENGTHS, Asked, Grid, GridRow
from workspace.quota_queries import period_words

BY_WORDS = (("year", _("Years")), ("quarter", _("Quarters")), ("month", _("Months")))


class AskedForm(forms.Form):
    """Which grid is shown."""

    of = forms.ChoiceField(label=_("Below"), required=False)
    measure = forms.ChoiceField(label=_("Measure"), choices=QuotaMeasure.choices, required=False)
    year = forms.IntegerField(label=_("Fiscal year"), required=False, min_value=1950, max_value=2200)
    by = forms.ChoiceField(label=_("Columns"), choices=BY_WORDS, required=False)

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = [("", gettext("the topmost")), *ways]  # type: ignore[attr-defined]  # a ChoiceField
        for name in ("of", "measure", "by"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def asked(self, scope: str, *, usual_year: int, usual_of: str) -> Asked:
        """What is absent or can't be read is as usual."""
        self.is_valid()
        given = self.cleaned_data
        usual = QuotaMeasure.WON if scope in (QuotaScope.MEMBER, QuotaScope.PRODUCT) else QuotaMeasure.REVENUE
        return Asked(
            scope=scope,
            of=given.get("of", "") if "of" in self.data else usual_of,
            measure=given.get("measure") or usual,
            year=given.get("year") or usual_year,
            by=given.get("by") or next(iter(LENGTHS)),
        )


class GridForm(forms.Form):
    """An amount for each node and period, and a currency for each node; an empty amount is no quota. `seen` is the grid last
    weighed, `version` that of the quotas when they were read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, grid: Grid, usual_currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grid = grid
        currencies = [(code, code) for code in Currency.objects.order_by("code").values_list("code", flat=True)]
        for at, row in enumerate(grid.rows):
            if not row.may_set:
                continue
            self.fields[f"c-{at}"] = forms.ChoiceField(
                label=_("Currency of %(name)s") % {"name": row.bearer.name},
                choices=currencies,
                initial=row.currency or usual_currency,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            for number, period in enumerate(grid.columns):
                if self._is_foreign(row, period):
                    continue
                quota = row.cells.get(period)
                self.fields[f"q-{at}-{number}"] = forms.DecimalField(
                    label=_("Quota of %(name)s, %(period)s")
                    % {"name": row.bearer.name, "period": period_words(period)},
                    required=False,
                    min_value=Decimal(0),
                    max_digits=20,
                    decimal_places=4,
                    initial=_plain(quota.amount) if quota else None,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                )

    @staticmethod
    def _is_foreign(row: GridRow, period: Period) -> bool:
        """A quota in another currency than the row's others stands as it is."""
        quota = row.cells.get(period)
        return quota is not None and str(quota.currency_id) != row.currency

    @property
    def heads(self) -> list[str]:
        return [period_words(period) for period in self.grid.columns]

    @property
    def rows(self) -> list[tuple[GridRow, Any, list[tuple[Any, Any]]]]:
        """A node, its currency field, and for each period a field or the quota that stands."""
        found = []
        for at, row in enumerate(self.grid.rows):
            cells = [
                (self[name] if (name := f"q-{at}-{number}") in self.fields else None, row.cells.get(period))
                for number, period in enumerate(self.grid.columns)
            ]
            found.append((row, self[f"c-{at}"] if f"c-{at}" in self.fields else None, cells))
        return found

    def cells(self) -> dict[Place, Given | None]:
        """The grid as it was given; of a valid form."""
        found: dict[Place, Given | None] = {}
        for at, row in enumerate(self.grid.rows):
            for number, period in enumerate(self.grid.columns):
                if f"q-{at}-{number}" not in self.fields:
                    continue
                amount = self.cleaned_data[f"q-{at}-{number}"]
                currency = self.cleaned_data[f"c-{at}"]
                place = (row.bearer.code, period.start, period.end)
                found[place] = None if amount is None else (amount, currency)
        return found


def _plain(amount: Decimal) -> str:
    """Without needless zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digest(cells: Mapping[Place, Given | None]) -> str:
    """Equal for equal grids: what is saved is what was weighed."""
    told = sorted(
        (*map(str, place), str(formats.exact(given[0]).normalize()) if given else "", given[1] if given else "")
        for place, given in cells.items()
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
