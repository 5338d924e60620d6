"""Effective-dated trees: rows `child, parent, [valid_from, valid_to)` of one table.

A table may hold many trees ("forests" told apart by columns such as account and structure). The database refuses a
cycle on any day, whoever writes and however: an AFTER STATEMENT trigger takes one advisory lock per tree, in key
order, and then climbs from every written row. The lock comes before the read, so that of two concurrent moves
(A under B, B under A) the second sees the first and is refused.
"""

from __future__ import annotations

import pgtrigger

CYCLE_SQLSTATE = "GAM01"

_CHECK = """
PERFORM pg_advisory_xact_lock(hashtextextended(tree.lock_key, 7))
   FROM (SELECT DISTINCT {lock_key} AS lock_key FROM written w ORDER BY 1) tree;
SELECT start_child, start_parent, GREATEST(since, '0001-01-01'::date) INTO culprit FROM (
    WITH RECURSIVE climb(start_id, start_child, start_parent, node, since, until{tree_columns}) AS (
        SELECT w.id, w.child_id, w.parent_id, w.parent_id, w.valid_from, COALESCE(w.valid_to, 'infinity'::date){tree_w}
          FROM written w
        UNION
        SELECT c.start_id, c.start_child, c.start_parent, l.parent_id, GREATEST(c.since, l.valid_from),
               LEAST(c.until, COALESCE(l.valid_to, 'infinity'::date)){tree_c}
          FROM climb c
          JOIN {table} l ON l.child_id = c.node AND l.valid_from < c.until
               AND COALESCE(l.valid_to, 'infinity'::date) > c.since{tree_join}
         WHERE c.node <> c.start_child
    )
    SELECT * FROM climb WHERE node = start_child ORDER BY start_child LIMIT 1
) found;
IF FOUND THEN
    RAISE EXCEPTION 'cycle in {table}: child % under parent % on %', culprit.start_child, culprit.start_parent,
        culprit.greatest USING ERRCODE = '{sqlstate}', CONSTRAINT = '{table}_no_cycle', TABLE = '{table}';
END IF;
RETURN NULL;
"""


def _function(table: str, forest: tuple[str, ...]) -> str:
    key = " || '/' || ".join([f"'{table}'", *(f"w.{column}::text" for column in forest)])
    return _CHECK.format(
        table=table,
        sqlstate=CYCLE_SQLSTATE,
        lock_key=key,
        tree_columns="".join(f", {column}" for column in forest),
        tree_w="".join(f", w.{column}" for column in forest),
        tree_c="".join(f", c.{column}" for column in forest),
        tree_join="".join(f" AND l.{column} = c.{column}" for column in forest),
    )


def no_cycles(table: str, forest: tuple[str, ...] = ()) -> list[pgtrigger.Trigger]:
    """Triggers that refuse a cycle on any day in `table`, whose trees are told apart by the columns `forest`."""
    events = [("insert", pgtrigger.Insert), ("update", pgtrigger.Update)]
    return [
        pgtrigger.Trigger(
            name=f"no_cycle_on_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="written"),
            declare=[("culprit", "RECORD")],
            func=_function(table, forest),
        )
        for name, operation in events
    ]
