"""What somebody has won stays hers: another owner, another team or another region rewrites no closed month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from coverage import handover_services
from pipeline.models import Opportunity, OpportunitySplit
from regions.models import RegionCountry
from rollups import queries, services
from rollups.lens import parse_lens
from teams.models import Member, TeamMember
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

LENS = {"from": "2024-01", "to": "2024-12"}
WON_ON = dt.date(2024, 3, 15)


@pytest.fixture
def heir(cast: Cast) -> Member:
    member: Member = make.MemberFactory(email="heir@example.org")
    make.TeamMemberFactory(team=cast.acme.team, member=member)
    return member


@pytest.fixture
def won(cast: Cast) -> Opportunity:
    deal: Opportunity = make.OpportunityFactory(
        account=cast.acme, name="Pumps", stage_id="won", close_date=WON_ON, country="FR", owner=cast.owner.member
    )
    return deal


def figures(cast: Cast) -> dict[str, Any]:
    """What members have won in 2024, where it is not nothing."""
    services.drain()
    found = queries.members_list(viewer=cast.executive, lens=parse_lens(LENS))
    return {one.scope.code: one.measures.won for one in found if one.measures.won}


def regions(cast: Cast) -> dict[str, Any]:
    services.drain()
    lens = parse_lens(LENS)
    return {
        code: queries.region_figures(viewer=cast.executive, code=code, lens=lens).measures.won
        for code in ("WORLD", "EUROPE", "ASIA")
    }


def save(cast: Cast, deal: Opportunity, **changes: Any) -> None:
    """The edit form, sent by the superuser."""
    client = Client()
    client.force_login(cast.superuser)
    address = f"/opportunities/{deal.pk}/edit/"
    forms = client.get(address).context["forms"]
    counts = {f"{p}-{name}": "0" for p in ("lines", "splits") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    stated = {
        "name": deal.name,
        "stage": deal.stage_id,
        "amount": "1000",
        "currency": "EUR",
        "country": "FR",
        "close_date": deal.close_date.isoformat(),
        "owner_email": deal.owner.email if deal.owner else "",
        "version": forms.form.initial["version"],
    }
    answer = client.post(address, {**counts, **stated, **changes})
    assert answer.status_code == 302, answer.context["forms"].form.errors


def test_another_owner_of_a_won_deal_leaves_the_former_one_her_share(
    cast: Cast, won: Opportunity, heir: Member
) -> None:
    before = figures(cast)
    assert before == {cast.owner.email: Decimal("1000.00")}
    save(cast, won, owner_email=heir.email)
    won.refresh_from_db()
    assert won.owner == heir
    split = OpportunitySplit.objects.get(opportunity=won)
    assert (split.member.email, split.type, split.percent) == (cast.owner.email, "prime", Decimal(100))
    assert figures(cast) == before


def test_a_third_owner_changes_nothing_any_more(cast: Cast, won: Opportunity, heir: Member) -> None:
    save(cast, won, owner_email=heir.email)
    won.refresh_from_db()
    splits = {
        "splits-TOTAL_FORMS": "1",
        "splits-INITIAL_FORMS": "1",
        "splits-0-member_email": cast.owner.email,
        "splits-0-type": "prime",
        "splits-0-percent": "100",
    }
    save(cast, won, owner_email=cast.outsider.email, **splits)
    assert figures(cast) == {cast.owner.email: Decimal("1000.00")}


def test_shares_that_are_stated_are_those_that_count(cast: Cast, won: Opportunity, heir: Member) -> None:
    splits = {
        "splits-TOTAL_FORMS": "1",
        "splits-0-member_email": heir.email,
        "splits-0-type": "prime",
        "splits-0-percent": "100",
    }
    save(cast, won, owner_email=heir.email, **splits)
    assert figures(cast) == {heir.email: Decimal("1000.00")}


def test_an_open_deal_goes_to_its_new_owner_whole(cast: Cast, heir: Member) -> None:
    deal = make.OpportunityFactory(account=cast.acme, country="FR", owner=cast.owner.member, close_date=WON_ON)
    save(cast, deal, owner_email=heir.email)
    assert not OpportunitySplit.objects.exists()


def test_a_hand_over_leaves_closed_deals_alone_also_those_that_closed_after_it_was_planned(
    cast: Cast, heir: Member
) -> None:
    deal = make.OpportunityFactory(account=cast.acme, country="FR", owner=cast.owner.member, close_date=WON_ON)
    on = dt.date(2090, 1, 1)
    giver = cast.owner.member
    line = make.HandOverLineFactory(
        hand_over=make.HandOverFactory(giver=giver, on=on), account=cast.acme, kind="deal", row_id=deal.pk, heir=heir
    )
    Opportunity.objects.filter(pk=deal.pk).update(stage="won")
    handover_services._settle(line.hand_over, "done", None)  # type: ignore[arg-type]  # the state by its code
    deal.refresh_from_db()
    assert deal.owner == giver
    assert figures(cast) == {giver.email: Decimal("1000.00")}


def test_another_owner_team_and_region_together_rewrite_nothing(cast: Cast, won: Opportunity, heir: Member) -> None:
    """France stood under Asia when the deal was won, and goes to Europe for good; the winner leaves the team."""
    before, by_region = figures(cast), regions(cast)
    assert by_region == {"WORLD": Decimal("1000.00"), "EUROPE": Decimal("0.00"), "ASIA": Decimal("1000.00")}
    save(cast, won, owner_email=heir.email)
    TeamMember.objects.filter(member=cast.owner.member).update(valid_to=dt.date(2024, 4, 1))
    RegionCountry.objects.filter(country="FR", region=cast.europe).update(valid_to=dt.date(2024, 9, 1))
    make.RegionCountryFactory(region=cast.asia, country="FR", valid_from=dt.date(2024, 9, 1))
    assert figures(cast) == before
    assert regions(cast) == by_region
    assert services.verify().drift == 0
