"""The files that the product takes are those of the reference, column by column."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from imports.files import SPECS

REFERENCE = Path(settings.BASE_DIR) / "docs" / "reference" / "contracts.md"
# Columns that files may have beyond the reference.
BEYOND = {"opportunities": {"forecast_category"}}


def _columns(described: str) -> list[tuple[str, bool]]:
    """Names and key flags of a file's columns, from a line such as `**code**, name (a note), parent_code`."""
    bare = described
    while re.search(r"\([^()]*\)", bare):
        bare = re.sub(r"\([^()]*\)", "", bare)
    names = [word.strip() for word in bare.split(",")]
    return [(name.strip("*"), name.startswith("**")) for name in names]


def _reference() -> dict[str, list[tuple[str, bool]]]:
    text = REFERENCE.read_text(encoding="utf-8")
    section = text.split("## Import files", 1)[1].split("| code list", 1)[0]
    bullets = re.sub(r"\n  +", " ", section).split("\n- ")[1:]
    files = [part for bullet in bullets for part in bullet.split(" · ")]
    return {
        found[1]: _columns(found[2].strip()) for part in files if (found := re.match(r"`(\w+)\.csv`: (.*)", part, re.S))
    }


def test_every_file_has_the_columns_and_keys_of_the_reference() -> None:
    reference = _reference()
    assert set(SPECS) == set(reference)
    for name, columns in reference.items():
        ours = [(c.name, c.key) for c in SPECS[name].columns if c.name not in BEYOND.get(name, set())]
        assert sorted(ours) == sorted(columns), name
