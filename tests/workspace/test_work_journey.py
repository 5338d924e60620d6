"""Deals on their way to a purchase that wait for somebody: next steps, stages they stand in for too long, missing people."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import BuyingRole
from accounts.work import Whose
from pipeline.deal_models import DealContact, NextStep
from pipeline.models import Opportunity, Stage
from tests import factories as make
from tests.cast import Cast
from tests.workspace.waiting import ON, client_of, entered, left_after, listed, overdue, step, subjects

pytestmark = pytest.mark.django_db


def test_a_next_step_waits_from_its_day_on_for_whom_it_was_given_to(day: Cast) -> None:
    deal = overdue(day, close_date=dt.date(2025, 12, 1))
    step(deal, ON)
    step(overdue(day, "Later", close_date=dt.date(2025, 12, 1)), ON + dt.timedelta(days=1))
    (line,) = listed(day.owner, kind="next_step").lines
    assert line.why == "“Send the offer” was to be done by 20 Oct 2025."
    colleague = make.MemberFactory(user=make.UserFactory())
    make.TeamMemberFactory(team=day.acme.team, member=colleague)
    NextStep.objects.filter(opportunity=deal).update(member=colleague)
    assert subjects(day.owner, kind="next_step") == []
    assert subjects(colleague.user, kind="next_step") == ["Robots"]
    assert subjects(day.outsider, whose=Whose.ACCOUNTS, kind="next_step") == []


def test_a_step_is_done_at_one_press_and_that_is_undone(day: Cast) -> None:
    deal = overdue(day, close_date=dt.date(2025, 12, 1))
    known = step(deal, ON)
    client = client_of(day.owner)
    client.post("/work/act/", {"source": "next_step", "key": deal.pk})
    assert subjects(day.owner, kind="next_step") == []
    client.post("/work/undo/")
    known.refresh_from_db()
    assert (known.done_at, known.done_by) == (None, None)


def in_stage_since(cast: Cast, name: str, days: int) -> Opportunity:
    deal = overdue(cast, name, close_date=dt.date(2026, 1, 1))
    entered(deal, "proposal", ON - dt.timedelta(days=days))
    return deal


def test_a_deal_stalls_when_it_stands_longer_than_half_of_those_that_left(day: Cast) -> None:
    left_after(day, 10, 20, 30, 40, 50)
    in_stage_since(day, "As usual", 30)
    in_stage_since(day, "Too long", 31)
    (line,) = listed(day.owner, kind="stalled").lines
    assert line.item.subject == "Too long"
    assert line.days == 1
    assert line.why == "For 31 days in Proposal; half of the 5 deals that left it did so within 30."


def test_a_median_of_few_says_nothing_of_what_is_usual(day: Cast) -> None:
    left_after(day, 10, 20, 30, 40)
    in_stage_since(day, "Too long", 300)
    assert subjects(day.owner, kind="stalled") == []


def test_a_next_step_ahead_ends_the_stall_and_is_taken_back(day: Cast) -> None:
    left_after(day, 10, 20, 30, 40, 50)
    deal = in_stage_since(day, "Too long", 100)
    client = client_of(day.owner)
    sent = {"source": "stalled", "key": deal.pk, "text": "Call them", "due_on": "2025-10-27"}
    client.post("/work/act/", sent)
    planned = NextStep.objects.get(opportunity=deal)
    assert (planned.text, planned.member) == ("Call them", day.owner.member)
    assert subjects(day.owner, kind="stalled") == []
    client.post("/work/undo/")
    assert not NextStep.objects.filter(opportunity=deal).exists()
    assert client.post("/work/act/", {**sent, "due_on": "2025-10-01"}).status_code == 422


def test_a_step_that_took_another_s_place_gives_it_back(day: Cast) -> None:
    left_after(day, 10, 20, 30, 40, 50)
    deal = in_stage_since(day, "Too long", 100)
    step(deal, dt.date(2025, 10, 1), member=day.owner.member)
    client = client_of(day.owner)
    client.post("/work/act/", {"source": "stalled", "key": deal.pk, "text": "Call them", "due_on": "2025-10-27"})
    client.post("/work/undo/")
    back = NextStep.objects.get(opportunity=deal, done_at=None)
    assert (back.text, back.due_on, back.member) == ("Send the offer", dt.date(2025, 10, 1), day.owner.member)


def test_a_deal_in_commit_misses_its_decision_maker(day: Cast) -> None:
    deal = overdue(day, close_date=dt.date(2026, 1, 1), stage=Stage.objects.get(pk="negotiation"))
    (line,) = listed(day.owner, kind="missing_roles").lines
    assert line.why == "Negotiation asks for people whom this deal has no contact for: Decision maker."
    person = make.ContactFactory(account=day.acme)
    DealContact.objects.create(
        account=day.acme, opportunity=deal, contact=person, buying_role=BuyingRole.DECISION_MAKER
    )
    assert subjects(day.owner, kind="missing_roles") == []


def test_a_lead_waits_for_its_owner_to_accept_it(day: Cast) -> None:
    mine = {"owner": day.owner.member, "created_on": dt.date(2025, 10, 1)}
    make.LeadFactory(name="Who asked", status="marketing_qualified", **mine)
    make.LeadFactory(name="New", status="new", **mine)
    make.LeadFactory(name="Accepted", status="sales_qualified", **mine)
    (line,) = listed(day.owner).lines
    assert (line.source.code, line.item.subject) == ("lead", "Who asked")
    assert line.item.url.startswith("/leads/")
    assert subjects(day.outsider) == []
