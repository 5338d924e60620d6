"""The forecast's pages: what they show, to whom, and what can be done there."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from revenue.models import Quota
from rollups import forecast_freezing
from tests import factories as make
from tests.rollups.forecast_worlds import D, World, share, world
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    found = world()
    forecast_freezing.freeze(D)
    return found


def _get(user: User, path: str, status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def _post(user: User, path: str, **data: Any) -> str:
    client = Client()
    client.force_login(user)
    answer = client.post(path, data, follow=True)
    assert answer.status_code in (200, 422), answer.status_code
    return answer.content.decode()


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


PAGES = ("/forecast/", "/forecast/EMEA/", "/forecast/unallocated/", "/forecast/members/", "/forecast/members/boss@x.org/",
         "/forecast/members/unassigned/")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "query", ["", "?currency=native", "?book=overlay", "?of=2024-05&category=commit", "?of=nonsense"]
)
def test_every_node_has_its_pages(here: World, path: str, query: str) -> None:
    assert "Forecast" in _get(here.executive, path + query)
    assert "Flow" in _get(here.executive, f"{path}flow/{query}")
    assert "Accuracy" in _get(here.executive, f"{path}accuracy/{query}")


def test_the_page_shows_the_categories_and_their_lines(here: World) -> None:
    shown = _words(_get(here.executive, "/forecast/EMEA/?category=commit"))
    assert "190.01" in shown
    assert "150.01" in shown
    assert "1 line unpriced" in shown or "1 line" in shown
    assert "big" in shown


def test_what_the_address_says_wrong_is_said(here: World) -> None:
    assert "neither a quarter" in _get(here.executive, "/forecast/?of=2024-Q9")
    assert "There is no snapshot of the week" in _get(here.executive, "/forecast/flow/?since=1999-01-01")


def test_what_is_not_there_is_not_found(here: World) -> None:
    for path in (
        "/forecast/NOWHERE/",
        "/forecast/members/none@x.org/",
        "/forecast/NOWHERE/flow/",
        "/forecast/unallocated/adjust/",
    ):
        _get(here.executive, path, 404)
    _get(make.UserFactory(access=Access.VIEWER), "/forecast/members/ann@x.org/", 404)


def test_without_a_deal_the_page_says_what_it_will_show(db: None) -> None:
    chief = make.UserFactory(access=Access.EXECUTIVE)
    assert "No forecast in this period" in _get(chief, "/forecast/")
    assert "No snapshot yet" in _get(chief, "/forecast/flow/")
    assert "Nothing was said of this period" in _get(chief, "/forecast/accuracy/")


def test_a_lead_adjusts_submits_and_her_superior_locks(here: World) -> None:
    form = _get(here.lead, "/forecast/SOUTH/adjust/?of=2024-Q2")
    assert "It will be, EUR" in form
    assert "At most 2 decimals" in _post(
        here.lead, "/forecast/SOUTH/adjust/?of=2024-Q2", category="commit", amount="1.234", note="x"
    )
    done = _post(
        here.lead, "/forecast/SOUTH/adjust/?of=2024-Q2", category="commit", amount="80.50", note="They will sign."
    )
    assert "The forecast is adjusted." in done
    assert "They will sign." in done
    assert "Submitted by" in _post(here.lead, "/forecast/SOUTH/submit/?of=2024-Q2")
    assert "Locked by" in _post(here.executive, "/forecast/EMEA/lock/?of=2024-Q2")
    refused = _post(here.lead, "/forecast/SOUTH/submit/?of=2024-Q2")
    assert "This period was locked by" in refused
    _get(here.lead, "/forecast/SOUTH/adjust/?of=2024-Q2", 404)
    assert "The period is open again." in _post(here.executive, "/forecast/EMEA/lock/?of=2024-Q2", do="unlock")
    assert "The computed figure counts again." in _post(
        here.lead, "/forecast/SOUTH/take-back/?of=2024-Q2", category="commit"
    )


def test_who_may_not_judge_finds_no_form_and_no_deed(here: World) -> None:
    _get(here.lead, "/forecast/EMEA/adjust/", 404)
    client = Client()
    client.force_login(here.lead)
    assert client.post("/forecast/EMEA/submit/").status_code == 404
    assert client.post("/forecast/SOUTH/lock/").status_code == 404


def test_the_flow_shows_its_steps_and_the_deals_of_one(here: World) -> None:
    here.deals["early"].delete()
    shown = _get(here.executive, "/forecast/EMEA/flow/?of=2024-Q2&movement=lost")
    assert 'class="sankey"' in shown
    assert "The steps add up to the last line" in shown
    assert "early" in shown
    assert "movement=lost" in shown


def test_a_member_sees_what_is_hers_to_see(here: World) -> None:
    user = make.UserFactory(email="ann@x.org")
    here.ann.user = user
    here.ann.save()
    shown = _words(_get(user, "/forecast/members/ann@x.org/"))
    assert "50.00" not in shown
    make.TeamMemberFactory(team=here.account.team, member=here.ann)
    assert "50.00" in _words(_get(user, "/forecast/members/ann@x.org/"))


@pytest.mark.parametrize("path", ["regions/", "regions/EMEA/", "members/", "members/boss@x.org/"])
def test_the_api_answers_the_same(here: World, path: str) -> None:
    client = Client()
    client.force_login(here.executive)
    given = client.get(f"/api/v1/forecasts/{path}?period=2024-Q2").json()
    assert given["computed"]["best_case"] == "50.00"
    flow = client.get(f"/api/v1/forecasts/{path}flow/?period=2024-Q2&since=2024-05-15&until=now").json()
    assert flow["opening"] == flow["closing"]
    said = client.get(f"/api/v1/forecasts/{path}snapshots/?period=2024-Q2").json()["results"]
    assert said[0]["best_case"] == "50.00"
    assert client.get(f"/api/v1/forecasts/{path}accuracy/?period=2024-Q2").json()["came"] == "40.00"
    assert client.get(f"/api/v1/forecasts/{path}?period=2024").status_code == 400
    assert client.get(f"/api/v1/forecasts/{path}?nonsense=1").status_code == 400


def test_the_api_lists_snapshots(here: World) -> None:
    client = Client()
    client.force_login(here.lead)
    assert [one["week"] for one in client.get("/api/v1/forecasts/snapshots/").json()["results"]] == ["2024-05-13"]
    assert client.get("/api/v1/forecasts/regions/flow/?since=1999-01-01").status_code == 400


def test_the_regions_tile_sets_the_forecast_against_the_quota_of_won_deals(here: World) -> None:
    assert "closed and commit" in _words(_get(here.executive, "/quotas/tiles/?scope=region&code=EMEA"))
    Quota.objects.create(
        scope="region", scope_code="EMEA", measure="won", amount=380, currency_id="EUR",
        period_start=dt.date(2024, 4, 1), period_end=dt.date(2024, 7, 1),
    )  # fmt: skip
    tile = _words(_get(here.executive, "/quotas/tiles/?scope=region&code=EMEA"))
    assert "Forecast against quota" in tile
    assert "190.01 EUR" in tile
    assert "50" in tile.split("of the quota")[0][-6:]
    _get(here.executive, "/quotas/tiles/?scope=region&code=NOWHERE")


def test_pages_ask_as_much_for_many_deals_as_for_few(here: World) -> None:
    def asked() -> list[int]:
        counts = []
        for path in (
            "/forecast/EMEA/?category=commit",
            "/forecast/members/boss@x.org/",
            "/forecast/EMEA/flow/",
            "/forecast/EMEA/accuracy/?of=2024-Q2",
        ):
            client = Client()
            client.force_login(here.executive)
            client.get(path)
            with CaptureQueriesContext(connection) as found:
                client.get(path)
            counts.append(len(found))
        return counts

    few = asked()
    for n in range(30):
        deal = make.OpportunityFactory(
            account=here.account,
            country="FR",
            stage_id="negotiation",
            external_id=f"n{n}",
            close_date=dt.date(2024, 6, 1),
        )
        share(deal, first=(here.ann, "50"), second=(here.bob, "50"))
    assert asked() == few
    assert few == [29, 21, 19, 25]
