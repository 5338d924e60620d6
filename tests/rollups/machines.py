"""Worlds with a history: what happens to them, and how they are looked at. After a drain every node under every lens is
what plain loops over the facts say, for an executive and for a lead, a rebuild would change nothing, and accounts lie where
their units and facts do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from accounts.models import Account
from money.models import MONTH_AVERAGE
from money.queries import business_date, rates_on_offer
from rollups import services
from rollups.lens import Lens, parse_lens
from teams.models import TeamMember
from tests.accounts.test_presence import known, said
from tests.rollups import worlds as w
from tests.rollups.comparison import compare_accounts, compare_members, compare_regions, oracle_of
from tests.rollups.events import Facts, Rates, Settings, Shares, Trees, Work
from tests.rollups.oracle import Oracle
from tests.rollups.share_oracle import ShareOracle
from tests.rollups.worlds import Example
from users.models import User

_LENSES = st.fixed_dictionaries(
    {
        "range": st.sampled_from([("2023-12", "2024-03"), ("2022-12", "2025-03"), ("2024-02", "2024-02")]),
        "currency": st.sampled_from(["EUR", "USD", "JPY", "KWD", "native"]),
        "rates": st.sampled_from(["spot", "spot", "constant", MONTH_AVERAGE, *w.BUDGETS]),
        "tree": st.sampled_from(["then", "now", "2024-01-20", "2024-02-10"]),
        "book": st.sampled_from(["prime", "overlay"]),
    },
    optional={
        "revenue_kind": st.sampled_from(w.KINDS),
        "as_of": st.sampled_from(["2024-02-03", "2023-03-01", "2024-01-14"]),
        "structure": st.sampled_from(["management"]),
    },
)


def _lens(chosen: dict[str, Any], **fixed: str) -> Lens:
    """The lens, or the nearest that there is at this moment."""
    given = {**chosen, **fixed}
    (first, last), rates, currency = given.pop("range"), given.pop("rates"), given.pop("currency")
    currency = currency if currency in settings.GAM_REPORTING_CURRENCIES else "native" if currency == "native" else ""
    published = rates if rates in rates_on_offer() else ""
    lens = parse_lens({**given, "from": first, "to": last, "currency": currency, "rates": published})
    # What bridges read; no figure is offered under it.
    return replace(lens, rates=rates) if rates == MONTH_AVERAGE else lens


class Looks(RuleBasedStateMachine):
    """An example: begins where `small_world` ended, and leaves nothing behind."""

    def __init__(self) -> None:
        super().__init__()
        self.example = Example()
        self.kept = (settings.GAM_RATE_MAX_AGE_DAYS, settings.GAM_REPORTING_CURRENCIES)
        self.is_sound = True

    def teardown(self) -> None:
        try:
            if self.is_sound:  # else a look has failed, and says so better
                self.verify()
        finally:
            self.example.undo()
            settings.GAM_RATE_MAX_AGE_DAYS, settings.GAM_REPORTING_CURRENCIES = self.kept

    @rule()
    def verify(self) -> None:
        self.is_sound = False
        assert services.verify().drift == 0
        assert known() == said()
        self.is_sound = True

    @rule(lens=_LENSES)
    def look_at_regions(self, lens: dict[str, Any]) -> None:
        self._look(compare_regions, "executive", _lens(lens))

    @rule(lens=_LENSES)
    def look_at_accounts(self, lens: dict[str, Any]) -> None:
        self._look(compare_accounts, "executive", _lens(lens))

    @rule(lens=_LENSES)
    def look_at_members(self, lens: dict[str, Any]) -> None:
        self._look(compare_members, "executive", _lens(lens), of_members=True)

    @rule(lens=_LENSES, at=st.sampled_from([compare_regions, compare_accounts, compare_members]))
    def look_as_a_lead(self, lens: dict[str, Any], at: Any) -> None:
        self._look(at, "lead", _lens(lens), of_members=at is compare_members)

    def _look(self, compare: Any, who: str, lens: Lens, *, of_members: bool = False) -> None:
        self.is_sound = False
        services.drain()
        oracle: Oracle = oracle_of(lens)
        if of_members:
            oracle = ShareOracle(lens.as_of, lens.currency, lens.book, lens.tree, rates=lens.rates)
        viewer = User.objects.get(email=f"{who}@x.org")
        if who == "lead":
            teams = TeamMember.objects.filter(member__user=viewer).values("team")
            mine = set(Account.objects.filter(team__in=teams).values_list("pk", flat=True))
            oracle.restrict_to(mine, "NORTH", business_date())
        compare(viewer, lens, oracle)
        self.is_sound = True


class Pricing(Looks, Facts, Rates, Settings, Work):
    """Rates of every kind under facts that change."""


class Moving(Looks, Facts, Trees, Work):
    """Trees that move above facts; accounts that are merged and taken apart."""


class Sharing(Looks, Facts, Shares, Settings, Work):
    """Deals and who has what part of them."""


class Everything(Looks, Facts, Shares, Rates, Trees, Settings, Work):
    """All of it at once."""
