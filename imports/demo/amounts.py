"""Native money for invented sales: which currency a sale is in, and amounts as price lists and ledgers have them."""

import datetime as dt
import random
from decimal import Decimal

from imports.demo.rates import on_price_list
from imports.demo.sources import exponent, places

#: Countries that changed over to the euro: the old currency before the day, EUR from it on.
_JOINED_EURO = {"HR": ("HRK", dt.date(2023, 1, 1)), "BG": ("BGN", dt.date(2026, 1, 1))}
#: Markets in which we invoice in dollars rather than in local money, with how often.
_IN_DOLLARS = {
    "AR": 0.35, "NG": 0.4, "UA": 0.5, "EG": 0.4, "KY": 1, "BM": 1, "BS": 1, "VG": 1, "VE": 1, "LB": 1, "ZW": 1, "EC": 1,
    "NI": 1, "BO": 1, "LK": 1, "UZ": 1, "MD": 1, "VN": 0.3, "QA": 0.3, "KZ": 0.3, "": 1,
}  # fmt: skip


def invoicing(rng: random.Random, country: str, account_currency: str) -> str:
    """The currency of a stream of sales where it is not the local one; empty where it is."""
    if rng.random() < _IN_DOLLARS.get(country, 0):
        return "USD"
    return account_currency if rng.random() < 0.08 and country != "RU" else ""


def currency_on(country: str, day: dt.date) -> str:
    """The money of a country on a day."""
    if country in _JOINED_EURO:
        old, joined = _JOINED_EURO[country]
        return old if day < joined else "EUR"
    if _IN_DOLLARS.get(country) == 1:
        return "USD"
    return places()[country].currency if country in places() else "USD"


def native(euros: float, currency: str, day: dt.date, *, step: int = 1) -> Decimal:
    """`euros` of list price in `currency`, to `step` minor units."""
    digits = exponent(currency)
    minor = round(euros * on_price_list(currency, day.year) * 10**digits / step) * step
    return Decimal(minor).scaleb(-digits) if digits else Decimal(minor)


def rough(euros: float, currency: str, day: dt.date) -> Decimal:
    """The amount of an offer: three significant digits, as a seller would name it."""
    value = euros * on_price_list(currency, day.year)
    if value < 1:
        return Decimal(1)
    magnitude = 10 ** max(len(str(int(value))) - 3, 0)
    return Decimal(max(round(value / magnitude) * magnitude, 1))
