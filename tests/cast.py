"""The cast of the access tests: one customer, and people who stand in every relation to it.

The region tree: WORLD holds EUROPE (DE, FR) and ASIA (JP). France stood under ASIA until 2024-04-01, a re-organisation.
ACME has units and facts in Germany and France; OTHER only in Japan.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from accounts.models import Account
from regions.models import Region
from tests import factories as make
from users.models import User
from users.permissions import Access

MOVED_ON = dt.date(2024, 4, 1)


@dataclass
class Cast:
    world: Region
    europe: Region
    asia: Region
    acme: Account
    other: Account
    owner: User
    outsider: User
    europe_lead: User
    asia_lead: User
    administrator: User
    executive: User
    viewer: User
    superuser: User


def _geography() -> tuple[Region, Region, Region]:
    world, europe, asia = (make.RegionFactory(code=code) for code in ("WORLD", "EUROPE", "ASIA"))
    make.RegionLinkFactory(child=europe, parent=world)
    make.RegionLinkFactory(child=asia, parent=world)
    make.RegionCountryFactory(region=europe, country="DE")
    make.RegionCountryFactory(region=asia, country="JP")
    make.RegionCountryFactory(region=asia, country="FR", valid_to=MOVED_ON)
    make.RegionCountryFactory(region=europe, country="FR", valid_from=MOVED_ON)
    return world, europe, asia


def _user(name: str, access: Access) -> User:
    return make.UserFactory(email=f"{name}@example.org", access=access)


@pytest.fixture
def cast(db: None) -> Cast:
    world, europe, asia = _geography()
    acme, other = make.AccountFactory(code="ACME", name="Acme"), make.AccountFactory(code="OTHER", name="Other")
    make.OrgUnitFactory(account=acme, code="ACME-DE", country="DE")
    make.OrgUnitFactory(account=other, code="OTHER-JP", country="JP")
    owner, outsider = _user("owner", Access.ACCOUNT_MANAGER), _user("outsider", Access.ACCOUNT_MANAGER)
    for account, user in ((acme, owner), (other, outsider)):
        member = make.MemberFactory(email=user.email, user=user)
        make.TeamMemberFactory(team=account.team, member=member)
    europe_lead, asia_lead = _user("europe.lead", Access.REGIONAL_LEAD), _user("asia.lead", Access.REGIONAL_LEAD)
    make.RegionLeadFactory(region=europe, user=europe_lead)
    make.RegionLeadFactory(region=asia, user=asia_lead)
    return Cast(
        world=world,
        europe=europe,
        asia=asia,
        acme=acme,
        other=other,
        owner=owner,
        outsider=outsider,
        europe_lead=europe_lead,
        asia_lead=asia_lead,
        administrator=_user("administrator", Access.ADMINISTRATOR),
        executive=_user("executive", Access.EXECUTIVE),
        viewer=_user("viewer", Access.VIEWER),
        superuser=User.objects.create_superuser("root@example.org", make.PASSWORD),
    )
