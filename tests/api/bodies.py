"""A valid new record of each collection, and a change of it, in the world of the cast."""

from __future__ import annotations

from typing import Any

from accounts.models import Account, OrgUnit
from pipeline.deal_models import Competitor
from tests import factories as make

Body = dict[str, Any]

NEW: dict[str, tuple[Body, Body]] = {
    "regions": (
        {"code": "NORDICS", "name": "Nordics", "parent_code": "EUROPE", "valid_from": "2020-01-01"},
        {"name": "The North"},
    ),
    "region-links": (
        {"child_code": "ASIA", "valid_from": "2030-01-01", "parent_code": "EUROPE", "valid_to": None},
        {"valid_to": "2031-01-01"},
    ),
    "region-countries": (
        {"region_code": "EUROPE", "country": "DK", "valid_from": "2020-01-01", "valid_to": None},
        {"valid_to": "2024-01-01"},
    ),
    "country-calendars": (
        {
            "country": "BD",
            "valid_from": "2020-01-01",
            "weekend": "fri;sat",
            "time_zone": "Asia/Dhaka",
            "valid_to": None,
        },
        {"weekend": "fri"},
    ),
    "country-days": (
        {"country": "DE", "day": "2026-05-15", "works": False, "name": "Bridge"},
        {"works": True, "name": None},
    ),
    "region-leads": (
        {"region_code": "ASIA", "user_email": "owner@example.org", "valid_from": "2020-01-01", "valid_to": None},
        {"valid_from": "2021-01-01"},
    ),
    "exchange-rates": (
        {"base": "EUR", "currency": "CHF", "date": "2024-01-02", "rate_set": "budget-2024", "rate": "0.9312"},
        {"rate": "0.94"},
    ),
    "members": (
        {
            "email": "new@example.org",
            "given_name": "Neo",
            "family_name": "Novák",
            "level": "manager",
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "languages": "cs:C2;en:B2",
            "skills": "tender;legal",
            "weekly_hours": "38.5",
            "works_from": "07:30",
            "works_to": "16:00",
            "working_days": "mon;tue;wed;thu",
            "manager_email": "owner@example.org",
            "access": "viewer",
        },
        {"languages": "cs:C2"},
    ),
    "accounts": (
        {
            "code": "NEW",
            "name": "Нова Група",
            "tier": "key",
            "account_type": "global",
            "industry": "Tools",
            "hq_country": "DE",
            "currency": "EUR",
            "lei": None,
            "website": "https://new.example",
        },
        {"name": "Nova"},
    ),
    "org-units": (
        {
            "account_code": "ACME",
            "code": "ACME-FR",
            "name": "Acme France",
            "kind": "site",
            "country": "FR",
            "city": "Lyon",
            "lei": None,
            "registry_id": "HRB 4711",
            "languages": "fr",
            "time_zone": "Europe/Paris",
            "parent_code": "ACME-DE",
            "valid_from": "2020-01-01",
            "opened_on": None,
            "closed_on": None,
        },
        {"city": "Paris"},
    ),
    "org-links": (
        {
            "account_code": "ACME",
            "structure": "management",
            "child_code": "ACME-2",
            "valid_from": "2020-01-01",
            "parent_code": "ACME-DE",
            "valid_to": None,
            "share": "51.00",
        },
        {"share": "60.50"},
    ),
    "contacts": (
        {
            "external_id": "c-new",
            "account_code": "ACME",
            "org_unit_code": "ACME-DE",
            "given_name": "Eva",
            "family_name": "Bauer",
            "title": "CFO",
            "level": "executive",
            "buying_role": "economic_buyer",
            "stance": "neutral",
            "email": "eva@acme.example",
            "languages": "de;en",
            "reports_to": "c-boss",
        },
        {"stance": "supporter"},
    ),
    "posts": (
        {
            "contact_external_id": "c-boss",
            "org_unit_code": "ACME-DE",
            "valid_from": "2020-01-01",
            "title": "Chair",
            "level": "board",
            "buying_role": "influencer",
            "valid_to": None,
        },
        {"valid_to": "2024-06-01"},
    ),
    "relationships": (
        {
            "contact_external_id": "c-boss",
            "member_email": "owner@example.org",
            "strength": "0.25",
            "last_contact_on": "2024-01-02",
        },
        {"strength": None},
    ),
    "team-members": (
        {
            "account_code": "ACME",
            "member_email": "outsider@example.org",
            "role": "legal",
            "valid_from": "2020-01-01",
            "valid_to": "2021-01-01",
        },
        {"valid_to": "2022-01-01"},
    ),
    "coverage": (
        {
            "account_code": "ACME",
            "org_unit_code": "ACME-DE",
            "member_email": "owner@example.org",
            "role": "local_account_manager",
            "valid_from": "2020-01-01",
            "valid_to": None,
            "covers_descendants": True,
        },
        {"covers_descendants": False},
    ),
    "coverage-policies": (
        {"tier": "global", "unit_kind": "site", "role": "finance", "weight": "1.5", "inheritable": False},
        {"weight": "2"},
    ),
    "products": ({"code": "P-NEW", "name": "New product", "parent_code": "P-OLD"}, {"name": "Newer"}),
    "potentials": (
        {
            "account_code": "ACME",
            "org_unit_code": "ACME-DE",
            "product_code": "P-OLD",
            "amount": "1000.00",
            "currency": "EUR",
        },
        {"amount": "1200.50"},
    ),
    "stages": (
        {
            "code": "signing",
            "name": "Signing",
            "position": 9,
            "probability": "90.00",
            "forecast_category": "commit",
            "outcome": "open",
        },
        {"probability": "95.50"},
    ),
    "campaigns": (
        {
            "code": "spring",
            "name": "Spring fairs",
            "starts_on": "2024-03-01",
            "ends_on": "2024-05-31",
            "cost": "1200.00",
            "currency": "EUR",
        },
        {"cost": None, "ends_on": None},
    ),
    "leads": (
        {
            "external_id": "l-new",
            "name": "A lead",
            "company": "Acme",
            "country": "DE",
            "source": "fair",
            "status": "new",
            "owner_email": "owner@example.org",
            "created_on": "2024-01-01",
            "account_code": "ACME",
            "campaign": "fairs",
            "amount": "5000.00",
            "currency": "EUR",
            "email": "lead@acme.example",
            "phone": "+49 30 1234",
            "may_contact": True,
            "last_activity_on": "2024-02-01",
        },
        {"status": "sales_qualified"},
    ),
    "lead-history": (
        {
            "lead_external_id": "l-old",
            "changed_at": "2024-01-01T09:00:00Z",
            "status": "marketing_qualified",
            "reason": None,
            "note": "at the fair",
        },
        {"status": "rejected", "reason": "no_need"},
    ),
    "opportunities": (
        {
            "external_id": "o-new",
            "account_code": "ACME",
            "org_unit_code": "ACME-DE",
            "country": "DE",
            "name": "A deal",
            "stage": "proposal",
            "amount": "1234.5678",
            "currency": "EUR",
            "probability": "33.33",
            "forecast_category": "commit",
            "close_date": "2024-09-30",
            "created_on": "2024-01-01",
            "owner_email": "owner@example.org",
            "product_code": "P-OLD",
            "lead_external_id": None,
        },
        {"close_date": "2024-10-31"},
    ),
    "opportunity-lines": (
        {
            "opportunity_external_id": "o-old",
            "line": 7,
            "product_code": "P-OLD",
            "org_unit_code": "ACME-DE",
            "country": "DE",
            "amount": "250.00",
        },
        {"amount": "300.00"},
    ),
    "opportunity-splits": (
        {
            "opportunity_external_id": "o-old",
            "member_email": "owner@example.org",
            "type": "overlay",
            "percent": "40.00",
        },
        {"percent": "45.50"},
    ),
    "stage-history": (
        {
            "opportunity_external_id": "o-old",
            "changed_at": "2024-01-05T10:00:00Z",
            "stage": "qualification",
            "amount": "900.00",
            "close_date": "2024-08-01",
        },
        {"amount": "950.00"},
    ),
    "competitors": ({"code": "initech", "name": "Initech", "position": 3}, {"name": "Initech Group"}),
    "opportunity-contacts": (
        {"opportunity_external_id": "o-old", "contact_external_id": "c-boss", "buying_role": "champion"},
        {"buying_role": "decision_maker"},
    ),
    "opportunity-competitors": (
        {
            "opportunity_external_id": "o-old",
            "competitor_code": "hooli",
            "incumbent": True,
            "note": "Since 2019",
        },
        {"incumbent": False},
    ),
    "plays": (
        {
            "code": "PLAY-NEW",
            "kind": "content",
            "title": "A table of duties",
            "purpose": "To agree on who does what",
            "link": "https://example.org/duties",
            "text": "Plan, adjust, release.",
            "languages": "en;de",
            "stages": "negotiation;proposal",
            "buying_roles": "user;gatekeeper",
            "product_code": "P-OLD",
            "country": "DE",
            "region_code": None,
            "industry": "Chemicals",
            "account_code": None,
            "released": False,
            "owner_email": "owner@example.org",
            "valid_from": "2020-01-01",
            "valid_to": None,
        },
        {"title": "A table of duties, shorter"},
    ),
    "play-uses": (
        {
            "external_id": "u-new",
            "opportunity_external_id": "o-old",
            "play_code": "PLAY-OLD",
            "stage": "proposal",
            "used_on": "2024-03-01",
            "member_email": "owner@example.org",
            "contact_external_id": None,
            "buying_role": "user",
            "language": "de",
        },
        {"used_on": "2024-03-02"},
    ),
    "revenue": (
        {
            "external_id": "r-new",
            "account_code": "ACME",
            "org_unit_code": "ACME-DE",
            "country": "DE",
            "product_code": "P-OLD",
            "kind": "billed",
            "date": "2024-02-29",
            "amount": "-12.3456",
            "currency": "EUR",
        },
        {"amount": "99.90"},
    ),
    "quotas": (
        {
            "scope": "region",
            "scope_code": "EUROPE",
            "measure": "revenue",
            "period_start": "2024-01-01",
            "period_end": "2025-01-01",
            "amount": "5000000.00",
            "currency": "EUR",
        },
        {"amount": "6000000.00"},
    ),
}


def furnish(acme: Account) -> None:
    """What the new records refer to."""
    unit = OrgUnit.objects.get(account=acme, code="ACME-DE")
    make.OrgUnitFactory(account=acme, code="ACME-2", country="DE")
    make.ContactFactory(external_id="c-boss", account=acme)
    product = make.ProductFactory(code="P-OLD")
    Competitor.objects.create(code="hooli", name="Hooli")
    make.OpportunityFactory(external_id="o-old", account=acme, org_unit=unit, product=product)
    make.PlayFactory(code="PLAY-OLD")
    make.LeadFactory(external_id="l-old", account=acme, country="DE")
    make.CampaignFactory(code="fairs")
