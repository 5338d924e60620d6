"""The tables of docs/algorithms/alignment.md, executed: imported as the files that they are, they have the scores they say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from money.services import pin_business_date
from rollups import services
from tests import factories as make
from tests.coverage.test_alignment_api import alignment, signed_in, slot
from tests.imports.world import load
from tests.rollups.worked_tables import as_csv, file_examples
from users.permissions import Access

_SHARES = ("score", "known_weight", "mirror_ratio", "level_parity")


EXAMPLES = file_examples("alignment.md")


def test_the_page_has_its_tables() -> None:
    assert len(EXAMPLES) == 3
    said = [row for tables in EXAMPLES.values() for file, table in tables if not file for row in table]
    assert len(said) == 17


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tables_say_what_the_product_answers(name: str, tmp_path: Path) -> None:
    pin_business_date(on=dt.date(2024, 12, 31), by=None)
    loaded = load(tmp_path, {file: as_csv(rows) for file, rows in EXAMPLES[name] if file})
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
