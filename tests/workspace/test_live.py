"""Open dashboards: told when figures change, silent when they did not, and frank when they can't follow."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from core import clock
from rollups import queries, services
from rollups.listener import FIGURES, Listener
from rollups.models import DirtyKey, Run
from tests import factories as make
from tests.cast import Cast
from tests.plugin import wait_until
from users.models import User
from workspace import views

ASKED: Any = {"HX-Request": "true", "HX-Target": "freshness"}


def opened(user: User, path: str = "/regions/") -> tuple[Client, str]:
    """The page's address for news, as its line holds it."""
    client = Client()
    client.force_login(user)
    return client, line_of(client.get(path))


def line_of(answer: Any) -> str:
    return line_of_text(answer.content.decode())


def line_of_text(html: str) -> str:
    found = re.search(r'id="freshness"[^>]*hx-get="([^"]+)"', html)
    assert found
    return unescape(found[1])


def failed(**more: Any) -> Run:
    now = clock.now()
    given = {"kind": Run.Kind.DRAIN, "state": Run.Outcome.FAILED, "started_at": now, "finished_at": now, "error": "x"}
    return Run.objects.create(**(given | more))


@pytest.mark.django_db
def test_a_page_that_shows_the_latest_is_answered_with_nothing(money: Cast) -> None:
    client, line = opened(money.executive)
    assert client.get(line, headers=ASKED).status_code == 204


@pytest.mark.django_db
def test_after_a_run_it_gets_the_line_and_the_figures(money: Cast) -> None:
    client, line = opened(money.executive)
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 3, 1), amount=1)
    services.drain()
    html = client.get(line, headers=ASKED).content.decode()
    assert 'id="figures"' in html
    assert 'id="freshness"' in html
    assert "<html" not in html


@pytest.mark.django_db
def test_after_a_run_that_did_not_concern_it_only_the_line(money: Cast) -> None:
    client, line = opened(money.executive, "/regions/ASIA/")
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 3, 1), amount=1)
    services.drain()
    html = client.get(line, headers=ASKED).content.decode()
    assert 'id="figures"' not in html
    assert 'id="freshness"' in html


@pytest.mark.django_db
def test_a_batch_that_commits_after_a_later_one_is_news() -> None:
    early, late = (Run.objects.create(kind="drain", state="running", started_at=clock.now()) for _ in range(2))
    for run in (late, early):
        before = queries.stamp()
        Run.objects.filter(pk=run.pk).update(state="done", finished_at=clock.now())
        assert queries.stamp() != before


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_run_is_told_at_its_commit() -> None:
    told: list[str] = []
    listener = Listener(lambda: told.append("news"), FIGURES)
    listener.start()
    assert wait_until(lambda: told == ["news"])  # the connection stands
    with transaction.atomic():
        make.RevenueEntryFactory()
        services.drain()
        assert not wait_until(lambda: len(told) > 1, within=0.3)
    assert wait_until(lambda: len(told) > 1)
    told.clear()
    services.verify()  # a check changes no figure
    assert not wait_until(lambda: told, within=0.3)
    listener.stop()


@pytest.mark.django_db
def test_without_trouble_nothing_is_said(money: Cast) -> None:
    failed(state=Run.Outcome.LOST)  # an old failure over which nothing waits any more
    assert queries.trouble() is None
    client, _ = opened(money.executive)
    assert "are not in these figures" not in client.get("/regions/").content.decode()


@pytest.mark.django_db
def test_changes_that_just_came_are_no_trouble() -> None:
    make.RevenueEntryFactory()
    assert queries.trouble() is None


@pytest.mark.django_db
def test_a_failed_run_is_said_and_the_last_figures_stay(money: Cast) -> None:
    client, line = opened(money.executive)
    figures = client.get("/regions/").content.decode().split('id="figures"')[1].split("<footer")[0]
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 3, 1), amount=1)
    run = failed()
    html = unescape(client.get(line, headers=ASKED).content.decode())
    assert f"run {run.pk} failed" in html
    assert "What you see was right at" in html
    assert 'href="/jobs/"' in html
    page = client.get("/regions/").content.decode()
    assert page.split('id="figures"')[1].split("<footer")[0] == figures
    services.drain()
    after = client.get(line_of(client.get("/regions/")).replace("stamp=", "stamp=x"), headers=ASKED).content.decode()
    assert '<div id="trouble" hx-swap-oob="true"></div>' in after


@pytest.mark.django_db
def test_changes_that_no_worker_takes_are_said_with_their_time(money: Cast) -> None:
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 3, 1), amount=1)
    DirtyKey.objects.update(queued_at=clock.now() - dt.timedelta(minutes=3))
    client, _ = opened(money.outsider)
    html = unescape(client.get("/regions/").content.decode())
    assert "no worker has taken them up" in html
    assert "tell an administrator" in html
    assert 'href="/jobs/"' not in html.split('id="trouble"')[1].split('id="figures"')[0]


@pytest.mark.django_db
def test_a_rebuild_that_failed_is_said(money: Cast) -> None:
    failed(kind=Run.Kind.REBUILD)
    client, _ = opened(money.executive)
    assert "are not in these figures" in client.get("/regions/").content.decode()


@pytest.mark.django_db
def test_news_are_for_those_who_signed_in(money: Cast) -> None:
    assert Client().get("/live/").status_code == 302
    client, _ = opened(money.outsider)
    assert client.get("/live/")["Content-Type"] == "text/event-stream"


@pytest.mark.django_db
def test_where_all_figures_take_long_the_tiles_come_first_and_the_rest_is_asked_for(
    money: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_LONG", -1.0)
    for path in ("/regions/", "/regions/EUROPE/", "/regions/EUROPE/countries/DE/"):
        client, line = opened(money.executive, path)
        make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 3, 1), amount=Decimal("12345.67"))
        services.drain()
        first = client.get(line, headers=ASKED).content.decode()
        whole = client.get(path).content.decode()
        tiles = re.search(r'id="figure-tiles".*?class="tile-figure">(.*?)</div>', whole, re.DOTALL)
        assert tiles
        assert tiles[1] in first
        assert 'id="figures"' not in first
        # What stands beside the figures is not there yet, and what the page shows of it stays.
        assert '<span id="growth" hx-preserve></span>' in first
        found = re.search(r'data-rest="([^"]+)"', first)
        assert found
        rest = client.get(unescape(found[1]), headers=ASKED).content.decode()
        assert 'id="figures"' in rest
        assert "data-rest" not in rest
        assert client.get(line_of_text(rest), headers=ASKED).status_code == 204
