"""One deal with two members, two products, two countries and two contacts: wherever its money stands, it stands there once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from pipeline.deal_models import DealContact
from pipeline.models import Opportunity, OpportunitySplit, Stage
from revenue.models import Quota
from rollups import forecast_freezing, services
from tests import factories as make
from tests.cast import Cast
from tests.test_access_walk import ADDRESSES
from tests.walk import World, stated_for

pytestmark = pytest.mark.django_db

ON = dt.date(2024, 5, 15)
_GAP = r"[.,'\s\u00a0\u202f\u2019]?"


def stands(whole: int, cents: str, short: str) -> re.Pattern[str]:
    """An amount in full, in whole units or short, however a page writes it."""
    thousands, rest = divmod(whole, 1000)
    return re.compile(
        rf"(?<![0-9A-Za-z.,]){thousands}{_GAP}{rest:03d}(?:[.,]{cents})?(?![0-9])|(?<![0-9A-Za-z]){short}\s?k"
    )


OPEN, TWICE_OPEN = stands(31_415, "92", r"31[.,]4"), stands(62_831, "84", r"62[.,]8")
WON, TWICE_WON = stands(27_182, "82", r"27[.,]2"), stands(54_365, "64", r"54[.,]4")


def _sold(cast: Cast, stage: str, lines: tuple[str, str], closes: dt.date) -> Opportunity:
    """Between Germany and Japan, of two products, by the owner and somebody else, with two more who help."""
    amounts = [Decimal(amount) for amount in lines]
    deal = make.OpportunityFactory(
        account=cast.acme, name=f"Split {stage}", stage=Stage.objects.get(pk=stage), amount=sum(amounts), close_date=closes,
        country="DE", owner=cast.owner.member,
    )  # fmt: skip
    for number, (country, amount) in enumerate(zip(("DE", "JP"), amounts, strict=True), start=1):
        product = make.ProductFactory()
        make.OpportunityLineFactory(opportunity=deal, line=number, country=country, amount=amount, product=product)
    OpportunitySplit.objects.bulk_create(  # prime shares are whole at once, or refused
        OpportunitySplit(
            opportunity=deal,
            type=kind,
            percent=percent,
            member=cast.owner.member if percent == 60 else make.MemberFactory(),
        )
        for kind, percent in (("prime", 60), ("prime", 40), ("overlay", 100), ("overlay", 50))
    )
    for role in ("decision_maker", "influencer"):
        contact = make.ContactFactory(account=cast.acme)
        DealContact.objects.create(opportunity=deal, account=cast.acme, contact=contact, buying_role=role)
    return deal


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    settings.GAM_AS_OF = ON
    deal = _sold(cast, "proposal", ("20000.00", "11415.92"), dt.date(2024, 6, 14))
    _sold(cast, "won", ("17182.82", "10000.00"), dt.date(2024, 4, 3))
    services.rebuild()
    forecast_freezing.freeze(ON)
    return World(cast, {"opportunities": deal.pk})


def walked(world: World, role: str) -> Iterator[tuple[str, str]]:
    """What every address answers that can be filled in here, by its name."""
    client, user = Client(), world.user(role)
    assert user
    client.force_login(user)
    for found in ADDRESSES:
        stated = stated_for(found.name)
        if stated is None or found.name.startswith("account_log"):
            continue
        try:
            path = found.filled({**stated.kwargs(world)}) + stated.query.replace("2024-Q1", "2024-Q2")
        except KeyError:
            continue  # of something that is not in this world
        answer = client.get(path)
        if answer.status_code == 200:
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            yield found.name, body.decode(errors="replace")


# What shows all of a deal to who sees everything; regions, members and products show their parts of it.
BOTH = [
    "workspace:home",
    "workspace:check",
    "workspace:regions",
    "figures:account",
    "pipeline:list",
    "pipeline:account",
    "forecast:every_region",
    "forecast:every_member",
    "api:rollups-regions",
    "api:rollups-accounts",
    "api:rollups-account",
    "api:opportunities-list",
    "api:forecasts-regions",
    "api:forecasts-regions-snapshots",
    "api:forecasts-members",
    "api:forecasts-members-snapshots",
]
ONLY_OPEN = [
    "accounts:list",
    "deals:board",
    "deals:column",
    "pipeline:detail",
    "funnel:growth",
    "forecast:every_region_flow",
    "forecast:every_member_flow",
    "api:opportunities-detail",
    "api:pipeline-growth",
    "api:forecasts-regions-flow",
    "api:forecasts-members-flow",
]
ONLY_WON = [
    "workspace:proof",
    "api:rollups-world-proof",
    "api:rollups-account-proof",
    "forecast:every_region_accuracy",
    "forecast:every_member_accuracy",
    "api:forecasts-regions-accuracy",
    "api:forecasts-members-accuracy",
]


@pytest.mark.parametrize("role", ["executive", "europe_lead"])
def test_no_place_shows_a_deal_twice_and_every_total_shows_it_once(world: World, role: str) -> None:
    shown: dict[str, set[re.Pattern[str]]] = {}
    for name, text in walked(world, role):
        assert not TWICE_OPEN.search(text), name
        assert not TWICE_WON.search(text), name
        if found := {amount for amount in (OPEN, WON) if amount.search(text)}:
            shown[name] = found
    if role == "executive":
        wanted = [*((name, {OPEN, WON}) for name in BOTH), *((name, {OPEN}) for name in ONLY_OPEN)]
        assert shown == dict([*wanted, *((name, {WON}) for name in ONLY_WON)])
    if role == "europe_lead":  # Germany's lines are hers, and Japan's are not
        assert shown == {}


def told(cast: Cast, address: str) -> Any:
    client = APIClient()
    client.force_authenticate(cast.executive)
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_members_share_a_deal_to_the_cent_and_overlay_is_a_book_of_its_own(world: World) -> None:
    def of_members(measure: str, book: str) -> Decimal:
        rows = told(world.cast, f"rollups/members/?from=2024-01&to=2024-12&book={book}")["results"]
        assert len([row for row in rows if Decimal(row["measures"][measure])]) == 2
        return sum((Decimal(row["measures"][measure]) for row in rows), Decimal())

    assert of_members("pipeline_open", "prime") == Decimal("31415.92")
    assert of_members("won", "prime") == Decimal("27182.82")
    assert of_members("pipeline_open", "overlay") == Decimal("31415.92") + Decimal("15707.96")


def test_quotas_of_every_scope_hold_a_won_deal_once(world: World) -> None:
    deal = Opportunity.objects.get(stage_id="won")
    members = deal.splits.filter(type="prime").values_list("member__email", flat=True)
    products = deal.lines.values_list("product__code", flat=True)
    scopes = {"account": ["ACME"], "member": members, "product": products, "region": ["EUROPE", "ASIA"]}
    for scope, codes in scopes.items():
        for code in codes:
            Quota.objects.create(
                scope=scope, scope_code=code, measure="won", period_start=dt.date(2024, 4, 1), period_end=dt.date(2024, 7, 1),
                amount=Decimal(50_000), currency_id="EUR",
            )  # fmt: skip
    found: dict[str, list[Decimal]] = {scope: [] for scope in scopes}
    for row in told(world.cast, "attainments/?page_size=100")["results"]:
        found[row["scope"]].append(Decimal(row["actual"]))
    assert {scope: len(actual) for scope, actual in found.items()} == {
        "account": 1,
        "member": 2,
        "product": 2,
        "region": 2,
    }
    assert {sum(actual) for actual in found.values()} == {Decimal("27182.82")}
