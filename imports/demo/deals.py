"""Opportunities with their lines, splits and stage history; some of them tell a story of their own."""

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from imports.demo.amounts import currency_on, invoicing, rough
from imports.demo.catalogue import SOLD, Product
from imports.demo.people import Member
from imports.demo.structures import Customer, Unit
from imports.demo.tables import Tables
from imports.demo.teams import Team
from imports.demo.timeline import chance

_PATH = ("prospecting", "qualification", "proposal", "negotiation")
_WHAT = (
    "framework renewal", "line extension", "replacement programme", "new building", "upgrade", "three-year service",
    "pilot", "roll-out", "turnaround", "capacity expansion",
)  # fmt: skip
_PRIME = (
    ("100",), ("100",), ("70", "30"), ("60", "40"), ("50", "30", "20"), ("33.34", "33.33", "33.33"), ("62.5", "37.5"),
)  # fmt: skip


@dataclass(slots=True)
class Deal:
    """A deal before it is written. `stage` is where it stands; `closes` its (expected) close date."""

    id: str
    unit: Unit
    product: Product
    name: str
    stage: str
    euros: float
    currency: str
    created: dt.date
    closes: dt.date
    owner: Member
    probability: str = ""

    @property
    def lead(self) -> str:
        """The lead that it came from; empty for most: customers come again by themselves."""
        return f"L-{self.id.removeprefix('O-')}" if chance("lead", self.id).random() < 0.2 else ""


#: Account → deals that everybody talks about: unit kind, name, stage, euro, created, closes, product.
_STORIES: dict[str, tuple[tuple[str, str, float, str, str, str], ...]] = {
    "BOEHRINGER-INGELHEIM": (
        ("Biologics campus Vienna: full automation package", "lost", 11_800_000, "2025-05-12", "2026-03-17", "AUT-DCS"),
        ("Vienna campus: sterile filtration, again", "qualification", 2_400_000, "2026-06-22", "2027-03-31", "FLT-LIQ"),
    ),
    "NOVO-HOLDINGS": (
        ("Kalundborg expansion: process automation", "won", 9_200_000, "2025-04-07", "2026-01-22", "AUT-DCS"),
        ("Kalundborg expansion: cleanroom air", "won", 4_100_000, "2025-09-15", "2026-06-11", "FLT-AIR"),
        ("Global maintenance frame 2027 to 2029", "negotiation", 6_300_000, "2026-04-20", "2026-12-18", "SVC-MNT"),
    ),
    "ROCHE": (
        ("Penzberg, Basel: historian for all plants", "negotiation", 13_600_000, "2026-01-19", "2026-12-15", "SFT-HIS"),
    ),
    "SIEMENS": (
        ("Electronics works Amberg: handling robots", "negotiation", 3_100_000, "2025-11-03", "2026-09-30", "AUT-ROB"),
    ),
    "TATA-SONS": (
        ("Battery plant Sanand: fume extraction", "proposal", 5_200_000, "2026-05-04", "2027-02-26", "FLT-DUST"),
    ),
    "GLAXOSMITHKLINE": (
        ("Ware and Stevenage: calibration outsourcing", "lost", 3_900_000, "2024-11-11", "2025-07-31", "SVC-CAL"),
        ("Irvine site: analyser replacement", "lost", 1_700_000, "2025-02-03", "2025-10-15", "INS-ANA"),
    ),
}  # fmt: skip


def add_deals(tables: Tables, customer: Customer, team: Team, last: dt.date) -> list[Deal]:
    """Fill the four opportunity files of one customer; answers its deals."""
    deals = _story_deals(customer, team)
    wanted = round(30 + 62 * (customer.profile.base / 25) ** 0.5)
    deals += [_ordinary_deal(customer, team, number, last) for number in range(len(deals) + 1, wanted + 1)]
    for deal in deals:
        rng = chance("deal", deal.id)
        _write(tables, customer, team, deal, rng, last)
    return deals


def _story_deals(customer: Customer, team: Team) -> list[Deal]:
    products = {product.code: product for product in SOLD}
    manager = team.current("global_account_manager")[0].member
    return [
        Deal(
            f"O-{customer.code}-{number:03d}", customer.top, products[product], name, stage, euros,
            customer.profile.currency, dt.date.fromisoformat(created), dt.date.fromisoformat(closes), manager,
        )
        for number, (name, stage, euros, created, closes, product) in enumerate(_STORIES.get(customer.code, ()), 1)
    ]  # fmt: skip


def _ordinary_deal(customer: Customer, team: Team, number: int, last: dt.date) -> Deal:
    identity = f"O-{customer.code}-{number:03d}"
    rng = chance("ordinary", identity)
    is_open = rng.random() < (0.5 if customer.profile.story == "newly_won" else 0.22)
    created, closes = _open_dates(rng, last) if is_open else _closed_dates(rng, customer, last)
    day = last if is_open else closes
    buying = [unit for unit in customer.units if unit.weight > 0 and unit.is_open(day)]
    unit = rng.choices(buying, [entry.weight for entry in buying])[0]
    product = rng.choices(SOLD, [entry.weight for entry in SOLD])[0]
    stage = _open_stage(rng, closes, last) if is_open else _outcome(rng, customer, unit, closes)
    median = customer.profile.base * 1_000_000 * 0.026 + 18_000
    euros = max(median * rng.lognormvariate(0, 0.85), 4_000)
    currency = invoicing(rng, unit.country, customer.profile.currency) or currency_on(unit.country, closes)
    where = unit.city or unit.name
    deal = Deal(
        identity, unit, product, f"{product.name}, {where}: {rng.choice(_WHAT)}", stage, euros, currency, created,
        closes, rng.choice(team.owners_near(unit.country)),
    )  # fmt: skip
    if is_open and rng.random() < 0.12:
        deal.probability = str(rng.choice((15, 30, 40, 60, 65, 80, 90)))
    return deal


def _open_dates(rng: random.Random, last: dt.date) -> tuple[dt.date, dt.date]:
    """One in eleven is overdue; most of the rest close in the coming nine months, often at a quarter's end."""
    if rng.random() < 0.09:
        closes = last - dt.timedelta(days=rng.randint(1, 75))
        return closes - dt.timedelta(days=rng.randint(90, 320)), closes
    closes = last + dt.timedelta(days=1 + round(rng.expovariate(1 / 120)))
    if rng.random() < 0.35:
        quarter = (closes.month + 2) // 3
        closes = dt.date(closes.year + quarter // 4, quarter % 4 * 3 + 1, 1) - dt.timedelta(days=1)
    return last - dt.timedelta(days=rng.randint(6, 260)), max(closes, last)


def _closed_dates(rng: random.Random, customer: Customer, last: dt.date) -> tuple[dt.date, dt.date]:
    first = dt.date(2026, 1, 15) if customer.profile.story == "newly_won" else dt.date(2021, 10, 4)
    span = (last - first).days
    closes = first + dt.timedelta(days=round(span * rng.random() ** 0.8))
    if closes.weekday() > 4:
        closes -= dt.timedelta(days=2)
    return closes - dt.timedelta(days=rng.randint(25, 330)), closes


def _open_stage(rng: random.Random, closes: dt.date, last: dt.date) -> str:
    days = (closes - last).days
    if days < 45:
        return rng.choices(_PATH, (1, 2, 4, 6))[0]
    return rng.choices(_PATH, (3, 4, 4, 2) if days < 180 else (6, 5, 2, 0.4))[0]


def _outcome(rng: random.Random, customer: Customer, unit: Unit, closes: dt.date) -> str:
    odds = 0.46
    if unit.country in ("GB", "IE") and closes.year >= 2025:
        odds = 0.22
    if customer.profile.story == "newly_won":
        odds = 0.7
    return "won" if rng.random() < odds else "lost"


def _write(tables: Tables, customer: Customer, team: Team, deal: Deal, rng: random.Random, last: dt.date) -> None:
    parts = _parts(customer, deal, rng, last)
    amount = sum((part for _, _, part in parts), Decimal(0)) or rough(deal.euros, deal.currency, deal.closes)
    tables.add(
        "opportunities", external_id=deal.id, account_code=customer.code, org_unit_code=deal.unit.code, name=deal.name,
        stage=deal.stage, amount=amount, currency=deal.currency, probability=deal.probability, close_date=deal.closes,
        created_on=deal.created, owner_email=deal.owner.email if rng.random() < 0.98 else "",
        product_code=deal.product.code, lead_external_id=deal.lead,
    )  # fmt: skip
    for line, (unit, product, part) in enumerate(parts, start=1):
        tables.add(
            "opportunity_lines", opportunity_external_id=deal.id, line=line, product_code=product.code,
            org_unit_code="" if unit is deal.unit else unit.code, amount=part,
        )  # fmt: skip
    _add_splits(tables, team, deal, rng)
    _add_history(tables, deal, amount, rng, last)


def _parts(customer: Customer, deal: Deal, rng: random.Random, last: dt.date) -> list[tuple[Unit, Product, Decimal]]:
    """Half of the deals have lines: several products, and in large ones several units."""
    if rng.random() > 0.5 and deal.euros < 1_000_000:
        return []
    day = min(deal.closes, last)
    others = [unit for unit in customer.of_kind("legal_entity", "site") if unit.weight > 0 and unit.is_open(day)]
    parts = []
    for index in range(rng.choice((1, 2, 2, 3, 4))):
        elsewhere = index > 0 and others and (rng.random() < 0.3 or deal.euros > 1_000_000)
        unit = rng.choice(others) if elsewhere else deal.unit
        product = deal.product if index == 0 else rng.choice(SOLD)
        share = deal.euros * (0.62 if index == 0 else rng.uniform(0.06, 0.2))
        parts.append((unit, product, rough(share, deal.currency, deal.closes)))
    return parts


def _add_splits(tables: Tables, team: Team, deal: Deal, rng: random.Random) -> None:
    if rng.random() < 0.62:
        shares = rng.choice(_PRIME)
        others = [member for member in dict.fromkeys(team.owners()) if member is not deal.owner]
        shares = shares if len(others) >= len(shares) - 1 else ("100",)
        chosen = [deal.owner, *rng.sample(others, len(shares) - 1)]
        for member, percent in zip(chosen, shares, strict=True):
            tables.add(
                "opportunity_splits", opportunity_external_id=deal.id, member_email=member.email, type="prime",
                percent=Decimal(percent),
            )  # fmt: skip
    if rng.random() < 0.24:
        for entry in team.current("solution_specialist", "fulfilment_lead")[: rng.choice((1, 2))]:
            tables.add(
                "opportunity_splits", opportunity_external_id=deal.id, member_email=entry.member.email, type="overlay",
                percent=rng.choice((100, 50, 25)),
            )  # fmt: skip


def _add_history(tables: Tables, deal: Deal, amount: Decimal, rng: random.Random, last: dt.date) -> None:
    """Every stage passed, with what the amount and the close date were then; closed deals end with their outcome."""
    closed = deal.stage in ("won", "lost")
    if deal.stage == "won":
        reached: tuple[str, ...] = _PATH
    else:
        reached = _PATH[: rng.randint(1, 4)] if closed else _PATH[: _PATH.index(deal.stage) + 1]
    until = deal.closes if closed else last
    span = max((until - deal.created).days, len(reached) + 1)
    days = sorted(rng.sample(range(1, span), len(reached) - 1)) if len(reached) > 1 else []
    slipped = dt.timedelta(days=rng.choice((0, 0, 14, 30, 60)))
    for stage, passed in zip(reached, [0, *days], strict=True):
        is_now = stage == reached[-1] and not closed
        then = amount if is_now else (amount * Decimal(rng.choice((80, 90, 100, 100, 115)))) / 100
        _change(
            tables, deal, rng, deal.created + dt.timedelta(days=passed), stage, then,
            deal.closes if is_now else max(deal.closes - slipped, deal.created),
        )  # fmt: skip
    if closed:
        ended = max(deal.closes, deal.created + dt.timedelta(days=span))
        _change(tables, deal, rng, ended, deal.stage, amount, deal.closes)


def _change(
    tables: Tables, deal: Deal, rng: random.Random, day: dt.date, stage: str, amount: Decimal, closes: dt.date
) -> None:
    moment = dt.datetime.combine(day, dt.time(rng.randint(6, 17), rng.randint(0, 59)), dt.UTC)
    tables.add(
        "stage_history", opportunity_external_id=deal.id, changed_at=moment, stage=stage,
        amount=amount.quantize(Decimal("0.01")) if amount % 1 else amount.quantize(Decimal(1)), close_date=closes,
    )  # fmt: skip
