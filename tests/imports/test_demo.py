"""The demo's import files keep the contract, and are the same each time."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from imports.demo import rates
from imports.demo.folder import build, write_folder
from imports.demo.hours import OWN_HOURS
from imports.demo.logins import LOGINS, PASSWORD, login_table
from imports.demo.tables import COLUMNS, Tables
from imports.demo.timeline import RUSSIA_CLOSED_ON

Row = dict[str, str]

KEYS = {
    "regions": ("code",), "region_links": ("child_code", "valid_from"),
    "region_countries": ("region_code", "country", "valid_from"),
    "region_leads": ("region_code", "user_email", "valid_from"), "country_days": ("country", "day"),
    "exchange_rates": ("base", "currency", "date", "rate_set"), "members": ("email",), "accounts": ("code",),
    "org_units": ("account_code", "code"), "org_links": ("account_code", "structure", "child_code", "valid_from"),
    "contacts": ("external_id",), "posts": ("contact_external_id", "org_unit_code", "valid_from"),
    "relationships": ("contact_external_id", "member_email"),
    "team_members": ("account_code", "member_email", "role", "valid_from"),
    "coverage": ("account_code", "org_unit_code", "member_email", "role", "valid_from"),
    "coverage_policies": ("tier", "unit_kind", "role"), "products": ("code",),
    "potentials": ("account_code", "org_unit_code", "product_code"), "stages": ("code",),
    "campaigns": ("code",), "leads": ("external_id",), "lead_history": ("lead_external_id", "changed_at"),
    "opportunities": ("external_id",), "opportunity_lines": ("opportunity_external_id", "line"),
    "opportunity_splits": ("opportunity_external_id", "member_email", "type"),
    "stage_history": ("opportunity_external_id", "changed_at"), "revenue": ("external_id",),
    "plays": ("code",), "play_uses": ("external_id",),
    "quotas": ("scope", "scope_code", "measure", "period_start", "period_end"),
}  # fmt: skip

ROLES = {
    "global_account_manager", "regional_account_manager", "local_account_manager", "executive_sponsor",
    "solution_specialist", "fulfilment_lead", "customer_success", "legal", "finance",
}  # fmt: skip

#: File, column, and the file and column in which its value must be a key.
REFERENCES = (
    ("regions", "parent_code", "regions", "code"), ("region_links", "child_code", "regions", "code"),
    ("region_links", "parent_code", "regions", "code"), ("region_countries", "region_code", "regions", "code"),
    ("region_leads", "region_code", "regions", "code"), ("region_leads", "user_email", "members", "email"),
    ("members", "manager_email", "members", "email"), ("org_units", "account_code", "accounts", "code"),
    ("contacts", "reports_to", "contacts", "external_id"), ("posts", "contact_external_id", "contacts", "external_id"),
    ("relationships", "contact_external_id", "contacts", "external_id"),
    ("relationships", "member_email", "members", "email"), ("team_members", "account_code", "accounts", "code"),
    ("team_members", "member_email", "members", "email"), ("products", "parent_code", "products", "code"),
    ("potentials", "product_code", "products", "code"), ("leads", "owner_email", "members", "email"),
    ("leads", "account_code", "accounts", "code"), ("leads", "campaign", "campaigns", "code"),
    ("lead_history", "lead_external_id", "leads", "external_id"),
    ("opportunities", "lead_external_id", "leads", "external_id"), ("opportunities", "account_code", "accounts", "code"),
    ("opportunities", "stage", "stages", "code"), ("opportunities", "owner_email", "members", "email"),
    ("opportunities", "product_code", "products", "code"),
    ("opportunity_lines", "opportunity_external_id", "opportunities", "external_id"),
    ("opportunity_lines", "product_code", "products", "code"),
    ("opportunity_splits", "opportunity_external_id", "opportunities", "external_id"),
    ("opportunity_splits", "member_email", "members", "email"),
    ("stage_history", "opportunity_external_id", "opportunities", "external_id"),
    ("stage_history", "stage", "stages", "code"), ("revenue", "account_code", "accounts", "code"),
    ("revenue", "product_code", "products", "code"), ("plays", "product_code", "products", "code"),
    ("plays", "account_code", "accounts", "code"), ("plays", "region_code", "regions", "code"),
    ("play_uses", "opportunity_external_id", "opportunities", "external_id"),
    ("play_uses", "play_code", "plays", "code"), ("play_uses", "stage", "stages", "code"),
    ("play_uses", "contact_external_id", "contacts", "external_id"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target: Path = tmp_path_factory.mktemp("demo")
    write_folder(target)
    return target


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, list[Row]]:
    """Every file of the folder as its rows, read back from disk."""
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8", newline="") as stream:
            found[path.stem] = list(csv.DictReader(stream))
    return found


def periods_by(rows: list[Row], *columns: str) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    found: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[tuple(row[column] for column in columns)].append(
            (row["valid_from"] or "0001-01-01", row["valid_to"] or "9999-12-31")
        )
    return {key: sorted(periods) for key, periods in found.items()}


def links_of(files: dict[str, list[Row]]) -> list[Row]:
    """Every dated link of an account's structures, those of `org_units` included."""
    of_units = [
        {
            "account_code": row["account_code"], "structure": "legal", "child_code": row["code"],
            "parent_code": row["parent_code"], "valid_from": row["valid_from"], "valid_to": "",
        }
        for row in files["org_units"]
        if row["parent_code"]
    ]  # fmt: skip
    return of_units + files["org_links"]


def has_cycle(parents: dict[str, str]) -> bool:
    for start in parents:
        seen, node = {start}, start
        while node in parents:
            node = parents[node]
            if node in seen:
                return True
            seen.add(node)
    return False


def test_there_is_one_file_for_each_of_the_contract(files: dict[str, list[Row]]) -> None:
    assert set(files) == set(KEYS) == set(COLUMNS)
    assert all(files.values()), "no file is empty"


@pytest.mark.parametrize("file", KEYS)
def test_keys_are_unique_and_their_required_parts_filled(files: dict[str, list[Row]], file: str) -> None:
    keys = [tuple(row[column] for column in KEYS[file]) for row in files[file]]
    assert len(keys) == len(set(keys))
    required = [column for column in KEYS[file] if column != "valid_from"]
    assert all(row[column] for row in files[file] for column in required)


@pytest.mark.parametrize(("file", "column", "target", "key"), REFERENCES)
def test_codes_refer_to_rows_that_exist(
    files: dict[str, list[Row]], file: str, column: str, target: str, key: str
) -> None:
    known = {row[key] for row in files[target]} | {""}
    assert {row[column] for row in files[file]} <= known


def test_units_named_anywhere_belong_to_the_account_named_beside_them(files: dict[str, list[Row]]) -> None:
    units = {(row["account_code"], row["code"]) for row in files["org_units"]}
    deals = {row["external_id"]: row["account_code"] for row in files["opportunities"]}
    people = {row["external_id"]: row["account_code"] for row in files["contacts"]}
    named = {
        (row["account_code"], row["org_unit_code"])
        for file in ("contacts", "coverage", "potentials", "opportunities", "revenue")
        for row in files[file]
    }
    named |= {(deals[row["opportunity_external_id"]], row["org_unit_code"]) for row in files["opportunity_lines"]}
    named |= {(people[row["contact_external_id"]], row["org_unit_code"]) for row in files["posts"]}
    named |= {(row["account_code"], row[column]) for row in links_of(files) for column in ("child_code", "parent_code")}
    assert {pair for pair in named if pair[1]} <= units


def test_no_two_periods_of_one_thing_overlap(files: dict[str, list[Row]]) -> None:
    dated = {
        "country": periods_by(files["region_countries"], "country"),
        "region": periods_by(files["region_links"], "child_code"),
        "link": periods_by(links_of(files), "account_code", "structure", "child_code"),
        "lead": periods_by(files["region_leads"], "region_code", "user_email"),
        "post": periods_by(files["posts"], "contact_external_id", "org_unit_code"),
        "team": periods_by(files["team_members"], "account_code", "member_email", "role"),
        "coverage": periods_by(files["coverage"], "account_code", "org_unit_code", "member_email", "role"),
    }
    for what, things in dated.items():
        for key, periods in things.items():
            assert all(start < end for start, end in periods), (what, key, periods)
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(periods)), (what, key, periods)


def test_each_account_has_exactly_one_global_account_manager_at_any_time(files: dict[str, list[Row]]) -> None:
    managers = [row for row in files["team_members"] if row["role"] == "global_account_manager"]
    periods = periods_by(managers, "account_code")
    assert set(periods) == {(row["code"],) for row in files["accounts"]}
    for spells in periods.values():
        assert spells[-1][1] == "9999-12-31"
        assert all(a[1] == b[0] for a, b in itertools.pairwise(spells))
    assert sum(len(spells) > 1 for spells in periods.values()) >= 5, "some accounts were handed over"


def test_no_structure_has_a_cycle_on_any_day_on_which_something_changes(files: dict[str, list[Row]]) -> None:
    trees: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in links_of(files):
        trees[row["account_code"], row["structure"]].append(row)
    for links in trees.values():
        for day in {row["valid_from"] for row in links}:
            parents = {
                row["child_code"]: row["parent_code"]
                for row in links
                if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
            }
            assert not has_cycle(parents)


def test_the_region_tree_has_no_cycle_before_and_after_its_re_organisation(files: dict[str, list[Row]]) -> None:
    fixed = {row["code"]: row["parent_code"] for row in files["regions"] if row["parent_code"]}
    for day in ("2021-01-01", "2025-04-01"):
        moved = {
            row["child_code"]: row["parent_code"]
            for row in files["region_links"]
            if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
        }
        assert len(moved) == 2
        assert not has_cycle(fixed | moved)


def test_prime_splits_of_a_deal_are_exactly_one_hundred_per_cent(files: dict[str, list[Row]]) -> None:
    prime: dict[str, Decimal] = defaultdict(Decimal)
    for row in files["opportunity_splits"]:
        if row["type"] == "prime":
            prime[row["opportunity_external_id"]] += Decimal(row["percent"])
    assert len(prime) > 500
    assert set(prime.values()) == {Decimal("100.00")}


def test_a_deals_amount_is_the_sum_of_its_lines(files: dict[str, list[Row]]) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in files["opportunity_lines"]:
        sums[row["opportunity_external_id"]] += Decimal(row["amount"])
    amounts = {row["external_id"]: Decimal(row["amount"]) for row in files["opportunities"]}
    assert len(sums) > 500
    assert {deal: amounts[deal] for deal in sums} == sums


def test_the_stage_history_ends_with_the_stage_the_deal_is_in(files: dict[str, list[Row]]) -> None:
    latest: dict[str, Row] = {}
    for row in files["stage_history"]:
        known = latest.get(row["opportunity_external_id"])
        if known is None or known["changed_at"] < row["changed_at"]:
            latest[row["opportunity_external_id"]] = row
    assert {deal: row["stage"] for deal, row in latest.items()} == {
        row["external_id"]: row["stage"] for row in files["opportunities"]
    }


def test_nothing_has_happened_after_the_as_of_date(files: dict[str, list[Row]]) -> None:
    last = rates.last_day()
    outcomes = {row["code"]: row["outcome"] for row in files["stages"]}
    closed = [row for row in files["opportunities"] if outcomes[row["stage"]] != "open"]
    days = [row["date"] for row in files["revenue"]] + [row["close_date"] for row in closed]
    days += [row["changed_at"][:10] for row in files["stage_history"]]
    days += [row["last_contact_on"] for row in files["relationships"]]
    assert max(days) == last.isoformat()
    assert max(row["date"] for row in files["exchange_rates"]) == last.isoformat()


def test_a_unit_sells_and_is_covered_only_while_it_is_open(files: dict[str, list[Row]]) -> None:
    closed = {(row["account_code"], row["code"]): row["closed_on"] for row in files["org_units"] if row["closed_on"]}
    assert RUSSIA_CLOSED_ON.isoformat() in closed.values()
    for row in files["revenue"]:
        day = closed.get((row["account_code"], row["org_unit_code"]))
        kept = row["external_id"].startswith(("CN-", "I-"))  # credit notes and invoices follow what was delivered
        assert day is None or kept or row["date"] < day
    current = {(row["account_code"], row["org_unit_code"]) for row in files["coverage"] if not row["valid_to"]}
    assert not current & set(closed)


def test_roles_and_coverage_are_those_of_the_team(files: dict[str, list[Row]]) -> None:
    teams = {(row["account_code"], row["member_email"], row["role"]) for row in files["team_members"]}
    covering = {(row["account_code"], row["member_email"], row["role"]) for row in files["coverage"]}
    assert {role for _, _, role in teams} == ROLES
    assert covering <= teams


def test_revenue_is_in_many_currencies_and_some_have_no_published_rate(files: dict[str, list[Row]]) -> None:
    sold = {row["currency"] for row in files["revenue"]}
    published = {row["currency"] for row in files["exchange_rates"] if row["rate_set"] == "spot"} | {"EUR"}
    assert len(sold) >= 15
    assert {"AED", "SAR", "TWD", "VND", "ARS", "CLP", "NGN", "KWD"} <= sold - published
    assert {row["base"] for row in files["exchange_rates"]} == {"EUR"}


def test_amounts_have_at_most_four_decimals_and_some_are_credits(files: dict[str, list[Row]]) -> None:
    amounts = [(row["amount"], row["currency"]) for row in files["revenue"]]
    decimals = {len(amount.partition(".")[2]) for amount, _ in amounts}
    assert max(decimals) == 4
    assert any(amount.startswith("-") for amount, _ in amounts)
    assert all("." not in amount for amount, currency in amounts if currency in ("JPY", "KRW"))
    assert any(len(amount.partition(".")[2]) == 3 for amount, currency in amounts if currency == "KWD")


def test_most_but_not_all_large_entities_are_covered(files: dict[str, list[Row]]) -> None:
    covered = {(row["account_code"], row["org_unit_code"]) for row in files["coverage"] if not row["valid_to"]}
    open_units = [
        (row["account_code"], row["code"]) for row in files["org_units"] if row["kind"] in ("legal_entity", "site")
    ]
    share = sum(unit in covered for unit in open_units) / len(open_units)
    assert 0.1 < share < 0.9


def test_the_size_is_that_of_a_demo(files: dict[str, list[Row]]) -> None:
    assert 30 <= len(files["accounts"]) <= 40
    assert 25_000 <= len(files["revenue"]) <= 42_000
    assert 1_500 <= len(files["opportunities"]) <= 2_500
    assert len({row["country"] for row in files["members"]}) >= 10
    first = dt.date.fromisoformat(min(row["date"] for row in files["revenue"]))
    assert (rates.last_day() - first).days > 4.9 * 365


def test_the_same_scale_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_folder(tmp_path)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_larger_scale_multiplies_the_customers_and_leaves_the_first_ones_alone(files: dict[str, list[Row]]) -> None:
    larger: Tables = build(scale=2)
    assert len(larger.rows["accounts"]) == 2 * len(files["accounts"])
    of_roche = [row for row in larger.rows["revenue"] if row["account_code"] == "ROCHE"]
    assert [row["external_id"] for row in of_roche] == [
        row["external_id"] for row in files["revenue"] if row["account_code"] == "ROCHE"
    ]


def test_every_login_is_a_member_with_the_access_it_says(files: dict[str, list[Row]]) -> None:
    access = {row["email"]: row["access"] for row in files["members"]}
    assert {login.email: login.access for login in LOGINS} == {login.email: access[login.email] for login in LOGINS}
    assert {login.access for login in LOGINS} == {
        "account_manager", "regional_lead", "executive", "administrator", "viewer",
    }  # fmt: skip
    assert all(login.email.endswith(".example") for login in LOGINS)
    assert all(login.email in login_table() and PASSWORD in login_table() for login in LOGINS)


def test_some_revenue_is_in_no_region_and_some_in_no_country(files: dict[str, list[Row]]) -> None:
    assigned = {row["country"] for row in files["region_countries"]}
    countries = {(row["account_code"], row["code"]): row["country"] for row in files["org_units"]}
    sold_in = {
        row["country"] or countries[row["account_code"], row["org_unit_code"]]
        for row in files["revenue"]
        if row["country"] or row["org_unit_code"]
    }
    assert sold_in - assigned == {"BM", ""}


def test_hours_of_their_own_are_those_of_members_who_are_there(files: dict[str, list[Row]]) -> None:
    boxes = {row["email"].partition("@")[0] for row in files["members"]}
    assert set(OWN_HOURS) - boxes == set(), "mailboxes that nobody has"
    assert sum(bool(row["works_from"] or row["working_days"]) for row in files["members"]) == len(OWN_HOURS)


def test_houses_are_closed_after_thanksgiving(files: dict[str, list[Row]]) -> None:
    days = {row["day"] for row in files["country_days"] if row["country"] == "US"}
    assert days == {"2024-11-29", "2025-11-28", "2026-11-27", "2027-11-26"}
