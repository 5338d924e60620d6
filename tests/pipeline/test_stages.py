"""Stages as administrators keep them: worth, order, what they ask for, and what a change would do before it is saved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, InUse, NotPermitted
from pipeline import stage_services as services
from pipeline.deal_models import Competitor
from pipeline.journey_models import BuyingStep, ExitCriterion, RequiredRole, Tick
from pipeline.models import Opportunity, Stage
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

PROPOSAL = {
    "name": "Proposal",
    "probability": "50",
    "forecast_category": "best_case",
    "outcome": "open",
    "buying_step": "requirements_set",
}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(cast: Cast) -> Client:
    return signed_in(cast.administrator)


def order() -> list[str]:
    return list(Stage.objects.order_by("position", "code").values_list("pk", flat=True))


def save(client: Client, code: str = "proposal", **changes: Any) -> Any:
    version = services.stage_version(code=code)
    return client.post(f"/set-up/stages/of/{code}/", {"do": "save", "version": version, **PROPOSAL, **changes})


def test_the_stages_of_the_contract_stand_on_the_steps_of_the_buyer() -> None:
    assert order() == ["prospecting", "qualification", "proposal", "negotiation", "won", "lost"]
    assert list(Stage.objects.order_by("position").values_list("probability", flat=True)) == [10, 20, 50, 75, 100, 0]
    assert list(BuyingStep.objects.order_by("position").values_list("pk", flat=True)) == [
        "need_recognised",
        "options_explored",
        "requirements_set",
        "supplier_chosen",
        "purchase_approved",
    ]
    assert Stage.objects.get(pk="negotiation").buying_step_id == "supplier_chosen"
    assert list(RequiredRole.objects.values_list("forecast_category", "buying_role")) == [("commit", "decision_maker")]


def test_only_who_configures_the_pipeline_opens_them(cast: Cast) -> None:
    for user, status in ((cast.owner, 403), (cast.executive, 403), (cast.administrator, 200)):
        assert signed_in(user).get("/set-up/stages/").status_code == status
    with pytest.raises(NotPermitted):
        services.add_stage(code="x", values={**PROPOSAL}, by=cast.owner)


def test_a_stage_is_added_before_those_that_end_a_deal_and_moved(cast: Cast, client: Client) -> None:
    client.post("/set-up/stages/add/", {"code": "verbal", **PROPOSAL, "name": "Verbal"})
    assert order() == ["prospecting", "qualification", "proposal", "negotiation", "verbal", "won", "lost"]
    client.post("/set-up/stages/", {"do": "up", "row": "verbal"})
    assert order()[3:5] == ["verbal", "negotiation"]
    again = client.post("/set-up/stages/add/", {"code": "verbal", **PROPOSAL})
    assert "This code is there already." in again.content.decode()


def test_a_new_probability_is_weighed_before_it_is_saved(cast: Cast) -> None:
    client = signed_in(cast.superuser)
    make.OpportunityFactory(account=cast.acme, amount=Decimal("1000.00"))
    make.OpportunityFactory(account=cast.acme, amount=Decimal("1000.00"), probability=Decimal(10))
    answer = save(client, probability="60")
    assert Stage.objects.get(pk="proposal").probability == 50
    shown = answer.context
    assert (shown["deals"], shown["following"]) == (2, 1)
    # 500.00 + 100.00 before; the deal with a probability of its own stays at 100.00.
    assert (shown["effect"].before, shown["effect"].after) == (60000, 70000)
    save(client, probability="60", seen=shown["seen"])
    assert Stage.objects.get(pk="proposal").probability == 60


def test_what_was_weighed_is_what_is_saved(cast: Cast) -> None:
    client = signed_in(cast.superuser)
    seen = save(client, probability="60").context["seen"]
    save(client, probability="70", seen=seen)
    assert Stage.objects.get(pk="proposal").probability == 50


def test_left_out_of_the_forecast_a_stage_weighs_nothing(cast: Cast) -> None:
    make.OpportunityFactory(account=cast.acme, amount=Decimal("1000.00"))
    make.OpportunityFactory(account=cast.acme, amount=Decimal("40.00"), forecast_category="commit")
    shown = save(signed_in(cast.superuser), forecast_category="omitted").context
    assert (shown["effect"].before, shown["effect"].after) == (52000, 2000)


def test_the_weighing_counts_a_deal_of_many_parts_once_and_lists_what_has_no_rate(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme, amount=None)
    for member in (make.MemberFactory(), make.MemberFactory()):
        make.OpportunitySplitFactory(opportunity=deal, member=member, type="overlay", percent=50)
    make.OpportunityLineFactory(opportunity=deal, amount=Decimal("0.10"))
    make.OpportunityLineFactory(opportunity=deal, amount=Decimal("0.10"))
    make.OpportunityFactory(account=cast.acme, currency_id="ARS")
    effect = save(signed_in(cast.superuser), probability="75").context["effect"]
    # Each line is rounded once: 0.05 twice before, 0.075 twice (to 0.08) after.
    assert (effect.deals, effect.before, effect.after, effect.unpriced) == (2, 10, 16, 1)


def test_who_may_see_no_figures_configures_without_money(cast: Cast, client: Client) -> None:
    make.OpportunityFactory(account=cast.acme, amount=Decimal("424242.00"))
    text = save(client, probability="60").content.decode()
    assert "1 open opportunity is in this stage" in text
    assert "What it means in money is shown to those who may see figures." in text
    assert "212" not in text


def test_a_name_is_saved_at_once(client: Client) -> None:
    save(client, name="Offer")
    assert Stage.objects.get(pk="proposal").name == "Offer"


def test_a_page_opened_before_somebody_elses_change_is_refused(client: Client) -> None:
    version = services.stage_version(code="proposal")
    Stage.objects.filter(pk="proposal").update(name="Meanwhile")
    answer = client.post("/set-up/stages/of/proposal/", {"do": "save", "version": version, **PROPOSAL})
    assert "Somebody changed this stage" in answer.content.decode()
    assert Stage.objects.get(pk="proposal").name == "Meanwhile"


def test_deals_keep_what_their_stage_means(cast: Cast, client: Client) -> None:
    make.OpportunityFactory(account=cast.acme)
    save(client, outcome="lost")
    assert Stage.objects.get(pk="proposal").outcome == "open"


def test_a_stage_in_use_is_closed_and_never_deleted(cast: Cast, client: Client) -> None:
    deal = make.OpportunityFactory(account=cast.acme)
    with pytest.raises(InUse):
        services.delete_stage(code="proposal", by=cast.administrator)
    client.post("/set-up/stages/", {"do": "close", "row": "proposal"})
    deal.refresh_from_db()
    assert (Stage.objects.get(pk="proposal").is_active, deal.stage_id) == (False, "proposal")
    client.post("/set-up/stages/", {"do": "delete", "row": "qualification"})
    assert not Stage.objects.filter(pk="qualification").exists()


def test_the_last_stage_of_its_kind_stays(cast: Cast) -> None:
    with pytest.raises(DomainError, match="last stage in use"):
        services.close_stage(code="won", is_active=False, by=cast.administrator)


def test_criteria_are_added_changed_moved_and_kept_where_deals_met_them(cast: Cast, client: Client) -> None:
    ExitCriterion.objects.all().delete()
    address = "/set-up/stages/of/proposal/criteria/"
    for text in ("First", "Second"):
        client.post(address, {"do": "add", "text": text, "is_required": "on"})
    first, second = ExitCriterion.objects.order_by("position")
    assert (first.buying_step_id, first.is_required) == ("requirements_set", True)
    client.post(address, {"do": "up", "row": second.pk})
    client.post(address, {"do": "change", "row": first.pk, "text": "Once", "buying_step": "supplier_chosen"})
    found = list(ExitCriterion.objects.order_by("position").values_list("text", "buying_step", "is_required"))
    assert found == [("Second", "requirements_set", True), ("Once", "supplier_chosen", False)]
    deal = make.OpportunityFactory(account=cast.acme)
    Tick.objects.create(opportunity=deal, criterion=first, ticked_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    for row in (first, second):
        client.post(address, {"do": "remove", "row": row.pk})
    assert list(ExitCriterion.objects.values_list("text", "is_active")) == [("Once", False)]


def test_contacts_are_asked_for_by_stage_and_by_category(client: Client) -> None:
    client.post("/set-up/stages/of/proposal/contacts/", {"roles": ["champion"]})
    client.post("/set-up/stages/contacts/", {"category": "commit", "roles": ["economic_buyer", "decision_maker"]})
    rows = RequiredRole.objects.order_by("buying_role").values_list("stage", "forecast_category", "buying_role")
    assert list(rows) == [
        ("proposal", "", "champion"),
        (None, "commit", "decision_maker"),
        (None, "commit", "economic_buyer"),
    ]
    assert client.post("/set-up/stages/contacts/", {"category": "closed", "roles": []}).status_code == 404


def test_competitors_and_steps_are_tables_of_their_own(cast: Cast, client: Client) -> None:
    client.post("/set-up/stages/tables/competitors/", {"do": "add", "code": "initech", "name": "Initech"})
    assert Competitor.objects.get().name == "Initech"
    client.post("/set-up/stages/tables/buying-steps/", {"do": "delete", "row": "need_recognised"})
    assert BuyingStep.objects.filter(pk="need_recognised").exists()
    assert signed_in(cast.owner).get("/set-up/stages/tables/competitors/").status_code == 403


def test_the_pages_ask_as_much_of_the_database_for_many_deals(cast: Cast) -> None:
    client = signed_in(cast.superuser)

    def asked() -> list[int]:
        counts = []
        for address in ("/set-up/stages/", "/set-up/stages/of/proposal/"):
            with CaptureQueriesContext(connection) as found:
                client.get(address)
            counts.append(len(found))
        with CaptureQueriesContext(connection) as found:
            save(client, probability="60")
        return [*counts, len(found)]

    make.OpportunityFactory(account=cast.acme)
    asked()
    few = asked()
    for _ in range(10):
        make.OpportunityFactory(account=cast.acme)
    assert asked() == few
    assert Opportunity.objects.count() == 11
