"""The scores of a night in their place: rankings of many accounts by pages, and a night that was ended in the middle."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from coverage import scoring, weighing
from coverage.models import AlignmentScore
from coverage.nights import night_of
from money.queries import business_date
from rollups import runs
from rollups.models import Run
from tests.boards import Acme
from tests.coverage.test_ranking import RANKING, ranked, signed_in, two
from tests.plugin import wait_until

__all__ = ["two"]
DAY = dt.timedelta(days=1)


def by_night(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The first page of the ranking, when it is too long to be weighed at once."""
    for name in ("AT_ONCE", "PAGE"):
        monkeypatch.setattr(f"coverage.ranking_queries.{name}", 1)
    return client.get(RANKING)


@pytest.mark.django_db
def test_many_accounts_are_ranked_by_the_last_night_page_by_page(two: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(two.cast.executive)
    weighed = client.get(RANKING).context["ranking"]
    scoring.keep_scores()
    first = by_night(client, monkeypatch)
    second = client.get(first.context["next_url"])
    again = client.get(second.context["previous_url"])
    assert [ranked(page) for page in (first, second, again)] == [["OTHER"], ["ACME"], ["OTHER"]]
    assert (second.context["next_url"], again.context["previous_url"]) == ("", "")
    for page in (first, second):
        found = page.context["ranking"]
        assert (found.accounts, found.whole) == (2, weighed.whole)
        assert "scores of the night of" in page.content.decode()
        assert {row.account.code: row.stated for row in found.rows}.items() <= {
            row.account.code: row.stated for row in weighed.rows
        }.items()


@pytest.mark.django_db
def test_a_file_of_a_ranking_by_night_holds_every_page(two: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(two.cast.executive)
    scoring.keep_scores()
    by_night(client, monkeypatch)
    text = b"".join(client.get(f"{RANKING}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "scores of the night of" in text
    assert [line.split(",")[0].upper() for line in text.splitlines()[-2:]] == ["OTHER", "ACME"]


@pytest.mark.django_db
def test_countries_are_ranked_by_the_night_too(two: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(two.cast.executive)
    narrowed = f"{RANKING}?region=EUROPE"
    weighed = client.get(narrowed).context["ranking"]
    scoring.keep_scores()
    monkeypatch.setattr("coverage.ranking_queries.AT_ONCE", 0)
    found = client.get(narrowed).context["ranking"]
    assert found.night is not None
    assert [(row.account.code, row.stated) for row in found.rows] == [
        (row.account.code, row.stated) for row in weighed.rows
    ]


@pytest.mark.django_db
def test_a_lead_reads_no_night_because_it_holds_more_than_she_may_see(
    two: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.keep_scores()
    monkeypatch.setattr("coverage.ranking_queries.AT_ONCE", 0)
    page = signed_in(two.cast.asia_lead).get(RANKING)
    assert ranked(page) == []
    assert "1 accounts lie here" in page.content.decode()


@pytest.mark.django_db
def test_a_day_of_the_past_has_its_own_night(two: Acme) -> None:
    last = business_date()
    scoring.keep_scores(on=last - 2 * DAY)
    scoring.keep_scores()
    past, now = night_of(last - DAY, by_country=False), night_of(last, by_country=False)
    assert past is not None
    assert now is not None
    assert (past.on, now.on) == (last - 2 * DAY, last)
    assert night_of(last - DAY, by_country=True) is None
    assert night_of(last - 3 * DAY, by_country=False) is None


_NIGHT = """
import datetime, sys, django
django.setup()
from coverage import scoring
scoring._AT_A_TIME = 1
scoring.keep_scores(on=datetime.date.fromisoformat(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_night_that_was_killed_in_the_middle_is_not_shown_and_the_next_run_completes_it(two: Acme) -> None:
    today, last = business_date(), two.cast.other.pk
    scoring.keep_scores(on=today - DAY)
    _kill_a_night_before(last, today)
    assert _accounts_on(today) == {two.cast.acme.pk}
    assert wait_until(lambda: runs.notice_lost() == 1, within=30)
    shown = night_of(today, by_country=True)
    assert shown is not None
    assert shown.on == today - DAY
    scoring.keep_scores()
    completed = night_of(today, by_country=True)
    assert completed is not None
    assert (completed.on, _accounts_on(today)) == (today, {two.cast.acme.pk, last})
    said = weighing.account_alignment(viewer=two.cast.executive, code="OTHER")
    assert AlignmentScore.objects.get(account_id=last, on=today, country="").gap == said.gap
    assert set(AlignmentScore.objects.exclude(country="").values_list("on", flat=True)) == {today}
    states = Run.objects.filter(kind=Run.Kind.ALIGNMENT).order_by("id").values_list("state", flat=True)
    assert list(states) == [Run.Outcome.DONE, Run.Outcome.LOST, Run.Outcome.DONE]


def _kill_a_night_before(account: int, on: dt.date) -> None:
    """A process that keeps the scores of a day is ended by kill -9 once it waits for `account`, whose key is taken."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
    with transaction.atomic():
        AlignmentScore.objects.create(
            account_id=account, on=on, definition=1, currency="EUR", known_weight=0, gap=0,
            filled=0, known=0, total=0, slots=0, empty=0, unknown=0,
        )  # fmt: skip
        with subprocess.Popen([sys.executable, "-c", _NIGHT, on.isoformat()], env=environment) as process:
            others = AlignmentScore.objects.filter(on=on).exclude(account_id=account)
            assert wait_until(others.exists, within=60)
            process.kill()
            assert process.wait(30) != 0
        transaction.set_rollback(True)


def _accounts_on(day: dt.date) -> set[int]:
    return set(AlignmentScore.objects.filter(on=day).values_list("account_id", flat=True))
