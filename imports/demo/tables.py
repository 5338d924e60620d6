"""The import files: their columns, the rows collected for them, and how they are written."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

#: The columns of each import file that the demo fills, in the order of the contract.
COLUMNS: dict[str, tuple[str, ...]] = {
    "regions": ("code", "name", "parent_code", "valid_from"),
    "region_links": ("child_code", "valid_from", "parent_code", "valid_to"),
    "region_countries": ("region_code", "country", "valid_from", "valid_to"),
    "region_leads": ("region_code", "user_email", "valid_from", "valid_to"),
    "country_days": ("country", "day", "works", "name"),
    "exchange_rates": ("base", "currency", "date", "rate_set", "rate"),
    "members": (
        "email", "given_name", "family_name", "level", "country", "time_zone", "languages", "skills", "weekly_hours",
        "works_from", "works_to", "working_days", "manager_email", "access",
    ),
    "accounts": ("code", "name", "tier", "account_type", "industry", "hq_country", "currency", "lei", "website"),
    "org_units": (
        "account_code", "code", "name", "kind", "country", "city", "lei", "languages", "time_zone", "parent_code",
        "valid_from", "opened_on", "closed_on",
    ),
    "org_links": ("account_code", "structure", "child_code", "valid_from", "parent_code", "valid_to", "share"),
    "contacts": (
        "external_id", "account_code", "org_unit_code", "given_name", "family_name", "title", "level", "buying_role",
        "stance", "email", "languages", "reports_to",
    ),
    "posts": ("contact_external_id", "org_unit_code", "valid_from", "title", "level", "buying_role", "valid_to"),
    "relationships": ("contact_external_id", "member_email", "strength", "last_contact_on"),
    "team_members": ("account_code", "member_email", "role", "valid_from", "valid_to"),
    "coverage": (
        "account_code", "org_unit_code", "member_email", "role", "valid_from", "valid_to", "covers_descendants",
    ),
    "coverage_policies": ("tier", "unit_kind", "role", "weight", "inheritable"),
    "products": ("code", "name", "parent_code"),
    "potentials": ("account_code", "org_unit_code", "product_code", "amount", "currency"),
    "stages": ("code", "name", "position", "probability", "forecast_category", "outcome"),
    "campaigns": ("code", "name", "starts_on", "ends_on", "cost", "currency"),
    "leads": (
        "external_id", "name", "company", "country", "source", "status", "owner_email", "created_on", "account_code",
        "campaign", "amount", "currency", "may_contact", "last_activity_on",
    ),
    "lead_history": ("lead_external_id", "changed_at", "status", "reason", "note"),
    "opportunities": (
        "external_id", "account_code", "org_unit_code", "country", "name", "stage", "amount", "currency",
        "probability", "close_date", "created_on", "owner_email", "product_code", "lead_external_id",
    ),
    "opportunity_lines": ("opportunity_external_id", "line", "product_code", "org_unit_code", "country", "amount"),
    "opportunity_splits": ("opportunity_external_id", "member_email", "type", "percent"),
    "stage_history": ("opportunity_external_id", "changed_at", "stage", "amount", "close_date"),
    "plays": (
        "code", "kind", "title", "purpose", "text", "languages", "stages", "buying_roles", "product_code", "country",
        "region_code", "industry", "account_code", "released", "valid_from", "valid_to",
    ),
    "play_uses": (
        "external_id", "opportunity_external_id", "play_code", "stage", "used_on", "member_email",
        "contact_external_id", "buying_role", "language",
    ),
    "revenue": (
        "external_id", "account_code", "org_unit_code", "country", "product_code", "kind", "date", "amount",
        "currency",
    ),
    "quotas": ("scope", "scope_code", "measure", "period_start", "period_end", "amount", "currency"),
}  # fmt: skip

Value = str | int | Decimal | dt.date | dt.datetime | None


class Tables:
    """Rows for every import file, in the order in which they were added."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}

    def add(self, file: str, **values: Value) -> None:
        """Add one row; columns that are not named stay empty."""
        self.rows[file].append({name: _text(value) for name, value in values.items()})

    def write(self, folder: Path) -> dict[str, int]:
        """Write every file to `folder`; answers how many rows each has."""
        folder.mkdir(parents=True, exist_ok=True)
        for file, columns in COLUMNS.items():
            with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([row.get(column, "") for column in columns] for row in self.rows[file])
        return {file: len(rows) for file, rows in self.rows.items()}


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
