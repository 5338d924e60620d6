"""The tables of docs/algorithms/alignment.md, executed: imported as the files that they are, they have the scores they say."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest

from money.services import pin_business_date
from rollups import services
from tests import factories as make
from tests.coverage.test_alignment_api import alignment, signed_in, slot
from tests.imports.world import load
from tests.rollups.worked_tables import PAGES, Table
from users.permissions import Access

_SHARES = ("score", "known_weight", "mirror_ratio", "level_parity")


def _examples() -> dict[str, list[tuple[str, Table]]]:
    """By heading: tables with the file that each is (named in the line above), or none for one that says what comes out."""
    found: dict[str, list[tuple[str, Table]]] = {}
    heading, file, header = "", "", None
    for line in (PAGES / "alignment.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if line.startswith("`") and line.endswith(".csv`"):
            file = line.strip("`").removesuffix(".csv")
        elif not line.startswith("|"):
            header, file = None, file if not line else ""
        else:
            cells = [cell.strip() for cell in line[1:-1].split("|")]
            if header is None:
                header = cells
                found.setdefault(heading, []).append((file, []))
            elif not set(line) <= set("|-"):
                found[heading][-1][1].append(dict(zip(header, cells, strict=True)))
    return {name: tables for name, tables in found.items() if any(file for file, _table in tables)}


EXAMPLES = _examples()


def _csv(rows: Table) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_the_page_has_its_tables() -> None:
    assert len(EXAMPLES) == 3
    said = [row for tables in EXAMPLES.values() for file, table in tables if not file for row in table]
    assert len(said) == 17


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tables_say_what_the_product_answers(name: str, tmp_path: Path) -> None:
    pin_business_date(on=dt.date(2024, 12, 31), by=None)
    loaded = load(tmp_path, {file: _csv(rows) for file, rows in EXAMPLES[name] if file})
    assert loaded.is_clean, loaded
    services.drain()
    client = signed_in(make.UserFactory(access=Access.EXECUTIVE))
    for file, rows in EXAMPLES[name]:
        for row in [] if file else rows:
            found = alignment(client, f"?on={row['on']}")
            if "unit" in row:
                _same(slot(found, row["unit"], row["role"]), row)
            else:
                _same(found, row)


def _same(found: dict[str, Any], row: dict[str, str]) -> None:
    for column, text in row.items():
        if column == "on":
            continue
        value = found[column]
        if column in (*_SHARES, "fill"):
            assert value == (pytest.approx(float(text), abs=1e-12) if text else None), (column, row)
        else:
            assert value == (text or None), (column, row)
