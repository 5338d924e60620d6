"""How many statements the main pages ask: as many for forty customers as for two."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rollups import services
from tests import factories as make
from tests.cast import Cast
from users.models import User

#: Session and user are two of each.
EXECUTIVE = {
    "/accounts/": 7,
    "/accounts/?sort=-revenue": 7,
    "/accounts/?search=acme": 7,
    "/accounts/?format=csv": 4,
    "/accounts/ACME/": 4,
    "/accounts/ACME/structure/": 13,
    "/accounts/ACME/figures/": 24,
    "/accounts/ACME/opportunities/": 9,
    "/accounts/ACME/team/": 5,
    "/opportunities/": 7,
    "/opportunities/?format=csv": 4,
    "/search/?q=acme": 7,
    "/regions/": 24,
    "/regions/EUROPE/": 24,
    "/figures/customers/?region=EUROPE": 23,
    "/regions/EUROPE/countries/DE/": 28,
    "/api/v1/accounts/?page_size=100": 3,
    "/api/v1/opportunities/?page_size=100": 3,
}
LEAD = {
    "/": 25,
    "/accounts/": 11,
    "/opportunities/": 11,
    "/search/?q=acme": 11,
    "/regions/EUROPE/": 29,
}
OWNER = {
    "/": 24,
    "/accounts/": 9,
    "/opportunities/": 9,
}


def asked(user: User, pages: dict[str, int]) -> dict[str, int]:
    """The statements of each page, in a process that has answered before and with nothing to share."""
    client = Client()
    client.force_login(user)
    counts = {}
    for page in pages:
        for _ in range(2):
            cache.clear()
            make.UserFactory()  # a commit, after which no figures computed before serve
            with CaptureQueriesContext(connection) as statements:
                answer = client.get(page)
                b"".join(answer)
            assert answer.status_code == 200, page
        counts[page] = len([one for one in statements if one["sql"] not in ("BEGIN", "COMMIT")])
    return counts


@pytest.mark.django_db(transaction=True)
def test_pages_ask_so_many_statements_whatever_the_rows(money: Cast) -> None:
    readers = [(money.executive, EXECUTIVE), (money.europe_lead, LEAD), (money.owner, OWNER)]
    for user, pages in readers:
        assert asked(user, pages) == pages
    many(money)
    for user, pages in readers:
        assert asked(user, pages) == pages


def many(money: Cast) -> None:
    """Forty customers more with a unit, a deal and an entry each, of which the owner serves ten; ACME has forty of each too."""
    for n in range(40):
        account = make.AccountFactory(code=f"MORE{n}", name=f"Acme {n}")
        for owner in (account, money.acme):
            unit = make.OrgUnitFactory(account=owner, code=f"UNIT{n}", country="DE")
            make.OpportunityFactory(account=owner, org_unit=unit, country="DE", close_date=dt.date(2025, 10, 27))
            make.RevenueEntryFactory(account=owner, org_unit=unit, country="DE", date=dt.date(2025, 3, 5))
        if n < 10:
            make.TeamMemberFactory(team=account.team, member=money.owner.member)
    services.drain()
