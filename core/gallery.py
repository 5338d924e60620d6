"""Samples for the gallery: every component with figures of the size that real pages show.

The samples are data, not interface: they stay in English in every language.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import formats
from core.cells import Column
from core.charts import Chart, MapCountry, Series
from core.lists import BoundList, ListSpec, Table
from core.sentences import Choice, Input, Sentence

DAY = dt.date(2026, 10, 30)
MOMENT = dt.datetime(2026, 10, 30, 14, 5, tzinfo=dt.UTC)
MONTHS = [dt.date(2026, month, 1) for month in range(1, 13)]


class SampleFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = django_filters.CharFilter(field_name="model", lookup_expr="icontains", label=_("Search"))
    app_label = django_filters.AllValuesFilter(label=_("Room"))

    class Meta:
        model = ContentType
        fields = ("search", "app_label")


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As the customer writes it.")
    country = forms.ChoiceField(label="Country", choices=[("DE", "Germany"), ("JP", "Japan")])
    opened_on = forms.DateField(label="Opened on", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    tiers = forms.MultipleChoiceField(
        label="Tiers", choices=[("k", "Key"), ("g", "Global")], widget=forms.CheckboxSelectMultiple
    )
    covers_descendants = forms.BooleanField(label="Also covers the units below", required=False)
    file = forms.FileField(label="File", required=False, help_text="CSV or XLSX, up to 100 MB.")
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea(attrs={"rows": 3}))


LIST = ListSpec(
    name="sample",
    caption="Kinds of record",
    sort="model",
    page_size=6,
    filterset=SampleFilter,
    columns=(
        Column(
            name="model", label="Record", value="model", sort="model", heads_row=True, href=lambda row: f"#{row.model}"
        ),
        Column(name="app_label", label="Room", value="app_label", sort="app_label", kind="tag"),
        Column(name="id", label="Number", value="id", sort="id", kind="number"),
    ),
    empty_title="No records yet",
    empty_text="Records appear here once the product holds some.",
)

REGIONS: list[dict[str, Any]] = [
    {
        "code": "DACH",
        "name": "DACH",
        "revenue": Decimal("4210334.15"),
        "before": Decimal("3890112.40"),
        "open": Decimal("812000.00"),
        "state": "covered",
        "on": DAY,
    },
    {
        "code": "FR",
        "name": "France",
        "revenue": Decimal("2955010.90"),
        "before": Decimal("3120450.00"),
        "open": Decimal("1403250.50"),
        "state": "inherited",
        "on": DAY,
    },
    {
        "code": "NORDICS",
        "name": "Nordics",
        "revenue": Decimal("1804330.00"),
        "before": Decimal("1790000.00"),
        "open": formats.UNKNOWN,
        "state": "gap",
        "on": DAY,
    },
    {
        "code": "UK",
        "name": "United Kingdom",
        "revenue": Decimal("-12400.05"),
        "before": Decimal("0.00"),
        "open": None,
        "state": "unknown",
        "on": None,
    },
]

TABLE = Table(
    columns=(
        Column(name="name", label="Region", value="name", heads_row=True, href=lambda row: "#tables"),
        Column(name="state", label="Coverage", value="state", kind="state"),
        Column(name="revenue", label="Revenue, EUR", value="revenue", kind="amount"),
        Column(name="before", label="Year before, EUR", value="before", kind="amount"),
        Column(name="open", label="Open pipeline, EUR", value="open", kind="amount"),
        Column(name="on", label="Reviewed on", value="on", kind="date"),
    ),
    source=REGIONS,
    caption="Regions under Europe",
    row_attributes=lambda row: {"data-country": row["code"]},
    foot={
        "name": "Europe",
        "state": "inherited",
        "revenue": Decimal("8957275.00"),
        "before": Decimal("8800562.40"),
        "open": Decimal("2215250.50"),
        "on": None,
    },
)

LENS = Sentence(
    "{kind} in {currency} as {rates}, by the structure {tree}, {period}, {book}.",
    {
        "kind": Choice(
            param="revenue_kind",
            label="Kind",
            value="recognised",
            word="Revenue recognised",
            options=(("recognised", "Recognised"), ("billed", "Billed")),
        ),
        "currency": Choice(
            param="currency",
            label="Currency",
            value="EUR",
            word="EUR",
            options=(("EUR", "EUR, euro"), ("USD", "USD, US dollar")),
        ),
        "rates": Choice(
            param="rates",
            label="Rates",
            value="spot",
            word="reported",
            options=(("spot", "As reported"), ("constant", "At last year's rates")),
        ),
        "tree": Choice(
            param="tree",
            label="Structure",
            value="then",
            word="of the time",
            options=(("then", "Of the time"), ("now", "Of today")),
            inputs=(Input(name="tree", label="Of a date", value="2026-01-01"),),
        ),
        "period": Choice(
            param="fy",
            label="Period",
            value="2026",
            word="FY 2026",
            options=(("2026", "FY 2026"), ("2025", "FY 2025")),
            clears=("from", "to"),
        ),
        "book": Choice(
            param="book",
            label="Book",
            value="prime",
            word="prime book",
            options=(("prime", "Prime"), ("overlay", "Overlay")),
        ),
    },
    "As of 30 Oct 2026 · rates to 30 Oct · computed 12 s ago",
)

_NOW = [
    "612400.10",
    "598112.00",
    "734090.55",
    "701222.00",
    "688310.40",
    "802114.25",
    "640120.00",
    "590330.75",
    "811940.30",
    "856112.90",
    None,
    None,
]
_BEFORE = [540100, 561000, 602300, 650400, 641000, 700250, 622000, 548900, 701450, 742000, 731000, 902300]
CHARTS = [
    Chart(
        id="trend",
        kind="trend",
        title="How does revenue grow?",
        unit="EUR",
        head="Month",
        labels=[formats.month(month) for month in MONTHS],
        series=[Series("FY 2026", _NOW), Series("FY 2025", _BEFORE)],
        note="Two months of FY 2026 are not over yet.",
    ),
    Chart(
        id="bars",
        kind="bars",
        title="Where is the pipeline?",
        unit="EUR",
        head="Country",
        labels=["Germany", "United States of America", "Japan", "France", "Brazil", "India"],
        series=[Series("Open", ["4120000.00", "3890400.00", "1204000.00", "980450.50", "410000.00", "120990.00"])],
    ),
    Chart(
        id="bridge",
        kind="waterfall",
        title="What changed since last year?",
        unit="EUR",
        head="Step",
        labels=["FY 2025", "Structure", "Organic", "Unmatched", "FX", "FY 2026"],
        series=[Series("Revenue", ["8800562.40", "120300.00", "640100.20", "-15000.00", "-588687.60", "8957275.00"])],
        totals=(0, 5),
    ),
    Chart(
        id="lines",
        kind="lines",
        title="Who brings it?",
        unit="EUR",
        head="Month",
        labels=[formats.month(month) for month in MONTHS[:6]],
        series=[
            Series("EMEA", [610, 640, 655, 700, 720, 760]),
            Series("Americas", [480, 470, 520, 515, 560, 590]),
            Series("APAC", [300, 340, 330, 390, 420, 455]),
        ],
    ),
]

_REVENUE = {
    "DE": 4_120_000, "US": 3_890_400, "JP": 1_204_000, "FR": 980_450, "BR": 410_000, "IN": 120_990, "SG": 88_000,
    "MT": 12_000, "BH": 43_000, "HK": 910_000, "MU": 8_000, "GB": 2_210_000, "CN": 1_810_000, "ZA": 0,
    "AU": 640_000, "CA": 720_000, "MX": 230_000, "ES": 540_000, "IT": 610_000, "PL": 140_000, "SE": 320_000,
    "NO": 210_000, "TR": 95_000, "SA": 330_000, "AE": 450_000, "KR": 510_000, "ID": 60_000, "CH": 700_000,
    "AT": 300_000, "NL": 410_000, "BE": 220_000,
}  # fmt: skip
COUNTRIES = [
    MapCountry(country=code, value=value, text=f"{formats.short(value)} EUR", url="#map")
    for code, value in _REVENUE.items()
] + [MapCountry(country=code, value=None, text="unknown", url="#map") for code in ("AR", "NG")]

_PLACES = [
    ("DE", "Germany", "Munich"),
    ("JP", "Japan", "大阪"),
    ("FR", "France", "Lyon"),
    ("EG", "Egypt", "القاهرة"),
    ("US", "United States", "Austin"),
    ("BR", "Brazil", "São Paulo"),
]
_STATES = ["covered", "inherited", "gap", "unknown"]


def units(count: int = 320) -> list[dict[str, Any]]:
    """A structure of `count` units: a group, divisions, and legal entities below them."""
    found = [_unit(0, None, "Acme Holding plc")]
    divisions = ["Industrial Automation", "Mobility", "Energy Systems", "Healthcare", "Shared Services"]
    found += [_unit(at, 0, name) for at, name in enumerate(divisions, 1)]
    found += [
        _unit(at, 1 + at % 5 if at < 60 else at % 53 + 6, f"Acme {_PLACES[at % 6][1]} {at}") for at in range(6, count)
    ]
    return found


def _unit(at: int, parent: int | None, name: str) -> dict[str, Any]:
    country, country_name, city = _PLACES[at % 6]
    state = "covered" if at == 0 else _STATES[(at * 7) % 11 % 4]
    value = 9_400_000 // (at + 1)
    return {
        "id": f"u{at}",
        "parent": None if parent is None else f"u{parent}",
        "name": name,
        "country": country,
        "countryName": country_name,
        "city": city,
        "value": value,
        "valueText": formats.short(value),
        "state": state,
        "coverage": [{"name": "Anna Berg", "role": "Global account manager"}]
        if state in {"covered", "inherited"}
        else [],
        "gap": value // 2 if state == "gap" else 0,
        "gapText": f"{formats.short(value // 2)} EUR",
        "url": "",
    }


def kinds() -> QuerySet[ContentType]:
    """The rows of the sample list: records that every installation has."""
    return ContentType.objects.all()


def shown(request: HttpRequest) -> dict[str, Any]:
    """The gallery's context."""
    form = SampleForm({"name": "", "country": "DE", "opened_on": "not a day"})
    return {
        "trail": [("World", "#"), ("EMEA", "#"), ("DACH", "")],
        "lens": LENS,
        "list": BoundList(request, LIST, kinds()),
        "table": TABLE,
        "charts": CHARTS,
        "countries": COUNTRIES,
        "units": units(),
        "form": form,
        "unknown": formats.UNKNOWN,
        "amount": Decimal("12345678.90"),
        "negative": Decimal("-4321.05"),
        "before": Decimal("11000000.00"),
        "native": {"ARS": Decimal("150000.00"), "JPY": Decimal(1200), "KWD": Decimal("12.345")},
        "day": DAY,
        "moment": MOMENT,
        "monthly": [float(value) for value in _NOW if value],
        "tabs": [("Structure", "#", True), ("Team", "#", False), ("Pipeline", "#", False), ("Revenue", "#", False)],
        "events": [
            {"at": MOMENT, "title": "Germany moved to DACH", "text": "From 1 April 2024 on.", "by": "Anna Berg"},
            {"on": DAY, "title": "Structure imported", "text": "312 units, 4 moved, 2 closed."},
        ],
        "as_of_notice": "Demo data: every page is as of 30 October 2026.",
        "find_url": "#",
    }
