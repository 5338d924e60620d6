"""What a member passes on, from a day on: dated rows at once, the rest on the day, nothing twice and nothing of the past."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import scope_of
from accounts.models import Relationship
from accounts.team_queries import team_desk
from core.errors import DomainError, NotPermitted
from coverage import handover_effects, handover_queries, handover_services
from coverage.handover_models import HandOver, HandOverLine, HandOverState, LineState
from coverage.models import Coverage
from coverage.tasks import carry_out_hand_overs
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunitySplit
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember, TeamRole
from tests import factories as make
from tests.cast import Cast
from users.models import User

pytestmark = pytest.mark.django_db
TODAY, DAY = dt.date(2026, 6, 1), dt.date(2026, 7, 1)


@pytest.fixture
def world(cast: Cast) -> Cast:
    """The owner leads ACME, covers its unit, knows a contact, owns an open and a won deal and a lead."""
    pin_business_date(on=TODAY, by=None)
    owner, unit = cast.owner.member, cast.acme.org_units.get()
    TeamMember.objects.filter(team=cast.acme.team).update(
        role=TeamRole.objects.get(pk=GLOBAL_ACCOUNT_MANAGER), valid_from=dt.date(2024, 1, 1)
    )
    make.CoverageFactory(org_unit=unit, member=owner, covers_descendants=True, valid_from=dt.date(2024, 1, 1))
    contact = make.ContactFactory(account=cast.acme, external_id="C-1", given_name="Kim", family_name="Berg")
    Relationship.objects.create(contact=contact, member=owner, strength=Decimal("0.9"))
    make.OpportunityFactory(external_id="open", account=cast.acme, owner=owner, close_date=dt.date(2026, 12, 1))
    make.OpportunityFactory(external_id="won", account=cast.acme, owner=owner, stage_id="won")
    make.LeadFactory(external_id="lead", account=cast.acme, owner=owner)
    return cast


@pytest.fixture
def ana(db: None) -> Member:
    return make.MemberFactory(email="ana@example.org", given_name="Ana", family_name="Silva")


@pytest.fixture
def ben(db: None) -> Member:
    return make.MemberFactory(email="ben@example.org", given_name="Ben", family_name="Okoro")


def items(world: Cast, by: User, on: dt.date = DAY) -> dict[str, handover_queries.Item]:
    found = handover_queries.estate(viewer=by, giver=world.owner.member, account=world.acme, on=on)
    return {item.kind: item for item in found.items}


def plan(world: Cast, heir: Member, on: dt.date = DAY, by: User | None = None, **how: Any) -> HandOver:
    chosen = {item.key: heir.email for item in items(world, by or world.owner, on).values()}
    pk = handover_services.plan_hand_over(
        **{"giver": world.owner.email, "account": "ACME", "on": on, "chosen": chosen, "by": by or world.owner, **how}
    )
    return HandOver.objects.get(pk=pk)


def periods(model: Any) -> list[tuple[str, dt.date, dt.date | None]]:
    rows = model.objects.filter(**({"account__code": "ACME"} if model is Coverage else {"team__account__code": "ACME"}))
    return [(row.member.email, row.valid_from, row.valid_to) for row in rows.order_by("valid_from")]


def the_day_comes() -> None:
    pin_business_date(on=DAY, by=None)
    carry_out_hand_overs()


def snapshot() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (TeamMember, Coverage, Relationship, Opportunity, OpportunitySplit, HandOverLine, HandOver)
    ]


def test_everything_she_has_is_offered_and_what_is_closed_is_not(world: Cast) -> None:
    found = items(world, world.owner)
    assert set(found) == {"membership", "coverage", "relationship", "deal", "lead"}
    assert found["deal"].words == "Deal open"


def test_roles_and_coverage_are_written_at_once_and_the_rest_waits(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana)
    before = dt.date(2024, 1, 1)
    expected = [(world.owner.email, before, DAY), (ana.email, DAY, None)]
    assert periods(TeamMember) == expected
    assert periods(Coverage) == expected
    assert Coverage.objects.get(member=ana).covers_descendants is True
    assert hand_over.state == HandOverState.PLANNED
    assert Opportunity.objects.get(external_id="open").owner == world.owner.member
    assert not Relationship.objects.filter(member=ana).exists()


def test_on_the_day_owners_and_contacts_change_and_the_past_stays(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana)
    the_day_comes()
    hand_over.refresh_from_db()
    assert hand_over.state == HandOverState.DONE
    assert hand_over.settled_by is None
    assert {line.state for line in hand_over.lines.all()} == {LineState.DONE}
    assert Opportunity.objects.get(external_id="open").owner == ana
    assert Opportunity.objects.get(external_id="won").owner == world.owner.member
    assert [(row.member, row.strength) for row in Relationship.objects.all()] == [(ana, None)]


def test_before_the_day_nothing_is_carried_out(world: Cast, ana: Member) -> None:
    plan(world, ana)
    stood = snapshot()
    carry_out_hand_overs()
    assert snapshot() == stood


def test_carried_out_again_nothing_changes(world: Cast, ana: Member) -> None:
    plan(world, ana)
    the_day_comes()
    stood = snapshot()
    carry_out_hand_overs()
    assert snapshot() == stood


def test_one_that_breaks_off_in_the_middle_is_done_whole_by_the_next(
    world: Cast, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(world, ana)
    pin_business_date(on=DAY, by=None)
    stood = snapshot()
    with monkeypatch.context() as patched:

        def fail(line: HandOverLine, hand_over: HandOver) -> str:
            raise OperationalError("the server went away")

        patched.setitem(handover_effects._ON_THE_DAY, "lead", fail)
        carry_out_hand_overs()
    assert snapshot() == stood
    carry_out_hand_overs()
    assert Opportunity.objects.get(external_id="open").owner == ana


def test_today_everything_is_handed_over_at_once(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana, on=TODAY)
    assert hand_over.state == HandOverState.DONE
    assert hand_over.settled_by == world.owner
    assert Opportunity.objects.get(external_id="open").owner == ana


def test_a_day_that_has_passed_is_refused(world: Cast, ana: Member) -> None:
    with pytest.raises(DomainError, match="what was is not rewritten"):
        plan(world, ana, on=dt.date(2026, 5, 31))


def test_lines_go_to_several_and_what_is_not_chosen_stays(world: Cast, ana: Member, ben: Member) -> None:
    found = items(world, world.owner)
    plan(world, ana, chosen={found["membership"].key: ana.email, found["deal"].key: ben.email})
    the_day_comes()
    assert periods(TeamMember)[-1][0] == ana.email
    assert periods(Coverage) == [(world.owner.email, dt.date(2024, 1, 1), None)]
    assert Opportunity.objects.get(external_id="open").owner == ben
    assert Relationship.objects.get().member == world.owner.member


def test_a_cancelled_plan_leaves_everything_as_it_stood(world: Cast, ana: Member) -> None:
    stood = snapshot()[:-2]
    hand_over = plan(world, ana)
    handover_services.cancel_hand_over(pk=hand_over.pk, by=world.owner)
    assert snapshot()[:-2] == stood
    the_day_comes()
    assert snapshot()[:-2] == stood


def test_what_somebody_changed_since_is_left_alone_when_a_plan_is_cancelled(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana)
    TeamMember.objects.filter(member=ana).update(valid_to=dt.date(2026, 9, 1))
    handover_services.cancel_hand_over(pk=hand_over.pk, by=world.owner)
    states = dict(hand_over.lines.values_list("kind", "state"))
    assert states["membership"] == LineState.SKIPPED
    assert states["coverage"] == LineState.UNDONE
    assert periods(TeamMember)[-1] == (ana.email, DAY, dt.date(2026, 9, 1))


def test_after_its_day_a_hand_over_is_not_cancelled(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana)
    pin_business_date(on=DAY, by=None)
    with pytest.raises(DomainError, match="Its day has come"):
        handover_services.cancel_hand_over(pk=hand_over.pk, by=world.superuser)


def test_a_deal_that_closed_or_changed_hands_meanwhile_is_left_and_says_why(
    world: Cast, ana: Member, ben: Member
) -> None:
    make.OpportunityFactory(external_id="other", account=world.acme, owner=world.owner.member)
    estate = handover_queries.estate(viewer=world.owner, giver=world.owner.member, account=world.acme, on=DAY)
    hand_over = plan(world, ana, chosen={item.key: ana.email for item in estate.items})
    Opportunity.objects.filter(external_id="open").update(stage_id="lost")
    Opportunity.objects.filter(external_id="other").update(owner=ben)
    the_day_comes()
    said = set(hand_over.lines.filter(state=LineState.SKIPPED).values_list("outcome", flat=True))
    assert said == {"It was closed before.", "It has another owner by now."}
    assert Opportunity.objects.get(external_id="open").owner == world.owner.member
    assert Opportunity.objects.get(external_id="other").owner == ben


@pytest.mark.parametrize("moves", [True, False])
def test_shares_of_open_deals_go_along_only_where_that_is_chosen(world: Cast, ana: Member, moves: bool) -> None:
    deal = Opportunity.objects.get(external_id="open")
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=member, type="prime", percent=Decimal(percent))
        for member, percent in ((world.owner.member, 60), (ana, 40))
    )
    make.OpportunitySplitFactory(
        opportunity=Opportunity.objects.get(external_id="won"), member=world.owner.member, percent=100
    )
    plan(world, ana, moves_splits=moves)
    the_day_comes()
    shares = {row.member: row.percent for row in deal.splits.all()}
    assert shares == ({ana: 100} if moves else {world.owner.member: 60, ana: 40})
    assert OpportunitySplit.objects.get(opportunity__external_id="won").member == world.owner.member


def test_contacts_may_stay_tended_by_both(world: Cast, ana: Member) -> None:
    plan(world, ana, ends_relationships=False)
    the_day_comes()
    assert {row.member for row in Relationship.objects.all()} == {world.owner.member, ana}


def test_a_successor_who_has_it_already_keeps_what_she_has(world: Cast, ana: Member) -> None:
    unit = world.acme.org_units.get()
    make.CoverageFactory(org_unit=unit, member=ana, covers_descendants=True)
    plan(world, ana)
    assert Coverage.objects.filter(member=ana).count() == 1
    assert Coverage.objects.get(member=world.owner.member).valid_to == DAY


def test_a_successor_who_has_a_part_of_it_is_refused_and_nothing_is_written(world: Cast, ana: Member) -> None:
    unit = world.acme.org_units.get()
    make.CoverageFactory(org_unit=unit, member=ana, valid_from=dt.date(2026, 9, 1), covers_descendants=True)
    stood = snapshot()
    with pytest.raises(DomainError, match="for a part of the time, from 1 September 2026"):
        plan(world, ana)
    assert snapshot() == stood


def test_what_begins_after_the_day_goes_whole(world: Cast, ana: Member) -> None:
    TeamMember.objects.filter(team=world.acme.team).update(valid_from=dt.date(2026, 9, 1))
    hand_over = plan(world, ana, by=world.superuser)
    assert periods(TeamMember) == [(ana.email, dt.date(2026, 9, 1), None)]
    handover_services.cancel_hand_over(pk=hand_over.pk, by=world.superuser)
    assert periods(TeamMember) == [(world.owner.email, dt.date(2026, 9, 1), None)]


def test_what_waits_in_one_plan_is_not_offered_to_the_next(world: Cast, ana: Member) -> None:
    plan(world, ana)
    found = items(world, world.owner, dt.date(2026, 6, 15))
    assert set(found) == {"membership", "coverage"}


def test_the_plan_of_who_leaves_is_carried_out_though_she_sees_the_account_no_more(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana, by=world.owner)
    the_day_comes()
    again = User.objects.get(pk=world.owner.pk)
    assert scope_of(again).whole_account_ids == ()
    assert Opportunity.objects.get(external_id="open").owner == ana
    page = handover_queries.hand_over_page(viewer=again, pk=hand_over.pk, today=DAY)
    assert (page.lines, page.hidden) == ([], 5)


def test_who_may_not_staff_an_account_has_nothing_to_hand_over(world: Cast, ana: Member) -> None:
    assert items(world, world.europe_lead) == {}
    assert set(items(world, world.administrator)) == {"membership", "coverage"}
    estate = handover_queries.estate(viewer=world.administrator, giver=world.owner.member, account=None, on=DAY)
    assert estate.partly == [world.acme]
    with pytest.raises(NotPermitted):
        plan(world, ana, by=world.executive, chosen={"membership-1": ana.email})


def test_loads_are_those_of_the_choice(world: Cast, ana: Member) -> None:
    make.TeamMemberFactory(team=world.acme.team, member=ana, valid_from=dt.date(2024, 1, 1))
    estate = handover_queries.estate(viewer=world.owner, giver=world.owner.member, account=None, on=DAY)
    giver, heir = handover_queries.load_changes(
        viewer=world.owner,
        estate=estate,
        chosen={item.key: ana for item in estate.items},
        heirs=[ana],
        ends_relationships=True,
    )

    def counts(load: handover_queries.Load) -> tuple[int, int, int]:
        return load.accounts, load.contacts, load.deals

    assert (counts(giver.before), counts(giver.after)) == ((1, 1, 1), (0, 0, 0))
    assert (counts(heir.before), counts(heir.after)) == ((1, 0, 0), (1, 1, 1))
    assert giver.before.hours > 0
    assert giver.after.hours == 0
    assert heir.after.hours == giver.before.hours


def test_steps_are_ticked_off_by_whom_and_when(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana, steps=["Tell the customer", "Look back"])
    client = Client()
    client.force_login(world.owner)
    client.post(f"/hand-overs/{hand_over.pk}/steps/", {"position": "1", "done": "1"})
    client.post(f"/hand-overs/{hand_over.pk}/steps/", {"text": "Pass on the keys"})
    steps = [(task.text, task.done_by) for task in hand_over.tasks.order_by("position")]
    assert steps == [("Tell the customer", world.owner), ("Look back", None), ("Pass on the keys", None)]
    client.post(f"/hand-overs/{hand_over.pk}/steps/", {"position": "1"})
    assert hand_over.tasks.get(position=1).done_at is None


def test_a_hand_over_is_planned_from_its_page(world: Cast, ana: Member, ben: Member) -> None:
    client = Client()
    client.force_login(world.owner)
    address = (
        f"/hand-overs/add/?member={world.owner.email}&account=ACME&on=2026-07-01&heirs={ana.email}&heirs={ben.email}"
    )
    page = client.get(address)
    assert [row.after.accounts for row in page.context["loads"]] == [0, 1, 0]
    found = items(world, world.owner)
    fields = {"everything": ana.email, f"line-{found['deal'].key}": ben.email, f"line-{found['lead'].key}": "-"}
    answer = client.post(address, {**fields, "note": "She moves to Asia", "steps": "Tell them\n\nLook back"})
    assert answer.status_code == 302
    hand_over = HandOver.objects.get()
    heirs = dict(hand_over.lines.values_list("kind", "heir__email"))
    assert heirs == {
        "membership": ana.email, "coverage": ana.email, "relationship": ana.email, "deal": ben.email,
    }  # fmt: skip
    assert [task.text for task in hand_over.tasks.order_by("position")] == ["Tell them", "Look back"]
    assert client.get(answer["Location"]).status_code == 200


def test_outsiders_find_no_hand_over(world: Cast, ana: Member) -> None:
    hand_over = plan(world, ana)
    client = Client()
    client.force_login(world.outsider)
    assert client.get(f"/hand-overs/{hand_over.pk}/").status_code == 404
    assert client.get("/hand-overs/").context["list"].rows == []
    client.force_login(world.europe_lead)
    page = client.get(f"/hand-overs/{hand_over.pk}/").context["page"]
    assert {line.kind for line in page.lines} == {"membership", "coverage", "deal"}
    assert page.hidden == 2
    assert page.may_settle is False


def test_what_a_hand_over_did_is_not_undone_by_half_on_the_teams_page(world: Cast, ana: Member) -> None:
    plan(world, ana)
    assert team_desk(viewer=world.superuser, account=world.acme).last is None


def test_the_list_asks_as_much_of_the_database_for_many(world: Cast, ana: Member) -> None:
    client = Client()
    client.force_login(world.superuser)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/hand-overs/")
        return len(found)

    hand_over = plan(world, ana)
    asked()
    few = asked()
    for _n in range(10):
        other = HandOver.objects.create(giver=ana, on=DAY, created_at=hand_over.created_at, created_by=world.superuser)
        HandOverLine.objects.create(
            hand_over=other, kind="coverage", account=world.acme, row_id=1, heir=make.MemberFactory(), words="x"
        )
    assert asked() == few
