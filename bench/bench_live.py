"""From the commit of an edit to the new figure at readers with open dashboards: the product's own web and worker processes,
real HTTP clients. The end of a measurement is when a client has received the HTML that holds the new figure.

200 readers unless `BENCH_READERS` says otherwise; `BENCH_SCALE=full` lets them look at 20 million entries and 2 million deals;
`BENCH_POLLS=1` lets them poll every second instead of holding the stream, for comparison.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench import facts_world, served
from bench.figures import Figure
from bench.processes import Cost, cost_of
from gam.environment import ROOT
from money.services import pin_business_date
from regions.models import Region, RegionLead
from revenue.models import RevenueEntry
from rollups import services
from rollups.lens import parse_lens
from tests.setup.product import free_port
from users.models import User
from users.permissions import Access

READERS = int(os.environ.get("BENCH_READERS", "200"))
EDITS = int(os.environ.get("BENCH_EDITS", "3"))
POLLS = float(os.environ["BENCH_POLLS"]) if "BENCH_POLLS" in os.environ else None
ENTRIES, ACCOUNTS, UNITS, REGIONS = 20_000, 100, 10, 40
PAUSE = 2.2  # between two edits: figures have arrived, and polls are met at any phase

_WORLD = f"""
INSERT INTO money_rateset (code, base_id) VALUES ('spot', 'EUR') ON CONFLICT DO NOTHING;
INSERT INTO money_exchangerate (rate_set_id, currency_id, date, rate)
SELECT 'spot', c, '2021-12-25'::date + n, 1 + (n % 50) / 100.0
  FROM unnest(ARRAY['USD', 'GBP']) c, generate_series(0, 1100) n ON CONFLICT DO NOTHING;
INSERT INTO regions_region (code, name) SELECT 'L' || n, 'Region ' || n FROM generate_series(0, {REGIONS - 1}) n;
INSERT INTO regions_regionlink (child_id, parent_id, valid_from)
SELECT c.id, p.id, '0001-01-01' FROM generate_series(1, {REGIONS - 1}) n
  JOIN regions_region c ON c.code = 'L' || n JOIN regions_region p ON p.code = 'L' || (n - 1) / 4;
INSERT INTO regions_regioncountry (region_id, country, valid_from)
SELECT r.id, c.code, '0001-01-01'
  FROM unnest(ARRAY['DE','FR','IT','ES','GB','US','CA','MX','BR','AR','JP','CN','IN','AU','ZA','SE','NO','FI','DK','NL'])
       WITH ORDINALITY c (code, n) JOIN regions_region r ON r.code = 'L' || (c.n * 2 - 1);
WITH teams AS (INSERT INTO teams_accountteam SELECT FROM generate_series(1, {ACCOUNTS}) RETURNING id)
INSERT INTO accounts_account (code, name, industry, hq_country, lei, website, team_id)
SELECT 'LA' || id, 'Account ' || id, '', '', '', '', id FROM teams;
INSERT INTO accounts_orgunit (account_id, code, name, kind, country, city, lei, languages, time_zone)
SELECT a.id, 'U' || n, 'Unit ' || n, 'legal_entity', '', '', '', '{{}}', '' FROM accounts_account a, generate_series(1, {UNITS}) n;
INSERT INTO revenue_revenueentry (external_id, account_id, org_unit_id, country, kind, date, amount, currency_id)
SELECT 'live-' || n, u.account_id, u.id,
       (ARRAY['DE','FR','IT','ES','GB','US','CA','MX','BR','AR','JP','CN','IN','AU','ZA','SE','NO','FI','DK','NL'])[1 + n * 7 % 20],
       'recognised', '2022-01-01'::date + (n::bigint * 7919 % 900)::int, (n::bigint * 104729 % 10000000) / 100.0,
       (ARRAY['EUR', 'USD', 'GBP'])[1 + u.at % 3]
  FROM generate_series(1, {ENTRIES}) n
  JOIN (SELECT id, account_id, row_number() OVER (ORDER BY id) AS at FROM accounts_orgunit WHERE code LIKE 'U%') u
    ON u.at = 1 + (n::bigint * 31 % {ACCOUNTS * UNITS});
"""
YEAR = "from=2024-01&to=2024-12"


@dataclass(frozen=True)
class Ground:
    """Regions by code: the root, one `above` Germany, the one that `holds` it, and one `aside` that no edit concerns."""

    root: str
    above: str
    holds: str
    aside: str


GROUND = Ground("B0", "B3", "B215", "B1") if facts_world.scale() == facts_world.FULL else Ground("L0", "L1", "L1", "L3")


@dataclass(frozen=True)
class Measured:
    """Seconds from commit to figure, one for each reader and edit that it concerned; how many readers missed an edit."""

    delays: list[float]
    missed: int
    fetches: int
    errors: int
    others: list[float]
    cost: Cost
    idle: Cost


def run() -> list[Figure]:
    """Readers of the world, of regions up to the edited country, under two lenses and with narrow sights, in one product."""
    pin_business_date(on=parse_lens({"as_of": "2024-06-28"}).as_of, by=None)
    _furnish()
    call_command("collectstatic", interactive=False, verbosity=0)
    port = free_port()
    with served.product(port, ("web", "worker", "drains")) as pids:
        time.sleep(2.5)  # the workers, which tell nobody when they listen
        found = _measure(port, pids)
    delays = sorted(found.delays)
    how = "polling" if POLLS is not None else "told"
    name = f"edit to figure on {READERS} open dashboards, {how}"
    is_goal = POLLS is None
    return [
        Figure(f"{name}, p50", 1000 * statistics.median(delays), "ms", most=500 if is_goal else None),
        Figure(f"{name}, p95", 1000 * delays[int(len(delays) * 0.95)], "ms", most=1500 if is_goal else None),
        Figure("dashboards that missed an edit", found.missed, "readers", most=0),
        Figure("failed requests meanwhile", found.errors, "requests", most=0),
        Figure("another page meanwhile, p50", 1000 * statistics.median(found.others), "ms"),
        Figure("another page meanwhile, slowest", 1000 * max(found.others), "ms"),
        Figure("fetches for each edit", found.fetches / EDITS, "requests"),
        Figure("processor time of web while nothing changes", 1000 * found.idle.web / found.idle.elapsed, "ms/s"),
        Figure("processor time of web for each edit", 1000 * found.cost.web / EDITS, "ms"),
    ]


def _furnish() -> None:
    """The facts and their figures. A benchmark before this one may have left those of the full size."""
    if GROUND.root == "L0":
        with connection.cursor() as cursor:
            cursor.execute(_WORLD)
    elif RevenueEntry.objects.exists():
        return
    else:
        facts_world.load(facts_world.scale())
    services.rebuild()


def _readers(port: int) -> list[tuple[str, str]]:
    """Cookie and page of each: of ten readers three look at the world, four at regions above the edited country, one of
    them in dollars; one leads a region, one works on one account, and one looks at a region that no edit concerns."""
    boss = [User.objects.create_user(f"boss{n}@example.org", access=Access.EXECUTIVE) for n in range(READERS)]
    leads = [_lead(n) for n in range(max(READERS // 10, 1))]
    root, above = f"/regions/{GROUND.root}/?", f"/regions/{GROUND.above}/?"
    pages = [
        "/regions/?", "/regions/?", "/regions/?currency=USD&", root, above, f"{root}tree=now&",
        f"{above}currency=USD&", "lead", f"/regions/{GROUND.holds}/countries/DE/?", f"/regions/{GROUND.aside}/?",
    ]  # fmt: skip
    found = []
    for n in range(READERS):
        page, user = pages[n % 10], boss[n]
        if page == "lead":
            page, user = above, leads[n // 10]
        found.append((served.cookie_of(user, port), f"{page}{YEAR}"))
    return found


def _lead(number: int) -> User:
    user = User.objects.create_user(f"lead{number}@example.org", access=Access.REGIONAL_LEAD)
    RegionLead.objects.create(region=Region.objects.get(code=GROUND.above), user=user, valid_from="0001-01-01")
    return user


def _measure(port: int, pids: dict[str, int]) -> Measured:
    readers = _readers(port)
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.readers"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps({"port": port, "readers": readers, "polls": POLLS}) + "\n")
    child.stdin.flush()
    assert child.stdout.readline().strip() == "ready"
    time.sleep(4)  # the first questions of all readers
    with cost_of(pids) as idle:
        time.sleep(2)
    commits, wanted, others = [], [], []
    cookie = readers[0][0]
    with cost_of(pids) as cost:
        for number in range(EDITS):
            commits.append(_edit(number))
            others += _other_pages(port, cookie, until=commits[-1] + PAUSE)
            wanted.append(_wanted(readers))
    child.stdin.write("stop\n")
    child.stdin.flush()
    told: dict[str, Any] = json.loads(child.stdout.readline())
    child.wait(10)
    assert told["broken"] == [], told["broken"][:3]
    delays, missed = _judged(told["readers"], commits, wanted)
    fetches = sum(row["requests"] - 1 for row in told["readers"])
    return Measured(delays, missed, fetches, sum(row["errors"] for row in told["readers"]), others, cost, idle)


def _edit(number: int) -> float:
    """Commit another amount of an entry in Germany; the moment after the commit."""
    entry = RevenueEntry.objects.filter(country="DE", date__year=2024, currency_id="EUR").order_by("id")[number % 7]
    entry.amount += 12345
    entry.save()
    return time.monotonic()


def _other_pages(port: int, cookie: str, *, until: float) -> list[float]:
    """How long the accounts list takes meanwhile, for somebody who looks around."""
    taken, reader = [], served.Client(port, {"Cookie": cookie})
    while time.monotonic() < until:
        taken.append(reader.get("/accounts/").seconds)
        time.sleep(max(0.0, min(0.15, until - time.monotonic())))
    return taken


def _wanted(readers: list[tuple[str, str]]) -> list[str]:
    """What each page shows now, asked in this process."""
    from bench.readers import _FIGURE

    shown: dict[tuple[str, bool], str] = {}
    found = []
    for number, (cookie, path) in enumerate(readers):
        key = (path, number % 10 == 7)
        if key not in shown:
            client = Client(HTTP_HOST="localhost")
            client.cookies[settings.SESSION_COOKIE_NAME] = cookie.partition("=")[2]
            figure = _FIGURE.search(client.get(path).content.decode())
            assert figure, path
            shown[key] = re.sub(r"\s+", " ", figure[1])
        found.append(shown[key])
    return found


def _judged(rows: list[dict[str, Any]], commits: list[float], wanted: list[list[str]]) -> tuple[list[float], int]:
    delays, missed = [], 0
    for number, row in enumerate(rows):
        seen = [(at, re.sub(r"\s+", " ", text)) for at, text in row["seen"]]
        for edit, commit in enumerate(commits):
            before = [text for at, text in seen if at < commit][-1]
            want = wanted[edit][number]
            if want == before:
                continue
            end = commits[edit + 1] if edit + 1 < len(commits) else float("inf")
            there = next((at for at, text in seen if commit <= at < end and text == want), None)
            missed += there is None
            if there is not None:
                delays.append(there - commit)
    return delays, missed
