"""The customer of the board's tests: ACME with a group above a German and a French company, and a policy with two roles.

The German company has 600.00 of revenue, the French one 300.00. The owner speaks German, works in Berlin and covers the
German company as local account manager, and the units below it too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from accounts.models import OrgUnit
from coverage.models import Coverage, CoveragePolicy
from rollups import services
from teams.models import Member
from tests import factories as make
from tests.cast import Cast

TODAY = dt.date(2026, 10, 30)
LOCAL, REGIONAL = "local_account_manager", "regional_account_manager"


@dataclass
class Acme:
    cast: Cast
    group: OrgUnit
    german: OrgUnit
    french: OrgUnit
    held: Coverage
    owner: Member
    colleague: Member


def member(name: str, zone: str, *languages: str) -> Member:
    return make.MemberFactory(
        email=f"{name.lower()}@example.org",
        given_name=name,
        family_name="Roth",
        time_zone=zone,
        languages=list(languages),
    )


@pytest.fixture
def acme(cast: Cast, settings: object) -> Acme:
    settings.GAM_AS_OF = TODAY  # type: ignore[attr-defined]  # pytest-django's settings
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    german = cast.acme.org_units.get()
    group = make.OrgUnitFactory(account=cast.acme, code="ACME", name="Acme Group", kind="group", country="DE")
    french = make.OrgUnitFactory(account=cast.acme, code="ACME-FR", name="Acme France", country="FR")
    for child in (german, french):
        make.OrgLinkFactory(child=child, parent=group, structure="legal")
    for role, weight, inheritable in ((LOCAL, 2, True), (REGIONAL, 1, False)):
        CoveragePolicy.objects.create(
            tier_id="strategic", unit_kind="legal_entity", role_id=role, weight=weight, is_inheritable=inheritable
        )
    for unit, amount in ((german, "600"), (french, "300")):
        make.RevenueEntryFactory(
            account=cast.acme, org_unit=unit, country=unit.country, date=dt.date(2026, 5, 5), amount=Decimal(amount)
        )
    owner = cast.owner.member
    owner.given_name, owner.family_name, owner.time_zone = "Ada", "Lind", "Europe/Berlin"
    owner.languages = ["de:C2", "en:C1"]
    owner.save()
    colleague = member("Bea", "Europe/Paris", "fr:C2")
    make.TeamMemberFactory(team=cast.acme.team, member=colleague)
    held = make.CoverageFactory(org_unit=german, member=owner)
    services.drain()
    return Acme(cast, group, german, french, held, owner, colleague)
