"""Two customers whose alignment was worked out on paper, in fractions: clocks that change, weeks that begin on Sunday, languages
that nobody knows, a management structure that begins and one that ends, days of the past. The API says what the paper says.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from money.services import pin_business_date
from rollups import services
from tests import factories as make
from tests.coverage.test_alignment_api import signed_in
from tests.imports.world import load
from users.permissions import Access

GAM, RAM, LAM, SPONSOR = (
    "global_account_manager", "regional_account_manager", "local_account_manager", "executive_sponsor",
)  # fmt: skip
F = Fraction

FILES = {
    "exchange_rates": "base,currency,date,rate\nEUR,USD,2025-03-14,1.25\nEUR,USD,2026-04-03,1.25\n",
    "members": "email,level,country,time_zone,works_from,works_to,languages,manager_email\n"
    "ana@us.example,director,DE,Europe/Berlin,08:00,16:00,de:C2;en:B2,\n"
    "noa@us.example,manager,FR,Europe/Paris,,,,\n"
    "sal@us.example,,SA,Asia/Riyadh,,,ar,noa@us.example\n"
    "pia@us.example,manager,BR,America/Sao_Paulo,,,pt:C2;en:C1,\n"
    "leo@us.example,manager,AE,Asia/Dubai,08:30,16:30,en:C1;ar:B1,\n",
    "accounts": "code,name,tier\nKES,Kestrel,strategic\nDUNE,Dune,global\n",
    "org_units": "account_code,code,name,kind,country,time_zone,languages,parent_code,closed_on\n"
    "KES,G,Kestrel,group,DE,,de,,\nKES,DIV,Division,division,CH,,,G,\nKES,NY,New York,site,US,America/New_York,en,G,\n"
    "KES,RI,Riyadh,legal_entity,SA,,,G,\nKES,BR,Brazil,legal_entity,BR,America/Sao_Paulo,,G,\n"
    "KES,OLD,Closed,legal_entity,DE,,,G,2026-02-01\n"
    "DUNE,T,Dune,group,AE,,,,\nDUNE,U,America,site,US,,en,T,\nDUNE,S,Sydney,site,AU,Australia/Sydney,en-AU,T,\n"
    "DUNE,K,Kuwait,legal_entity,KW,,,T,\n",
    "org_links": "account_code,structure,child_code,valid_from,parent_code,valid_to\n"
    "KES,management,DIV,2026-01-01,G,\nKES,management,NY,2026-01-01,DIV,\nKES,management,RI,2026-01-01,DIV,\n"
    "KES,management,BR,2026-01-01,G,\n"
    "DUNE,management,U,2026-01-01,T,2026-07-01\nDUNE,management,S,2026-01-01,U,2026-07-01\n",
    "coverage_policies": "tier,unit_kind,role,weight,inheritable\n"
    f"strategic,group,{GAM},2,false\nstrategic,group,{SPONSOR},1,\nstrategic,division,{RAM},1.5,true\n"
    f"strategic,legal_entity,{LAM},1,true\nstrategic,legal_entity,{RAM},0.5,true\nstrategic,site,{LAM},3,true\n"
    f"global,group,{GAM},1,\nglobal,site,{LAM},2,true\nglobal,site,solution_specialist,0,true\n"
    f"global,legal_entity,{LAM},1,false\n",
    "coverage": "account_code,org_unit_code,member_email,role,valid_from,valid_to,covers_descendants\n"
    f"KES,G,ana@us.example,{GAM},2020-01-01,,false\nKES,G,ana@us.example,{LAM},2020-01-01,,true\n"
    f"KES,DIV,ana@us.example,{RAM},2026-01-01,,true\nKES,DIV,noa@us.example,{RAM},2020-01-01,,true\n"
    f"KES,RI,sal@us.example,{LAM},2020-01-01,,false\nKES,BR,pia@us.example,{LAM},2020-01-01,2026-03-17,false\n"
    f"DUNE,T,leo@us.example,{GAM},,,false\nDUNE,T,leo@us.example,{LAM},,,true\n",
    "contacts": "external_id,account_code,org_unit_code,family_name,level,buying_role\n"
    "k1,KES,G,Ahrens,executive,\nk2,KES,RI,Barakat,manager,decision_maker\nk3,KES,BR,Costa,staff,economic_buyer\n",
    "relationships": "contact_external_id,member_email,strength,last_contact_on\n"
    "k1,ana@us.example,0.9,2026-01-10\nk2,sal@us.example,0.5,2026-01-10\nk3,pia@us.example,0.5,2025-06-01\n",
    "products": "code,name\nP,Pumps\n",
    "potentials": "account_code,org_unit_code,product_code,amount,currency\n"
    "KES,BR,P,500,EUR\nKES,DIV,P,,\nDUNE,K,P,1.000,KWD\n",
    "opportunities": "external_id,account_code,org_unit_code,name,stage,amount,currency,probability,close_date,product_code\n"
    "d1,KES,NY,One,proposal,400,EUR,,2026-12-01,\nd2,KES,BR,Two,negotiation,160,EUR,,2026-12-01,P\n"
    "d3,DUNE,U,Three,proposal,10,USD,30,2026-12-01,\n",
    "revenue": "external_id,account_code,org_unit_code,date,amount,currency,product_code\n"
    "r1,KES,NY,2025-03-15,1000,USD,\nr2,KES,NY,2025-02-28,5000,EUR,\nr3,KES,NY,2026-03-02,9999,EUR,\n"
    "r4,KES,RI,2025-07-01,300,EUR,\nr5,KES,BR,2025-12-01,120,EUR,P\nr6,KES,OLD,2025-10-10,100000,EUR,\n"
    "r7,DUNE,S,2025-09-02,40,EUR,\nr8,DUNE,S,2025-09-01,100,AED,\n",
}

# Kestrel on days of March 2026, from facts of March 2025 to February 2026. New York: 1000 ÷ 1.25 + 400 × 50 %; Riyadh: 300; Brazil:
# 120 + 160 × 75 % + (500 − 120 − 160). One per cent of the mean of five units, 1760 ÷ 500, is what the others are worth.
LEAST = F(1760, 500)
KNOWN = 3 * LEAST + F(3, 2) * LEAST + F(3, 2) * 300 + F(3, 2) * 460 + 3 * 1000
# Everything but New York and Brazil: the manager of the group; the division; Riyadh, two links and no shared language below Ana,
# and one link and no shared language below her as regional manager. Salem's Arabic has no level, Noa has no language at all.
ELSEWHERE = 2 * LEAST + F(3, 2) * LEAST + 300 * F(1, 8) + F(1, 2) * 300 * F(1, 4)
# On the last day of 2025 the legal structure holds, the closed company is open, and Noa is alone on the division. Facts of December
# 2024 to November 2025: New York 800 + 5000 + 200, Brazil 0 + 120 + (500 − 160), and 100000.
THEN = F(6000 + 300 + 460 + 100_000, 600)

# By day: score, known weight, mirror ratio, and some slots with fill and gap.
KESTREL: dict[str, tuple[Fraction, Fraction, Fraction | None, dict[tuple[str, str], tuple[float | None, str | None]]]] = {
    # Berlin is six hours ahead of New York: 8 to 16 o'clock and 9 to 17 o'clock share one hour.
    "2026-03-06": (
        (ELSEWHERE + 460 + 3 * 1000 * F(1, 8)) / KNOWN, F(1), F(2, 3),
        {("NY", LAM): (0.125, "875.00"), ("BR", LAM): (1, "0.00"), ("BR", RAM): (0, "153.33")},
    ),
    # A Sunday: American clocks are forward, so they share two. Who works from Sunday to Thursday changes nothing.
    "2026-03-15": (
        (ELSEWHERE + 460 + 3 * 1000 * F(1, 4)) / KNOWN, F(1), F(2, 3),
        {("NY", LAM): (0.25, "750.00"), ("RI", LAM): (0.125, "175.00"), ("RI", RAM): (0.25, "75.00")},
    ),
    "2026-03-16": (
        (ELSEWHERE + 460 + 3 * 1000 * F(1, 4)) / KNOWN, F(1), F(2, 3),
        {("G", SPONSOR): (0, "1.17"), ("G", GAM): (1, "0.00"), ("DIV", RAM): (1, "0.00")},
    ),
    # European clocks are forward too: one hour again. Pia has ceased; Ana is one link above Brazil and speaks no Portuguese.
    "2026-03-30": (
        (ELSEWHERE + 460 * F(1, 4) + 3 * 1000 * F(1, 8)) / KNOWN, F(1), F(1),
        {("NY", LAM): (0.125, "875.00"), ("BR", LAM): (0.25, "230.00")},
    ),
    "2025-12-31": (
        (2 * THEN + 300 * F(1, 4) + 460 + 3 * 6000 * F(1, 4) + 100_000 * F(1, 2))
        / (3 * THEN + F(3, 2) * (300 + 460 + 100_000) + 3 * 6000),
        (3 * THEN + F(3, 2) * (300 + 460 + 100_000) + 3 * 6000)
        / (F(9, 2) * THEN + F(3, 2) * (300 + 460 + 100_000) + 3 * 6000),
        None,
        {("DIV", RAM): (None, None), ("RI", LAM): (0.25, "150.00"), ("RI", RAM): (0, "100.00"),
         ("NY", LAM): (0.25, "4500.00"), ("OLD", LAM): (0.5, "33333.33"), ("OLD", RAM): (0, "33333.33")},
    ),
}  # fmt: skip

# Dune: Sydney 40; America 10 × 30 % ÷ 1.25; one per cent of the mean is below 1.00. Dirham and Kuwaiti dinar have no rate. Leo's
# Arabic is a B1. Of America the zone is not known, but none of its zones shares two hours with him.
DUNE = {
    # Sydney is eleven hours ahead of Greenwich: 9 to 17 o'clock there and 8:30 to 16:30 in Dubai share an hour and a half.
    "2026-04-04": (
        (F(1, 2) + 40 * 2 * F(1, 8) + F("2.4") * 2 * F(1, 4)) / (1 + 80 + F("4.8") + 1), 1,
        {("T", GAM): (0.5, "0.50"), ("S", LAM): (0.125, "35.00"), ("U", LAM): (0.25, "1.80"), ("K", LAM): (0, "1.00"),
         ("S", "solution_specialist"): (0, "0.00")},
    ),
    # The clocks go back in the morning of this Sunday: two hours and a half.
    "2026-04-05": (
        (F(1, 2) + 40 * 2 * F(1, 4) + F("2.4") * 2 * F(1, 4)) / (1 + 80 + F("4.8") + 1), 1,
        {("S", LAM): (0.25, "30.00")},
    ),
    # The management structure has ended: in the legal one Sydney is one link below. The rate of the dollar is too old.
    "2026-07-01": (
        (F(1, 2) + 40 * 2 * F(1, 2) + 1 * 2 * F(1, 4)) / (1 + 80 + 2 + 1), 2,
        {("S", LAM): (0.5, "20.00"), ("U", LAM): (0.25, "0.75")},
    ),
}  # fmt: skip


@pytest.fixture
def client(db: None, tmp_path: Path) -> Client:
    pin_business_date(on=dt.date(2026, 7, 1), by=None)
    loaded = load(tmp_path, FILES)
    assert loaded.is_clean, loaded
    services.drain()
    return signed_in(make.UserFactory(access=Access.EXECUTIVE))


def asked(client: Client, code: str, on: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/accounts/{code}/alignment/?on={on}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def near(value: float | None, exact: Fraction | None) -> bool:
    if value is None or exact is None:
        return (value is None) == (exact is None)
    return abs(value - float(exact)) < 1e-12


def test_kestrel_on_five_days(client: Client) -> None:
    for day, (score, known, mirror, slots) in KESTREL.items():
        found = asked(client, "KES", day)
        said = {(slot["unit"], slot["role"]): (slot["fill"], slot["gap"]) for slot in found["slots"]}
        assert {key: said[key] for key in slots} == slots, day
        assert near(found["score"], score), day
        assert near(found["known_weight"], known), day
        assert near(found["mirror_ratio"], mirror), day
    assert found["unknown_potentials"] == 1


def test_key_contacts_are_met_at_their_level(client: Client) -> None:
    """Ahrens is met by a director; Salem's level is unknown; Pia stands above Costa's. On 2 June 2026 Pia's last contact is too old."""
    assert asked(client, "KES", "2026-03-16")["level_parity"] == 0.5
    assert asked(client, "KES", "2026-06-02")["level_parity"] == 0.5


def test_dune_on_three_days(client: Client) -> None:
    for day, (score, unpriced, slots) in DUNE.items():
        found = asked(client, "DUNE", day)
        said = {(slot["unit"], slot["role"]): (slot["fill"], slot["gap"]) for slot in found["slots"]}
        assert {key: said[key] for key in slots} == slots, day
        assert near(found["score"], score), day
        assert (found["known_weight"], found["unpriced"], found["unknown_potentials"]) == (1, unpriced, 1), day
