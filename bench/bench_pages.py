"""The main pages as two gunicorn workers serve them to one reader after another, and how many statements each asks.

A tenth of the customers and deals; `BENCH_SCALE=full` is 100,000 accounts and 200,000 deals. Times are from the request to the
last byte, through the product's own web processes; statements are counted in this process, on the same database.
"""

from __future__ import annotations

import base64
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Collate
from django.test import Client as InProcess
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token

from accounts.models import Account
from bench import pages_world
from bench.facts_world import as_owner
from bench.figures import Figure
from bench.pages_world import Readers
from bench.served import Client, cookie_of, product
from money.services import pin_business_date
from pipeline.models import Opportunity
from rollups import services
from rollups.lens import parse_lens
from tests.setup.product import free_port
from users.models import User

TIMES, WARM = (11, 4) if pages_world.size() == pages_world.FULL else (5, 2)
FAR = 50_000  # rows before page 1,000
EXPORTED = 10_000


def run() -> list[Figure]:
    pin_business_date(on=parse_lens({"as_of": "2024-06-28"}).as_of, by=None)
    size = pages_world.size()
    begun = time.perf_counter()
    readers = pages_world.build(size)
    with _looked_after():
        services.rebuild()
    as_owner("VACUUM ANALYZE")
    said = f"{size.accounts:,} accounts, {size.deals:,} deals, {size.entries:,} entries"
    print(f"  {said} built in {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    port = free_port()
    with product(port, {"web"}) as pids:
        return [*_measured(port, readers, size.accounts), *_memory(pids["web"])]


@contextmanager
def _looked_after() -> Iterator[None]:
    """Statistics of the tables that a rebuild fills, as autovacuum keeps them in an installation; here it is off."""
    done = threading.Event()

    def look_after() -> None:
        while not done.wait(1):
            for table in ("cell", "accountcell", "accountdeals", "sharecell", "sharedeals"):
                as_owner(f"ANALYZE rollups_{table}")

    thread = threading.Thread(target=look_after)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _measured(port: int, readers: Readers, accounts: int) -> list[Figure]:
    boss, lead, manager = (
        _Reader(port, user, f"{accounts:,} accounts, {word}")
        for user, word in ((readers.executive, "executive"), (readers.lead, "lead"), (readers.manager, "manager"))
    )
    home = f"/accounts/{readers.largest}/"
    far = f"/accounts/?after={_cursor(accounts)}"
    return [
        *boss.page("account list", "/accounts/", most=60, statements=12),
        *boss.page(f"account list, page {_page_of(accounts):,}", far, most=60, statements=12),
        Figure(f"page {_page_of(accounts):,} against page 1", _ratio(boss, far, "/accounts/"), "times", most=1.2),
        *lead.page("account list", "/accounts/", most=60, statements=12),
        *boss.page("account list by revenue", "/accounts/?sort=-revenue"),
        *boss.page("account list, searched", "/accounts/?search=kestrel+optics", most=60),
        *boss.page("search in the box", "/search/?q=kestrel+opt", most=60, htmx=True),
        *boss.page("search as a page", "/search/?q=kestrel", most=60),
        *lead.page("search in the box", "/search/?q=kestrel+opt", most=60, htmx=True),
        *_together("account page with its structure's roll-up", boss, (home, f"{home}structure/"), most=90),
        *boss.page("account's revenue and pipeline", f"{home}figures/", most=90),
        *boss.page("account's 302 deals", f"{home}opportunities/", most=60),
        *boss.page("opportunities", "/opportunities/", most=60, statements=12),
        *lead.page("opportunities", "/opportunities/", most=60, statements=12),
        *boss.page("world", "/regions/", most=150, after_a_commit=True),
        *boss.page("the world's largest customers", "/figures/customers/", after_a_commit=True),
        *boss.page("world, unchanged", "/regions/", most=60),
        *boss.page("region", "/regions/B1/", most=150, after_a_commit=True),
        *boss.page("the region's largest customers", "/figures/customers/?region=B1", after_a_commit=True),
        *lead.page("home", "/", most=150, after_a_commit=True),
        *manager.page("home", "/", most=150, after_a_commit=True),
        *boss.page("API, 100 accounts", "/api/v1/accounts/?page_size=100", most=60),
        *boss.page("API, 100 opportunities", "/api/v1/opportunities/?page_size=100", most=60),
        *_creates(boss, readers.largest),
        *_exports(boss),
    ]


class _Reader:
    """Somebody with a browser at the served product, and the same in this process, where statements are counted."""

    def __init__(self, port: int, user: User, words: str) -> None:
        self.words, self.user = words, user
        self.client = Client(port, {"Cookie": cookie_of(user, port)})
        self.counted = InProcess(HTTP_HOST="localhost")
        self.counted.force_login(user)
        self._hx = Client(port, {"Cookie": cookie_of(user, port), "HX-Request": "true"})

    def page(
        self,
        name: str,
        path: str,
        *,
        most: float | None = None,
        statements: int | None = None,
        htmx: bool = False,
        after_a_commit: bool = False,
    ) -> list[Figure]:
        """`after_a_commit`: something else was committed before each request, so that no figures computed before serve."""
        client = self._hx if htmx else self.client

        def ask() -> float:
            if after_a_commit:
                _commit()
            answer = client.get(path)
            assert answer.status == 200, (path, answer.status)
            return answer.seconds

        name = f"{name} ({self.words})"
        return [
            Figure(f"{name}, p50", _median_ms(ask), "ms", most=most),
            Figure(f"{name}, statements", self.statements(path, htmx=htmx), "statements", most=statements),
        ]

    def statements(self, path: str, *, htmx: bool = False) -> int:
        """Of the second request: the first of a process reads what it keeps."""
        headers = {"HX-Request": "true"} if htmx else {}
        for _ in range(2):
            _commit()
            with CaptureQueriesContext(connection) as asked:
                answer = self.counted.get(path, headers=headers)
                b"".join(answer)
        return len(asked)


def _ratio(reader: _Reader, path: str, other: str) -> float:
    """Of the times of two pages that are asked in turn, so that what else the machine does concerns both."""
    pairs = [(reader.client.get(path).seconds, reader.client.get(other).seconds) for _ in range(2 * TIMES)]
    return statistics.median(one for one, _ in pairs) / statistics.median(one for _, one in pairs)


def _together(name: str, reader: _Reader, paths: tuple[str, ...], *, most: float) -> list[Figure]:
    """Pages that a browser asks for one after another before the reader sees everything."""
    found = [reader.page(path, path) for path in paths]
    name = f"{name} ({reader.words})"
    return [
        Figure(f"{name}, p50", sum(timed.value for timed, _ in found), "ms", most=most),
        Figure(f"{name}, statements", sum(counted.value for _, counted in found), "statements"),
    ]


def _creates(reader: _Reader, account: str) -> list[Figure]:
    root = User.objects.create_superuser(f"pages-root-{time.time_ns()}@example.org")
    key = Token.objects.create(user=root).key
    writer = Client(reader.client.port, {"Authorization": f"Token {key}", "Content-Type": "application/json"})
    numbers = count(time.time_ns())
    bodies: dict[str, Callable[[int], dict[str, object]]] = {
        "accounts": lambda n: {"code": f"NEW-{n}", "name": f"New customer {n}", "tier": "key", "hq_country": "DE"},
        "opportunities": lambda n: {
            "external_id": f"NEW-{n}", "account_code": account, "org_unit_code": "L7", "name": f"New deal {n}",
            "stage": "proposal", "amount": "1000.00", "currency": "EUR", "close_date": "2024-09-30",
        },
    }  # fmt: skip

    def made(slug: str) -> float:
        answer = writer.ask("POST", f"/api/v1/{slug}/", json.dumps(bodies[slug](next(numbers))))
        assert answer.status == 201, answer.body
        return answer.seconds

    return [
        Figure(f"create one through the API: {slug}, p50", _median_ms(lambda slug=slug: made(slug)), "ms", most=35)  # type: ignore[misc]  # the default binds the loop's value
        for slug in bodies
    ]


def _exports(reader: _Reader) -> list[Figure]:
    """Some 10,000 rows of either; of the full world's accounts one tier's."""
    last = Opportunity.objects.order_by("-close_date", "-pk").values_list("close_date", flat=True)[EXPORTED - 1]
    exports = {
        "accounts": "/accounts/?format=csv" + ("&tier=key" if Account.objects.count() > 2 * EXPORTED else ""),
        "opportunities": f"/opportunities/?format=csv&close_from={last}",
    }
    figures = []
    for name, path in exports.items():
        answers = [reader.client.get(path) for _ in range(3)]
        rows = answers[0].body.count(b"\r\n")
        whole = statistics.median(answer.seconds for answer in answers)
        figures += [
            Figure(f"export of {name}, for 10,000 rows", whole * EXPORTED / rows, "s", most=1.0),
            Figure(f"export of {name}, rows", rows, "rows"),
            Figure(f"export of {name}, first byte", 1000 * min(answer.first for answer in answers), "ms"),
            Figure(f"export of {name}, statements", reader.statements(path), "statements", most=12),
        ]
    return figures


def _memory(session: int) -> list[Figure]:
    """Of the web's master and its two workers, after all this. Shared pages are counted once."""
    kilobytes = {"Pss": 0, "Rss": 0}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[3]) != session:
                continue
            lines = (stat.parent / "smaps_rollup").read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name in kilobytes:
                kilobytes[name] += int(rest.split()[0])
    return [
        Figure("memory of two workers and their master", kilobytes["Pss"] / 1024, "MB", most=300),
        Figure("the same, shared pages counted in each", kilobytes["Rss"] / 1024, "MB"),
    ]


def _page_of(accounts: int) -> int:
    return min(FAR, accounts // 2) // 50


def _cursor(accounts: int) -> str:
    """Where the far page begins."""
    rows = Account.objects.order_by(Collate("name", "C"), "pk").values_list("name", "pk")
    text = json.dumps(list(rows[min(FAR, accounts // 2) - 1]), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _commit() -> None:
    """A transaction of somebody else's that changes nothing the pages show."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def _median_ms(work: Callable[[], float]) -> float:
    for _ in range(WARM):  # both workers have answered once
        work()
    return 1000 * statistics.median(work() for _ in range(TIMES))
