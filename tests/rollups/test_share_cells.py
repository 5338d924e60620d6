"""Members' shares in the database: what the arithmetic says, kept up with every change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from money.conversion import half_even
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit
from rollups import services
from rollups.models import DirtyKey, PriceLens, ShareCell, ShareDeals, WideChange
from rollups.shares import WHOLE, Holder, overlay_parts, prime_parts
from teams.models import Member
from tests import factories as make

pytestmark = pytest.mark.django_db

COUNTRIES = ["DE", "DK", "FR", "US", "JP"]
PRIME, OVERLAY = 1, 2
OPEN, WEIGHTED, WON = 4, 5, 6


@pytest.fixture(autouse=True)
def _as_of() -> None:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)


def _deal(*amounts: str, **more: Any) -> Opportunity:
    """A won deal with a line in each of the first countries, or with one amount and no lines."""
    more = {"stage_id": "won", "close_date": dt.date(2024, 3, 1), **more}
    if len(amounts) == 1:
        return make.OpportunityFactory(amount=Decimal(amounts[0]), **more)
    deal = make.OpportunityFactory(amount=None, **more)
    OpportunityLine.objects.bulk_create(
        OpportunityLine(
            opportunity=deal, account=deal.account, line=n + 1, country=COUNTRIES[n], amount=Decimal(amount)
        )
        for n, amount in enumerate(amounts)
    )
    return deal


def _split(deal: Opportunity, kind: str, **percents: str) -> None:
    """Replace the shares of one book: `a=60` is 60 % for a@x.org."""
    OpportunitySplit.objects.filter(opportunity=deal, type=kind).delete()
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=_member(name), type=kind, percent=Decimal(percent))
        for name, percent in percents.items()
    )


def _member(name: str) -> Member:
    email = f"{name}@x.org"
    return Member.objects.filter(email=email).first() or make.MemberFactory(email=email)


def _at(currency: str = "EUR") -> int:
    """Where cells have spot money of a currency, from 0."""
    return PriceLens.objects.get(currency=currency, rates="spot").slot - 1


def _held(*, measure: int = WON, book: int = PRIME, currency: str = "EUR") -> dict[tuple[str, str], int]:
    """Minor units by member's name and country."""
    names = {m.pk: m.email.split("@")[0] for m in Member.objects.all()} | {0: "unassigned"}
    cells, at = ShareCell.objects.filter(measure=measure, book=book), _at(currency)
    return {(names[c.member_id], c.country): int(c.minor[at]) for c in cells}


def _drift() -> int:
    return services.verify().drift


_cents = st.one_of(st.integers(-3, 3), st.integers(-(10**12), 10**12))
_people = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    amounts=st.lists(_cents.map(lambda n: Decimal(n).scaleb(-4)), min_size=1, max_size=5),
    prime=_people,
    cuts=st.lists(st.integers(1, WHOLE - 1), min_size=3, max_size=3, unique=True),
    overlay=st.dictionaries(st.sampled_from("abcde"), st.integers(1, WHOLE), max_size=3),
)
def test_the_database_shares_as_python_does(
    amounts: list[Decimal], prime: list[str], cuts: list[int], overlay: dict[str, int]
) -> None:
    edges = [0, *sorted(cuts[: len(prime) - 1]), WHOLE]
    points = {name: edges[at + 1] - edges[at] for at, name in enumerate(prime)}
    with transaction.atomic():
        deal = _deal(*map(str, amounts))
        _split(deal, "prime", **{name: str(Decimal(p) / 100) for name, p in points.items()})
        _split(deal, "overlay", **{name: str(Decimal(p) / 100) for name, p in overlay.items()})
        services.drain()
        lines = {n: half_even(Fraction(amount) * 100) for n, amount in enumerate(amounts)}
        for book, parts in (
            (PRIME, prime_parts(lines, [Holder(f"{name}@x.org", p) for name, p in points.items()])),
            (OVERLAY, overlay_parts(lines, [Holder(f"{name}@x.org", p) for name, p in overlay.items()])),
        ):
            wanted = {(email.split("@")[0], COUNTRIES[line]): part for (email, line), part in parts.items()}
            assert _held(book=book) == wanted
        assert _drift() == 0
        transaction.set_rollback(True)


def test_without_a_prime_share_the_owner_has_it_all_and_without_an_owner_nobody() -> None:
    owned, loose = _deal("100", owner=_member("a")), _deal("7")
    _split(owned, "overlay", b="50")
    services.drain()
    assert _held() == {("a", "DE"): 10000, ("unassigned", "DE"): 700}
    assert _held(book=OVERLAY) == {("b", "DE"): 5000}
    assert loose.owner is None
    assert _drift() == 0


def test_weighted_is_an_amount_of_its_own_and_rates_come_first() -> None:
    make.ExchangeRateFactory(date=dt.date(2024, 6, 28), rate=Decimal(3))
    deal = _deal("0.10", currency_id="USD", stage_id="proposal")
    _split(deal, "prime", a="50", b="50")
    services.drain()
    # 0.10 ÷ 3 is 3 cents, so 2 and 1; half of it is 1.67, so 2 cents, so 1 and 1. In dollars 10, and 5.
    assert _held(measure=OPEN) == {("a", "DE"): 2, ("b", "DE"): 1}
    assert _held(measure=WEIGHTED) == {("a", "DE"): 1, ("b", "DE"): 1}
    assert _held(measure=OPEN, currency="USD") == {("a", "DE"): 5, ("b", "DE"): 5}
    assert _held(measure=WEIGHTED, currency="USD") == {("a", "DE"): 3, ("b", "DE"): 2}
    assert _drift() == 0


def test_facts_without_a_price_are_counted_at_each_member_with_their_exact_share() -> None:
    deal = _deal("0.0001", "10", currency_id="ARS", stage_id="proposal", probability=Decimal("33.33"))
    _split(deal, "prime", a="33.33", b="66.67")
    services.drain()
    at = _at()
    found = [
        (c.facts, (c.unpriced_facts or [])[at], c.lines, c.minor[at], (c.unpriced_native or [])[at])
        for c in ShareCell.objects.filter(measure=WEIGHTED, country="DE").order_by("unpriced_native")
    ]
    assert found == [
        (1, 1, 1, Decimal(0), Decimal("0.0001") * Decimal("0.3333") * Decimal("0.3333")),
        (1, 1, 0, Decimal(0), Decimal("0.0001") * Decimal("0.3333") * Decimal("0.6667")),
    ]
    assert _drift() == 0


def test_a_deal_is_counted_at_each_member_and_once_in_the_overlay_book() -> None:
    deal = _deal("1", "2")
    _split(deal, "prime", a="60", b="40")
    _split(deal, "overlay", b="50", c="60")
    services.drain()
    names = {_member(name).pk: name for name in "abc"} | {-1: "any"}
    found = [(s.book, names[s.member_id], s.countries, s.deals) for s in ShareDeals.objects.all()]
    places = ["DE", "DK"]
    assert sorted(found) == [
        (PRIME, "a", places, 1),
        (PRIME, "b", places, 1),
        (OVERLAY, "any", places, 1),
        (OVERLAY, "b", places, 1),
        (OVERLAY, "c", places, 1),
    ]


CHANGES: dict[str, Any] = {
    "an owner": lambda deal: Opportunity.objects.filter(pk=deal.pk).update(owner=_member("z")),
    "a first prime share": lambda deal: _split(deal, "prime", b="100"),
    "a share gone": lambda deal: OpportunitySplit.objects.filter(opportunity=deal).delete(),
    "a percentage": lambda deal: OpportunitySplit.objects.filter(type="overlay").update(percent=Decimal(1)),
    "a member": lambda deal: OpportunitySplit.objects.filter(type="overlay").update(member=_member("z")),
    "a book": lambda deal: OpportunitySplit.objects.filter(type="overlay").update(type="prime", percent=100),
    "a moved close date": lambda deal: Opportunity.objects.update(close_date=dt.date(2024, 5, 1)),
    "an amount": lambda deal: OpportunityLine.objects.filter(line=1).update(amount=Decimal(9)),
    "the deal gone": lambda deal: deal.delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_shares_is_found(change: str) -> None:
    deal = _deal("1.01", "2.02", owner=_member("a"))
    _split(deal, "overlay", b="33.33")
    services.drain()
    before = sorted(ShareCell.objects.values_list("member_id", "book", "month", "country", "minor"))
    CHANGES[change](deal)
    assert DirtyKey.objects.exists()
    services.drain()
    assert sorted(ShareCell.objects.values_list("member_id", "book", "month", "country", "minor")) != before
    assert _drift() == 0


def test_another_order_of_lines_or_of_addresses_moves_the_odd_cent() -> None:
    deal = _deal("0.01", "0.02")
    _split(deal, "prime", a="50", b="50")
    services.drain()
    assert _held() == {("a", "DE"): 0, ("a", "DK"): 2, ("b", "DE"): 1, ("b", "DK"): 0}
    OpportunityLine.objects.filter(line=2).update(line=0)
    services.drain()
    assert _held() == {("a", "DE"): 1, ("a", "DK"): 1, ("b", "DE"): 0, ("b", "DK"): 1}
    Member.objects.filter(email="a@x.org").update(email="z@x.org")
    assert WideChange.objects.filter(member_id__isnull=False).exists()
    services.drain()
    assert _held() == {("b", "DE"): 1, ("b", "DK"): 1, ("z", "DE"): 0, ("z", "DK"): 1}
    assert not WideChange.objects.exists()
    assert _drift() == 0


def test_what_changes_no_share_marks_nothing() -> None:
    deal = _deal("1")
    _split(deal, "prime", a="100")
    services.drain()
    OpportunitySplit.objects.update(percent=Decimal("100.00"))
    Member.objects.update(given_name="Ada")
    assert not services.has_work()


def test_open_shares_follow_the_as_of_date() -> None:
    make.ExchangeRateFactory(date=dt.date(2024, 6, 28), rate=Decimal(2))
    make.ExchangeRateFactory(date=dt.date(2024, 7, 1), rate=Decimal(4))
    deal = _deal("1", currency_id="USD", stage_id="proposal")
    _split(deal, "prime", a="50", b="50")
    services.drain()
    assert _held(measure=OPEN) == {("a", "DE"): 25, ("b", "DE"): 25}
    pin_business_date(on=dt.date(2024, 7, 1), by=None)
    services.drain()
    assert _held(measure=OPEN) == {("a", "DE"): 13, ("b", "DE"): 12}
    assert _drift() == 0


@pytest.mark.parametrize("table", ["rollups_sharecell SET minor[2] = minor[2] + 1", "rollups_sharedeals SET deals = 7"])
def test_the_check_sees_a_tampered_share(table: str) -> None:
    _split(_deal("1"), "prime", a="100")
    services.drain()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table}")
    assert _drift() > 0
    services.rebuild()
    assert _drift() == 0
