"""Two who restructure at once, each on a connection of her own: one after the other, nothing lost, nothing corrupt."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts import restructuring
from accounts.models import OrgLink, OrgUnit
from accounts.restructured import Restructuring
from core.errors import DomainError
from core.staging_rows import write_rows
from tests import factories as make
from tests.accounts import steps
from tests.accounts.test_merges_at_once import at_once
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DAY = dt.date(2024, 5, 1)


@pytest.fixture
def root() -> User:
    """TOP holds A, B and C since always; C holds D."""
    account = make.AccountFactory(code="ACME")
    units = {code: make.OrgUnitFactory(account=account, code=code, name=code) for code in ("TOP", "A", "B", "C", "D")}
    for child, parent in (("A", "TOP"), ("B", "TOP"), ("C", "TOP"), ("D", "C")):
        make.OrgLinkFactory(child=units[child], parent=units[parent])
    return User.objects.create_superuser("root@example.org", make.PASSWORD)


def moving(code: str, parent: str, by: User, **how: Any) -> Callable[[], object]:
    return lambda: steps.move_unit(account="ACME", code=code, parent=parent, structure="legal", on=DAY, by=by, **how)


def parents() -> dict[str, str]:
    links = OrgLink.objects.as_of(DAY).select_related("child", "parent")
    return {link.child.code: link.parent.code for link in links}


def sound() -> None:
    """One place a unit and day, and nobody stands below a unit that is gone."""
    for unit in OrgUnit.objects.all():
        for day in (DAY - dt.timedelta(1), DAY, dt.date(2030, 1, 1)):
            found = OrgLink.objects.filter(child=unit).as_of(day).select_related("parent")
            assert found.count() <= 1
            for link in found:
                assert link.parent.closed_on is None or link.parent.closed_on > day


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_moves_under_each_other_one_is_refused(root: User, attempt: int) -> None:
    (refused,) = at_once(moving("A", "B", root), moving("B", "A", root))
    assert "would stand below itself" in str(refused)
    assert sorted([parents()["A"], parents()["B"]]) in (["A", "TOP"], ["B", "TOP"])
    assert Restructuring.objects.count() == 1
    sound()


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_move_and_a_close_at_once_one_sees_the_other(root: User, attempt: int) -> None:
    def close() -> object:
        return steps.close_unit(account="ACME", code="B", on=DAY, by=root)

    (refused,) = at_once(moving("A", "B", root), close)
    assert "B is closed since 1 May 2024" in str(refused) or "B still holds A" in str(refused)
    sound()


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_move_the_same_unit_the_second_is_told(root: User, attempt: int) -> None:
    seen = restructuring.version_of(viewer=root, account="ACME", codes=["D"])
    (refused,) = at_once(moving("D", "A", root, expected=seen), moving("D", "B", root, expected=seen))
    assert isinstance(refused, restructuring.Stale)
    assert "D was changed by somebody else meanwhile" in str(refused)
    assert parents()["D"] in ("A", "B")
    sound()


def test_many_moves_at_once_are_all_carried_out(root: User) -> None:
    units = [make.OrgUnitFactory(account=OrgUnit.objects.get(code="TOP").account, code=f"N{n}") for n in range(6)]
    assert at_once(*(moving(unit.code, "ABC"[n % 3], root) for n, unit in enumerate(units))) == []
    assert {code: parent for code, parent in parents().items() if code[0] == "N"} == {
        f"N{n}": "ABC"[n % 3] for n in range(6)
    }
    sound()


def test_a_file_that_is_loaded_meanwhile_is_waited_for(root: User) -> None:
    from accounts.loading import ORG_LINKS

    has_written, may_commit = threading.Event(), threading.Event()
    row: dict[str, Any] = {
        "account_code": "ACME",
        "structure": "legal",
        "child_code": "A",
        "parent_code": "B",
        "valid_from": DAY,
    }

    def load() -> None:
        with transaction.atomic():
            write_rows(ORG_LINKS, [row], by=root)
            has_written.set()
            may_commit.wait(1)

    def move() -> None:
        has_written.wait(10)
        moving("B", "A", root)()

    (refused,) = at_once(load, move)
    assert "B would stand below itself" in str(refused)
    assert parents()["A"] == "B"
    sound()


def test_a_load_and_a_close_that_hold_each_others_rows_both_end(root: User) -> None:
    """The load has B's row and comes for the periods, which the close has and comes for B's row."""
    from accounts.loading import ORG_LINKS, ORG_UNITS

    has_row, go = threading.Event(), threading.Event()
    unit: dict[str, Any] = {"account_code": "ACME", "code": "D", "name": "D renamed"}
    link: dict[str, Any] = {
        "account_code": "ACME",
        "structure": "legal",
        "child_code": "A",
        "parent_code": "TOP",
        "valid_from": DAY,
    }

    def load() -> None:
        with transaction.atomic():
            write_rows(ORG_UNITS, [unit], by=root)
            has_row.set()
            go.wait(0.5)
            write_rows(ORG_LINKS, [link], by=root)

    def close() -> None:
        has_row.wait(10)
        steps.close_unit(account="ACME", code="D", on=DAY, by=root)

    refused = at_once(load, close)
    assert not [error for error in refused if isinstance(error, DomainError)]
    closed = OrgUnit.objects.get(code="D")
    assert closed.closed_on == DAY
    # Whichever of the two the database ended did it anew or left nothing behind.
    assert all(isinstance(error, DatabaseError) for error in refused)
    sound()
