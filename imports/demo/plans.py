"""What is not sold yet: potentials and quotas; and what was booked when deals were won."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from imports.demo.amounts import currency_on, rough
from imports.demo.catalogue import SOLD
from imports.demo.deals import Deal
from imports.demo.geography import REGIONS, ancestors, region_of_country
from imports.demo.people import Member
from imports.demo.revenue import Ledger
from imports.demo.structures import Customer
from imports.demo.tables import Tables
from imports.demo.timeline import chance

#: How a year of revenue is planned by quarters.
_QUARTERS = (0.23, 0.25, 0.24, 0.28)
_BOOKED_FROM = dt.date(2024, 1, 1)


def add_potentials(tables: Tables, customer: Customer, ledger: Ledger, last: dt.date) -> None:
    """Fill `potentials` of the larger units: around and above what they buy; one in four is not known."""
    rng = chance("potentials", customer.code)
    units = [unit for unit in customer.units if unit.weight > 0 and unit.is_open(last)]
    for unit in sorted(units, key=lambda entry: (-entry.weight, entry.code))[:12]:
        for product in rng.sample(SOLD, rng.randint(2, 4)):
            bought = ledger.by_unit.get((customer.code, unit.code, product.code), 0) / 1.8
            euros = max(bought, customer.profile.base * 4_000) * rng.uniform(0.8, 2.6)
            currency = customer.profile.currency
            is_known = rng.random() > 0.25
            tables.add(
                "potentials", account_code=customer.code, org_unit_code=unit.code, product_code=product.code,
                amount=rough(euros, currency, last) if is_known else None, currency=currency if is_known else "",
            )  # fmt: skip


def add_bookings(tables: Tables, customer: Customer, deals: Iterable[Deal]) -> None:
    """Add a `booked` entry to `revenue` for each deal won since 2024: unit, amount and currency on its close date."""
    amounts = {row["external_id"]: row["amount"] for row in tables.rows["opportunities"][-400:]}
    for deal in deals:
        if deal.stage == "won" and deal.closes >= _BOOKED_FROM:
            tables.add(
                "revenue", external_id=f"B-{deal.id}", account_code=customer.code, org_unit_code=deal.unit.code,
                product_code=deal.product.code, kind="booked", date=deal.closes, amount=amounts[deal.id],
                currency=deal.currency,
            )  # fmt: skip


def add_quotas(tables: Tables, ledger: Ledger, ours: list[Member], last: dt.date) -> None:
    """Fill `quotas` for last year and this one: revenue of regions (by quarters too) and accounts, won of the others. Those of
    members are in the money of their country, and managers were given a little less than they gave."""
    for year in (last.year - 1, last.year):
        by_region: dict[str, float] = defaultdict(float)
        for (sold, country), euros in ledger.by_country.items():
            region = region_of_country().get(country)
            if sold == year - 1 and region:
                for code in ancestors(region):
                    by_region[code] += euros
        for node in REGIONS:
            _add(tables, "region", node.code, "revenue", year, by_region[node.code] * 1.06)
            for quarter, share in enumerate(_QUARTERS):
                _add(tables, "region", node.code, "revenue", year, by_region[node.code] * 1.06 * share, quarter=quarter)
        for (sold, account), euros in sorted(ledger.by_account.items()):
            if sold == year - 1 and euros > 2_000_000:
                _add(tables, "account", account, "revenue", year, euros * 1.05)
        _add_members(tables, ours, year)
        for product in ("INS", "FLT", "AUT", "LAB", "SFT", "SVC"):
            _add(tables, "product", product, "won", year, chance("quota", product, year).uniform(5e6, 12e6))


def _add_members(tables: Tables, ours: list[Member], year: int) -> None:
    given: dict[str, float] = defaultdict(float)
    country = {member.email: member.country for member in ours}
    for member in ours:
        if member.serves in ("global", "local"):
            usual = 2.4e6 if member.serves == "global" else 7e5
            euros = usual * chance("quota", member.email, year).uniform(0.8, 2.2)
            given[member.manager] += euros
            _add(tables, "member", member.email, "won", year, euros, country=member.country)
    sellers = {member.email for member in ours if member.serves in ("global", "local")}
    for manager, euros in sorted(given.items()):
        if manager in country and manager not in sellers:
            _add(tables, "member", manager, "won", year, euros * 0.94, country=country[manager])


def _add(
    tables: Tables,
    scope: str,
    code: str,
    measure: str,
    year: int,
    euros: float,
    *,
    quarter: int | None = None,
    country: str = "",
) -> None:
    """For a year or a quarter of it; in euro, or in the money of a country."""
    if euros < 1_000:
        return
    start, end = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
    if quarter is not None:
        start = dt.date(year, quarter * 3 + 1, 1)
        end = dt.date(year, quarter * 3 + 4, 1) if quarter < 3 else end
    currency = currency_on(country, start) if country else "EUR"
    amount = rough(euros, currency, start) if currency != "EUR" else Decimal(round(euros / 5_000) * 5_000)
    tables.add(
        "quotas", scope=scope, scope_code=code, measure=measure, period_start=start, period_end=end, amount=amount,
        currency=currency,
    )  # fmt: skip
