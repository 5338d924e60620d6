"""Writers that change facts and note what was acknowledged to them, while everything around them dies."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F
from rest_framework.authtoken.models import Token

from accounts.models import Account
from pipeline.models import Opportunity, Stage
from revenue.models import RevenueEntry
from users.models import User
from users.permissions import Access

ACCOUNTS, COUNTRIES, CURRENCIES = 8, ("DE", "FR", "JP", "US"), ("EUR", "USD")
SHARED = "shared"  # an entry that every writer adds 1 to
_FAILURES = (DatabaseError, InterfaceError, OSError, http.client.HTTPException, ValueError)


@dataclass
class Writer(threading.Thread):
    """One connection. `holds` is what its entries must be; where an answer did not come, either of two amounts (or none)."""

    number: int
    ended: threading.Event
    write: Callable[[Writer, random.Random], None]
    holds: dict[str, set[Decimal | None]] = field(default_factory=dict)
    added: int = 0
    perhaps_added: int = 0
    acknowledged: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        chance = random.Random(self.number)  # noqa: S311  repeatable, nothing secret
        while not self.ended.is_set():
            try:
                self.write(self, chance)
                self.acknowledged += 1
            except _FAILURES:
                self.failed += 1
                connection.close()
                time.sleep(0.2)
        connection.close()

    def change(self, code: str, amount: Decimal | None, work: Callable[[], object]) -> None:
        """Do the work that gives an entry an amount (None: takes it away). Until it is acknowledged, both may be."""
        before = self.holds.get(code, {None})
        self.holds[code] = before | {amount}
        work()
        self.holds[code] = {amount}


@dataclass
class Ledger:
    """All writers, and what they were told."""

    writers: list[Writer]
    ended: threading.Event

    @contextmanager
    def writing(self) -> Iterator[None]:
        for writer in self.writers:
            writer.start()
        try:
            yield
        finally:
            self.ended.set()
            for writer in self.writers:
                writer.join(60)

    def said(self) -> str:
        told, failed = sum(w.acknowledged for w in self.writers), sum(w.failed for w in self.writers)
        return f"{told} writes acknowledged to {len(self.writers)} writers, {failed} failed"

    def lost(self) -> str:
        """What is not in the facts as it was acknowledged."""
        facts = dict(RevenueEntry.objects.values_list("external_id", "amount"))
        wrong = [
            f"{code} is {facts.get(code)}, not {sorted(map(str, may))}"
            for writer in self.writers
            for code, may in writer.holds.items()
            if facts.get(code) not in may
        ]
        least = sum(w.added for w in self.writers)
        most = least + sum(w.perhaps_added for w in self.writers)
        if not least <= facts[SHARED] <= most:
            wrong.append(f"{SHARED} is {facts[SHARED]}, not {least} to {most}")
        return f"{len(wrong)}: {'; '.join(wrong[:5])}" if wrong else ""


def furnish(writers: int, port: int) -> Ledger:
    """Customers to write about, an entry that all share, and the writers."""
    from tests import factories as make

    for number in range(ACCOUNTS):
        make.AccountFactory(code=f"C{number}")
    make.RevenueEntryFactory(
        external_id=SHARED, account=Account.objects.get(code="C0"), amount=Decimal(0), currency_id="EUR"
    )
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 2), rate=Decimal("1.25"))
    boss = User.objects.create_user("chaos@example.org", access=Access.ADMINISTRATOR, is_superuser=True)
    token = Token.objects.create(user=boss).key
    ended = threading.Event()
    made = [Writer(number, ended, _by_orm) for number in range(writers)]
    return Ledger([*made, Writer(writers, ended, _Api(port, token))], ended)


def _by_orm(writer: Writer, chance: random.Random) -> None:
    choice = chance.random()
    if choice < 0.25:
        _add_to_the_shared(writer)
    elif choice < 0.5 and writer.holds:
        code = chance.choice(list(writer.holds))
        amount = Decimal(chance.randrange(1, 10**6)) / 100
        if RevenueEntry.objects.filter(external_id=code).exists():
            rows = RevenueEntry.objects.filter(external_id=code)
            writer.change(code, amount, lambda: rows.update(amount=amount))
    elif choice < 0.6 and writer.holds:
        code = chance.choice(list(writer.holds))
        writer.change(code, None, lambda: RevenueEntry.objects.filter(external_id=code).delete())
    elif choice < 0.7:
        _move_a_deal(writer, chance)
    else:
        _create(writer, chance)
    time.sleep(0.01)


def _add_to_the_shared(writer: Writer) -> None:
    writer.perhaps_added += 1
    RevenueEntry.objects.filter(external_id=SHARED).update(amount=F("amount") + 1)
    writer.perhaps_added -= 1
    writer.added += 1


def _create(writer: Writer, chance: random.Random) -> None:
    code = f"w{writer.number}-{len(writer.holds)}"
    amount = Decimal(chance.randrange(1, 10**6)) / 100
    entry = RevenueEntry(
        external_id=code, account=_account(chance), country=chance.choice(COUNTRIES), kind="recognised",
        date=_day(chance), amount=amount, currency_id=chance.choice(CURRENCIES),
    )  # fmt: skip
    writer.change(code, amount, entry.save)


def _move_a_deal(writer: Writer, chance: random.Random) -> None:
    """A deal is opened, or goes to another stage."""
    name = f"d{writer.number}-{chance.randrange(20)}"
    stage = Stage.objects.get(pk=chance.choice(["proposal", "won", "lost"]))
    Opportunity.objects.update_or_create(
        external_id=name,
        defaults={
            "account": _account(chance), "name": name, "stage": stage, "currency_id": "EUR", "country": "DE",
            "amount": Decimal(chance.randrange(1, 10**6)) / 100, "close_date": _day(chance),
            "created_on": dt.date(2024, 1, 1),
        },
    )  # fmt: skip


class _Api:
    """Writes one row a request."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    def __call__(self, writer: Writer, chance: random.Random) -> None:
        code, amount = f"api-{len(writer.holds)}", Decimal(chance.randrange(1, 10**6)) / 100
        row = {
            "external_id": code, "account_code": f"C{chance.randrange(ACCOUNTS)}", "country": chance.choice(COUNTRIES),
            "date": str(_day(chance)), "amount": str(amount), "currency": chance.choice(CURRENCIES),
        }  # fmt: skip
        writer.change(code, amount, lambda: self._post(row))

    def _post(self, row: dict[str, str]) -> None:
        web = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            head = {"Authorization": f"Token {self._token}", "Content-Type": "application/json", "Host": "localhost"}
            web.request("POST", "/api/v1/revenue/", json.dumps(row), head)
            answer = web.getresponse()
            body = answer.read()
            if answer.status != 201:
                raise ValueError(body[:300])
        finally:
            web.close()


def _account(chance: random.Random) -> Account:
    return Account.objects.get(code=f"C{chance.randrange(ACCOUNTS)}")


def _day(chance: random.Random) -> dt.date:
    return dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(365))
