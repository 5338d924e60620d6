"""What came of plays: every deal once, closed and won by business date, money in sight converted once, and lists that agree."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pipeline.enablement_models import Play, PlayStage
from pipeline.models import Opportunity, Stage, StageHistory
from rollups.lens import parse_lens
from rollups.play_figures import LANGUAGE, MONTH, ROLE, STAGE, Outcomes, outcomes_of_play, outcomes_of_plays
from tests import factories as make
from tests.cast import Cast
from workspace import lenses, queries
from workspace.play_cuts import Cut, deals_of

pytestmark = pytest.mark.django_db

YEAR = {"from": "2025-01", "to": "2025-12"}
QUERY = "from=2025-01&to=2025-12"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def deal(account: Any, stage: str, amount: str | None = "1000.00", **columns: Any) -> Opportunity:
    made: Opportunity = make.OpportunityFactory(
        account=account,
        stage=Stage.objects.get(pk=stage),
        amount=None if amount is None else Decimal(amount),
        **{"close_date": dt.date(2025, 10, 20), **columns},
    )
    return made


def used(play: Play, *deals: Opportunity, stage: str = "proposal", **columns: Any) -> None:
    for one in deals:
        make.PlayUseFactory(play=play, opportunity=one, stage=Stage.objects.get(pk=stage), **columns)


def passed(one: Opportunity, stage: str, day: str) -> None:
    at = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    StageHistory.objects.create(opportunity=one, stage_id=stage, changed_at=at)


def found(play: Play, viewer: Any, **lens: str) -> Any:
    return outcomes_of_play(play, viewer=viewer, lens=parse_lens({**YEAR, **lens}))


@pytest.fixture
def play() -> Play:
    made: Play = make.PlayFactory(code="P", title="Walk the plant")
    return made


def test_a_deal_with_two_members_products_contacts_and_uses_counts_once(money: Cast, play: Play) -> None:
    one = deal(money.acme, "won", "900.00")
    for at in range(2):
        make.OpportunitySplitFactory(opportunity=one, type="overlay", percent=Decimal(50))
        make.OpportunityLineFactory(opportunity=one, product=make.ProductFactory(), amount=Decimal("450.00"))
        contact = make.ContactFactory(account=money.acme)
        used(play, one, contact=contact, buying_role=("user", "champion")[at], language="de")
    used(play, one, stage="negotiation")
    expected = Outcomes(deals=1, closed=1, won=1, value=90000)
    seen = found(play, money.superuser)
    assert seen.used == expected
    assert outcomes_of_plays([play.pk], viewer=money.superuser, lens=parse_lens(YEAR)) == {play.pk: expected}
    assert {key: one.deals for key, one in seen.cut(STAGE).items()} == {"proposal": 1, "negotiation": 1}
    assert {key: one.value for key, one in seen.cut(ROLE).items()} == {"user": 90000, "champion": 90000, "": 90000}
    assert {key: one.deals for key, one in seen.cut(LANGUAGE).items()} == {"de": 1, "": 1}
    assert list(seen.cut(MONTH).values()) == [expected]


def test_the_win_rate_is_won_of_closed_and_unknown_while_none_is(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "proposal"))
    assert found(play, money.superuser).used.win_rate is None
    assert "none closed yet" in signed_in(money.superuser).get(f"/plays/P/?{QUERY}").content.decode()
    used(play, deal(money.acme, "won"), deal(money.acme, "lost"), deal(money.acme, "lost"))
    seen = found(play, money.superuser).used
    assert (seen.deals, seen.closed, seen.won, str(seen.win_rate)) == (4, 3, 1, "1/3")
    assert "1 of 3 closed" in signed_in(money.superuser).get(f"/plays/P/?{QUERY}").content.decode()


def test_a_use_that_was_taken_back_counts_no_more(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "won"), taken_back_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    assert found(play, money.superuser).used == Outcomes()


def test_value_is_converted_once_and_what_has_no_rate_is_counted(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "won", "110.00", currency_id="USD"))
    used(play, deal(money.acme, "won", "5.00", currency_id="ARS"), deal(money.acme, "won", None))
    seen = found(play, money.superuser).used
    assert (seen.won, seen.value, seen.unpriced, seen.unknown) == (3, 10000, 1, 1)
    assert found(play, money.superuser, currency="USD").used.value == 11000
    page = signed_in(money.superuser).get(f"/plays/P/?{QUERY}").content.decode()
    assert "1 line without a rate" in page
    assert "1 deal without an amount" in page


def test_a_lead_counts_deals_and_lines_in_her_countries_only(money: Cast, play: Play) -> None:
    both = deal(money.other, "won", "300.00", country="JP")
    make.OpportunityLineFactory(opportunity=both, country="DE", amount=Decimal("100.00"))
    make.OpportunityLineFactory(opportunity=both, country="JP", amount=Decimal("200.00"))
    used(play, both, deal(money.other, "won", "7.00", country="JP"))
    assert found(play, money.superuser).used == Outcomes(2, 2, 2, 30700)
    assert found(play, money.europe_lead).used == Outcomes(1, 1, 1, 10000)
    assert found(play, money.owner).used == Outcomes()
    assert found(play, money.viewer).used == Outcomes()


def test_the_period_is_that_of_the_business_date(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "won", close_date=dt.date(2024, 10, 20)), used_on=dt.date(2025, 3, 1))
    assert found(play, money.superuser).used.deals == 0
    assert found(play, money.superuser, **{"from": "2024-10", "to": "2024-10"}).used.won == 1


def test_offered_is_what_stood_in_its_stages_within_its_dates(money: Cast) -> None:
    play = make.PlayFactory(code="P", valid_from=dt.date(2025, 3, 1), valid_to=dt.date(2025, 6, 1), country="DE")
    PlayStage.objects.create(play=play, stage_id="proposal")
    Opportunity.objects.all().delete()

    def stood(name: str, *steps: tuple[str, str], country: str = "DE") -> None:
        one = deal(money.acme, steps[-1][0], name=name, country=country)
        for stage, day in steps:
            passed(one, stage, day)

    stood("within", ("proposal", "2025-04-01"), ("won", "2025-10-20"))
    stood("from before into it", ("proposal", "2025-01-01"), ("lost", "2025-03-02"))
    stood("over before", ("proposal", "2025-01-01"), ("won", "2025-02-28"))
    stood("begun after", ("proposal", "2025-06-01"), ("won", "2025-10-20"))
    stood("another stage", ("negotiation", "2025-04-01"), ("won", "2025-10-20"))
    stood("another country", ("proposal", "2025-04-01"), ("won", "2025-10-20"), country="FR")
    seen = found(play, money.superuser)
    assert (seen.offered.deals, seen.unused.deals, seen.used.deals) == (2, 2, 0)
    assert (seen.unused.closed, seen.unused.won, str(seen.unused.win_rate)) == (2, 1, "1/2")
    used(play, Opportunity.objects.get(name="over before"))
    used(play, Opportunity.objects.get(name="within"))
    seen = found(play, money.superuser)
    assert (seen.offered.deals, seen.unused.deals, seen.used.deals) == (3, 1, 2)


def test_an_open_deal_without_history_is_offered_what_fits_its_stage_today(money: Cast, play: Play) -> None:
    Opportunity.objects.all().delete()
    deal(money.acme, "proposal")
    deal(money.acme, "won")
    assert found(play, money.superuser).offered.deals == 1


@pytest.mark.parametrize("who", ["superuser", "owner", "europe_lead", "asia_lead", "outsider", "viewer"])
def test_every_number_opens_just_the_deals_that_it_counts(money: Cast, play: Play, who: str) -> None:
    viewer = getattr(money, who)
    japan = {"country": "JP", "account": money.other}
    for stage in ("proposal", "won", "lost"):
        used(play, deal(money.acme, stage), buying_role="user", language="de")
        used(play, deal(money.acme, stage, close_date=dt.date(2025, 3, 5), country="FR"), stage="negotiation")
        used(play, make.OpportunityFactory(stage_id=stage, close_date=dt.date(2025, 10, 1), **japan))
        passed(deal(money.acme, stage), "proposal", "2025-02-01")
    seen = found(play, viewer)
    lens = lenses.chosen(YEAR, None, queries.frame())
    wholes = {"used": seen.used, "offered": seen.offered, "unused": seen.unused}
    cuts = [(Cut(of=name), one) for name, one in wholes.items()]
    cuts += [(Cut(by=by, value=value), one) for by, rows in seen.cuts.items() for value, one in rows.items()]
    client = signed_in(viewer)
    for cut, one in cuts:
        for part, number in ((cut, one.deals), (cut.closed(), one.closed), (cut.won(), one.won)):
            assert deals_of(part, play, viewer=viewer, lens=lens).count() == number, part
            page = client.get(part.url(play, lens)).content.decode()
            assert len(set(re.findall(r'href="/opportunities/(\d+)/"', page))) == number, part


def test_an_address_that_names_no_part_is_not_there(money: Cast, play: Play) -> None:
    client = signed_in(money.superuser)
    for query in ("of=stolen", "ended=soon", "month=2025-99", "of=unused&role=user", "role=user&at=won"):
        assert client.get(f"/plays/P/deals/?{query}").status_code == 404, query
    assert client.get("/plays/NOPE/").status_code == 404


def test_the_list_is_put_in_the_order_of_use_filtered_and_exported(money: Cast, play: Play) -> None:
    often = make.PlayFactory(code="OFTEN", title="Often", languages=["ja"])
    PlayStage.objects.create(play=often, stage_id="won")
    used(play, deal(money.acme, "won", "12.34"))
    used(often, deal(money.acme, "lost"), deal(money.acme, "won", "2000.00"))
    client = signed_in(money.superuser)
    page = client.get(f"/plays/?{QUERY}").content.decode()
    assert page.index("Often") < page.index("Walk the plant")
    for query, titles in (
        ("stage=proposal", {"Walk the plant"}),
        ("language=ja", {"Often"}),
        ("search=walk", {"Walk the plant"}),
    ):
        shown = client.get(f"/plays/?{QUERY}&{query}").content.decode()
        assert {title for title in ("Walk the plant", "Often") if title in shown} == titles, query
    text = b"".join(client.get(f"/plays/?{QUERY}&format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Often,2,2,1,0.5,2000.00" in text
    assert "Walk the plant,1,1,1,1,12.34" in text


def test_the_pages_say_no_figure_of_what_the_reader_does_not_see(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "won", "7373.73"))
    for query in (f"/plays/?{QUERY}", f"/plays/P/?{QUERY}", f"/plays/P/deals/?{QUERY}"):
        assert "7,373" not in signed_in(money.outsider).get(query).content.decode()
    assert "7,373.73" in signed_in(money.owner).get(f"/plays/P/?{QUERY}").content.decode()


def test_in_native_currencies_no_value_is_added_up(money: Cast, play: Play) -> None:
    used(play, deal(money.acme, "won", "7373.73"))
    page = signed_in(money.superuser).get(f"/plays/P/?{QUERY}&currency=native").content.decode()
    assert "choose one currency above" in page
    assert "7,373" not in page


@pytest.mark.parametrize("number", [2, 30])
def test_the_pages_take_few_statements_whatever_there_is(
    money: Cast, play: Play, number: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(number):
        used(make.PlayFactory(title=f"Play {at}"), deal(money.acme, "won"))
        used(play, deal(money.acme, "lost"))
    client = signed_in(money.europe_lead)
    client.get(f"/plays/?{QUERY}")
    for address, most in ((f"/plays/?{QUERY}", 22), (f"/plays/P/?{QUERY}", 26), (f"/plays/P/deals/?{QUERY}", 24)):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
