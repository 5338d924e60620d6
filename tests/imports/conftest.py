from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports.world import WORLD, load


@pytest.fixture
def world(db: None, tmp_path: Path) -> Path:
    """The small world, loaded; the folder for further batches."""
    assert load(tmp_path, WORLD).is_clean
    return tmp_path
