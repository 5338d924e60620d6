"""Which groups Meridian serves, how much they buy and what has happened to them. All of it is invented."""

from dataclasses import dataclass

from imports.demo.sources import SourceGroup, groups, places, rows_of
from imports.demo.tables import Tables
from imports.demo.timeline import chance

#: Groups that are listed twice in the sources or make no customer of an industrial supplier.
_NOT_SERVED = {"PRICEWATERHOUSECOOPERS", "METROMEDIA-INTERNATIONAL", "ORACLE", "MYLAN", "HUAWEI-TECHNOLOGIES"}
_INDUSTRIES = ("Industrial technology", "Pharmaceuticals", "Chemicals", "Electronics", "Food and beverages")


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer. `base` is what it buys in 2022 in millions of euro, `growth` per cent a year from then on; `story`
    names what befell it: `lost_deal`, `newly_won` or nothing in particular."""

    code: str
    name: str
    tier: str
    account_type: str
    industry: str
    currency: str
    base: float
    growth: float
    story: str
    group: SourceGroup


def customers(scale: int) -> list[Profile]:
    """The demo's customers; at scale N, N times as many: further real groups first, then numbered copies."""
    found = [
        Profile(
            row["group"], row["name"], row["tier"], row["account_type"], row["industry"], row["currency"],
            float(row["base"]), float(row["growth"]), row["story"], groups()[row["group"]],
        )
        for row in rows_of("customers")
    ]  # fmt: skip
    wanted, chosen = len(found) * scale, {profile.code for profile in found}
    others = [group for group in groups().values() if group.code not in chosen | _NOT_SERVED]
    copy = 0
    while len(found) < wanted:
        number, index = divmod(copy, len(others))
        found.append(_further(others[index], number + 1))
        copy += 1
    return found


def _further(group: SourceGroup, number: int) -> Profile:
    rng = chance("further", group.code, number)
    suffix, label = ("", "") if number == 1 else (f"-{number}", f" {number}")
    country = group.country if group.country in places() else "US"
    return Profile(
        f"{group.code}{suffix}", f"{group.name}{label}", "key", rng.choice(("local", "international")),
        rng.choice(_INDUSTRIES), places()[country].currency, round(0.2 + rng.random() ** 3 * 4, 2),
        round(rng.uniform(-4, 12), 1), "", group,
    )  # fmt: skip


def add_customers(tables: Tables, profiles: list[Profile]) -> None:
    """Fill `accounts`. A legal entity identifier is never invented, so the column stays empty."""
    for profile in profiles:
        tables.add(
            "accounts", code=profile.code, name=profile.name, tier=profile.tier, account_type=profile.account_type,
            industry=profile.industry, hq_country=profile.group.country, currency=profile.currency,
            website=profile.group.website,
        )  # fmt: skip
