"""The triggers that keep the history, and others that look at all rows of a statement."""

from __future__ import annotations

import re

import pytest
from django.db import connection

_COMPARING = """
SELECT DISTINCT p.proname, p.prosrc, COALESCE(p.proconfig, '{}') @> ARRAY['enable_nestloop=off']
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL
"""
_FEW_ROWS = {"rollups_mark_stages", "rollups_mark_addresses"}
# A full join is never done by a nested loop; those that are crossed have two rows.
_LOOPS = re.compile(r"(?<!FULL )(?<!CROSS )JOIN")


@pytest.mark.django_db
def test_no_trigger_compares_each_row_with_every_other() -> None:
    """A function keeps the plan that it made for one row: with a nested loop, 100,000 changed entries would take hours."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARING)
        rows = cursor.fetchall()
    assert len(rows) > 50
    assert {name for name, source, is_kept in rows if not is_kept and _LOOPS.search(source)} == _FEW_ROWS
