"""The board of opportunities: what its columns hold and add up to, for whom, and what a move does there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pipeline import move_services
from pipeline.journey_models import ExitCriterion, RequiredRole
from pipeline.models import Opportunity, Stage
from rollups import queries, services
from rollups.lens import parse_lens
from tests import factories as make
from tests.cast import Cast
from workspace.deal_board import PAGE

pytestmark = pytest.mark.django_db

ON = dt.date(2024, 6, 15)


@pytest.fixture(autouse=True)
def mid_june(settings: Any) -> None:
    settings.GAM_AS_OF = ON


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def columns(user: Any, query: str = "") -> dict[str, Any]:
    answer = signed_in(user).get(f"/opportunities/board/?{query}")
    return {column.stage.pk: column for column in answer.context["board"].columns}


def sums(user: Any, query: str = "") -> dict[str, tuple[int, int, int]]:
    """Deals, amount and weighted amount in cents, of the columns that have any."""
    found = columns(user, query)
    return {code: (one.sum.deals, one.sum.amount, one.sum.weighted) for code, one in found.items() if one.total}


def names(column: Any) -> list[str]:
    return [card.deal.name for card in column.cards]


def test_columns_are_what_the_account_s_pipeline_says(cast: Cast) -> None:
    make.ExchangeRateFactory(currency_id="USD", date=ON, rate=Decimal("1.1"))
    make.OpportunityFactory(account=cast.acme, amount=Decimal("1000.00"))
    make.OpportunityFactory(account=cast.acme, amount=Decimal("110.00"), currency_id="USD", probability=Decimal(10))
    make.OpportunityFactory(account=cast.acme, amount=Decimal("70.00"), stage_id="negotiation")
    found = sums(cast.executive)
    assert found == {"proposal": (2, 110000, 51000), "negotiation": (1, 7000, 5250)}
    services.drain()
    lens = parse_lens({"from": "2024-01", "to": "2024-12"})
    whole = queries.account_figures(viewer=cast.executive, code="ACME", lens=lens).measures
    assert whole.pipeline_open == Decimal("1170.00")
    assert whole.pipeline_weighted == Decimal("562.50")


def test_a_deal_of_two_members_products_and_contacts_counts_once(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme, amount=None)
    for number in (1, 2):
        make.OpportunityLineFactory(opportunity=deal, product=make.ProductFactory(), amount=Decimal(500))
        contact = make.ContactFactory(account=cast.acme)
        deal.deal_contacts.create(account=cast.acme, contact=contact, buying_role="decision_maker")
        deal.next_steps.create(text=f"Step {number}", done_at=dt.datetime(2024, 1, number, tzinfo=dt.UTC))
    for percent in (60, 40):
        make.OpportunitySplitFactory(opportunity=deal, type="overlay", percent=percent)
    assert sums(cast.owner) == {"proposal": (1, 100000, 50000)}
    assert names(columns(cast.owner)["proposal"]) == [deal.name]
    assert signed_in(cast.owner).get("/opportunities/").context["list"].count == 1


def test_what_is_unknown_unpriced_or_left_out_is_told_and_in_no_sum(cast: Cast) -> None:
    make.OpportunityFactory(account=cast.acme, amount=None)
    make.OpportunityFactory(account=cast.acme, currency_id="ARS")
    make.OpportunityFactory(account=cast.acme, forecast_category="omitted", amount=Decimal(5))
    column = columns(cast.owner)["proposal"]
    assert (column.sum.deals, column.sum.amount) == (2, 0)
    assert (column.sum.unknown, column.sum.unpriced, column.sum.omitted, column.total) == (1, 1, 1, 3)
    assert len(column.cards) == 3


def test_won_this_month_is_by_the_business_date_and_never_by_the_last_edit(cast: Cast) -> None:
    """Trap 9."""
    make.OpportunityFactory(account=cast.acme, name="In June", stage_id="won", close_date=dt.date(2024, 6, 1))
    old = make.OpportunityFactory(account=cast.acme, name="In May", stage_id="won", close_date=dt.date(2024, 5, 31))
    make.OpportunityFactory(account=cast.acme, name="Lost in June", stage_id="lost", close_date=dt.date(2024, 6, 30))
    Opportunity.objects.filter(pk=old.pk).update(probability=Decimal(100))  # edited today
    found = columns(cast.owner)
    assert (names(found["won"]), names(found["lost"])) == (["In June"], ["Lost in June"])
    listed = signed_in(cast.owner).get("/opportunities/?outcome=won_this_month").context["list"]
    assert [row.source.name for row in listed.rows] == ["In June"]
    answer = signed_in(cast.owner).get("/api/v1/opportunities/?outcome=lost_this_month&fields=name").json()
    assert [row["name"] for row in answer["results"]] == ["Lost in June"]


def test_the_list_s_filters_narrow_cards_and_sums_alike(cast: Cast) -> None:
    make.OpportunityFactory(account=cast.acme, name="Pumps", country="FR")
    make.OpportunityFactory(account=cast.acme, name="Valves", country="DE")
    assert sums(cast.owner, "country=FR") == {"proposal": (1, 100000, 50000)}
    assert names(columns(cast.owner, "search=valves")["proposal"]) == ["Valves"]
    page = signed_in(cast.owner).get("/opportunities/board/?country=FR").content.decode()
    assert "/opportunities/?country=FR" in page


def test_everybody_s_columns_hold_what_she_may_see(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.other, country="JP", amount=None)
    make.OpportunityLineFactory(opportunity=deal, country="DE", amount=Decimal(300))
    make.OpportunityLineFactory(opportunity=deal, country="JP", amount=Decimal(900))
    assert sums(cast.europe_lead) == {"proposal": (1, 30000, 15000)}
    assert sums(cast.outsider) == {"proposal": (1, 120000, 60000)}
    assert sums(cast.owner) == {}
    assert not columns(cast.europe_lead)["proposal"].cards[0].may_move


def test_a_head_is_of_all_deals_and_cards_come_by_the_page(cast: Cast) -> None:
    for number in range(PAGE + 5):
        day = dt.date(2024, 7, 1) + dt.timedelta(days=number)
        make.OpportunityFactory(account=cast.acme, name=f"D{number:02}", close_date=day)
    client = signed_in(cast.owner)
    answer = client.get("/opportunities/board/?search=D")
    column, more = next(pair for pair in answer.context["columns"] if pair[0].stage.pk == "proposal")
    assert (column.sum.deals, len(column.cards)) == (PAGE + 5, PAGE)
    rest = client.get(more, headers={"HX-Request": "true"})
    assert names(rest.context["column"]) == [f"D{number:02}" for number in range(PAGE, PAGE + 5)]
    assert rest.context["more_url"] == ""
    assert client.get("/opportunities/board/cards/?column=nothing").status_code == 404


def test_a_card_says_how_long_and_what_is_missing(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme, stage_id="negotiation", created_on=dt.date(2024, 6, 1))
    card = columns(cast.owner)["negotiation"].cards[0]
    assert (card.days, [str(name) for name in card.missing]) == (14, ["Decision maker"])
    assert card.version == move_services.move_version(pk=deal.pk)


def test_a_stage_that_is_closed_stands_while_deals_are_in_it(cast: Cast) -> None:
    Stage.objects.filter(pk="proposal").update(is_active=False)
    assert "proposal" not in columns(cast.owner)
    make.OpportunityFactory(account=cast.acme)
    assert "proposal" in columns(cast.owner)


def test_a_drop_moves_the_deal_or_brings_what_is_asked_for(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme)
    client = signed_in(cast.owner)
    htmx = {"HX-Request": "true", "HX-Target": "sheet-content"}

    def drop(stage: str) -> Any:
        values = {"stage": stage, "version": move_services.move_version(pk=deal.pk)}
        return client.post(f"/opportunities/{deal.pk}/move/", values, headers=htmx)

    asked = drop("negotiation")
    assert asked.status_code == 200
    assert "needs a contact as" in asked.content.decode()
    RequiredRole.objects.all().delete()
    assert "Say why" in drop("negotiation").content.decode()
    ExitCriterion.objects.all().delete()
    done = drop("negotiation")
    assert (done.status_code, '"deal-moved"' in done["HX-Trigger"]) == (204, True)
    part = client.get(
        "/opportunities/board/", headers={"HX-Request": "true", "HX-Target": "list-opportunity-board"}
    ).content.decode()
    assert "Take the move back" in part
    version = move_services.move_version(pk=deal.pk)
    client.post(f"/opportunities/{deal.pk}/move/undo/", {"version": version}, headers=htmx)
    deal.refresh_from_db()
    assert deal.stage_id == "proposal"


def test_the_part_that_is_swapped_is_the_page_s(cast: Cast) -> None:
    make.OpportunityFactory(account=cast.acme)
    client = signed_in(cast.owner)
    part = client.get(
        "/opportunities/board/", headers={"HX-Request": "true", "HX-Target": "list-opportunity-board"}
    ).content.decode()
    assert part.strip() in client.get("/opportunities/board/").content.decode()


def test_the_board_asks_as_much_of_the_database_for_many_deals(cast: Cast) -> None:
    client = signed_in(cast.europe_lead)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/opportunities/board/")
        return len(found)

    make.OpportunityFactory(account=cast.acme)
    asked()
    few = asked()
    for _ in range(2 * PAGE):
        make.OpportunityFactory(account=cast.acme)
    assert asked() == few
    assert few <= 32
