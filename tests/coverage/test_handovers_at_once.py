"""Hand-overs on connections of their own: two workers at once, and one whose connection is cut in the middle."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection

from accounts.models import Account
from coverage import handover_effects, handover_services
from coverage.handover_models import HandOver, HandOverLine, HandOverState
from money.services import pin_business_date
from pipeline.models import Lead, Opportunity
from teams.models import Member
from tests import factories as make
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DAY = dt.date(2026, 7, 1)


@pytest.fixture
def due() -> HandOver:
    """A plan for a deal and a lead, whose day has come."""
    pin_business_date(on=dt.date(2026, 6, 1), by=None)
    root = User.objects.create_superuser("root@example.org", make.PASSWORD)
    giver, heir = make.MemberFactory(email="giver@example.org"), make.MemberFactory(email="heir@example.org")
    account: Account = make.AccountFactory(code="ACME")
    deal = make.OpportunityFactory(account=account, owner=giver)
    lead = make.LeadFactory(account=account, owner=giver)
    pk = handover_services.plan_hand_over(
        giver=giver.email,
        on=DAY,
        chosen={f"deal-{deal.pk}": heir.email, f"lead-{lead.pk}": heir.email},
        by=root,
    )
    pin_business_date(on=DAY, by=None)
    return HandOver.objects.get(pk=pk)


def owners() -> set[Member | None]:
    return {Opportunity.objects.get().owner, Lead.objects.get().owner}


def in_a_thread(wait_for: threading.Event, reached: threading.Event, pids: list[int]) -> threading.Thread:
    """A worker that stops in the middle of its transaction, before the lead, until it is let go."""
    lead = handover_effects._lead

    def stop(line: HandOverLine, hand_over: HandOver) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        reached.set()
        assert wait_for.wait(30)
        return lead(line, hand_over)

    def work() -> None:
        try:
            handover_effects._ON_THE_DAY["lead"] = stop
            handover_services.carry_out_due()
        finally:
            handover_effects._ON_THE_DAY["lead"] = lead
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert reached.wait(30)
    return thread


def test_a_second_worker_leaves_to_the_first_what_it_is_at(due: HandOver) -> None:
    go, reached = threading.Event(), threading.Event()
    first = in_a_thread(go, reached, [])
    assert handover_services.carry_out_due() == 0
    go.set()
    first.join(30)
    due.refresh_from_db()
    assert due.state == HandOverState.DONE
    assert {member.email for member in owners() if member} == {"heir@example.org"}
    assert handover_services.carry_out_due() == 0


def test_a_worker_that_is_killed_leaves_nothing_by_half_and_the_next_does_it_all(due: HandOver) -> None:
    go, reached, pids = threading.Event(), threading.Event(), []  # type: ignore[var-annotated]  # of int, see above
    killed = in_a_thread(go, reached, pids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", pids)
    go.set()
    killed.join(30)
    due.refresh_from_db()
    assert due.state == HandOverState.PLANNED
    assert {member.email for member in owners() if member} == {"giver@example.org"}
    assert handover_services.carry_out_due() == 1
    assert {member.email for member in owners() if member} == {"heir@example.org"}
