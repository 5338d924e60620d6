"""Scores of every night: kept, shown to who may know them, weighed anew by an administrator, and tried on what happened."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from pipeline.deal_models import DealContact, NextStep
from pipeline.models import Opportunity, StageHistory
from pipeline.score_models import KeptScore, ScoreKind, ScoreWeights
from pipeline.score_services import WeightsChanged, set_weights, weights_of
from rollups.models import Run
from tests import factories as make
from tests.cast import Cast
from workspace import score_traits, scoring
from workspace.score_queries import effect, score_page

ON = dt.date(2025, 6, 13)


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.GAM_AS_OF = ON


def at(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def deal(cast: Cast, stage: str, *steps: tuple[dt.date, str, dt.date], amount: int = 100, **more: Any) -> Opportunity:
    """A deal of Acme with its history: day, stage and close date of each step."""
    closes = more.pop("close_date", steps[-1][2] if steps else ON + dt.timedelta(days=20))
    made: Opportunity = make.OpportunityFactory(
        account=more.pop("account", cast.acme), stage_id=stage, close_date=closes, amount=Decimal(amount), **more
    )
    for day, name, closing in steps:
        StageHistory.objects.create(
            opportunity=made, changed_at=at(day), stage_id=name, amount=Decimal(amount), close_date=closing
        )
    return made


def day(number: int) -> dt.date:
    return dt.date(2025, 1, 1) + dt.timedelta(days=number - 1)


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Three won deals of 100 and a lost one; each was 20 days in proposal. Two open ones stay for 20 and for 60 days."""
    for number in range(3):
        start = 10 + number
        deal(
            cast, "won", (day(start), "proposal", day(60)), (day(start + 20), "negotiation", day(60)), (day(60), "won", day(60)),
        )  # fmt: skip
    deal(
        cast, "lost", (day(5), "proposal", day(40)), (day(9), "proposal", day(70)), (day(40), "proposal", day(90)),
        (day(90), "lost", day(90)), close_date=day(90),
    )  # fmt: skip
    cast.quick = deal(cast, "proposal", (ON - dt.timedelta(days=20), "proposal", ON), name="Quick")  # type: ignore[attr-defined]
    cast.slow = deal(cast, "proposal", (ON - dt.timedelta(days=60), "proposal", ON), name="Slow", amount=500)  # type: ignore[attr-defined]
    return cast


def test_a_deal_is_scored_by_what_happened_to_it(world: Any) -> None:
    traits = score_traits.deal_traits(on=ON)
    quick, slow = traits[world.quick.pk], traits[world.slow.pk]
    # Finished stays in proposal: 20, 20, 20 and 85 days.
    assert (quick.days_in_stage, quick.usual_days, quick.postponed) == (20, 20, 0)
    assert (quick.amount, quick.usual_amount, slow.amount) == (10000, 10000, 50000)
    scoring.keep_scores()
    kept = {one.subject: one for one in KeptScore.objects.filter(kind=ScoreKind.OPPORTUNITY)}
    assert set(kept) == {world.quick.pk, world.slow.pk}
    # Roles and next step are unknown: 30 + 25 + 15 of 100.
    assert (kept[world.quick.pk].value, kept[world.quick.pk].known_weight) == (Decimal(1), Decimal("0.7"))
    assert kept[world.slow.pk].parts["time_in_stage"] == "0"
    assert kept[world.slow.pk].parts["amount"] == "0"
    assert kept[world.slow.pk].parts["next_step"] is None


def test_people_and_the_next_step_of_a_deal_count_where_they_are_asked_for(world: Any) -> None:
    """Negotiation is committed: it asks for a decision maker. Proposal asks for nobody."""
    made = deal(world, "negotiation", (ON - dt.timedelta(days=3), "negotiation", ON))
    NextStep.objects.create(opportunity=made, text="Send the contract", due_on=ON - dt.timedelta(days=7))
    found = score_traits.deal_traits(on=ON)
    assert (found[made.pk].roles, found[made.pk].roles_wanted, found[made.pk].step_in) == (0, 1, -7)
    assert (found[world.quick.pk].roles_wanted, found[world.quick.pk].step_in) == (0, None)
    boss = make.ContactFactory(account=world.acme, buying_role="decision_maker")
    DealContact.objects.create(account=world.acme, opportunity=made, contact=boss, buying_role="decision_maker")
    assert score_traits.deal_traits(on=ON)[made.pk].roles == 1


def test_a_step_taken_back_never_stood(world: Any) -> None:
    before = score_traits.deal_traits(on=ON)[world.quick.pk]
    went = StageHistory.objects.create(
        opportunity=world.quick, changed_at=at(ON) - dt.timedelta(hours=2), stage_id="negotiation", close_date=ON
    )
    StageHistory.objects.create(
        opportunity=world.quick, changed_at=at(ON), stage_id="proposal", close_date=ON, undoes=went
    )
    assert score_traits.deal_traits(on=ON)[world.quick.pk] == before


def test_typing_changes_no_score(world: Any) -> None:
    """Another entry with the same stage and close date, a new name, another owner: nothing moves."""
    before = score_traits.deal_traits(on=ON)[world.quick.pk]
    for hours in range(5):
        StageHistory.objects.create(
            opportunity=world.quick, changed_at=at(ON) - dt.timedelta(hours=hours), stage_id="proposal",
            amount=Decimal(100), close_date=ON,
        )  # fmt: skip
    world.quick.name = "Quick, with a long description of all that was said"
    world.quick.save()
    assert score_traits.deal_traits(on=ON)[world.quick.pk] == before


def test_a_deal_of_two_members_and_products_is_one_deal(world: Any) -> None:
    for line, product in enumerate((make.ProductFactory(), make.ProductFactory()), start=1):
        make.OpportunityLineFactory(opportunity=world.quick, line=line, product=product, amount=Decimal(50))
    for _ in range(2):
        make.ContactFactory(account=world.acme)
        make.OpportunitySplitFactory(opportunity=world.quick, type="overlay", percent=Decimal(50))
    assert score_traits.deal_traits(on=ON)[world.quick.pk].amount == 10000
    assert score_traits.account_traits(on=ON)[world.acme.pk].open == 2


def test_a_night_computed_twice_holds_each_score_once(world: Any) -> None:
    scoring.keep_scores()
    first = list(KeptScore.objects.order_by("kind", "subject").values_list("kind", "subject", "value", "parts"))
    scoring.keep_scores()
    assert list(KeptScore.objects.order_by("kind", "subject").values_list("kind", "subject", "value", "parts")) == first
    assert [run.state for run in Run.objects.filter(kind=Run.Kind.SCORES)] == [Run.Outcome.DONE] * 2
    world.quick.stage_id = "won"
    world.quick.save()
    scoring.keep_scores()
    assert not KeptScore.objects.filter(kind=ScoreKind.OPPORTUNITY, subject=world.quick.pk).exists()


def test_account_health_is_read_from_the_customer(world: Any) -> None:
    for year, amount in ((2024, "100.00"), (2025, "110.00")):
        make.RevenueEntryFactory(account=world.acme, date=dt.date(year, 5, 5), amount=Decimal(amount))
    Opportunity.objects.filter(pk=world.slow.pk).update(close_date=ON - dt.timedelta(days=1))
    from accounts.models import Relationship
    from rollups import services

    services.rebuild()
    ann, bob = make.MemberFactory(), make.MemberFactory()
    boss = make.ContactFactory(account=world.acme, buying_role="decision_maker")
    Relationship.objects.create(
        contact=boss, member=ann, strength=Decimal("0.5"), last_contact_on=ON - dt.timedelta(days=100)
    )
    Relationship.objects.create(contact=boss, member=bob, strength=Decimal("0.5"), last_contact_on=ON)
    found = score_traits.account_traits(on=ON)[world.acme.pk]
    assert (found.revenue, found.revenue_before, found.open, found.overdue) == (11000, 10000, 2, 1)
    assert (found.contacts, found.contacts_lately, found.bridges, found.alignment) == (1, 1, Fraction(2), None)


def test_a_sales_score_is_read_from_prime_shares_and_the_quota(world: Any) -> None:
    from revenue.models import Quota
    from rollups import services

    ann = make.MemberFactory(email="ann@x.org")
    Opportunity.objects.filter(stage_id__in=("won", "lost")).update(owner=ann)
    Opportunity.objects.filter(pk=world.slow.pk).update(owner=ann, created_on=ON - dt.timedelta(days=90))
    Quota.objects.create(
        scope="member", scope_code="ann@x.org", measure="won", amount=1000, currency_id="EUR",
        period_start=dt.date(2025, 1, 1), period_end=dt.date(2026, 1, 1),
    )  # fmt: skip
    services.rebuild()
    found = score_traits.member_traits(on=ON)[ann.pk]
    assert (found.won, found.lost, found.age) == (3, 1, Fraction(90))
    assert found.coverage == Fraction(500, 700)
    assert found.pace is not None
    assert Fraction(1, 2) < found.pace < Fraction(3, 4)


def test_of_a_won_and_a_lost_deal_the_higher_score_won(world: Any) -> None:
    """30 days before they closed the won ones were 19 to 21 days in proposal or had just left it; the lost one was put off."""
    found = scoring.backtest(on=ON, weights=weights_of("opportunity").of)
    assert (found.pairs, found.higher, found.equal) == (3, 3, 0)
    only_amount = dict.fromkeys(weights_of("opportunity").of, Decimal(0)) | {"amount": Decimal(1)}
    assert scoring.backtest(on=ON, weights=only_amount).higher == 0


def test_weights_are_versions_and_kept_scores_keep_theirs(world: Any) -> None:
    scoring.keep_scores()
    stands = weights_of("opportunity")
    other = {part: Decimal(1 if part == "amount" else 0) for part in stands.of}
    made = set_weights(kind="opportunity", weights=other, version=1, by=world.administrator)
    assert (made.version, made.of["amount"], made.of["close_date"]) == (2, Decimal(1), Decimal(0))
    with pytest.raises(WeightsChanged):
        set_weights(kind="opportunity", weights=other, version=1, by=world.administrator)
    assert set(KeptScore.objects.values_list("version", flat=True)) == {1}
    page = score_page(viewer=world.superuser, kind="opportunity", code=str(world.slow.pk))
    assert page.is_other_version
    assert page.score
    assert page.score.value == 0


def test_what_other_weights_would_do_is_told_of_who_may_be_known(world: Any) -> None:
    scoring.keep_scores()
    other = {part: Decimal(1 if part == "close_date" else 0) for part in weights_of("opportunity").of}
    found = effect(viewer=world.superuser, kind="opportunity", weights=other)
    assert (found.scored, found.moved, [move.name for move in found.moves]) == (2, 1, ["Slow"])
    assert effect(viewer=world.administrator, kind="opportunity", weights=other).moves == []


def test_weights_are_weighed_before_they_are_saved(world: Any, client: Client) -> None:
    scoring.keep_scores()
    client.force_login(world.administrator)
    data = {f"w-{part}": str(weight) for part, weight in weights_of("opportunity").of.items()} | {"w-amount": "50"}
    weighed = client.post("/set-up/scores/?kind=opportunity", {**data, "version": 1, "do": "save"})
    assert not ScoreWeights.objects.exists()
    saved = client.post(
        "/set-up/scores/?kind=opportunity", {**data, "version": 1, "do": "save", "seen": weighed.context["seen"]}
    )
    assert saved.status_code == 302
    assert weights_of("opportunity").of["amount"] == 50
    none = dict.fromkeys(data, "0")
    weighed = client.post("/set-up/scores/?kind=opportunity", {**none, "version": 2, "do": "weigh"})
    answer = client.post(
        "/set-up/scores/?kind=opportunity", {**none, "version": 2, "do": "save", "seen": weighed.context["seen"]}
    )
    assert answer.status_code == 422
    assert b"At least one part must weigh something" in answer.content


@pytest.mark.parametrize(
    ("kind", "code", "known"),
    [
        ("account", "ACME", {"owner", "executive", "superuser"}),
        ("opportunity", "", {"owner", "executive", "superuser", "europe_lead"}),
        ("member", "owner@example.org", {"owner", "executive", "superuser"}),
        ("planet", "X", set()),
    ],
)
def test_a_score_is_known_to_who_sees_its_subject(
    world: Any, client: Client, kind: str, code: str, known: set[str]
) -> None:
    scoring.keep_scores()
    address = code or str(world.quick.pk)
    for name in ("owner", "outsider", "europe_lead", "administrator", "executive", "viewer", "superuser"):
        client.force_login(getattr(world, name))
        assert client.get(f"/scores/{kind}/{address}/").status_code == (200 if name in known else 404), name
        tile = client.get(f"/scores/tile/?kind={kind}&code={address}").content
        assert bool(tile) == (name in known), name


def test_a_lead_is_told_the_score_without_what_only_the_whole_account_tells(world: Any) -> None:
    scoring.keep_scores()
    whole = score_page(viewer=world.owner, kind="opportunity", code=str(world.slow.pk))
    part = score_page(viewer=world.europe_lead, kind="opportunity", code=str(world.slow.pk))
    assert whole.score is not None
    assert part.score is not None
    assert (whole.score.known_weight, part.score.known_weight) == (Fraction(7, 10), Fraction(11, 20))
    assert (whole.score.value, part.score.value) == (Fraction(25, 70), Fraction(25, 55))
    assert part.past == []


def test_the_points_on_the_page_add_up(world: Any, client: Client) -> None:
    scoring.keep_scores()
    client.force_login(world.superuser)
    rows = client.get(f"/scores/opportunity/{world.slow.pk}/").context["rows"]
    assert sum(row["points"] for row in rows if row["points"] is not None) == Fraction(25, 70)
    assert [row["points"] for row in rows].count(None) == 2


def test_more_deals_cost_no_more_statements(world: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        deal(world, "proposal", (day(20), "proposal", ON))
    with django_assert_max_num_queries(12):
        score_traits.deal_traits(on=ON)
    with django_assert_max_num_queries(12):
        score_traits.account_traits(on=ON)
