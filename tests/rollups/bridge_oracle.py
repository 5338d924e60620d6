"""An independent answer to every bridge: ROLLUPS' definition in plain loops, on top of the figures' oracle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from accounts.models import Account
from money.queries import business_date
from tests.rollups.oracle import Fact, Oracle, month_end, rounded

ChildOf = Callable[[int, int | None, str, dt.date], str | None]
Six = tuple[int, int, int, int, int, int]


def number(day: dt.date) -> int:
    return day.year * 12 + day.month


class BridgeOracle:
    """Bridges in one currency to the months `first` to `last` (1 January of year 1 is month 13) from those `k` before."""

    def __init__(self, as_of: dt.date, goal: str, kind: str, first: int, last: int, k: int) -> None:
        self.first, self.last, self.k = first, last, k
        still = month_end(dt.date((last - 1) // 12, (last - 1) % 12 + 1, 1))
        self.then = Oracle(as_of, goal, kind, "then")
        self.tree = Oracle(as_of, goal, kind, still)

    def restrict_to(self, account: str, region: str) -> None:
        for oracle in (self.then, self.tree):
            oracle.restrict_to({Account.objects.get(code=account).pk}, region, business_date())

    def mean(self, currency: str, month: int) -> Fraction | None:
        """Units of a currency for a euro, over the published days of one month."""
        if currency == "EUR":
            return Fraction(1)
        found = [rate for code, date, rate in self.then.rates if code == currency and number(date) == month]
        return sum(found, Fraction(0)) / len(found) if found else None

    def steady(self, fact: Fact, month: int) -> int | None:
        """A fact's minor units at the means of a month; None when one of the two currencies has none."""
        goal = self.then.goal
        decimals = 10 ** self.then.exponent[goal]
        if fact.currency == goal:
            return rounded(fact.amount * decimals)
        one, other = self.mean(fact.currency, month), self.mean(goal, month)
        return None if one is None or other is None else rounded(fact.amount * other / one * decimals)

    def _sums(self, first: int, last: int, back: int, then: ChildOf, tree: ChildOf) -> dict[str, dict[str, int]]:
        """By child: R(then), R(tree), R at k-rates, and spot money without such a rate. "" is the whole node."""
        found: dict[str, dict[str, int]] = {}

        def add(child: str, what: str, minor: int) -> None:
            for key in (child, ""):
                sums = found.setdefault(key, {"then": 0, "tree": 0, "steady": 0, "unmatched": 0})
                sums[what] += minor

        for fact in self.then.facts:
            if fact.key != "revenue" or not first <= number(fact.on) <= last:
                continue
            spot, steady = self.then.minor(fact), self.steady(fact, number(fact.on) - back)
            place = (fact.account, fact.unit, fact.country, fact.on)
            there, here = then(*place), tree(*place)
            if there is not None:
                add(there, "then", spot or 0)
            if here is not None:
                add(here, "tree", spot or 0)
                add(here, "steady", steady or 0)
                add(here, "unmatched", (spot or 0) if steady is None else 0)
        return found

    def node(self, then: ChildOf, tree: ChildOf) -> dict[str, Six]:
        """before, structure, organic, unmatched, fx, after in minor units, of the node ("") and of its children."""
        nothing = {"then": 0, "tree": 0, "steady": 0, "unmatched": 0}
        a = self._sums(self.first - self.k, self.last - self.k, 0, then, tree)
        b = self._sums(self.first, self.last, self.k, then, tree)
        found: dict[str, Six] = {}
        for key in {"", *a, *b}:
            was, now = a.get(key, nothing), b.get(key, nothing)
            structure = (was["tree"] - was["then"]) + (now["then"] - now["tree"])
            organic = now["steady"] - was["steady"]
            unmatched = now["unmatched"] - was["unmatched"]
            # Not "the rest": what spot and steady rates make of the same facts, so that adding up is a finding.
            rates_now = now["tree"] - now["unmatched"] - now["steady"]
            rates_was = was["tree"] - was["unmatched"] - was["steady"]
            found[key] = (was["then"], structure, organic, unmatched, rates_now - rates_was, now["then"])
        return found

    def region(self, code: str) -> dict[str, Six]:
        return self.node(self.then.region_child(code), self.tree.region_child(code))

    def world(self) -> dict[str, Six]:
        def root(oracle: Oracle) -> ChildOf:
            return lambda _a, _u, country, on: (oracle.regions_above(country, oracle.day(on)) or ["unallocated"])[-1]

        return self.node(root(self.then), root(self.tree))

    def account(self, pk: int) -> dict[str, Six]:
        return self.node(self.then.account_child(pk), self.tree.account_child(pk))

    def unit(self, pk: int, code: str) -> dict[str, Six]:
        return self.node(self.then.unit_child(pk, code), self.tree.unit_child(pk, code))
