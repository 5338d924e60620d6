"""Which facts and cells one batch is about, as SQL restrictions: keys of the queue, or everything of some accounts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rollups.measures import Domain


@dataclass(frozen=True)
class Scope:
    """`name` tells texts of different scopes apart. `facts` restricts by the alias `f`; `held` is a FROM item with the alias
    `c`, a table of cells restricted to the scope."""

    name: str
    ctes: str
    facts: str
    cells: str

    def held(self, table: str) -> str:
        return self.cells.format(table=table)


_KEYS = "keys AS MATERIALIZED (SELECT * FROM unnest({}) k ({})),"

# A unit's entries of a month are found by the index on exactly this expression.
_ENTRIES = Scope(
    "entries",
    _KEYS.format("%(accounts)s::bigint[], %(months)s::int[], %(units)s::bigint[]", "account_id, month, org_unit_id"),
    "JOIN keys k ON k.account_id = f.account_id AND k.month = f.month AND k.org_unit_id = COALESCE(f.org_unit_id, 0)",
    "{table} c JOIN keys k ON k.account_id = c.account_id AND k.month = c.month AND k.org_unit_id = c.org_unit_id",
)
_DEALS = Scope(
    "deals",
    _KEYS.format("%(accounts)s::bigint[], %(months)s::int[]", "account_id, month"),
    "JOIN keys k ON k.account_id = f.account_id AND k.month = f.month",
    "{table} c JOIN keys k ON k.account_id = c.account_id AND k.month = c.month",
)
BY_KEYS = {Domain.REVENUE: _ENTRIES, Domain.DEALS: _DEALS}

# Joined, not `= ANY`: the planner then knows how many there are, and takes the accounts one after the other. Of cells it is
# made to (OFFSET 0): while a first build fills them, nothing is known of them, and every bucket would read the whole table.
BY_ACCOUNTS = Scope(
    "accounts",
    "keys AS MATERIALIZED (SELECT unnest(%(accounts)s::bigint[]) AS account_id),",
    "JOIN keys k ON k.account_id = f.account_id",
    "keys k CROSS JOIN LATERAL (SELECT x.ctid, x.* FROM {table} x WHERE x.account_id = k.account_id OFFSET 0) c",
)
