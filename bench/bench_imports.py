"""Loading files, with change history and roll-up triggers on, against saving row by row in the same run."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction

from accounts.models import Account, OrgUnit
from bench.figures import Figure
from core.staging import Feed
from core.staging_rows import write_rows
from imports import services
from revenue.loading import REVENUE
from revenue.models import RevenueEntry

ROWS, ROW_BY_ROW, SINGLES, ACCOUNTS, UNITS = 60_000, 300, 60, 200, 20
COUNTRIES, CURRENCIES = ("DE", "FR", "JP", "US", "BR"), ("EUR", "USD", "JPY", "GBP", "CHF")
HEADER = [
    "external_id",
    "account_code",
    "org_unit_code",
    "country",
    "product_code",
    "kind",
    "date",
    "amount",
    "currency",
]


def run() -> list[Figure]:
    chance = random.Random(20240614)  # noqa: S311  # repeatable, nothing secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _load_customers(folder)
        path = _write(folder / "revenue.csv", HEADER, _rows("N", ROWS, chance))
        one_by_one, bare = _rows("S", ROW_BY_ROW, chance), _rows("C", ROWS, chance)
        loaded = _rate(ROWS, lambda: _load(path))
        again = _rate(ROWS, lambda: _load(path))
        saved = _rate(ROW_BY_ROW, lambda: _save_row_by_row(one_by_one))
        copied = _rate(ROWS, lambda: _copy_only(bare))
        single = _median_ms(_rows("W", SINGLES, chance))
    return [
        Figure("import revenue, history and roll-up triggers on", loaded, "rows/s"),
        Figure("import the same file again", again, "rows/s"),
        Figure("update_or_create", saved, "rows/s"),
        Figure("import against update_or_create", loaded / saved, "times", least=40),
        Figure("COPY alone", copied, "rows/s"),
        Figure("one row through the same path", single, "ms"),
    ]


def _rate(rows: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return rows / (time.perf_counter() - start)


def _rows(prefix: str, count: int, chance: random.Random) -> list[list[str]]:
    first = dt.date(2020, 1, 1)
    return [
        [
            f"{prefix}{number}",
            f"A{chance.randrange(ACCOUNTS)}",
            f"U{chance.randrange(UNITS)}",
            "",
            "",
            "recognised",
            str(first + dt.timedelta(days=chance.randrange(1800))),
            f"{chance.randrange(1, 10**8) / 100:.2f}",
            chance.choice(CURRENCIES),
        ]
        for number in range(count)
    ]


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> Path:
    path.write_text("\n".join(",".join(row) for row in (header, *rows)) + "\n", encoding="utf-8")
    return path


def _load_customers(folder: Path) -> None:
    accounts = _write(folder / "accounts.csv", ["code", "name"], ([f"A{a}", f"Account {a}"] for a in range(ACCOUNTS)))
    units = _write(
        folder / "org_units.csv",
        ["account_code", "code", "name", "country", "parent_code"],
        (
            [f"A{a}", f"U{u}", f"Unit {u}", COUNTRIES[(a + u) % 5], "U0" if u else ""]
            for a in range(ACCOUNTS)
            for u in range(UNITS)
        ),
    )
    assert services.import_paths([accounts, units], by=None).is_clean


def _load(path: Path) -> None:
    assert services.import_paths([path], by=None).is_clean


def _save_row_by_row(rows: list[list[str]]) -> None:
    """What a plain importer does: look up, save, row by row, in one transaction."""
    with transaction.atomic():
        for external_id, account_code, unit_code, _country, _product, kind, date, amount, currency in rows:
            account = Account.objects.get(code=account_code)
            unit = OrgUnit.objects.get(account=account, code=unit_code)
            RevenueEntry.objects.update_or_create(
                external_id=external_id,
                defaults={
                    "account": account,
                    "org_unit": unit,
                    "country": unit.country,
                    "kind": kind,
                    "date": date,
                    "amount": Decimal(amount),
                    "currency_id": currency,
                },
            )


def _copy_only(rows: list[list[str]]) -> None:
    """The floor: the cells into a bare table, judged by nobody."""
    with transaction.atomic(), connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in HEADER)
        cursor.execute(f"CREATE TEMP TABLE bare ({columns}) ON COMMIT DROP")
        cursor.copy_expert("COPY bare FROM STDIN WITH (FORMAT csv)", Feed(rows))


def _median_ms(rows: list[list[str]]) -> float:
    taken = []
    for row in rows:
        start = time.perf_counter()
        write_rows(REVENUE, [dict(zip(HEADER, row, strict=True))], by=None)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2] * 1000
