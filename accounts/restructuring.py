"""Changing a customer's structure from a date on. Each call is one step: carried out whole or not at all, audited, and
recorded so that it can be taken back while nothing has been built on it.

All services raise NotPermitted (may not edit accounts, or sees the account in part only), Account.DoesNotExist, `Stale` when
`expected` is no longer the version of the units that the step names, and `Refused` with words that say what to do.
`account` and units are codes; `on` is the first day on which the change holds; `expected` is `version_of(…)`.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import pghistory
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts import unit_footprints
from accounts.access import sees_whole_structure
from accounts.deeds import Add, Close, Deed, Divest, Merge, Move, Part, Rename, Split, planned
from accounts.estate import Estate, Plan, Unit
from accounts.loading import ORG_LINKS, ORG_UNITS
from accounts.models import UNALLOCATED, Account, OrgLink, OrgUnit
from accounts.obstacles import Refused
from accounts.resting import end_resting, resting_again, resting_on
from accounts.restructured import DeedKind, Restructuring
from core import clock
from core.errors import DomainError, NotPermitted
from core.staging_periods import LOCK
from core.staging_rows import RowsRejected, write_rows
from users.models import User
from users.permissions import Permission

_KINDS: Final[dict[type, DeedKind]] = {
    Move: DeedKind.MOVE,
    Add: DeedKind.ADD,
    Close: DeedKind.CLOSE,
    Split: DeedKind.SPLIT,
    Merge: DeedKind.MERGE,
    Divest: DeedKind.DIVEST,
    Rename: DeedKind.RENAME,
}
_TRIES = 5
_DEADLOCK = "40P01"


class Stale(DomainError):
    """Somebody has changed what the step is about since it was looked at."""


def restructure(
    *,
    account: str,
    deeds: Sequence[Deed],
    on: dt.date,
    by: User,
    reason: str = "",
    expected: str | None = None,
    ends_resting: bool = False,
) -> Restructuring:
    """Several deeds from one day on as one step, each upon what the former leaves. A unit gets one place a structure: move
    what stands below a unit before that is closed. With `ends_resting`, who covers a unit that closes ceases that day."""
    return _patiently(lambda: _carry_out(account, deeds, on, by, reason.strip(), expected, ends_resting))


def take_back(*, account: str, pk: int, by: User) -> Restructuring:
    """Put back every row that a step of an account changed, as it stood. Restructuring.DoesNotExist when there is none such; Refused when
    something of it was changed since, or has come to what it opened."""
    return _patiently(lambda: _take_back(account, pk, by))


def version_of(*, viewer: User, account: str, codes: Iterable[str]) -> str:
    """The tag of some units as they stand, to be sent along as `expected` with what was decided by looking at them."""
    found = Account.objects.visible_to(viewer).get(code=account)
    return unit_footprints.estate_of(found).version(codes)


def _patiently(act: Any) -> Restructuring:
    """Do it anew where the database ended it to let an import go on that held rows it needs."""
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                done: Restructuring = act()
                return done
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != _DEADLOCK or attempt == _TRIES:
                raise
        time.sleep(0.05 * attempt)
    raise AssertionError("not reached")


def _carry_out(
    code: str, deeds: Sequence[Deed], on: dt.date, by: User, reason: str, expected: str | None, ends_resting: bool
) -> Restructuring:
    account = _held(code, by)
    estate = unit_footprints.estate_of(account)
    if expected is not None and expected != estate.version(names_of(deeds)):
        raise Stale(_stale(account, names_of(deeds)))
    deeds = with_codes(estate, deeds)
    plan = planned(estate, deeds, on)
    words = "; ".join(deed.words(estate, on) for deed in deeds)
    before = unit_footprints.taken(account, plan.touches)
    resting = resting_on(_ids(account, plan.closed), on) if ends_resting else {}
    with pghistory.context(user=by.pk, reason=f"{words}. {reason}".strip()[:1000]):
        _write(account, estate, plan, on, by)
        end_resting(resting, on)
    after = unit_footprints.taken(account, plan.touches)
    structures = {structure for structure, _child in plan.placed}
    return Restructuring.objects.create(
        account=account,
        kind=_KINDS[type(deeds[0])] if len(deeds) == 1 else DeedKind.SEVERAL,
        structure=structures.pop() if len(structures) == 1 else "",
        on=on,
        words=words,
        reason=reason[:500],
        units=[row[0] for row in after["units"]],
        before={**before, "resting": resting},
        after={**after, "resting": resting_again(resting)},
        made_at=clock.now(),
        made_by=by,
    )


def _ids(account: Account, codes: Iterable[str]) -> list[int]:
    return list(OrgUnit.objects.filter(account=account, code__in=[*codes]).values_list("pk", flat=True))


def names_of(deeds: Iterable[Deed]) -> list[str]:
    """The codes of the units that deeds name: what their version is of."""
    return sorted({code for deed in deeds for code in deed.names})


def _held(code: str, by: User) -> Account:
    """The account, with nobody else changing its structure until the transaction ends; in the order in which files are
    loaded: the account's row, then all periods of links."""
    found: Account = Account.objects.visible_to(by).get(code=code)
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change this."))
    if not sees_whole_structure(by, found.pk):
        raise NotPermitted(_("You see a part of this account: its team changes its structure."))
    held: Account = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"periods of {OrgLink._meta.db_table}"])
    return held


def _stale(account: Account, codes: Sequence[str]) -> str:
    names = OrgUnit.objects.filter(account=account, code__in=codes).order_by("name").values_list("name", flat=True)
    text = _("%(what)s was changed by somebody else meanwhile. Look at it again before you decide.")
    return text % {"what": ", ".join(names) or ", ".join(codes)}


def _write(account: Account, estate: Estate, plan: Plan, on: dt.date, by: User) -> None:
    opened = [
        {
            "account_code": account.code,
            "code": unit.code,
            "name": unit.name,
            "kind": unit.kind,
            "country": unit.country,
            "city": unit.city,
            "lei": unit.lei,
            "registry_id": unit.registry_id,
            "opened_on": on,
        }
        for unit in plan.opened
    ]
    links = [
        {
            "account_code": account.code,
            "structure": structure,
            "child_code": child,
            "parent_code": parent,
            "valid_from": on,
        }
        for (structure, child), parent in plan.placed.items()
        if parent or estate.standing(structure, child, on)
    ]
    closed = [{"account_code": account.code, "code": code, "closed_on": on} for code in sorted(plan.closed)]
    renamed = [{"account_code": account.code, "code": code, "name": name} for code, name in plan.renamed.items()]
    _rows(ORG_UNITS, opened, by, create_only=True)
    _rows(ORG_LINKS, links, by)
    _rows(ORG_UNITS, closed, by)
    _rows(ORG_UNITS, renamed, by)


_FIELDS: Final = {"parent_code": "parent", "valid_from": "on", "child_code": "code", "closed_on": "on"}


def _rows(spec: Any, rows: list[dict[str, Any]], by: User, *, create_only: bool = False) -> None:
    """What is refused names the form's field."""
    try:
        write_rows(spec, rows, by=by, create_only=create_only)
    except RowsRejected as error:
        problem = error.problems[0]
        raise Refused(problem.reason, field=_FIELDS.get(problem.column, problem.column)) from error


def _take_back(code: str, pk: int, by: User) -> Restructuring:
    account = _held(code, by)
    rows = Restructuring.objects.select_for_update(of=("self",))
    step: Restructuring = rows.get(pk=pk, account=account, undone_at=None)
    if unit_footprints.taken_again(account, step.after) != step.after:
        raise Refused(_("It can't be taken back: something of it was changed since."))
    with pghistory.context(user=by.pk, reason=_("Took back: %(words)s") % {"words": step.words[:900]}):
        unit_footprints.put_back(account, step.before, step.after)
    step.undone_at, step.undone_by = clock.now(), by
    step.save(update_fields=["undone_at", "undone_by"])
    return step


def with_codes(estate: Estate, deeds: Iterable[Deed]) -> list[Deed]:
    """The deeds with a code for every unit that they open: those that came without one get it from their name."""
    known = set(estate.units)
    return [_with_codes(known, deed) for deed in deeds]


def _with_codes(known: set[str], deed: Deed) -> Deed:
    if isinstance(deed, Add):
        return Add(_coded(deed.unit, known), deed.parents)
    if isinstance(deed, Split):
        return Split(deed.code, tuple(Part(_coded(part.unit, known), part.takes) for part in deed.parts), deed.keeps)
    return deed


def _coded(unit: Unit, known: set[str]) -> Unit:
    """`known` are codes that are taken; the unit's own is added to them."""
    if unit.code:
        return unit
    code = code_for(unit.name, known)
    known.add(code)
    return replace(unit, code=code)


def code_for(name: str, known: Container[str]) -> str:
    """A code made of a name, that is not among the `known` ones."""
    letters = unicodedata.normalize("NFKC", name).upper()
    stem = re.sub(r"[^\w]+", "-", letters).strip("-")[:60] or "UNIT"
    code, number = stem, 2
    while code in known or code.lower() == UNALLOCATED:
        code, number = f"{stem}-{number}", number + 1
    return code
