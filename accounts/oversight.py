"""What the leads of regions would see under another tree or other leads: the rules of `accounts.access`, asked of many
people at once. For those who may configure regions; names and counts, no figures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import AccountGrant
from accounts.presence import present
from regions.tree import RegionTree, Span
from teams.models import TeamMember


@dataclass(frozen=True)
class Reach:
    """Which countries' facts somebody sees as a lead: all of `countries_now`, and the months of `spans` elsewhere."""

    countries_now: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()

    def months_of(self, country: str) -> list[tuple[int, int]]:
        """The runs of months, first and last inclusive, in which a country's facts are hers; in order, disjoint."""
        if country in self.countries_now:
            return [EVER]
        return [(span.first, span.last) for span in self.spans if span.country == country]


EVER = (0, 32767)


def reach_under(tree: RegionTree, regions: Collection[int], on: dt.date) -> Reach:
    """What leading `regions` shows on a day."""
    if not regions:
        return Reach()
    spans = tuple(Span(s.country, s.first, min(s.last, EVER[1])) for s in tree.spans_under(regions))
    return Reach(frozenset(tree.on(on).countries_under(regions)), spans)


def months_apart(these: list[tuple[int, int]], those: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The runs of months in `these` and not in `those`; each in order and disjoint."""
    left = list(these)
    for first, last in those:
        cut: list[tuple[int, int]] = []
        for since, until in left:
            if last < since or until < first:
                cut.append((since, until))
                continue
            cut += [run for run in ((since, first - 1), (last + 1, until)) if run[0] <= run[1]]
        left = cut
    return left


def whole_accounts(users: Collection[int], on: dt.date) -> dict[int, set[int]]:
    """The accounts that each user sees whole on a day, by team or grant; in two statements."""
    found: dict[int, set[int]] = defaultdict(set)
    members = TeamMember.objects.as_of(on).filter(member__user__in=users)
    for user, account in members.values_list("member__user", "team__account"):
        found[user].add(account)
    for user, account in AccountGrant.objects.filter(user__in=users).values_list("user_id", "account_id"):
        found[user].add(account)
    return found


def accounts_in(countries: Collection[str]) -> dict[str, set[int]]:
    """The accounts with a unit or a fact in each of `countries`."""
    found: dict[str, set[int]] = defaultdict(set)
    for country, account in present().filter(country__in=countries).values_list("country", "account_id"):
        found[country].add(account)
    return found
