"""The funnel's page: every number is the length of the list that it opens, and deals count once whoever shares them."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from money.services import pin_business_date
from pipeline import lead_queries
from pipeline.lead_filters import LeadFilter
from pipeline.lead_models import LeadChange
from pipeline.models import Opportunity, StageHistory
from rollups import queries as rollups
from rollups import services
from rollups.growth_figures import pipeline_growth
from rollups.lens import parse_lens
from tests import factories as make
from tests.cast import Cast
from workspace import lenses, queries
from workspace.funnel_queries import Chosen, lead_funnel

pytestmark = pytest.mark.django_db

ON = dt.date(2024, 12, 31)
QUERY = "from=2024-01&to=2024-12&currency=EUR&rates=spot"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def lead(status: str, **columns: Any) -> Any:
    """A lead of 2024 that reached `status` through the steps before it."""
    found = make.LeadFactory(status=status, created_on=dt.date(2024, 3, 1), **columns)
    path = ["marketing_qualified", "sales_qualified", "converted"]
    for number, step in enumerate(path[: path.index(status) + 1] if status in path else [], start=1):
        at = dt.datetime(2024, 3, 1 + 2 * number, 9, tzinfo=dt.UTC)
        LeadChange.objects.create(lead=found, changed_at=at, status=step)
    return found


@pytest.fixture
def funnel(cast: Cast) -> Cast:
    """Seven leads; one became a won deal of two members, two products, two countries and two contacts."""
    pin_business_date(on=ON, by=None)
    for number in range(2):
        make.ContactFactory(account=cast.acme, external_id=f"C{number}")
        make.TeamMemberFactory(team=cast.acme.team)
    won = lead("converted", country="DE", source="fair", account=cast.acme, amount=Decimal(900), currency_id="EUR")
    deal = make.OpportunityFactory(
        account=cast.acme, lead=won, stage_id="won", amount=None, close_date=dt.date(2024, 6, 30), created_on=ON
    )
    for country in ("DE", "JP"):
        make.OpportunityLineFactory(
            opportunity=deal, country=country, amount=Decimal(500), product=make.ProductFactory()
        )
    both = [make.MemberFactory(), make.MemberFactory()]
    rows = [make.OpportunitySplitFactory.build(opportunity=deal, member=one, percent=Decimal(50)) for one in both]
    type(rows[0]).objects.bulk_create(rows)
    lead("sales_qualified", country="FR", source="web", account=cast.acme, amount=Decimal(70), currency_id="ARS")
    lead("marketing_qualified", country="DE", source="web", account=cast.acme)
    lead("new", country="JP", source="")
    lead("new", country="", campaign=make.CampaignFactory(code="spring"))
    lead("rejected", country="FR")
    make.LeadFactory(country="DE", created_on=dt.date(2023, 12, 31))
    services.drain()
    return cast


def links(text: str) -> list[tuple[str, int]]:
    """The addresses of lists behind numbers, with the numbers."""
    found = re.findall(r'<a href="(/leads/\?[^"]+)"><bdi[^>]*>([\d,.]+)</bdi></a>', text)
    return [(html.unescape(url), int(number.replace(",", ""))) for url, number in found]


@pytest.mark.parametrize(
    ("role", "more"), [("executive", ""), ("europe_lead", "&region=EUROPE"), ("owner", "&source=web")]
)
def test_every_number_is_the_length_of_the_list_that_it_opens(funnel: Cast, role: str, more: str) -> None:
    client = client_of(getattr(funnel, role))
    found = dict(links(client.get(f"/funnel/?{QUERY}{more}").content.decode()))
    assert len(found) > 10
    for url, number in found.items():
        rows = lead_queries.leads(viewer=getattr(funnel, role))
        params = QueryDict(url.partition("?")[2]).dict()
        request = SimpleNamespace(user=getattr(funnel, role))
        assert LeadFilter(params, queryset=rows, request=request).qs.count() == number, url
    for url in list(found)[::9]:
        assert client.get(url).context["list"].count == found[url], url
        text = b"".join(client.get(f"{url}&format=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert len(list(csv.reader(io.StringIO(text)))) == found[url] + 1, url


def _found(user: Any, **more: str) -> Any:
    lens = lenses.chosen({"from": "2024-01", "to": "2024-12"}, {}, queries.frame())
    return lead_funnel(viewer=user, chosen=Chosen(lens, **more))


def test_a_deal_of_two_members_products_countries_and_contacts_counts_once(funnel: Cast) -> None:
    found = _found(funnel.executive)
    assert [step.leads for step in found.steps] == [6, 3, 2, 1, 1]
    assert [step.minor for step in found.steps] == [90000, 90000, 90000, 100000, 100000]
    assert (found.steps[0].unknown, found.steps[0].unpriced) == (4, 1)
    for parts in (found.parts, found.sources, found.campaigns):
        assert [sum(part.steps[at].leads for part in parts) for at in range(5)] == [6, 3, 2, 1, 1]
        assert sum(part.steps[4].minor for part in parts) == 100000


def test_a_lead_sees_of_the_deal_the_lines_in_her_countries(funnel: Cast) -> None:
    found = _found(funnel.europe_lead)
    assert found.is_part
    assert (found.steps[0].leads, found.steps[4].leads, found.steps[4].minor) == (4, 1, 50000)
    assert _found(funnel.outsider).steps[0].leads == 0


def test_the_cohort_is_of_the_day_of_creation_and_not_of_an_edit(funnel: Cast) -> None:
    old = make.LeadFactory(created_on=dt.date(2020, 1, 1))
    old.name = "edited today"
    old.save()
    assert _found(funnel.executive).steps[0].leads == 6


def test_an_undone_conversion_is_no_opportunity_any_more(funnel: Cast) -> None:
    Opportunity.objects.get().delete()
    found = _found(funnel.executive)
    assert [step.leads for step in found.steps] == [6, 3, 2, 1, 0]


def test_statements_do_not_grow_with_the_leads(funnel: Cast) -> None:
    client = client_of(funnel.executive)
    client.get(f"/funnel/?{QUERY}")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(f"/funnel/?{QUERY}")
    for _ in range(30):
        lead("sales_qualified", country="DE", amount=Decimal(5), currency_id="EUR", source="web")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/funnel/?{QUERY}")
    assert len(many) == len(few) <= 32


def test_pages_are_empty_and_calm_without_leads(cast: Cast) -> None:
    client = client_of(cast.outsider)
    assert "No lead was created then" in client.get(f"/funnel/?{QUERY}").content.decode()
    assert "No leads yet" in client.get("/leads/").content.decode()
    assert client.get("/funnel/growth/").status_code == 200
    assert client.get("/funnel/?region=NOWHERE").status_code == 404
    assert client.get("/funnel/growth/?region=NOWHERE").status_code == 404


@pytest.fixture
def pipeline(cast: Cast) -> Cast:
    """Deals whose past of more than 90 days is written down."""
    pin_business_date(on=ON, by=None)
    for name, country, then, now in (("a", "DE", 100, 150), ("b", "FR", 80, 50), ("c", "JP", None, 30)):
        account = cast.other if country == "JP" else cast.acme
        deal = make.OpportunityFactory(account=account, country=country, name=name, amount=Decimal(now))
        if then is not None:
            at = dt.datetime(2024, 9, 1, tzinfo=dt.UTC)
            StageHistory.objects.create(opportunity=deal, changed_at=at, stage_id="proposal", amount=then)
    services.drain()
    return cast


def test_what_is_open_now_is_what_every_other_page_says(pipeline: Cast) -> None:
    lens = parse_lens({"from": "2024-01", "to": "2024-12", "rates": "constant"})
    for user in (pipeline.executive, pipeline.europe_lead, pipeline.owner, pipeline.outsider):
        _whole, roots = rollups.world_figures(viewer=user, lens=lens)
        said = sum((Decimal(str(root.measures.pipeline_open)) for root in roots), Decimal(0))
        found = pipeline_growth(viewer=user, currency="EUR", on=ON).of(lambda country: True)
        assert Decimal(found.after).scaleb(-2) == said, user


def test_a_lead_sees_the_growth_of_her_countries(pipeline: Cast) -> None:
    found = pipeline_growth(viewer=pipeline.europe_lead, currency="EUR", on=ON).of(lambda country: True)
    assert (found.before, found.grown, found.shrunk, found.new, found.after) == (18000, 5000, 3000, 0, 20000)


def test_a_number_opens_the_deals_that_add_up_to_it(pipeline: Cast) -> None:
    page = client_of(pipeline.executive).get("/funnel/growth/?movement=grown&region=EUROPE")
    view = page.context["view"]
    assert [(deal.name, deal.minor) for deal in view.deals] == [("a", 5000)]
    assert view.total.grown == 5000
    assert sum((part.growth.after for part in view.parts), 0) == view.total.after


def test_what_the_history_of_changes_says_counts_too(pipeline: Cast) -> None:
    """An amount that was changed without a change of stage, and a deal that was deleted, as they stood then."""
    deal = Opportunity.objects.get(name="a")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pipeline_opportunityevent SET pgh_created_at = '2024-09-15', amount = 120 WHERE pgh_obj_id = %s",
            [deal.pk],
        )
        gone = make.OpportunityFactory(account=pipeline.acme, country="DE", name="gone", amount=Decimal(40))
        cursor.execute(
            "UPDATE pipeline_opportunityevent SET pgh_created_at = '2024-09-15' WHERE pgh_obj_id = %s", [gone.pk]
        )
    gone.delete()
    found = pipeline_growth(viewer=pipeline.executive, currency="EUR", on=ON).of(lambda country: country == "DE")
    assert (found.before, found.grown, found.gone, found.after) == (16000, 3000, 4000, 15000)
