"""Leads with their past: those that became deals, those that wait, those that sales sent back; and the campaigns they came from."""

import datetime as dt
import random
from collections.abc import Iterable

from imports.demo.amounts import currency_on, rough
from imports.demo.deals import Deal
from imports.demo.people import person
from imports.demo.sources import places
from imports.demo.structures import Customer, Unit
from imports.demo.tables import Tables
from imports.demo.teams import Team
from imports.demo.timeline import chance

#: What each source is worth in the score of a lead; of the last nobody has said.
SOURCES = {"trade fair": "0.6", "web": "0.3", "referral": "1", "partner": "0.8", "campaign": "0.4"}
_SOURCES = (*SOURCES, "service visit")
_FIRMS = (
    "Helvion Bioprocess", "Norrsken Batteries", "Cerulean Diagnostics", "Atlas Meridional Cement", "Kestrel Semicon",
    "Baltic Green Hydrogen", "Sagami Precision", "Rio Claro Foods", "Vindhya Polymers", "Orchid Vaccines",
)  # fmt: skip
#: Code, name, first and last day, cost in euro (empty: not known).
_CAMPAIGNS = (
    ("achema-2024", "ACHEMA 2024", "2024-06-10", "2024-06-14", "186000"),
    ("gmp-webinars-2025", "Webinars on sterile production", "2025-02-03", "2025-05-30", "24500"),
    ("battery-2025", "Battery plants: clean air", "2025-09-01", "2026-01-31", "61000"),
    ("service-2026", "Service contracts 2027", "2026-03-02", "", ""),
    ("achema-follow-up", "Historian for every plant", "2026-05-04", "2026-09-30", "38000"),
)
_REASONS = ("no_need", "no_budget", "not_reached", "no_fit", "duplicate")
_PATHS = {
    "new": ("new",),
    "marketing_qualified": ("new", "marketing_qualified"),
    "sales_qualified": ("new", "marketing_qualified", "sales_qualified"),
    "converted": ("new", "marketing_qualified", "sales_qualified", "converted"),
    "rejected": ("new", "marketing_qualified", "rejected"),
}
_ORDINARY = (
    "new", "new", "marketing_qualified", "marketing_qualified", "sales_qualified", "rejected", "rejected", "rejected",
)  # fmt: skip


def add_campaigns(tables: Tables) -> None:
    """Fill `campaigns`."""
    for code, name, first, last, cost in _CAMPAIGNS:
        tables.add(
            "campaigns", code=code, name=name, starts_on=first, ends_on=last, cost=cost, currency="EUR" if cost else ""
        )


def add_leads(tables: Tables, customer: Customer, team: Team, deals: Iterable[Deal], last: dt.date) -> None:
    """Fill `leads` and `lead_history` of a customer: those that its deals came from, and others of the last 14 months."""
    for deal in deals:
        if deal.lead:
            _add_converted(tables, customer, deal, last)
    rng = chance("leads", customer.code)
    units = [unit for unit in customer.units if unit.country in places() and unit.is_open(last)]
    for number in range(1, rng.randint(9, 16)):
        _add_ordinary(tables, customer, team, rng.choice(units), number, last)


def _add_converted(tables: Tables, customer: Customer, deal: Deal, last: dt.date) -> None:
    """The lead became the deal on the day on which that was created."""
    rng = chance("lead of", deal.id)
    total = rng.randint(8, 75)
    marketing = rng.randint(1, total - 4)
    sales = rng.randint(marketing, total - 1)
    days = [deal.created - dt.timedelta(days=total - passed) for passed in (0, marketing, sales, total)]
    _add(
        tables, rng, external_id=deal.lead, unit=deal.unit, company=deal.unit.name, status="converted", days=days,
        owner_email=deal.owner.email, account_code=customer.code, euros=deal.euros * rng.uniform(0.6, 1.3),
        currency=deal.currency, last=last,
    )  # fmt: skip


def _add_ordinary(tables: Tables, customer: Customer, team: Team, unit: Unit, number: int, last: dt.date) -> None:
    """At every other customer the first is of a firm that is none yet."""
    rng = chance("ordinary lead", customer.code, number)
    stranger = number == 1 and rng.random() < 0.5
    status = rng.choice(_ORDINARY)
    recent = {"new": 40, "marketing_qualified": 75, "sales_qualified": 150}.get(status, 420)
    created = last - dt.timedelta(days=rng.randint(3, recent))
    days, path = [created], _PATHS[status]
    for _step in path[1:]:
        left = (last - days[-1]).days
        days.append(days[-1] + dt.timedelta(days=rng.randint(0, min(left, 30))))
    _add(
        tables, rng, external_id=f"L-{customer.code}-N{number:02d}", unit=unit, status=status, days=days,
        company=rng.choice(_FIRMS) if stranger else unit.name,
        owner_email=rng.choice(team.owners_near(unit.country)).email if rng.random() < 0.9 else "",
        account_code="" if stranger or status == "new" else customer.code,
        euros=max(customer.profile.base * 26_000 * rng.lognormvariate(0, 0.8), 4_000),
        currency=currency_on(unit.country, created), last=last,
    )  # fmt: skip


def _add(
    tables: Tables, rng: random.Random, *, external_id: str, unit: Unit, company: str, status: str, days: list[dt.date],
    owner_email: str, account_code: str, euros: float, currency: str, last: dt.date,
) -> None:  # fmt: skip
    given, family = person(rng, places().get(unit.country, places()["DE"]).culture)
    known = rng.random() < 0.8
    tables.add(
        "leads", external_id=external_id, name=f"{given.written} {family.written}", company=company, country=unit.country,
        source=_source(rng), status=status, owner_email=owner_email, created_on=days[0], account_code=account_code,
        campaign=_campaign(rng, days[0]), amount=rough(euros, currency, days[0]) if known else None,
        currency=currency if known else "", may_contact=rng.choices(("true", "false", ""), (70, 8, 22))[0],
        last_activity_on=min(last, days[-1] + dt.timedelta(days=rng.randint(0, 20))) if rng.random() < 0.75 else None,
    )  # fmt: skip
    for number, (day, reached) in enumerate(zip(days, _PATHS[status], strict=True)):
        moment = dt.datetime.combine(day, dt.time(7 + 3 * number, rng.randint(0, 59)), dt.UTC)
        reason = rng.choice(_REASONS) if reached == "rejected" else ""
        tables.add("lead_history", lead_external_id=external_id, changed_at=moment, status=reached, reason=reason)


def _source(rng: random.Random) -> str:
    return rng.choices((*_SOURCES, ""), (4, 5, 3, 2, 3, 3, 1))[0]


def _campaign(rng: random.Random, day: dt.date) -> str:
    """One that was under way, or had just ended, for every third lead."""
    near = [
        code
        for code, _name, first, last, _cost in _CAMPAIGNS
        if dt.date.fromisoformat(first) <= day
        and (not last or day <= dt.date.fromisoformat(last) + dt.timedelta(days=60))
    ]
    return rng.choice(near) if near and rng.random() < 0.35 else ""
