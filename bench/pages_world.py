"""The world that pages are measured in: many customers of four units, and a few as people work with them.

Over the facts of `bench.facts_world` come names that differ, head offices, structures, people of ours with their teams, one
customer with 300 units in 40 countries and 302 deals, and readers: an executive, a lead of a region and an account manager.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.facts_world import Scale, as_owner, load, run, unwatched
from regions.models import Region, RegionLead
from teams.models import Member, TeamMember
from users.models import User
from users.permissions import Access

FULL = Scale(entries=1_000_000, deals=200_000, accounts=100_000, units=4)
QUICK = Scale(entries=100_000, deals=20_000, accounts=10_000, units=4)
MEMBERS, SERVED = 2_000, 8
UNITS_OF_LARGEST, DEALS_OF_LARGEST = 300, 302

_NAMES = """
UPDATE accounts_account SET
       name = (ARRAY['Nordwind','Alpina','Kestrel','Meridian','Sakura','Zephyr','Orinoco','Baltica','Castile','Delta',
                     'Everest','Fjord','Ganges','Helios','Iberia','Jupiter','Karoo','Lumen','Madeira','Nimbus'])[1 + h %% 20]
           || ' ' || (ARRAY['Chemicals','Foods','Energy','Motors','Pharma','Steel','Textiles','Logistics','Optics','Paper',
                     'Robotics','Shipping','Tools','Glass','Systems','Mining','Rail','Aviation','Cement'])[1 + h / 20 %% 19]
           || ' ' || id,
       hq_country = chr(65 + (h %% 26)::int) || chr(65 + (h / 26 %% 7)::int), industry = 'Industry ' || h %% 30,
       tier_id = (ARRAY['strategic', 'global', 'key'])[1 + h %% 3],
       account_type_id = (ARRAY['local', 'international', 'coordinated', 'global'])[1 + h %% 4]
  FROM (SELECT id AS of, hashint8extended(id, 3) >> 2 & 1048575 AS h FROM accounts_account) drawn WHERE of = id;
UPDATE accounts_orgunit u SET name = a.name || ' ' || u.code, country = a.hq_country
  FROM accounts_account a WHERE a.id = u.account_id;
"""
_STRUCTURE = """
INSERT INTO accounts_orglink (account_id, structure, child_id, parent_id, valid_from)
SELECT c.account_id, 'legal', c.id, p.id, '0001-01-01' FROM accounts_orgunit c
  JOIN accounts_orgunit p ON p.account_id = c.account_id AND p.code = 'U1' WHERE c.code <> 'U1';
"""
_TEAMS = """
INSERT INTO teams_member (email, given_name, family_name, level, country, time_zone, languages, skills, working_days)
SELECT 'm' || n || '@bench.example', 'Given' || n %% 97, 'Family' || n, 'manager', 'DE', 'Europe/Berlin', '{}', '{}', '{}'
  FROM generate_series(1, %(members)s) n;
INSERT INTO teams_teammember (team_id, member_id, role_id, valid_from)
SELECT t.id, m.id, role, '0001-01-01' FROM accounts_account a JOIN teams_accountteam t ON t.id = a.team_id
 CROSS JOIN (VALUES ('global_account_manager', 0), ('local_account_manager', 7)) r (role, shift)
  JOIN teams_member m ON m.email = 'm' || 1 + (a.id + shift) %% %(members)s || '@bench.example';
UPDATE pipeline_opportunity o SET owner_id = m.id FROM teams_member m
 WHERE m.email = 'm' || 1 + o.id %% %(members)s || '@bench.example';
"""
_LARGEST = """
INSERT INTO accounts_orgunit (account_id, code, name, kind, country, city, lei, languages, time_zone)
SELECT %(account)s, 'L' || n, 'Division ' || n, 'legal_entity', chr(65 + n %% 40 %% 26) || chr(65 + n %% 40 / 26), '', '', '{}', ''
  FROM generate_series(1, %(units)s) n;
INSERT INTO accounts_orglink (account_id, structure, child_id, parent_id, valid_from)
SELECT c.account_id, 'legal', c.id, p.id, '0001-01-01' FROM generate_series(2, %(units)s) n
  JOIN accounts_orgunit c ON c.account_id = %(account)s AND c.code = 'L' || n
  JOIN accounts_orgunit p ON p.account_id = %(account)s AND p.code = 'L' || n / 5 + 1 AND p.id <> c.id;
INSERT INTO pipeline_opportunity
    (external_id, account_id, org_unit_id, name, stage_id, forecast_category, country, close_date, amount, currency_id)
SELECT 'large-' || n, u.account_id, u.id, 'Large deal ' || n, (ARRAY['won', 'lost', 'proposal', 'negotiation'])[1 + n %% 4], '',
       u.country, '2023-07-01'::date + n * 2, n * 1000, (ARRAY['EUR', 'USD', 'GBP', 'CHF', 'JPY'])[1 + n %% 5]
  FROM generate_series(1, %(deals)s) n JOIN accounts_orgunit u ON u.account_id = %(account)s AND u.code = 'L' || 1 + n %% %(units)s;
INSERT INTO revenue_revenueentry (external_id, account_id, org_unit_id, kind, country, date, amount, currency_id)
SELECT 'large-' || u.id || '-' || n, u.account_id, u.id, 'recognised', u.country, '2022-07-01'::date + n * 30, u.id %% 977 * 10, 'USD'
  FROM accounts_orgunit u, generate_series(0, 23) n WHERE u.account_id = %(account)s AND u.code LIKE 'L%%';
"""


@dataclass(frozen=True)
class Readers:
    """Who opens the pages, and the code of the largest customer."""

    executive: User
    lead: User
    manager: User
    largest: str


def size() -> Scale:
    """`BENCH_SCALE=full`: 100,000 accounts and 200,000 deals; else a tenth."""
    return FULL if os.environ.get("BENCH_SCALE") == "full" else QUICK


def build(scale: Scale) -> Readers:
    """The whole world; roll-ups are not computed yet."""
    load(scale)
    with unwatched("accounts_orglink") as cursor:
        for text in (_NAMES, _STRUCTURE, _TEAMS):
            cursor.execute(text, {"members": MEMBERS})
    as_owner("SELECT accounts_fill_presence('accounts_orgunit')")
    readers = _readers()
    as_owner("VACUUM ANALYZE")
    return readers


def _readers() -> Readers:
    """Also makes the first account the largest."""
    executive = User.objects.create_user("pages-boss@example.org", access=Access.EXECUTIVE)
    lead = User.objects.create_user("pages-lead@example.org", access=Access.REGIONAL_LEAD)
    manager = User.objects.create_user("pages-manager@example.org", access=Access.ACCOUNT_MANAGER)
    RegionLead.objects.create(region=Region.objects.get(code="B1"), user=lead, valid_from="0001-01-01")
    member = Member.objects.get(email="m1@bench.example")
    Member.objects.filter(pk=member.pk).update(user=manager)
    memberships = TeamMember.objects.filter(member=member).order_by("team__account__id")
    TeamMember.objects.filter(pk__in=memberships.values("pk")[SERVED:]).delete()
    largest = (
        TeamMember.objects.filter(member=member).order_by("id").values_list("team__account", "team__account__code")[0]
    )
    run(_LARGEST, {"account": largest[0], "units": UNITS_OF_LARGEST, "deals": DEALS_OF_LARGEST})
    return Readers(executive, lead, manager, largest[1])
