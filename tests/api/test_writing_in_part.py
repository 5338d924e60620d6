"""What those may write, and are told, who see a part of a customer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from pipeline.models import Opportunity
from revenue.models import RevenueEntry
from tests import factories as make
from tests.api.bodies import NEW, furnish
from tests.cast import Cast
from users.models import User

Api = Callable[[User], APIClient]


@pytest.fixture
def furnished(cast: Cast) -> Cast:
    furnish(cast.acme)
    return cast


def _post(client: APIClient, slug: str, body: Any) -> Any:
    return client.post(f"/api/v1/{slug}/", body, format="json")


def test_a_deal_seen_in_part_is_changed_by_those_who_see_it_whole(furnished: Cast, api: Api) -> None:
    """The lead of Asia sees one line of two: what the other is worth, and whether it stays, is not hers."""
    deal = Opportunity.objects.get()
    make.OpportunityLineFactory(opportunity=deal, line=1, country="JP", amount=Decimal(100))
    make.OpportunityLineFactory(opportunity=deal, line=2, country="DE", amount=Decimal(200))
    address, lead = f"/api/v1/opportunities/{deal.pk}/", api(furnished.asia_lead)
    for answer in (lead.patch(address, {"amount": "1.00"}, format="json"), lead.delete(address)):
        assert answer.status_code == 403
        assert b"300" not in answer.content
    anew = [{"opportunity_external_id": "o-old", "line": 9, "country": "JP", "amount": "5.00"}]
    refused = _post(lead, "opportunity-lines", anew)
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"0.opportunity_external_id"})
    assert deal.lines.count() == 2
    assert _post(api(furnished.owner), "opportunity-lines", anew).status_code == 201
    assert [line.line for line in deal.lines.all()] == [9]


def test_a_refused_delete_counts_what_its_reader_may_see(furnished: Cast, api: Api) -> None:
    unit = furnished.acme.org_units.get(code="ACME-2")
    make.RevenueEntryFactory(account=furnished.acme, org_unit=unit, country="DE")
    make.RevenueEntryFactory.create_batch(2, account=furnished.acme, org_unit=unit, country="JP")
    address = f"/api/v1/org-units/{unit.pk}/"
    for reader, counts, more in (
        (furnished.owner, {"revenue entries": 3}, False),
        (furnished.europe_lead, {"revenue entries": 1}, True),
        (furnished.administrator, {"revenue entries": 3}, False),
    ):
        answer = api(reader).delete(address)
        assert (answer.status_code, answer.json()["counts"]) == (409, counts), reader
        assert ("may not see" in answer.json()["detail"]) is more


def test_what_one_may_not_see_reads_as_unknown(furnished: Cast, api: Api) -> None:
    """The words for a customer of others are the words for one that does not exist."""
    outsider = api(furnished.outsider)
    hidden = _post(outsider, "revenue", {**NEW["revenue"][0], "account_code": "ACME", "org_unit_code": None})
    nowhere = _post(outsider, "revenue", {**NEW["revenue"][0], "account_code": "NONE", "org_unit_code": None})
    assert (hidden.status_code, nowhere.status_code) == (400, 400)
    said = hidden.json()["errors"]["account_code"][0]
    assert said.replace("ACME", "NONE") == nowhere.json()["errors"]["account_code"][0]


def test_a_fact_that_its_writer_would_not_see_is_not_permitted(furnished: Cast, api: Api) -> None:
    """The lead of Europe sees ACME, but not what it buys in Japan; the administrator sees no customer's money."""
    fact = {**NEW["revenue"][0], "org_unit_code": None, "country": "JP"}
    assert _post(api(furnished.europe_lead), "revenue", fact).status_code == 403
    assert _post(api(furnished.administrator), "revenue", fact).status_code == 403
    assert not RevenueEntry.objects.exists()
