"""The money of one account, by month and by region: what its page's tab shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import tree_for
from accounts.models import Account
from core import formats, months
from core.charts import Chart, MapCountry, Series
from core.snapshots import one_snapshot
from regions.queries import region_names
from rollups import queries as rollups
from rollups.figures import Child, Figure, Measures, MonthRow, Unpriced
from rollups.lens import parse_lens
from rollups.measures import MONEY_KEYS, NO_COUNTRY
from users.models import User
from workspace import customers
from workspace.dashboard import Comparison
from workspace.lenses import PageLens


@dataclass(frozen=True)
class RegionRows:
    """The countries of one region with figures, and their sum; `path` is the region's way from the root."""

    path: str
    total: dict[str, Any]
    unpriced: dict[str, Unpriced]
    countries: list[Child]


@dataclass(frozen=True)
class AccountMoney:
    """An account's figure with the revenue of each month a year before, and its countries.

    `compared` is the part of the period that has passed beside the same part of the year before.
    """

    figure: Figure
    compared: Comparison
    before: list[Decimal]
    regions: list[RegionRows]
    countries: list[Child]
    lens: PageLens

    @property
    def is_empty(self) -> bool:
        measures = self.figure.measures
        money = any(getattr(measures, key) for key in MONEY_KEYS)
        return not money and not measures.opportunities_open and not self.unpriced

    @property
    def unpriced(self) -> list[tuple[str, Any]]:
        """Measures with facts that have no price, in words."""
        words = measure_words()
        return [(words[key], found) for key, found in self.figure.unpriced.items() if found.facts]

    @property
    def months(self) -> list[tuple[Any, Measures]]:
        return [(months.first_day(months.parse(row.month)), row.measures) for row in self.figure.months]

    @cached_property
    def trend(self) -> Chart | None:
        """Revenue by month beside the year before; amounts of several currencies have no common axis."""
        if self.lens.is_native or self.lens.is_overlay:
            return None
        rows = self.figure.months
        return Chart(
            id="account-trend",
            kind="trend",
            title=_("How does revenue grow?"),
            labels=[formats.month(months.first_day(months.parse(row.month))) for row in rows],
            series=[
                Series(self.lens.period_words, self._reached(rows)),
                Series(_("a year before"), self.before),
            ],
            unit=self.lens.currency,
            head=_("Month"),
        )

    def _reached(self, rows: Sequence[MonthRow]) -> list[Any]:
        """Months that lie ahead are empty, not zero."""
        now = months.month_of(self.figure.as_of)
        return [r.measures.revenue if months.parse(r.month) <= now or r.measures.revenue else None for r in rows]

    @cached_property
    def pipeline(self) -> Chart | None:
        if self.lens.is_native:
            return None
        rows = self.figure.months
        return Chart(
            id="account-pipeline",
            kind="lines",
            title=_("When does the open pipeline close?"),
            labels=[formats.month(months.first_day(months.parse(row.month))) for row in rows],
            series=[
                Series(_("Open"), [_amount(row.measures.pipeline_open) for row in rows]),
                Series(_("Weighted"), [_amount(row.measures.pipeline_weighted) for row in rows]),
            ],
            unit=self.lens.currency,
            head=_("Month"),
        )

    @cached_property
    def places(self) -> list[MapCountry]:
        """The countries with revenue, for the map."""
        return [
            MapCountry(
                country=child.code,
                value=child.measures.revenue if isinstance(child.measures.revenue, Decimal) else None,
                text=f"{formats.short(child.measures.revenue)} {self.lens.currency}",
            )
            for child in self.countries
            if child.code != NO_COUNTRY and isinstance(child.measures.revenue, Decimal)
        ]


def _amount(measure: Any) -> Decimal:
    """A measure of one currency: the pictures are drawn for no others."""
    assert isinstance(measure, Decimal)
    return measure


def measure_words() -> dict[str, str]:
    return {
        "revenue": _("Revenue"),
        "pipeline_open": _("Open pipeline"),
        "pipeline_weighted": _("Weighted pipeline"),
        "won": _("Won"),
        "lost": _("Lost"),
    }


@one_snapshot()
def account_money(*, viewer: User, account: Account, lens: PageLens) -> AccountMoney:
    """Http404 when `viewer` does not see the account; figures hold what she may see."""
    asked = parse_lens(lens.api_params)
    countries = rollups.account_regions(viewer=viewer, code=account.code, lens=asked)
    compared, before = customers.growth_of(viewer=viewer, account_id=account.pk, lens=lens)
    return AccountMoney(
        figure=rollups.account_figures(viewer=viewer, code=account.code, lens=asked),
        compared=compared,
        before=before,
        regions=_by_region(viewer, countries, lens),
        countries=countries,
        lens=lens,
    )


def _by_region(viewer: User, countries: Sequence[Child], lens: PageLens) -> list[RegionRows]:
    """Countries under the region in which they stand on the last day of the period; the rest is unallocated."""
    asked = parse_lens(lens.api_params)
    snapshot = tree_for(viewer).on(asked.tree_day or months.last_day(lens.period.last))
    names = {pk: name for pk, (_code, name) in region_names().items()}
    groups: dict[str, list[Child]] = defaultdict(list)
    for child in countries:
        path = [names[region] for region in reversed(snapshot.path_of_country(child.code))]
        # Everything stands under a root: it is named only where nothing else is.
        groups[" / ".join(path[1:] or path) or _("Unallocated")].append(child)
    return [RegionRows(path, _total(rows), _unpriced(rows), rows) for path, rows in sorted(groups.items())]


def _total(rows: Sequence[Child]) -> dict[str, Any]:
    return {key: _added([getattr(row.measures, key) for row in rows]) for key in MONEY_KEYS}


def _unpriced(rows: Sequence[Child]) -> dict[str, Unpriced]:
    """How many facts of the countries have no price, by measure: their sum is not the whole then."""
    found = [(key, [row.unpriced[key].facts for row in rows if key in row.unpriced]) for key in MONEY_KEYS]
    return {key: Unpriced(sum(facts), {}) for key, facts in found}


def _added(amounts: Sequence[Any]) -> Any:
    if not amounts or isinstance(amounts[0], Decimal):
        return sum(amounts, Decimal(0))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for amount in amounts:
        for currency, value in amount.items():
            sums[currency] += value
    return dict(sums)
