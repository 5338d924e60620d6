"""Five years of revenue: streams of sales per unit and product, with seasons, growth and credit notes."""

import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from imports.demo.amounts import currency_on, invoicing, native
from imports.demo.catalogue import SOLD, Product
from imports.demo.geography import region_of_country, top_region
from imports.demo.structures import Customer, Unit
from imports.demo.tables import Tables
from imports.demo.timeline import FIRST_DAY, chance, month_end, months, years_after_2022

_SEASON = (0.90, 0.94, 1.10, 0.97, 0.99, 1.10, 0.95, 0.80, 1.08, 1.00, 1.04, 1.28)
_JAPANESE_SEASON = (0.93, 1.00, 1.42, 0.86, 0.92, 0.99, 0.96, 0.88, 1.14, 0.94, 0.96, 1.02)
#: Region → year from which its business grows (or shrinks) by that much a year on top of the customer's own growth.
_TRENDS = {
    "UKI": (2024.5, -0.24), "GCHINA": (2024.0, -0.08), "SASIA": (2022.0, 0.13), "ASEAN": (2022.0, 0.09),
    "GULF": (2023.0, 0.15), "LATAM": (2023.0, 0.03),
}  # fmt: skip
#: Customers that bought less from the month on, to that share, because a large deal went elsewhere.
_SINCE_LOST = {"BOEHRINGER-INGELHEIM": (dt.date(2026, 4, 1), 0.62)}
#: Customers that were won: nothing before, then up to the full level within the months named.
_WON = {"NOVO-HOLDINGS": (dt.date(2026, 2, 1), 6)}
#: Customers whose invoices are loaded beside what was recognised.
_BILLED_FROM = dt.date(2025, 1, 1)
_STREAMS = {"strategic": 24, "global": 18, "key": 11}


@dataclass(frozen=True, slots=True)
class Stream:
    """Sales of one product to one unit. `euros` is a month's worth in 2022; `overriding` a currency not the local."""

    unit: Unit
    product: Product
    euros: float
    since: dt.date
    overriding: str


class Ledger:
    """Rough euro of what was sold, for quotas and potentials."""

    def __init__(self) -> None:
        self.by_country: dict[tuple[int, str], float] = defaultdict(float)
        self.by_account: dict[tuple[int, str], float] = defaultdict(float)
        self.by_unit: dict[tuple[str, str, str], float] = defaultdict(float)
        self.number: dict[str, int] = defaultdict(int)

    def count(self, account: str, unit: Unit, product: str, day: dt.date, euros: float) -> None:
        """Add one sale."""
        self.by_country[day.year, unit.country] += euros
        self.by_account[day.year, account] += euros
        if day.year >= 2025:
            self.by_unit[account, unit.code, product] += euros

    def next_id(self, account: str, mark: str) -> str:
        """A fresh external id of that account."""
        self.number[account] += 1
        return f"{mark}-{account}-{self.number[account]:05d}"


def add_revenue(tables: Tables, customer: Customer, ledger: Ledger, last: dt.date) -> None:
    """Fill `revenue` of one customer."""
    for index, stream in enumerate(_streams(customer)):
        rng = chance("stream", customer.code, index)
        for day in _days(rng, stream, last):
            _add_entry(tables, customer, stream, day, rng, ledger, last)


def _streams(customer: Customer) -> list[Stream]:
    rng, profile = chance("streams", customer.code), customer.profile
    buying = [unit for unit in customer.units if unit.weight > 0]
    wanted = min(_STREAMS[profile.tier] + len(buying) // 4, 3 * len(buying))
    units = list(buying) + rng.choices(buying, [unit.weight for unit in buying], k=max(wanted - len(buying), 0))
    if len(buying) > wanted:
        units = sorted(buying, key=lambda unit: (-unit.weight, unit.code))[:wanted]
        units += [unit for unit in buying if not top_region(unit.country)]  # so that something is unallocated
    chosen = []
    for unit in units:
        product = rng.choices(SOLD, [product.weight for product in SOLD])[0]
        share = unit.weight * rng.lognormvariate(0, 0.45) * (2.2 if unit.kind == "group" else 1)
        chosen.append((unit, product, share))
    total = sum(share for _, _, share in chosen)
    monthly = profile.base * 1_000_000 / 12
    return [
        Stream(
            unit, product, monthly * share / total, _stream_start(rng),
            invoicing(rng, unit.country, profile.currency),
        )
        for unit, product, share in chosen
    ]  # fmt: skip


def _stream_start(rng: random.Random) -> dt.date:
    return FIRST_DAY if rng.random() < 0.8 else dt.date(rng.randint(2022, 2024), rng.choice((1, 4, 7, 10)), 1)


def _days(rng: random.Random, stream: Stream, last: dt.date) -> Iterator[dt.date]:
    """Business dates: month ends for contracts and deliveries, quarter months for service, bursts for projects."""
    cadence, offset = stream.product.cadence, rng.randrange(3)
    for month in months(max(stream.since, FIRST_DAY), last):
        if cadence == "quarterly" and month.month % 3 != offset:
            continue
        if cadence == "project" and rng.random() < 0.62:
            continue
        day = month_end(month) if rng.random() < 0.55 else month.replace(day=rng.randint(2, 27))
        day = min(day, last)
        if stream.unit.is_open(day):
            yield day


def _level(customer: Customer, stream: Stream, day: dt.date) -> float:
    """How a month compares with an ordinary one of 2022: season, growth, region and what befell the customer."""
    season = _JAPANESE_SEASON if stream.unit.country == "JP" else _SEASON
    year = day.year + (day.month - 1) / 12
    level: float = season[day.month - 1] * (1 + customer.profile.growth / 100) ** years_after_2022(day)
    region = region_of_country().get(stream.unit.country, "")
    start, rate = _TRENDS.get(region, (9999.0, 0.0))
    level *= (1 + rate) ** max(year - start, 0)
    if customer.code in _SINCE_LOST and day >= _SINCE_LOST[customer.code][0]:
        level *= _SINCE_LOST[customer.code][1]
    if customer.code in _WON:
        won, ramp = _WON[customer.code]
        passed = (day.year - won.year) * 12 + day.month - won.month + 1
        level *= min(max(passed, 0) / ramp, 1)
    if stream.unit.country == "RU" and day >= dt.date(2022, 3, 1):
        level *= 0.25
    return level


_PER_CADENCE = {"quarterly": 3.0, "project": 1 / 0.38}


def _add_entry(
    tables: Tables, customer: Customer, stream: Stream, day: dt.date, rng: random.Random, ledger: Ledger, last: dt.date
) -> None:
    product, unit = stream.product, stream.unit
    noise = math.exp(rng.gauss(0, 0.5 if product.cadence == "project" else 0.13))
    euros = stream.euros * _PER_CADENCE.get(product.cadence, 1.0) * _level(customer, stream, day) * noise
    if euros < 1:
        return
    currency = stream.overriding or currency_on(unit.country, day)
    amount = native(euros, currency, day, step=rng.choice((1, 1, 50, 100, 1000)))
    if product.cadence == "metered" and currency not in ("JPY", "KRW", "CLP", "VND"):
        amount += Decimal(rng.randrange(1, 10000)).scaleb(-4)
    if not amount:
        return
    entry = {
        "account_code": customer.code, "org_unit_code": unit.code, "product_code": product.code, "currency": currency,
    }  # fmt: skip
    if rng.random() < 0.003:
        entry |= {"org_unit_code": "", "country": unit.country}
    tables.add("revenue", external_id=ledger.next_id(customer.code, "R"), date=day, amount=amount, **entry)
    ledger.count(customer.code, unit, product.code, day, euros)
    if rng.random() < 0.012:
        _credit(tables, entry, amount, day, rng, ledger, last)
    if customer.profile.tier == "strategic" and day >= _BILLED_FROM:
        billed = day + dt.timedelta(days=rng.choice((0, 1, 5, 14, 30)))
        if billed <= last:
            tables.add(
                "revenue", external_id=ledger.next_id(customer.code, "I"), date=billed, amount=amount, kind="billed",
                **entry,
            )  # fmt: skip


def _credit(
    tables: Tables, entry: dict[str, str], amount: Decimal, day: dt.date, rng: random.Random, ledger: Ledger,
    last: dt.date,
) -> None:  # fmt: skip
    """A credit note some weeks later, for all or part of an entry."""
    later = min(day + dt.timedelta(days=rng.randint(9, 60)), last)
    part = amount * rng.choice((Decimal(1), Decimal("0.5"), Decimal("0.1")))
    credited = -part.quantize(Decimal(1).scaleb(int(amount.as_tuple().exponent)))
    if credited:
        tables.add(
            "revenue", external_id=ledger.next_id(entry["account_code"], "CN"), date=later, amount=credited, **entry
        )
