"""Members' shares by plain loops over deals, lines and splits; what is shared is the oracle's own conversion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.models import Opportunity
from tests.rollups.oracle import Deal, Fact, Oracle, rounded

Holders = list[tuple[str, Fraction]]  # e-mail address and percentage, by address


@dataclass(frozen=True)
class Part(Fact):
    """A member's part of a line; `priced` in minor units, None without a rate."""

    member: str = ""
    priced: int | None = None


class ShareOracle(Oracle):
    """One book: every fact is a member's part of a line. A line is counted where its first member is, so once."""

    def __init__(
        self,
        as_of: dt.date,
        goal: str,
        book: str,
        tree: str | dt.date = "then",
        *,
        rates: str = "spot",
        structure: str = "legal",
    ) -> None:
        super().__init__(as_of, goal, tree=tree, rates=rates, structure=structure)
        self.book = book
        self.facts, self.deals = [], []
        for deal in Opportunity.objects.select_related("stage", "owner").prefetch_related("lines", "splits__member"):
            outcome = deal.stage.outcome
            if outcome == "open" and (deal.forecast_category or deal.stage.forecast_category) == "omitted":
                continue
            holders = self._holders(deal)
            self.facts += self._parts(deal, holders)
            if holders:
                places = {(deal.account_id, unit, country) for unit, country, _ in self._lines(deal)}
                names = frozenset(email for email, _ in holders)
                self.deals.append(Deal(deal.close_date, outcome, frozenset(places), names))

    def _holders(self, deal: Opportunity) -> Holders:
        rows = [split for split in deal.splits.all() if split.type == self.book]
        if not rows and self.book == "prime":
            return [(deal.owner.email if deal.owner else "unassigned", Fraction(100))]
        return sorted((split.member.email, Fraction(split.percent)) for split in rows if split.percent)

    def _parts(self, deal: Opportunity, holders: Holders) -> Iterator[Part]:
        chance = deal.stage.probability if deal.probability is None else deal.probability
        if deal.stage.outcome == "open":
            keys = {"pipeline_open": Fraction(1), "pipeline_weighted": Fraction(chance) / 100}
        else:
            keys = {deal.stage.outcome: Fraction(1)}
        day = self.as_of if deal.stage.outcome == "open" else deal.close_date
        for key, factor in keys.items():
            lines = [
                Part(
                    deal.account_id,
                    unit,
                    country,
                    deal.close_date,
                    key,
                    deal.currency_id,
                    Fraction(amount) * factor,
                    day,
                )
                for unit, country, amount in self._lines(deal)
                if amount is not None
            ]
            if lines:
                yield from self._shared(lines, holders)

    def _shared(self, lines: list[Part], holders: Holders) -> Iterator[Part]:
        minors = [Oracle.minor(self, line) for line in lines]
        known = [minor for minor in minors if minor is not None]
        shares = self._shares(sum(known), holders)
        before_percent, before_share = Fraction(0), 0
        for at, (email, percent) in enumerate(holders):
            if self.book == "overlay":
                before_percent, before_share = Fraction(0), 0
            upto_percent, upto_share = before_percent + percent, before_share + shares[email]
            given = 0  # of the lines so far, to this member
            for number, line in enumerate(lines):
                priced = None
                if len(known) == len(lines):
                    is_last = number == len(lines) - 1
                    running = sum(known[: number + 1])
                    upper = upto_share if is_last else rounded(running * upto_percent / 100)
                    lower = before_share if is_last else rounded(running * before_percent / 100)
                    priced = upper - lower - given
                    given += priced
                yield replace(
                    line, amount=line.amount * percent / 100, member=email, priced=priced, counted=int(at == 0)
                )
            before_percent, before_share = upto_percent, upto_share

    def _shares(self, total: int, holders: Holders) -> dict[str, int]:
        if self.book == "overlay":
            return {email: rounded(total * percent / 100) for email, percent in holders}
        exact = {email: abs(total) * percent / 100 for email, percent in holders}
        found = {email: int(value) for email, value in exact.items()}
        waiting = sorted(exact, key=lambda email: (int(exact[email]) - exact[email], email))
        while sum(found.values()) < abs(total):
            found[waiting.pop(0)] += 1
        return {email: share if total > 0 else -share for email, share in found.items()}

    def minor(self, fact: Fact) -> int | None:
        assert isinstance(fact, Part)
        return fact.priced

    def only(self, member: str) -> ShareOracle:
        """The shares of one member alone; every line of hers counts."""
        found = object.__new__(ShareOracle)
        found.__dict__.update(self.__dict__)
        found.facts = [replace(f, counted=1) for f in self.facts if isinstance(f, Part) and f.member == member]
        found.deals = [deal for deal in self.deals if member in deal.holders]
        return found
