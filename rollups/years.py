"""Accounts' fiscal years, as SQL text: cells over all months, countries and currencies of one. Pure.

The parameter `fiscal_start` is the month in which a fiscal year starts, 1 to 12.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups.pricing import array

KEY = ("account_id", "year", "measure")
VALUES = ("facts", "minor")


def number_of(month: int, fiscal_start: int) -> int:
    """The number of the fiscal year that holds the month numbered `month`."""
    return (month - fiscal_start + 1) // 12


def whole_years(first: int, last: int, fiscal_start: int) -> range | None:
    """The numbers of the fiscal years that the months `first` to `last` are; None when they are not whole ones."""
    if (first - fiscal_start + 1) % 12 or (last - fiscal_start + 2) % 12:
        return None
    return range(number_of(first, fiscal_start), number_of(last, fiscal_start) + 1)


def summed(width: int, source: str) -> str:
    """Cells of accounts, or differences of them, by fiscal year."""
    minor = array(width, lambda i: f"COALESCE(sum(minor[{i}]), 0)", "numeric")
    return (
        "SELECT account_id, (month - %(fiscal_start)s + 1) / 12 AS year, measure, sum(facts)::int AS facts, "
        f"{minor} AS minor FROM {source} GROUP BY 1, 2, 3"
    )


def put_ctes(width: int, source: str) -> str:
    """CTEs that add the differences in `source` to the years; `year_empty` are those that hold no fact any more."""
    total = array(width, lambda i: f"COALESCE(c.minor[{i}], 0) + excluded.minor[{i}]", "numeric")
    changes = " OR ".join(["facts <> 0", *(f"minor[{i}] <> 0" for i in range(1, width + 1))])
    return f"""
year_put AS (
    INSERT INTO rollups_accountyear AS c ({f.columns((*KEY, *VALUES))})
    SELECT {f.columns((*KEY, *VALUES))} FROM ({summed(width, source)}) d WHERE {changes} ORDER BY {f.columns(KEY)}
        ON CONFLICT ({f.columns(KEY)}) DO UPDATE SET facts = c.facts + excluded.facts, minor = {total}
    RETURNING {f.columns(KEY)}, facts)"""


EMPTY = """(SELECT json_agg(json_build_object('account_id', account_id, 'year', year, 'measure', measure))
          FROM year_put WHERE facts = 0)"""
DROP_EMPTY = f"""
DELETE FROM rollups_accountyear c USING json_to_recordset(%(empty)s::json) AS k (account_id bigint, year int, measure int)
 WHERE {f.same(KEY, "c", "k")} AND c.facts = 0
"""
