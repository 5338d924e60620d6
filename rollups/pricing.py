"""Facts priced under every lens at once, as SQL text: the one statement of what a stored cell holds. Pure.

A cell keeps one array element a lens, at the lens's slot, so the texts depend on how many slots there are (`width`). A price
is looked up once a currency and day (`rollups_quote`), and a fact is rounded by its nearest double unless that lies near a
tie or beyond eleven digits: then the exact fraction decides (money_half_even). A double of 53 bits, three roundings and 1e11
units leave an error below 1e-4, so a distance of 1e-3 from the tie is safe; a test compares both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from rollups import formulas as f
from rollups import locks
from rollups.measures import Domain

# The facts of one domain with what groups them left as it is stored, so that an index alone answers; mapped afterwards.
_ENTRIES = """
SELECT f.account_id, f.month, COALESCE(f.org_unit_id, 0) AS org_unit_id, f.country, f.kind AS measure,
       f.currency_id AS currency, f.date AS rate_on, f.date AS own_date, f.amount
  FROM revenue_revenueentry f {restrict}
"""

_PAIRS = """
SELECT d.currency, d.rate_on,
       array_agg(CASE WHEN n.id IS NULL THEN 0 ELSE (q.numerator * ('1e' || goal.exponent)::numeric / q.denominator)::float8 END ORDER BY s)
           AS prices,
       array_agg(CASE WHEN n.id IS NULL THEN 0 ELSE q.numerator * ('1e' || goal.exponent)::numeric END ORDER BY s) AS numerators,
       array_agg(CASE WHEN n.id IS NULL THEN 1 ELSE q.denominator END ORDER BY s) AS denominators,
       array_agg(q.oldest ORDER BY s) AS oldest,
       bool_or(n.rates = 'spot' AND n.currency <> d.currency AND q.numerator IS NOT NULL) AS is_priced
  FROM {pairs} d
 CROSS JOIN generate_series(1, (SELECT max(slot) FROM rollups_pricelens)) s
  LEFT JOIN rollups_pricelens n ON n.slot = s
  LEFT JOIN money_currency goal ON goal.code = COALESCE(NULLIF(n.currency, ''), d.currency)
  LEFT JOIN LATERAL money_quote(n.rates, d.currency, goal.code, d.rate_on, %(max_age)s) q ON true
 GROUP BY d.currency, d.rate_on
"""
_QUOTE_COLUMNS = "currency, rate_on, prices, numerators, denominators, oldest, is_priced"

_FILL = f"""
INSERT INTO rollups_quote ({_QUOTE_COLUMNS}) SELECT {_QUOTE_COLUMNS} FROM {{prices}} ON CONFLICT DO NOTHING
"""
# Batches price in several statements, so in no order of days that all share. One at a time keeps what it priced; the others
# do without, and wait for nobody.
_IN_TURN = f"""unkept
 WHERE (SELECT CASE WHEN EXISTS (SELECT FROM unkept) THEN pg_try_advisory_xact_lock({locks.PRICES}, 0) END)"""


def fill(pairs: str) -> str:
    """Put the prices of `pairs` (a FROM item with `currency`, `rate_on`) into those kept, under `locks.lock_prices`."""
    return _FILL.format(prices=f"({_PAIRS.format(pairs=pairs)}) fresh")


def facts(domain: Domain, *, join: str = "", where: str = "") -> str:
    """Rows of facts, restricted by the alias `f`. Of revenue entries, country and measure are still as stored."""
    if domain is Domain.REVENUE:
        return _ENTRIES.format(restrict=f"{join} {'WHERE ' + where if where else ''}")
    return f.facts(domain, join=join, where=where)


def quote_ctes(*, kept: bool) -> str:
    """CTEs `pairs` and `quotes` over the CTE `facts`: prices that are kept already and those that are not. `kept`: the
    latter are kept from now on."""
    filled = f"filled AS ({_FILL.format(prices=_IN_TURN)})," if kept else ""
    return f"""pairs AS MATERIALIZED (SELECT DISTINCT currency, rate_on FROM facts),
known AS MATERIALIZED (SELECT {_QUOTE_COLUMNS} FROM pairs JOIN rollups_quote USING (currency, rate_on)),
missing AS MATERIALIZED (SELECT currency, rate_on FROM pairs EXCEPT SELECT currency, rate_on FROM known),
unkept AS MATERIALIZED ({_PAIRS.format(pairs="missing")}), {filled}
quotes AS MATERIALIZED (SELECT * FROM known UNION ALL SELECT {_QUOTE_COLUMNS} FROM unkept)"""


def one_slot(quotes: str) -> str:
    """Prices of one lens (the text `quotes` of `formulas`) in the columns of kept ones, in slot 1."""
    return f"""
SELECT currency, rate_on, ARRAY[(numerator / denominator)::float8] AS prices, ARRAY[numerator] AS numerators,
       ARRAY[denominator] AS denominators, ARRAY[oldest] AS oldest, is_foreign AND numerator IS NOT NULL AS is_priced
  FROM ({quotes}) q"""


# Prices kept that are not what the rates say now.
WRONG = f"""
SELECT count(*) FROM rollups_quote q JOIN ({_PAIRS.format(pairs="rollups_quote")}) w USING (currency, rate_on)
 WHERE (q.numerators, q.denominators, q.oldest) IS DISTINCT FROM (w.numerators, w.denominators, w.oldest)
"""


def _each(width: int, text: Callable[[int], str]) -> str:
    return ", ".join(text(slot) for slot in range(1, width + 1))


def array(width: int, text: Callable[[int], str], cast: str) -> str:
    """An array of one expression a slot."""
    return f"ARRAY[{_each(width, text)}]::{cast}[]"


def array_or_null(width: int, text: Callable[[int], str], cast: str) -> str:
    """The same, null when every element is zero."""
    zeros = ",".join("0" * width)
    return f"NULLIF({array(width, text, cast)}, '{{{zeros}}}'::{cast}[])"


def quick(slot: int) -> str:
    """A fact's minor units under one slot by its nearest double (`x…`), null without a price and where that is not sure."""
    x = f"(f.approximate * q.p{slot})"
    return f"CASE WHEN abs({x}) < 1e11 AND abs({x} - round({x})) < 0.499 THEN round({x})::bigint END"


def minor(slot: int) -> str:
    """The sum of the rounded amounts under one slot; a fact without a price adds nothing."""
    exact = f"money_half_even(amount, numerators[{slot}], denominators[{slot}])"
    unsure = f"minor{slot} IS NULL AND p{slot} IS NOT NULL"
    return f"COALESCE(sum(minor{slot}), 0) + COALESCE(sum({exact}) FILTER (WHERE {unsure}), 0)"


@cache
def leaf(width: int, domain: Domain) -> str:
    """Cells of the CTEs `facts` and `quotes`, under `width` slots."""
    country, measure = ("country", "measure")
    if domain is Domain.REVENUE:
        country, measure = f.country_of("country"), f.measure_of("measure")
    # Each fact has a quote and each quote a fact; a full join is never done by a nested loop, which the planner, who knows
    # nothing of what CTEs hold, would choose. OFFSET 0 keeps it from repeating a cast once for every slot and use.
    return f"""
SELECT account_id, month, org_unit_id, {country} AS country, {measure} AS measure, currency,
       count(*)::int AS facts, sum(amount) AS native,
       {array(width, minor, "numeric")} AS minor,
       {array_or_null(width, lambda i: f"(count(*) - count(p{i}))", "int")} AS unpriced_facts,
       {array_or_null(width, lambda i: f"COALESCE(sum(amount) FILTER (WHERE p{i} IS NULL), 0)", "numeric")} AS unpriced_native,
       {array(width, lambda i: f"min(o{i})", "date")} AS oldest_rate,
       max(own_date) AS newest_fact, max(own_date) FILTER (WHERE is_priced) AS newest_priced
  FROM (SELECT f.account_id, f.month, f.org_unit_id, f.country, f.measure, f.currency, f.own_date, f.amount,
               q.numerators, q.denominators, q.is_priced,
               {_each(width, lambda i: f"{quick(i)} AS minor{i}, q.p{i}, q.o{i}")}
          FROM (SELECT facts.*, amount::float8 AS approximate FROM facts OFFSET 0) f
          FULL JOIN (SELECT quotes.*, {_each(width, lambda i: f"prices[{i}] AS p{i}, oldest[{i}] AS o{i}")} FROM quotes OFFSET 0) q
            ON q.currency = f.currency AND q.rate_on = f.rate_on
        OFFSET 0) priced
 GROUP BY account_id, month, org_unit_id, country, measure, currency
"""


_TYPES = {"minor": "numeric", "unpriced_facts": "int", "unpriced_native": "numeric"}
_SPARSE = ("unpriced_facts", "unpriced_native")


def summed(width: int, key: tuple[str, ...], source: str) -> str:
    """`source` grouped by `key`: the climb from one level of cells to the next."""

    def value(column: str) -> str:
        if column not in _TYPES:
            return f"sum({column}){'::int' if column == 'facts' else ''} AS {column}"
        # A filtered sum makes no state for a group that has nothing to add: what is unpriced is rare.
        if column in _SPARSE:
            present = f"FILTER (WHERE {column} IS NOT NULL)"
            rare: Callable[[int], str] = lambda i: f"COALESCE(sum({column}[{i}]) {present}, 0)"  # noqa: E731  one expression a slot
            return f"{array_or_null(width, rare, _TYPES[column])} AS {column}"
        return f"{array(width, lambda i: f'COALESCE(sum({column}[{i}]), 0)', _TYPES[column])} AS {column}"

    return (
        f"SELECT {f.columns(key)}, {', '.join(map(value, f.SUMS))}, "
        f"{array(width, lambda i: f'min(oldest_rate[{i}])', 'date')} AS oldest_rate, max(newest_fact) AS newest_fact, "
        f"max(newest_priced) AS newest_priced FROM {source} GROUP BY {f.columns(key)}"
    )


def difference(width: int) -> list[str]:
    """Columns of SUMS: what the rows of `diff` add less what they take away (`n_…` new, `o_…` old)."""

    def value(column: str) -> str:
        if column not in _TYPES:
            change = f"sum(COALESCE(n_{column}, 0) - COALESCE(o_{column}, 0))"
            return f"{change}{'::int' if column == 'facts' else ''} AS {column}"
        make = array_or_null if column in _SPARSE else array
        change_at: Callable[[int], str] = lambda i: f"sum(COALESCE(n_{column}[{i}], 0) - COALESCE(o_{column}[{i}], 0))"  # noqa: E731  one expression a slot
        return f"{make(width, change_at, _TYPES[column])} AS {column}"

    return [value(column) for column in f.SUMS]


def added(width: int) -> list[str]:
    """SET items of an upsert that adds `excluded` to `c`. Dates only move outward; one that may move back is read again."""

    def value(column: str) -> str:
        if column not in _TYPES:
            return f"{column} = c.{column} + excluded.{column}"
        make = array_or_null if column in _SPARSE else array
        total: Callable[[int], str] = lambda i: f"COALESCE(c.{column}[{i}], 0) + COALESCE(excluded.{column}[{i}], 0)"  # noqa: E731  one expression a slot
        return f"{column} = {make(width, total, _TYPES[column])}"

    oldest = array(width, lambda i: f"LEAST(c.oldest_rate[{i}], excluded.oldest_rate[{i}])", "date")
    return [
        *(value(column) for column in f.SUMS),
        f"oldest_rate = {oldest}",
        "newest_fact = GREATEST(c.newest_fact, excluded.newest_fact)",
        "newest_priced = GREATEST(c.newest_priced, excluded.newest_priced)",
        "run = excluded.run",
    ]


def may_move_back(width: int) -> str:
    """Whether a row of `diff` takes away a date that a level above may have taken from it."""
    lost: Iterable[str] = (
        "n_facts IS NULL",
        "COALESCE(o_newest_fact > COALESCE(n_newest_fact, '-infinity'), false)",
        "COALESCE(o_newest_priced > COALESCE(n_newest_priced, '-infinity'), false)",
        *(
            f"COALESCE(o_oldest_rate[{i}] < COALESCE(n_oldest_rate[{i}], 'infinity'), false)"
            for i in range(1, width + 1)
        ),
    )
    return " OR ".join(lost)
