"""Bringing a table of derived rows to what was just computed, writing only what differs, as SQL text. Pure."""

from __future__ import annotations

from rollups import formulas as f


def diff_ctes(wanted: str, held: str, key: tuple[str, ...], values: tuple[str, ...], *, of: str = "") -> str:
    """CTEs `was` (the rows of `held`, a FROM item with the alias `c`) and `diff`: what is not as `wanted` has it, new (`n_…`)
    beside old (`o_…`) and where the old row lies. Whoever holds the bucket is alone in moving its rows. `of` is put behind the
    names, where a statement brings two tables up to date.

    A full join, because it is never done by a nested loop, which the planner, who knows nothing of what CTEs hold, would
    choose for thousands of rows.
    """
    both = ", ".join(f"n.{c} AS n_{c}, o.{c} AS o_{c}" for c in values)
    keys = ", ".join(f"COALESCE(n.{c}, o.{c}) AS {c}" for c in key)
    return f"""
was{of} AS MATERIALIZED (SELECT c.ctid AS place, c.* FROM {held}),
diff{of} AS MATERIALIZED (
    SELECT {keys}, o.place, {both} FROM {wanted} n FULL JOIN was{of} o ON {f.same(key, "n", "o")}
     WHERE ({f.columns(values, "n")}) IS DISTINCT FROM ({f.columns(values, "o")}))"""


def write_ctes(table: str, key: tuple[str, ...], values: tuple[str, ...], *, stamped: bool = True, of: str = "") -> str:
    """CTEs that bring `table` to what `diff` says; `written` counts the rows. The first of `values` is never null.
    `stamped`: rows carry the run that wrote them. `of` is put behind the names, as in `diff_ctes`."""
    is_gone = f"n_{values[0]} IS NULL"
    run, name, given = (", run = %(run)s", ", run", ", %(run)s") if stamped else ("", "", "")
    return f"""
gone{of} AS (DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT place FROM diff{of} WHERE {is_gone})) RETURNING 1),
changed{of} AS (
    UPDATE {table} c SET {", ".join(f"{c} = d.n_{c}" for c in values)}{run}
      FROM diff{of} d WHERE c.ctid = d.place AND NOT {is_gone} RETURNING 1),
fresh{of} AS (
    INSERT INTO {table} ({f.columns(key)}, {f.columns(values)}{name})
    SELECT {f.columns(key)}, {", ".join(f"n_{c}" for c in values)}{given} FROM diff{of} WHERE place IS NULL RETURNING 1),
written{of} AS (
    SELECT (SELECT count(*) FROM gone{of}) + (SELECT count(*) FROM changed{of}) + (SELECT count(*) FROM fresh{of}) AS cells)"""
