"""The nightly history of scores, and the scores of regions and members."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from coverage import scoring, tasks, weighing
from coverage.models import AlignmentScore
from money.services import pin_business_date
from rollups import services
from rollups.models import Run
from teams.models import Member
from tests import factories as make
from tests.coverage.test_alignment_api import FILES, D, signed_in
from tests.imports.world import load
from users.models import User
from users.permissions import Access


@pytest.fixture
def boss(db: None, tmp_path: Path) -> User:
    """An executive, in the world of the files."""
    pin_business_date(on=D, by=None)
    assert load(tmp_path, FILES).is_clean
    services.drain()
    found: User = make.UserFactory(access=Access.EXECUTIVE)
    return found


def whole(on: dt.date = D) -> AlignmentScore:
    return AlignmentScore.objects.get(on=on, country="")


def test_a_night_keeps_the_score_of_the_page(boss: User) -> None:
    tasks.keep_scores()
    said, kept = weighing.account_alignment(viewer=boss, code="ACME"), whole()
    assert (kept.score, kept.known_weight, kept.gap) == (said.score, said.known_weight, said.gap)
    assert (kept.slots, kept.empty, kept.unknown, kept.definition) == (6, 2, 1, 1)
    run = Run.objects.get(kind=Run.Kind.ALIGNMENT)
    assert (run.state, run.keys, run.facts) == (Run.Outcome.DONE, 1, 6)


def test_countries_add_up_to_the_account(boss: User) -> None:
    scoring.keep_scores()
    parts = AlignmentScore.objects.exclude(country="")
    assert {part.country for part in parts} == {"DE", "FR", "GB", "JP"}
    for column in ("gap", "filled", "known", "total", "slots", "empty", "unknown"):
        assert sum(getattr(part, column) for part in parts) == getattr(whole(), column), column


def test_a_second_time_changes_nothing_and_adds_what_was_left_out(boss: User) -> None:
    scoring.keep_scores()
    before = list(AlignmentScore.objects.order_by("country").values())
    AlignmentScore.objects.filter(country="JP").delete()
    scoring.keep_scores()
    after = list(AlignmentScore.objects.order_by("country").values())
    assert [{**row, "id": 0} for row in after] == [{**row, "id": 0} for row in before]


def test_past_days_are_computed_and_countries_are_kept_of_the_last_night_only(boss: User) -> None:
    assert scoring.keep_past_scores(months_back=2) == 2
    scoring.keep_scores()
    days = list(AlignmentScore.objects.filter(country="").order_by("on").values_list("on", flat=True))
    assert days == [dt.date(2024, 10, 31), dt.date(2024, 11, 30), D]
    assert set(AlignmentScore.objects.exclude(country="").values_list("on", flat=True)) == {D}


def test_an_account_without_a_policy_has_no_score_and_loses_that_of_the_day(boss: User) -> None:
    scoring.keep_scores()
    Account.objects.update(tier=None)
    scoring.keep_scores()
    assert not AlignmentScore.objects.exists()


def test_a_failed_night_is_on_the_record(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise ValueError("no zone")

    monkeypatch.setattr(scoring, "evening_of", fails)
    with pytest.raises(ValueError, match="no zone"):
        scoring.keep_scores()
    assert Run.objects.get(kind=Run.Kind.ALIGNMENT).state == Run.Outcome.FAILED
    assert b"Alignment scores" in signed_in(boss).get("/jobs/").content


def test_a_region_has_the_score_of_its_units(boss: User) -> None:
    europe = make.RegionFactory(code="EUROPE")
    for country in ("DE", "GB"):
        make.RegionCountryFactory(region=europe, country=country)
    answer = signed_in(boss).get("/figures/alignment/?region=EUROPE")
    found = answer.context["found"]
    # Germany: HQ 2 × 3 with 4 filled and DE 950 ÷ 4; Britain 2 ÷ 4.
    assert abs(found.score - Decimal(242) / 958) < Decimal("1e-12")
    assert (found.gap, found.slots, found.empty, found.unknown) == (Decimal("714.67"), 4, 1, 0)
    assert signed_in(boss).get("/figures/alignment/?region=EUROPE&country=GB").context["found"].slots == 1
    assert signed_in(boss).get("/figures/alignment/?region=unallocated").context["found"].slots == 2
    assert signed_in(boss).get("/figures/alignment/").context["found"].slots == 6
    assert signed_in(boss).get("/figures/alignment/?region=NOWHERE").status_code == 404


def test_a_member_has_the_score_of_what_she_covers(boss: User) -> None:
    ana, cy = (Member.objects.get(email=f"{name}@us.example").pk for name in ("ana", "cy"))
    found = weighing.member_alignment(viewer=boss, member=ana)
    # HQ 2 × 2, whole; Britain from two links above.
    assert (found.score, found.slots) == (Decimal("0.75"), 2)
    assert (
        weighing.member_alignment(viewer=boss, member=cy).score,
        weighing.member_alignment(viewer=boss, member=cy).unknown,
    ) == (None, 1)


def test_the_head_of_an_account_says_it_in_a_line(boss: User) -> None:
    html = signed_in(boss).get("/accounts/ACME/alignment/line/").content.decode()
    for words in ("24%", "of the weight known", "764.67"):
        assert words in html
    assert "/accounts/ACME/alignment/line/" in signed_in(boss).get("/accounts/ACME/").content.decode()


def test_a_region_asks_so_many_statements_whatever_its_accounts(
    boss: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    weighing.alignment_in(viewer=boss, countries={"DE"}, on=D)  # her scope once a request, currencies once a process
    for many in (0, 10):
        for _ in range(many):
            account = make.AccountFactory(tier_id="strategic")
            make.CoverageFactory(
                org_unit=make.OrgUnitFactory(account=account, country="DE"), member=Member.objects.first()
            )
        with django_assert_num_queries(13):
            weighing.alignment_in(viewer=boss, countries={"DE"}, on=D)


def test_too_many_accounts_are_not_weighed_at_once(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sees everything has the sums of the night instead; who does not is told."""
    scoring.keep_scores()
    make.OrgUnitFactory(country="DE")
    monkeypatch.setattr(weighing, "AT_ONCE", 1)
    now = signed_in(boss).get("/figures/alignment/").context["found"]
    assert (now.slots, now.night, now.gap) == (6, D, Decimal("764.67"))
    lead = make.UserFactory(access=Access.REGIONAL_LEAD)
    europe = make.RegionFactory()
    make.RegionCountryFactory(region=europe, country="DE")
    make.RegionLeadFactory(region=europe, user=lead)
    answer = signed_in(lead).get("/figures/alignment/")
    assert answer.context["found"] is None
    assert "too many accounts" in answer.content.decode()


def test_a_stranger_reads_no_line(boss: User) -> None:
    assert signed_in(make.UserFactory()).get("/accounts/ACME/alignment/line/").status_code == 404
    client = Client()
    assert client.get("/figures/alignment/").status_code == 302
