"""The digest: one of a day to a reader, in her language and on her days; stopped by a click; never twice, whoever is killed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from core.errors import DomainError, NotPermitted
from tests import factories as make
from tests.cast import Cast
from tests.workspace.mail_server import Server, mail_server
from users.models import User
from workspace import digest_mail, digest_queries, digest_services
from workspace.models import Digest, DigestChoice, DigestState

NOW = dt.datetime(2025, 10, 20, 9, 30, tzinfo=dt.UTC)  # a Monday


def wants(user: User, **how: object) -> DigestChoice:
    given = {"is_on": True, "hour": 7, "even_when_empty": False, "language": "", "time_zone": "UTC", **how}
    return digest_services.keep_settings(by=user, **given)  # type: ignore[arg-type]  # as given


def an_overdue_deal(cast: Cast) -> None:
    """One thing to do for the owner: a deal of hers that was to close a month ago."""
    make.OpportunityFactory(
        account=cast.acme, name="Filters & pumps", owner=cast.owner.member, close_date=dt.date(2025, 9, 1),
        amount=Decimal("1234.50"),
    )  # fmt: skip


@pytest.fixture
def waiting(cast: Cast, settings: pytest.FixtureRequest) -> Cast:
    settings.GAM_AS_OF = dt.date(2025, 10, 20)  # type: ignore[attr-defined]  # pytest-django's settings
    settings.GAM_BASE_URL = "https://gam.example.org"  # type: ignore[attr-defined]  # the same
    an_overdue_deal(cast)
    return cast


def html_of(message: mail.EmailMessage) -> str:
    assert isinstance(message, mail.EmailMultiAlternatives)
    return str(message.alternatives[0][0])


def states() -> dict[str, str]:
    return dict(Digest.objects.values_list("user__email", "state"))


@pytest.mark.django_db
def test_whoever_asked_for_it_gets_it_once_a_day_however_often_the_job_runs(waiting: Cast) -> None:
    wants(waiting.owner)
    assert [digest_services.send_digests(now=NOW) for _ in range(3)] == [1, 0, 0]
    assert digest_services.send_digests(now=NOW + dt.timedelta(hours=9)) == 0
    assert digest_services.send_digests(now=NOW + dt.timedelta(days=1)) == 1
    assert [message.to for message in mail.outbox] == [["owner@example.org"]] * 2


@pytest.mark.django_db
def test_nobody_gets_it_unasked_nor_on_a_free_day_nor_before_her_hour(waiting: Cast) -> None:
    digest_services.send_digests(now=NOW)
    wants(waiting.owner, hour=10)
    digest_services.send_digests(now=NOW)
    digest_services.send_digests(now=NOW - dt.timedelta(days=1))
    assert mail.outbox == []


@pytest.mark.django_db
def test_nothing_is_sent_when_nothing_waits_unless_she_wants_that(waiting: Cast) -> None:
    wants(waiting.outsider)
    digest_services.send_digests(now=NOW)
    assert states() == {"outsider@example.org": "empty"}
    wants(waiting.outsider, even_when_empty=True)
    digest_services.send_digests(now=NOW + dt.timedelta(days=1))
    assert len(mail.outbox) == 1
    assert "Nothing waits" in mail.outbox[0].subject


@pytest.mark.django_db
def test_a_letter_says_what_waits_why_and_where_in_html_and_in_plain_text(waiting: Cast) -> None:
    wants(waiting.owner)
    digest_services.send_digests(now=NOW)
    message = mail.outbox[0]
    html = html_of(message)
    assert message.subject == "1 thing waits for you: Monday, 20 October 2025"
    for text in (message.body, html):
        assert "1,234.50 EUR" in text
        assert "was to close on 1 Sept 2025" in text
        assert "https://gam.example.org/opportunities/" in text
    assert "Filters & pumps (Acme)" in message.body
    assert "Filters &amp; pumps" in html
    assert "<script" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "direction", "money"), [("de", "ltr", "1.234,50 EUR"), ("ar", "rtl", "1,234.50 EUR")]
)
def test_a_letter_is_in_her_language_and_writes_in_its_direction(
    waiting: Cast, language: str, direction: str, money: str
) -> None:
    wants(waiting.owner, language=language)
    digest_services.send_digests(now=NOW)
    html = html_of(mail.outbox[0])
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert money in html
    assert "waits for you" not in f"{mail.outbox[0].subject} {mail.outbox[0].body} {html}"


@pytest.mark.django_db
def test_the_letter_is_stopped_by_one_click_without_signing_in_and_comes_again(waiting: Cast, client: Client) -> None:
    wants(waiting.owner)
    digest_services.send_digests(now=NOW)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("https://gam.example.org")
    strict = Client(enforce_csrf_checks=True)
    assert "Stop the digest" in strict.get(path).content.decode()
    assert DigestChoice.objects.get(user=waiting.owner).is_on  # reading stops nothing
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert digest_services.send_digests(now=NOW + dt.timedelta(days=1)) == 0
    strict.post(path, {"do": "resume"})
    assert digest_services.send_digests(now=NOW + dt.timedelta(days=1)) == 1


@pytest.mark.django_db
def test_a_link_that_was_forged_or_is_void_stops_nothing(waiting: Cast, client: Client) -> None:
    choice = wants(waiting.owner)
    token = digest_queries.token_of(choice)
    assert client.post(f"/digest/{token[:-2]}xx/").status_code == 404
    DigestChoice.objects.filter(user=waiting.owner).update(key="another")
    assert client.post(f"/digest/{token}/").status_code == 404
    assert DigestChoice.objects.get(user=waiting.owner).is_on


@pytest.mark.django_db
def test_who_stopped_it_after_it_was_planned_gets_none(waiting: Cast) -> None:
    choice = wants(waiting.owner)
    digest_services.plan_digests(now=NOW)
    digest_services.switch_digest(choice=choice, is_on=False)
    assert digest_services.send_digests(now=NOW) == 0
    assert states() == {}


@pytest.fixture
def server(settings: pytest.FixtureRequest) -> Iterator[Server]:
    """A mail server that is really spoken to."""
    with mail_server() as told:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", told.port  # type: ignore[attr-defined]  # the same
        yield told


@pytest.mark.django_db
def test_a_mail_server_gets_the_letter_as_it_is_meant(waiting: Cast, server: Server) -> None:
    wants(waiting.owner, language="ar")
    assert digest_services.send_digests(now=NOW) == 1
    letter = server.letters[0]
    assert letter["To"] == "owner@example.org"
    assert letter["Message-ID"] == f"<digest-{waiting.owner.pk}-2025-10-20@gam.example.org>"
    assert letter["List-Unsubscribe"].strip().startswith("<https://gam.example.org/digest/")
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    html = letter.get_body(("html",))
    assert html is not None
    assert 'dir="rtl"' in html.get_content()


@pytest.mark.django_db
def test_what_a_server_refuses_is_tried_again_while_the_day_lasts_and_seen_by_an_administrator(
    waiting: Cast, server: Server
) -> None:
    wants(waiting.owner)
    server.refuses = True
    assert digest_services.send_digests(now=NOW) == 0
    row = Digest.objects.get()
    assert (row.state, row.attempts, row.try_at) == (DigestState.FAILED, 1, NOW + dt.timedelta(minutes=5))
    client = Client()
    client.force_login(waiting.administrator)
    page = client.get("/set-up/digests/").content.decode()
    assert "nobody of that name" in page
    assert "Failed, tried again" in page
    server.refuses = False
    assert digest_services.send_digests(now=NOW + dt.timedelta(minutes=4)) == 0
    assert digest_services.send_digests(now=NOW + dt.timedelta(minutes=5)) == 1
    assert len(server.letters) == 1


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_given_up_after_some_attempts(
    waiting: Cast, server: Server, settings: pytest.FixtureRequest
) -> None:
    settings.EMAIL_PORT = 1  # type: ignore[attr-defined]  # pytest-django's settings
    wants(waiting.owner)
    now = NOW
    for minutes in (0, *digest_services.AGAIN):
        now += dt.timedelta(minutes=minutes)
        digest_services.send_digests(now=now)
    row = Digest.objects.get()
    assert (row.state, row.attempts) == (DigestState.GIVEN_UP, 6)
    assert "Connection refused" in row.error


@pytest.mark.django_db
def test_yesterday_s_digest_is_not_sent_today(waiting: Cast) -> None:
    wants(waiting.owner)
    digest_services.plan_digests(now=NOW)
    wants(waiting.owner, hour=23)
    assert digest_services.send_digests(now=NOW + dt.timedelta(days=1)) == 0
    assert states() == {"owner@example.org": "given_up"}


@pytest.mark.django_db
def test_one_reader_s_broken_letter_keeps_nobody_from_hers(waiting: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    wants(waiting.owner)
    wants(waiting.outsider, even_when_empty=True)
    real = digest_mail.letter

    def broken(*, viewer: User, day: dt.date) -> object:
        if viewer == waiting.owner:
            connection.cursor().execute("SELECT 1 / 0")
        return real(viewer=viewer, day=day)

    monkeypatch.setattr(digest_mail, "letter", broken)
    assert digest_services.send_digests(now=NOW) == 1
    assert states() == {"owner@example.org": "failed", "outsider@example.org": "sent"}
    assert "division by zero" in Digest.objects.get(user=waiting.owner).error


@pytest.mark.django_db
def test_an_administrator_has_one_sent_again_and_nobody_else(waiting: Cast) -> None:
    wants(waiting.owner)
    row = Digest.objects.create(user=waiting.owner, day=NOW.date(), state="unclear", try_at=NOW, error="cut off")
    with pytest.raises(NotPermitted):
        digest_services.send_again(pk=row.pk, by=waiting.executive)
    client = Client()
    client.force_login(waiting.administrator)
    client.post(f"/set-up/digests/{row.pk}/again/")
    row.refresh_from_db()
    assert row.state == DigestState.DUE
    with pytest.raises(DomainError):
        digest_services.send_again(pk=row.pk, by=waiting.administrator)


@pytest.mark.django_db
def test_the_page_shows_the_letter_as_it_would_be_sent_and_as_a_file(waiting: Cast) -> None:
    client = Client()
    client.force_login(waiting.owner)
    page = client.get("/work/digest/").content.decode()
    assert "You do not get the digest" in page
    assert "Filters &amp; pumps" in page
    file = client.get("/work/digest/?format=eml")
    assert file.headers["Content-Type"] == "message/rfc822"
    assert b"Filters & pumps" in file.content
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_reader_keeps_her_language_clock_and_hour(waiting: Cast) -> None:
    client = Client()
    client.force_login(waiting.owner)
    sent = {"language": "de", "time_zone": "Asia/Tokyo", "is_on": "on", "hour": "6"}
    answer = client.post("/you/settings/", sent)
    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == "de"
    waiting.owner.refresh_from_db()
    assert (waiting.owner.language, waiting.owner.time_zone) == ("de", "Asia/Tokyo")
    choice = DigestChoice.objects.get(user=waiting.owner)
    assert (choice.is_on, choice.hour, choice.even_when_empty) == (True, 6, False)
    assert client.post("/you/settings/", {**sent, "time_zone": "Moon/Crater"}).status_code == 422


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter_to_each(waiting: Cast, server: Server) -> None:
    for user in (waiting.owner, waiting.outsider, waiting.europe_lead, waiting.executive):
        wants(user, even_when_empty=True)
    go = threading.Barrier(2)

    def work() -> None:
        go.wait()
        try:
            digest_services.send_digests(now=NOW)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(letter["To"] for letter in server.letters) == [
        "europe.lead@example.org", "executive@example.org", "outsider@example.org", "owner@example.org",
    ]  # fmt: skip
    assert set(states().values()) == {"sent"}


_WORKER = """
import sys, time, datetime as dt, django
django.setup()
from django.conf import settings
from workspace import digest_mail, digest_services
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
def stuck(**asked):
    print("writing", flush=True)
    time.sleep(60)
if sys.argv[1] == "writing":
    digest_mail.letter = stuck
digest_services.send_digests(now=dt.datetime.fromisoformat(sys.argv[3]))
"""


def killed(at: str, server: Server) -> None:
    """A worker of its own process that is ended by `kill -9` while it writes a letter, or while it waits for the server's word."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
    command = [sys.executable, "-c", _WORKER, at, str(server.port), NOW.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as worker:
        assert worker.stdout is not None
        if at == "writing":
            assert worker.stdout.readline() == "writing\n"
        else:
            assert server.came.wait(120)  # a process on a busy machine starts slowly
        worker.kill()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_before_the_server_was_spoken_to_leaves_the_letter_to_the_next(
    waiting: Cast, server: Server
) -> None:
    wants(waiting.owner)
    killed("writing", server)
    until = time.monotonic() + 10
    while not digest_services.send_digests(now=NOW) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(server.letters) == 1
    assert states() == {"owner@example.org": "sent"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_spoke_to_the_server_is_not_repeated_and_is_seen(
    waiting: Cast, server: Server
) -> None:
    wants(waiting.owner)
    server.is_silent = True
    killed("sending", server)
    server.is_silent = False
    for minutes in (0, 10, 16, 60):
        digest_services.send_digests(now=NOW + dt.timedelta(minutes=minutes))
    assert len(server.letters) == 1
    assert states() == {"owner@example.org": "unclear"}
