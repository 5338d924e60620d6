"""A list of subsidiaries as it comes: which column holds what, and its lines, judged with file, line, column and reason."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import UNALLOCATED, UnitKind
from imports.files import Reject, Table, UnknownFile
from imports.legal_forms import named
from imports.places import country_of
from imports.reading import csv_table
from imports.workbooks import first_sheet

#: What a column may hold, in the order in which a reader is asked; only the name is needed.
FIELDS: Final = {
    "name": gettext_lazy("Name"),
    "code": gettext_lazy("Code"),
    "registry_id": gettext_lazy("Registry id"),
    "lei": gettext_lazy("LEI"),
    "country": gettext_lazy("Country"),
    "city": gettext_lazy("City"),
    "parent": gettext_lazy("Parent"),
    "kind": gettext_lazy("Kind"),
    "closed_on": gettext_lazy("Closed on"),
    "account": gettext_lazy("Account"),
}
#: How lists call their columns, letters and digits only; the first that a file has is taken.
_CALLED: Final = {
    "name": ("name", "legalname", "subsidiary", "companyname", "company", "displayname", "entity", "firma", "accountname", "الاسم"),
    "code": ("code", "unitcode"),
    "registry_id": ("registryid", "registrynumber", "registrationnumber", "companynumber", "rorid", "registernummer", "id", "رقمالسجل"),
    "lei": ("lei", "leicode"),
    "country": ("country", "countrycode", "countrycodes", "locationofincorporation", "jurisdiction", "billingcountry", "land", "البلد"),
    "city": ("city", "cities", "billingcity", "stadt", "المدينة"),
    "parent": ("parentcode", "parentid", "parent", "parentname", "immediateparent", "muttergesellschaft"),
    "kind": ("kind",),
    "closed_on": ("closedon", "dissolvedon"),
    "account": ("accountcode",),
}  # fmt: skip
_LONGEST: Final = {"name": 300, "code": 80, "registry_id": 80, "lei": 20, "city": 120, "parent": 300}
MOST_LINES: Final = 50_000


@dataclass(frozen=True, order=True)
class Problem:
    """Why the list is refused: the line, the column as the file calls it ("" for a whole line or file) and the reason."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Row:
    """One line of the list, read. `place` is its country as written, `country` what that means, or ""."""

    number: int
    name: str
    code: str = ""
    registry_id: str = ""
    lei: str = ""
    country: str = ""
    place: str = ""
    city: str = ""
    parent: str = ""
    kind: str = ""
    closed_on: dt.date | None = None


@dataclass
class Listing:
    """What a file holds. `elsewhere` counts lines of other accounts, `unread` names columns that hold nothing we compare."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: int = 0
    unread: list[str] = field(default_factory=list)


def mapping_for(header: Sequence[str]) -> dict[str, str]:
    """What each column probably holds, by field: as lists usually call them."""
    called = {_plain(column): column for column in reversed(header)}
    found = {field: next((called[name] for name in names if name in called), "") for field, names in _CALLED.items()}
    return {field: column for field, column in found.items() if column}


def is_known(header: Sequence[str], mapping: Mapping[str, str]) -> bool:
    """Whether nobody needs to be asked: the columns are those of our own file of units."""
    return {"name", "code", "account"} <= set(mapping) and "account_code" in header


def header_of(content: bytes, file: str) -> tuple[list[str], list[list[str]], list[Problem]]:
    """The columns of a file and its first three lines; problems when it can't be read at all."""
    problems: list[Problem] = []
    table, rows = _opened(content, file, problems)
    first = [cells for _line, cells in zip(range(3), (cells for _n, cells in rows), strict=False)] if table else []
    return (table.header if table else []), first, [] if table else problems


def read(content: bytes, file: str, *, mapping: Mapping[str, str], account: str, on: dt.date) -> Listing:
    """The lines of a file. With any problem, nobody should compare what was read."""
    found = Listing()
    table, rows = _opened(content, file, found.problems)
    if table is None:
        return found
    places = {name: table.header.index(column) for name, column in mapping.items() if column in table.header}
    found.unread = [column for at, column in enumerate(table.header) if at not in places.values()]
    for line, cells in rows:
        given = {name: cells[at] for name, at in places.items()}
        if given.get("account", account) not in (account, ""):
            found.elsewhere += 1
            continue
        row = _row(line, given, mapping, found.problems)
        if row:
            found.rows.append(row)
        if len(found.rows) > MOST_LINES:
            found.problems.append(Problem(line, "", _("more than %(most)s lines") % {"most": MOST_LINES}))
            break
    found.problems += _twins(found.rows, mapping)
    if not found.rows and not found.problems:
        found.problems.append(Problem(table.line, "", _("no line of this account")))
    found.problems.sort()
    return found


def _opened(content: bytes, file: str, problems: list[Problem]) -> tuple[Table | None, Iterator[tuple[int, list[str]]]]:
    def reject(line: int, column: str, reason: str) -> None:
        problems.append(Problem(line, column, reason))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{Path(file).suffix.lower()}"
        path.write_bytes(content)
        table, rows = _table(path, file, reject)
        kept = list(rows)  # the folder goes
    if table is not None and (twins := {name for name in table.header if table.header.count(name) > 1}):
        reject(table.line, min(twins), _("two columns have this name"))
        table = None
    return table, iter(kept)


def _table(path: Path, file: str, reject: Reject) -> tuple[Table | None, Iterable[tuple[int, list[str]]]]:
    try:
        if file.lower().endswith((".xlsx", ".xlsm")):
            table = first_sheet(path, file, reject)
        elif file.lower().endswith((".csv", ".txt")):
            table = csv_table(path, {"name", "country", "parent", "lei", "code", "registry_id", "account_code"}, reject)
        else:
            reject(1, "", _("neither a CSV file nor an XLSX workbook"))
            return None, ()
    except UnknownFile as error:
        reject(1, "", error.reason)
        return None, ()
    return table, table.rows if table else ()


def _row(line: int, given: Mapping[str, str], mapping: Mapping[str, str], problems: list[Problem]) -> Row | None:
    wrong = [(name, reason) for name, text in given.items() if (reason := _fault(name, text))]
    if "name" not in given or not named(given["name"]).stem:
        wrong.append(("name", _("a name is needed")))
    problems += (Problem(line, mapping.get(name, ""), reason) for name, reason in wrong)
    if wrong:
        return None
    place = given.get("country", "")
    closed = given.get("closed_on", "")
    return Row(
        line,
        given["name"],
        given.get("code", ""),
        given.get("registry_id", ""),
        given.get("lei", ""),
        country_of(place) if place else "",
        place[:200],
        given.get("city", ""),
        given.get("parent", ""),
        given.get("kind", ""),
        dt.date.fromisoformat(closed) if closed else None,
    )


def _fault(name: str, text: str) -> str:
    """What is wrong with a cell, or ""."""
    if not text:
        return ""
    if len(text) > _LONGEST.get(name, 10_000):
        return _("longer than %(longest)s characters") % {"longest": _LONGEST[name]}
    if name == "lei":
        return _lei_fault(text)
    if name == "kind" and text not in UnitKind.values:
        return _("“%(value)s” is not one of: %(listed)s") % {"value": text, "listed": ", ".join(UnitKind.values)}
    if name == "code" and text.lower() == UNALLOCATED:
        return _("“%(value)s” is a reserved code") % {"value": text}
    if name == "closed_on":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return _("“%(value)s” is not a date such as 2024-12-31") % {"value": text}
    return ""


def _lei_fault(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", text):
        return _("“%(value)s” is not an LEI of 20 letters and digits") % {"value": text}
    digits = "".join(str(int(letter, 36)) for letter in text)
    return "" if int(digits) % 97 == 1 else _("the check digits of the LEI “%(value)s” are wrong") % {"value": text}


def _twins(rows: Sequence[Row], mapping: Mapping[str, str]) -> Iterator[Problem]:
    """One identifier stands for one company: a second line that gives it is refused. Each country has registers of its own."""
    for name in ("code", "registry_id", "lei"):
        lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in rows:
            if text := getattr(row, name):
                lines[text, row.country if name == "registry_id" else ""].append(row.number)
        for (text, _country), found in lines.items():
            for line in found[1:]:
                told = {"value": text, "line": found[0]}
                yield Problem(line, mapping[name], _("“%(value)s” stands in line %(line)s already") % told)


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", column).casefold())
