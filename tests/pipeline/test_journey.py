"""A deal on its way: what the next stage asks for, what was met and by whom, how long it stood where, and the way back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import AccountGrant
from core.errors import DomainError, NotPermitted
from pipeline import deal_services as beside
from pipeline import journey_queries, move_services
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.deleted import deleted_deals, restore_deal
from pipeline.journey_models import ExitCriterion, RequiredRole, Tick
from pipeline.models import Opportunity, Stage, StageHistory
from pipeline.move_rules import ContactsMissing, CriteriaUnmet
from pipeline.services import DealChanged
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    """At “proposal”, in EUR, closing in June 2024."""
    return make.OpportunityFactory(account=cast.acme, name="Pumps", owner=cast.owner.member)


@pytest.fixture
def nothing_asked(db: None) -> None:
    ExitCriterion.objects.all().delete()
    RequiredRole.objects.all().delete()


def move(deal: Opportunity, stage: str, cast: Cast, **more: Any) -> None:
    version = move_services.move_version(pk=deal.pk)
    move_services.move_opportunity(pk=deal.pk, stage=stage, version=version, by=cast.owner, **more)


def meet_everything(deal: Opportunity, cast: Cast) -> None:
    for criterion in ExitCriterion.objects.filter(is_required=True):
        beside.tick_criterion(pk=deal.pk, criterion=criterion.pk, is_met=True, by=cast.owner)


def person(deal: Opportunity, role: str = "decision_maker", **more: Any) -> Any:
    return make.ContactFactory(account=deal.account, buying_role=role, given_name="Ada", family_name="Long", **more)


def entered(deal: Opportunity, stage: str, day: dt.date) -> StageHistory:
    at = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return StageHistory.objects.create(opportunity=deal, changed_at=at, stage_id=stage)


def _write_at_once(row: DealContact) -> None:
    """With every rule asked before the transaction ends."""
    with transaction.atomic():
        row.save()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# -- what a move asks for ------------------------------------------------------------------------------------------------


def test_commit_needs_a_decision_maker_and_says_so(cast: Cast, deal: Opportunity) -> None:
    meet_everything(deal, cast)
    with pytest.raises(
        ContactsMissing, match="Before “Negotiation” this opportunity needs a contact as: Decision maker"
    ):
        move(deal, "negotiation", cast)
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    move(deal, "negotiation", cast)
    deal.refresh_from_db()
    assert deal.stage_id == "negotiation"


def test_to_win_at_once_leaps_over_nothing(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(ContactsMissing):
        move(deal, "won", cast, closed_on=dt.date(2024, 5, 5))
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    with pytest.raises(CriteriaUnmet) as refused:
        move(deal, "won", cast, closed_on=dt.date(2024, 5, 5))
    assert "The customer has chosen us" in refused.value.criteria
    deal.refresh_from_db()
    assert deal.stage_id == "proposal"


def test_unmet_criteria_ask_for_a_reason_that_the_history_keeps(cast: Cast, deal: Opportunity) -> None:
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    with pytest.raises(CriteriaUnmet, match="Requirements are agreed in writing"):
        move(deal, "negotiation", cast)
    move(deal, "negotiation", cast, reason="The board decides on Friday")
    change = StageHistory.objects.get(opportunity=deal)
    assert (change.stage_id, change.reason, change.changed_by) == (
        "negotiation",
        "The board decides on Friday",
        cast.owner,
    )


def test_back_and_lost_ask_for_nothing(cast: Cast, deal: Opportunity) -> None:
    move(deal, "qualification", cast)
    move(deal, "lost", cast, closed_on=dt.date(2024, 2, 3))
    deal.refresh_from_db()
    assert (deal.stage_id, deal.close_date) == ("lost", dt.date(2024, 2, 3))


def test_a_deal_that_ends_says_on_which_day(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(DomainError, match="on which day"):
        move(deal, "lost", cast)


def test_a_closed_stage_takes_no_deal(cast: Cast, deal: Opportunity) -> None:
    Stage.objects.filter(pk="qualification").update(is_active=False)
    with pytest.raises(DomainError, match="is closed"):
        move(deal, "qualification", cast)


def test_a_move_of_what_somebody_changed_meanwhile_is_refused(cast: Cast, deal: Opportunity) -> None:
    version = move_services.move_version(pk=deal.pk)
    Opportunity.objects.filter(pk=deal.pk).update(name="Meanwhile")
    with pytest.raises(DealChanged):
        move_services.move_opportunity(pk=deal.pk, stage="qualification", version=version, by=cast.owner)


def test_who_sees_a_part_of_a_deal_does_not_move_it(cast: Cast, deal: Opportunity) -> None:
    make.OpportunityLineFactory(opportunity=deal, country="DE", amount=Decimal(10))
    make.OpportunityLineFactory(opportunity=deal, country="JP", amount=Decimal(90))
    version = move_services.move_version(pk=deal.pk)
    with pytest.raises(NotPermitted):
        move_services.move_opportunity(pk=deal.pk, stage="qualification", version=version, by=cast.europe_lead)
    with pytest.raises(Opportunity.DoesNotExist):
        move_services.move_opportunity(pk=deal.pk, stage="qualification", version=version, by=cast.outsider)


def test_files_and_the_api_are_not_asked_and_the_deal_shows_what_is_missing(cast: Cast, deal: Opportunity) -> None:
    client = signed_in(cast.owner)
    answer = client.patch(
        f"/api/v1/opportunities/{deal.pk}/", {"stage": "negotiation"}, content_type="application/json"
    )
    assert answer.status_code == 200
    deal.refresh_from_db()
    assert journey_queries.missing_roles(deals=[deal]) == {deal.pk: ["decision_maker"]}
    assert len(journey_queries.unmet_criteria(deals=[deal])[deal.pk]) == 2
    page = client.get(f"/opportunities/{deal.pk}/").content.decode()
    assert "missing contact" in page


def test_the_edit_form_asks_as_a_move_does(cast: Cast, deal: Opportunity) -> None:
    client = signed_in(cast.owner)

    def save(**more: Any) -> Any:
        counts = {f"{p}-{name}": "0" for p in ("lines", "splits") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        version = client.get(f"/opportunities/{deal.pk}/edit/").context["forms"].form.initial["version"]
        stated = {"name": "Pumps", "amount": "1000", "currency": "EUR", "close_date": "2024-06-30"}
        return client.post(
            f"/opportunities/{deal.pk}/edit/", {**counts, **stated, "stage": "negotiation", "version": version, **more}
        )

    assert "needs a contact as: Decision maker" in save().content.decode()
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    answer = save()
    assert "Not met yet: Requirements are agreed in writing" in answer.content.decode()
    save(reason="They insist")
    assert StageHistory.objects.get(opportunity=deal).reason == "They insist"


# -- the way back --------------------------------------------------------------------------------------------------------


def test_a_move_that_is_taken_back_leaves_the_deal_as_long_where_it_was(
    cast: Cast, deal: Opportunity, nothing_asked: None
) -> None:
    entered(deal, "proposal", dt.date(2024, 1, 10))
    move(deal, "negotiation", cast)
    move_services.take_back_move(pk=deal.pk, version=move_services.move_version(pk=deal.pk), by=cast.owner)
    deal.refresh_from_db()
    history = StageHistory.objects.filter(opportunity=deal).order_by("changed_at")
    assert [change.stage_id for change in history] == ["proposal", "negotiation", "proposal"]
    assert deal.stage_id == "proposal"
    on = dt.date(2024, 1, 20)
    assert journey_queries.days_in_stage(deal_ids=[deal.pk], on=on) == {deal.pk: 10}
    with pytest.raises(DomainError, match="nothing to take back"):
        move_services.take_back_move(pk=deal.pk, version=move_services.move_version(pk=deal.pk), by=cast.owner)


def test_to_take_back_a_win_gives_the_close_date_back(cast: Cast, deal: Opportunity, nothing_asked: None) -> None:
    move(deal, "won", cast, closed_on=dt.date(2024, 2, 3))
    move_services.take_back_move(pk=deal.pk, version=move_services.move_version(pk=deal.pk), by=cast.owner)
    deal.refresh_from_db()
    assert (deal.stage_id, deal.close_date) == ("proposal", dt.date(2024, 6, 30))


def test_what_was_changed_since_is_not_taken_back(cast: Cast, deal: Opportunity, nothing_asked: None) -> None:
    move(deal, "negotiation", cast)
    version = move_services.move_version(pk=deal.pk)
    Opportunity.objects.filter(pk=deal.pk).update(name="Since")
    with pytest.raises(DomainError):
        move_services.take_back_move(pk=deal.pk, version=version, by=cast.owner)


def test_the_page_moves_asks_and_takes_back(cast: Cast, deal: Opportunity) -> None:
    client = signed_in(cast.owner)
    address = f"/opportunities/{deal.pk}/move/"

    def send(**more: Any) -> Any:
        return client.post(address, {"version": move_services.move_version(pk=deal.pk), **more})

    assert "needs a contact as: Decision maker" in send(stage="negotiation").content.decode()
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    assert "Say why the opportunity goes on" in send(stage="negotiation").content.decode()
    assert send(stage="negotiation", reason="Their fair is in May")["Location"] == f"/opportunities/{deal.pk}/"
    moved = client.get(f"/opportunities/{deal.pk}/").context["moved"]
    client.post(f"/opportunities/{deal.pk}/move/undo/", {"version": moved["version"]})
    deal.refresh_from_db()
    assert deal.stage_id == "proposal"


# -- how long ------------------------------------------------------------------------------------------------------------


def test_days_in_a_stage_count_from_its_unbroken_beginning(cast: Cast, deal: Opportunity) -> None:
    entered(deal, "prospecting", dt.date(2024, 1, 1))
    entered(deal, "proposal", dt.date(2024, 2, 1))
    entered(deal, "qualification", dt.date(2024, 2, 10))
    entered(deal, "proposal", dt.date(2024, 3, 1))
    entered(deal, "proposal", dt.date(2024, 3, 5))  # another amount: the stage stays
    on = dt.date(2024, 3, 11)
    assert journey_queries.days_in_stage(deal_ids=[deal.pk], on=on) == {deal.pk: 10}
    spans = journey_queries.stays(deal=deal, on=on)
    assert [(stay.stage.pk, stay.days) for stay in spans] == [
        ("prospecting", 31),
        ("proposal", 9),
        ("qualification", 20),
        ("proposal", 10),
    ]


def test_without_history_a_deal_is_there_since_it_was_created_or_nobody_knows(cast: Cast, deal: Opportunity) -> None:
    other = make.OpportunityFactory(account=cast.acme, created_on=dt.date(2024, 3, 1))
    strange = make.OpportunityFactory(account=cast.acme, created_on=dt.date(2024, 3, 1))
    entered(strange, "prospecting", dt.date(2024, 3, 1))  # its history does not tell of its present stage
    found = journey_queries.days_in_stage(deal_ids=[deal.pk, other.pk, strange.pk], on=dt.date(2024, 3, 11))
    assert found == {deal.pk: None, other.pk: 10, strange.pk: None}


def test_the_median_is_of_stays_that_have_ended_of_all_deals_in_sight(cast: Cast) -> None:
    for days in (2, 4, 30):
        one = make.OpportunityFactory(account=cast.acme, stage_id="negotiation")
        entered(one, "proposal", dt.date(2024, 1, 1))
        entered(one, "negotiation", dt.date(2024, 1, 1) + dt.timedelta(days=days))
    hidden = make.OpportunityFactory(account=cast.other, country="JP", stage_id="lost")
    entered(hidden, "proposal", dt.date(2024, 1, 1))
    entered(hidden, "lost", dt.date(2024, 12, 1))
    found = journey_queries.stage_medians(viewer=cast.owner)
    assert {stage: (median.days, median.stays) for stage, median in found.items()} == {"proposal": (4.0, 3)}
    assert journey_queries.stage_medians(viewer=cast.executive)["proposal"].stays == 4


# -- what stands around a deal -------------------------------------------------------------------------------------------


def test_ticks_say_who_and_when_and_what_was_taken_back(cast: Cast, deal: Opportunity) -> None:
    client = signed_in(cast.owner)
    criterion = ExitCriterion.objects.filter(stage="proposal").order_by("position")[0]
    address = f"/opportunities/{deal.pk}/criteria/"
    client.post(address, {"row": criterion.pk, "met": "yes"})
    client.post(address, {"row": criterion.pk, "met": "yes"})
    groups = client.get(f"/opportunities/{deal.pk}/").context["around"].groups
    assert [group.step for group in groups] == ["Requirements set"]
    assert [(check.is_met, check.tick and check.tick.ticked_by) for check in groups[0].checks] == [
        (True, cast.owner),
        (False, None),
    ]
    client.post(address, {"row": criterion.pk, "met": "no"})
    tick = Tick.objects.get()
    assert (tick.taken_back_by, tick.taken_back_at is not None) == (cast.owner, True)
    assert "taken back" in client.get(f"/opportunities/{deal.pk}/").content.decode()


def test_a_contact_comes_with_the_part_that_she_has_anyway(cast: Cast, deal: Opportunity) -> None:
    ada = person(deal)
    client = signed_in(cast.owner)
    client.post(f"/opportunities/{deal.pk}/contacts/", {"do": "add", "contact": ada.pk, "buying_role": ""})
    client.post(f"/opportunities/{deal.pk}/contacts/", {"do": "add", "contact": ada.pk, "buying_role": "champion"})
    assert list(DealContact.objects.order_by("buying_role").values_list("buying_role", flat=True)) == [
        "champion",
        "decision_maker",
    ]
    client.post(f"/opportunities/{deal.pk}/contacts/", {"do": "remove", "row": DealContact.objects.first().pk})  # type: ignore[union-attr]
    assert DealContact.objects.count() == 1


def test_a_contact_of_another_account_is_refused_also_by_the_database(cast: Cast, deal: Opportunity) -> None:
    stranger = make.ContactFactory(account=cast.other, buying_role="user")
    with pytest.raises(DomainError, match="contact of this account"):
        beside.add_contact(pk=deal.pk, contact=stranger.pk, by=cast.superuser)
    with pytest.raises(IntegrityError, match="pipeline_dealcontact_contact_of_account"):
        _write_at_once(DealContact(opportunity=deal, contact=stranger, account=deal.account, buying_role="user"))


def test_a_lead_learns_which_parts_are_taken_and_not_by_whom(cast: Cast, deal: Opportunity) -> None:
    beside.add_contact(pk=deal.pk, contact=person(deal).pk, by=cast.owner)
    page = signed_in(cast.europe_lead).get(f"/opportunities/{deal.pk}/").content.decode()
    assert "Known to the account’s team: Decision maker." in page
    assert "Ada" not in page


def test_competitors_are_noted_once_each(cast: Cast, deal: Opportunity) -> None:
    Competitor.objects.create(code="initech", name="Initech")
    client = signed_in(cast.owner)
    address = f"/opportunities/{deal.pk}/competitors/"
    client.post(address, {"competitor": "initech", "is_incumbent": "on", "note": "Since 2019"})
    client.post(address, {"competitor": "initech", "note": "Until 2025"})
    row = DealCompetitor.objects.get()
    assert (row.is_incumbent, row.note) == (False, "Until 2025")
    client.post(address, {"do": "remove", "row": row.pk})
    assert not DealCompetitor.objects.exists()


def test_one_next_step_is_open_at_a_time_and_those_done_stay(cast: Cast, deal: Opportunity) -> None:
    client = signed_in(cast.owner)
    address = f"/opportunities/{deal.pk}/next-step/"
    client.post(address, {"text": "Send the offer", "due_on": "2024-02-01", "member": cast.owner.email})
    client.post(address, {"text": "Send the second offer", "due_on": "2024-02-01"})
    assert NextStep.objects.get().text == "Send the second offer"
    client.post(address, {"do": "done"})
    client.post(address, {"text": "Call"})
    assert [(step.text, step.done_by) for step in NextStep.objects.order_by("pk")] == [
        ("Send the second offer", cast.owner),
        ("Call", None),
    ]
    assert client.post(address, {"text": ""}).status_code == 302
    assert NextStep.objects.count() == 2


def test_outsiders_find_nothing_and_viewers_change_nothing(cast: Cast, deal: Opportunity) -> None:
    AccountGrant.objects.create(account=cast.acme, user=cast.viewer)
    for part in ("contacts", "competitors", "next-step", "criteria", "move", "move/undo"):
        address = f"/opportunities/{deal.pk}/{part}/"
        assert signed_in(cast.outsider).post(address, {"text": "x", "met": "yes"}).status_code == 404, part
        assert signed_in(cast.viewer).post(address, {"text": "x"}).status_code == 403, part
    assert not NextStep.objects.exists()


def test_a_deleted_deal_comes_back_with_everything_around_it(cast: Cast, deal: Opportunity) -> None:
    ada, bob = person(deal), person(deal, "champion", external_id="bob")
    Competitor.objects.create(code="initech", name="Initech")
    for one in (ada, bob):
        beside.add_contact(pk=deal.pk, contact=one.pk, by=cast.owner)
    beside.note_competitor(pk=deal.pk, competitor="initech", is_incumbent=True, by=cast.owner)
    beside.set_next_step(pk=deal.pk, text="Call", by=cast.owner)
    meet_everything(deal, cast)
    ticks = Tick.objects.count()
    signed_in(cast.owner).post(f"/opportunities/{deal.pk}/delete/")
    bob.delete()
    restore_deal(event=deleted_deals(viewer=cast.owner).get().pk, by=cast.owner)
    back = Opportunity.objects.get(pk=deal.pk)
    assert [row.contact for row in back.deal_contacts.all()] == [ada]
    assert (back.deal_competitors.count(), back.next_steps.count(), back.ticks.count()) == (1, 1, ticks)


def test_the_page_of_a_deal_takes_as_many_statements_for_much_history(
    cast: Cast, deal: Opportunity, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        entered(deal, ("proposal", "qualification")[number % 2], dt.date(2024, 1, 1) + dt.timedelta(days=number))
        beside.add_contact(pk=deal.pk, contact=person(deal, "user", external_id=f"p{number}").pk, by=cast.owner)
    client = signed_in(cast.owner)
    with django_assert_max_num_queries(45):
        client.get(f"/opportunities/{deal.pk}/")
