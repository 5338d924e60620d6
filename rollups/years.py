"""Accounts' fiscal years, as SQL text: cells over all months and currencies of one, everywhere or by country. Pure.

The parameter `fiscal_start` is the month in which a fiscal year starts, 1 to 12.
"""

from __future__ import annotations

from dataclasses import dataclass

from rollups import formulas as f
from rollups.pricing import array

VALUES = ("facts", "minor")


@dataclass(frozen=True)
class Level:
    """A table of fiscal years. `of` is put behind the names of what a statement computes for it."""

    table: str
    key: tuple[str, ...]
    of: str

    @property
    def empty(self) -> str:
        """The keys, as JSON, that hold no fact any more after `put_ctes`."""
        pairs = ", ".join(f"'{name}', {name}" for name in self.key)
        return f"(SELECT json_agg(json_build_object({pairs})) FROM put{self.of} WHERE facts = 0)"

    @property
    def drop_empty(self) -> str:
        types = {"account_id": "bigint", "country": "text", "year": "int", "measure": "int"}
        columns = ", ".join(f"{name} {types[name]}" for name in self.key)
        return (
            f"DELETE FROM {self.table} c USING json_to_recordset(%(empty)s::json) AS k ({columns}) "
            f"WHERE {f.same(self.key, 'c', 'k')} AND c.facts = 0"
        )


ACCOUNTS = Level("rollups_accountyear", ("account_id", "year", "measure"), "_years")
COUNTRIES = Level("rollups_accountcountryyear", ("account_id", "year", "country", "measure"), "_country_years")
LEVELS = (ACCOUNTS, COUNTRIES)


def number_of(month: int, fiscal_start: int) -> int:
    """The number of the fiscal year that holds the month numbered `month`."""
    return (month - fiscal_start + 1) // 12


def whole_years(first: int, last: int, fiscal_start: int) -> tuple[range, list[tuple[int, int]]]:
    """The numbers of the fiscal years that lie whole in the months `first` to `last`, and the runs of months beside them."""
    years = range(number_of(first + 11, fiscal_start), number_of(last + 1, fiscal_start))
    if not years:
        return range(0), [(first, last)]
    begun, over = 12 * years[0] + fiscal_start - 1, 12 * years[-1] + fiscal_start + 10
    return years, [(low, high) for low, high in ((first, begun - 1), (over + 1, last)) if low <= high]


def summed(width: int, level: Level, source: str) -> str:
    """Cells of accounts, or differences of them, by the fiscal years of a level."""
    minor = array(width, lambda i: f"COALESCE(sum(minor[{i}]), 0)", "numeric")
    year = "(month - %(fiscal_start)s + 1) / 12"
    key = ", ".join(f"{year} AS year" if name == "year" else name for name in level.key)
    by = ", ".join(str(at) for at in range(1, len(level.key) + 1))
    return f"SELECT {key}, sum(facts)::int AS facts, {minor} AS minor FROM {source} GROUP BY {by}"


def put_ctes(width: int, level: Level, source: str) -> str:
    """A CTE that adds the differences in `source` to the years of a level."""
    total = array(width, lambda i: f"COALESCE(c.minor[{i}], 0) + excluded.minor[{i}]", "numeric")
    changes = " OR ".join(["facts <> 0", *(f"minor[{i}] <> 0" for i in range(1, width + 1))])
    key, values = f.columns(level.key), f.columns((*level.key, *VALUES))
    return f"""
put{level.of} AS (
    INSERT INTO {level.table} AS c ({values})
    SELECT {values} FROM ({summed(width, level, source)}) d WHERE {changes} ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET facts = c.facts + excluded.facts, minor = {total}
    RETURNING {key}, facts)"""
