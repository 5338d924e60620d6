"""Where a lens finds its cells: the tables where they hold it, the facts themselves where they don't.

The tables hold the open deals of one as-of date and the price lenses of one set of settings. Another `as_of=`, and
settings that a rebuild has not yet followed, are computed from the facts by the same formulas: slower, equally exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from rollups import formulas as f
from rollups import share_source
from rollups.lens import Lens
from rollups.measures import BOOKS, Domain, Measure
from rollups.standing import NATIVE_LENS, Standing, StoredLens, standing

_TABLES = {"unit": "rollups_cell", "account": "rollups_accountcell", "country": "rollups_countrycell"}
# One lens of a stored cell, in the columns of one computed live.
_AT_SLOT = """facts, native, COALESCE(minor[%(slot)s], 0) AS minor,
       COALESCE(unpriced_facts[%(slot)s], 0) AS unpriced_facts, COALESCE(unpriced_native[%(slot)s], 0) AS unpriced_native,
       oldest_rate[%(slot)s] AS oldest_rate, newest_fact,
       CASE WHEN %(lens_rates)s = 'spot' AND currency <> %(lens_currency)s THEN newest_priced END AS newest_priced"""
_OPEN = [int(Measure.OPEN), int(Measure.WEIGHTED)]
ONE_LENS = "(VALUES (%(lens)s, %(lens_currency)s, %(lens_rates)s)) n (id, currency, rates)"


@dataclass(frozen=True)
class Source:
    """The cells of one lens. `live` are the measures that must be computed from the facts."""

    lens: Lens
    standing: Standing
    stored: StoredLens | None
    live: tuple[int, ...]

    def given(self) -> dict[str, Any]:
        lens = self.lens
        return {
            "lens": self.stored.id if self.stored else 0,
            "lens_currency": "" if lens.is_native else lens.currency,
            "lens_rates": "native" if lens.is_native else lens.rates,
            "first": lens.first,
            "last": lens.last,
            "book": int(BOOKS[lens.book]),
            "slot": self.stored.slot if self.stored else 0,
            "stored": [m for m in lens.keys if m not in self.live],
            "live": list(self.live),
            "as_of": lens.as_of,
            "max_age": settings.GAM_RATE_MAX_AGE_DAYS,
        }

    def cells(self, level: str, *, of_accounts: bool = False) -> str:
        """A FROM item with cells at least as fine as `level` (`unit`, `account`, `country`) of the lens's months and
        measures. `of_accounts`: only of the accounts in the parameter `accounts`. In the overlay book: of its shares."""
        if self.lens.is_overlay:
            return share_source.place_cells(live=bool(self.live), lenses=ONE_LENS, of_accounts=of_accounts)
        only = " AND account_id = ANY (%(accounts)s::bigint[])" if of_accounts else ""
        stored = (
            f"SELECT {f.columns(self._key(level))}, {_AT_SLOT}, run FROM {_TABLES[level]} "
            f"WHERE month BETWEEN %(first)s AND %(last)s AND measure = ANY (%(stored)s){only}"
        )
        if not self.live:
            return f"({stored})"
        names = f.columns((*self._key(level), *f.VALUES))
        facts = " UNION ALL ".join(self._facts(domain, of_accounts) for domain in self._live_domains())
        leaf = f"WITH {f.leaf_ctes(facts, kept=True, lenses=ONE_LENS)} SELECT {names}, 0 AS run FROM leaf"
        return f"(SELECT {names}, run FROM ({stored}) stored UNION ALL SELECT * FROM ({leaf}) computed)"

    def member_cells(self, *, of_member: bool = False, of_members: bool = False) -> str:
        """A FROM item with the shares of the lens's book by member; `of_member`: of the one in the parameter `member`;
        `of_members`: of those in `ids`."""
        live = bool(self.live)
        return share_source.member_cells(live=live, lenses=ONE_LENS, of_member=of_member, of_members=of_members)

    def _key(self, level: str) -> tuple[str, ...]:
        return {"unit": f.LEAF_KEY, "account": f.ACCOUNT_KEY, "country": f.COUNTRY_KEY}[level]

    def _live_domains(self) -> list[Domain]:
        return [d for d in Domain if any(d.measures[0] <= m <= d.measures[1] for m in self.live)]

    def _facts(self, domain: Domain, of_accounts: bool) -> str:
        where = "f.month BETWEEN %(first)s AND %(last)s"
        if of_accounts:
            where += " AND f.account_id = ANY (%(accounts)s::bigint[])"
        return f"SELECT * FROM ({f.facts(domain, where=where)}) w WHERE measure = ANY (%(live)s)"


def source_of(lens: Lens) -> Source:
    """Where the cells of `lens` are now."""
    now = standing()
    stored = now.lens(*NATIVE_LENS) if lens.is_native else now.lens(lens.currency, lens.rates)
    if stored is None:
        return Source(lens, now, None, tuple(lens.keys))
    return Source(lens, now, stored, tuple(_OPEN) if now.as_of != lens.as_of else ())
