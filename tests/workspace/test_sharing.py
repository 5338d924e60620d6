"""Figures that are shared among readers are never older than what each would have computed, and never somebody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from threading import BoundedSemaphore
from typing import Any, TypeVar

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from redis.exceptions import ConnectionError as NoCache

from regions.models import Region
from rollups import services
from tests import factories as make
from tests.cast import Cast
from users.models import User
from users.permissions import Access
from workspace import later
from workspace.sharing import Shared, snapshot

_T = TypeVar("_T")

pytestmark = pytest.mark.django_db(transaction=True)


class Counted:
    """A computation that says how often it ran."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def undisturbed(asked: Callable[[], _T]) -> _T:
    """What is found while nothing commits: transactions of the server's other databases are numbered too, and end what is
    shared."""
    for _ in range(50):
        before, found = snapshot(), asked()
        if snapshot() == before:
            break
    return found


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_who_asks_for_the_same_gets_the_same() -> None:
    def asked() -> list[int]:
        shared, figures = Shared(most=5), Counted()
        return [shared.get("page", figures) for _ in range(3)]

    assert undisturbed(asked) == [1, 1, 1]


def test_after_any_commit_it_is_computed_again() -> None:
    shared, figures = Shared(most=5), Counted()
    shared.get("page", figures)
    make.RegionFactory()
    assert shared.get("page", figures) == 2


def test_another_process_takes_what_this_one_computed_until_something_commits() -> None:
    figures = Counted()

    def asked() -> int:
        cache.clear()
        figures.times = 0
        Shared(most=5).get("page", figures)
        again: int = Shared(most=5).get("page", figures)
        return again

    assert undisturbed(asked) == 1
    make.RegionFactory()
    assert Shared(most=5).get("page", figures) == 2


def test_what_was_committed_during_the_computation_is_not_missed() -> None:
    shared = Shared(most=5)

    def name() -> str:
        found = Region.objects.get(code="R").name
        if found == "old":  # a writer is quicker than the rest of the computation
            Region.objects.update(name="new")
        return found

    make.RegionFactory(code="R", name="old")
    assert [shared.get("page", name), shared.get("page", name)] == ["old", "new"]


def test_inside_a_transaction_nothing_is_shared() -> None:
    shared, figures = Shared(most=5), Counted()
    with transaction.atomic():
        assert [shared.get("page", figures), shared.get("page", figures)] == [1, 2]


def test_without_a_cache_each_process_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise NoCache

    monkeypatch.setattr(cache, "get", refused)
    monkeypatch.setattr(cache, "set", refused)

    def asked() -> list[int]:
        shared, figures = Shared(most=5), Counted()
        return [shared.get("page", figures), shared.get("page", figures)]

    assert undisturbed(asked) == [1, 1]


def test_only_the_keys_used_last_are_kept() -> None:
    shared, figures = Shared(most=1), Counted()
    shared.get("a", figures)
    shared.get("b", figures)
    cache.clear()
    assert shared.get("a", figures) == 3


def page(user: User, path: str, **params: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path, params)
    assert answer.status_code == 200
    return answer.content.decode().split('id="figures"')[1]


def test_readers_of_one_page_each_see_their_own_figures(cast: Cast, settings: Any) -> None:
    settings.GAM_AS_OF = dt.date(2024, 6, 28)
    for country, amount in (("DE", "111111.11"), ("JP", "222222.22")):
        make.RevenueEntryFactory(account=cast.acme, country=country, date=dt.date(2024, 3, 1), amount=Decimal(amount))
    services.rebuild()
    year = {"from": "2024-01", "to": "2024-12"}
    for _ in range(2):  # the second time from what is shared
        assert "333,333.33" in page(cast.executive, "/regions/", **year)
        assert "333,333.33" not in page(cast.europe_lead, "/regions/", **year)
        assert "111,111.11" in page(cast.europe_lead, "/regions/", **year)
        assert "111,111.11" not in page(cast.outsider, "/regions/", **year)


def test_readers_of_one_part_each_see_their_own(cast: Cast, settings: Any) -> None:
    settings.GAM_AS_OF = dt.date(2024, 6, 28)
    for country, amount in (("DE", "111111.11"), ("JP", "222222.22")):
        make.RevenueEntryFactory(account=cast.acme, country=country, date=dt.date(2024, 3, 1), amount=Decimal(amount))
    services.rebuild()

    def customers(user: User, **lens: str) -> str:
        client = Client(headers={"HX-Request": "true"})
        client.force_login(user)
        return client.get("/figures/customers/", {"from": "2024-01", "to": "2024-12", **lens}).content.decode()

    for _ in range(2):  # the second time from what is shared
        assert "333,333.33" in customers(cast.executive)
        assert "111,111.11" in customers(cast.europe_lead)
        assert "No account has a figure here" in customers(cast.outsider)
    # What the address leaves open is as each reader left it.
    another = make.UserFactory(access=Access.EXECUTIVE)
    client = Client()
    client.force_login(another)
    client.get("/regions/", {"currency": "native"})
    assert "Revenue, EUR" in customers(cast.executive)
    assert "Revenue, EUR" not in customers(another)


def test_where_too_many_wait_for_a_part_the_page_is_told_to_come_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, seats = Client(), BoundedSemaphore(1)
    client.force_login(cast.executive)
    monkeypatch.setattr(later, "_seats", seats)
    with seats:
        assert client.get("/figures/customers/").status_code == 204
    assert client.get("/figures/customers/").status_code == 200


def test_a_redrawn_region_shows_at_once(cast: Cast, settings: Any) -> None:
    settings.GAM_AS_OF = dt.date(2024, 6, 28)
    make.RevenueEntryFactory(account=cast.acme, country="DE", date=dt.date(2024, 3, 1), amount=Decimal("111111.11"))
    services.rebuild()
    year = {"from": "2024-01", "to": "2024-12"}
    assert "111,111.11" in page(cast.europe_lead, "/regions/EUROPE/", **year)
    Region.objects.filter(code="EUROPE").update(name="Europa")
    client = Client()
    client.force_login(cast.executive)
    assert "Europa" in client.get("/regions/EUROPE/", year).content.decode()
