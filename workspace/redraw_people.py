"""Who would gain or lose sight of customers by a draft of the geography: the leads of regions, by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accounts.oversight import Reach, accounts_in, months_apart, reach_under, whole_accounts
from regions.draft_queries import DraftView
from regions.plan import Estate
from rollups import queries as rollups
from rollups.redrawn import Area
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class Sight:
    """Accounts by name, structure and team; facts (entries and lines) with their figures; `countries` by code."""

    accounts: int
    facts: int
    countries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accounts or self.facts or self.countries)


@dataclass(frozen=True)
class Person:
    """A lead whose sight changes. `leads` are the regions that she leads afterwards, `led` those before, by name."""

    user: User
    led: list[str]
    leads: list[str]
    gains: Sight
    loses: Sight


def people(view: DraftView, on: dt.date) -> list[Person]:
    """Everybody whose countries differ on a day, without those who see all figures anyhow; in a fixed number of
    statements. What somebody sees by team or grant stays hers and is not counted."""
    before, after = _led(view.before, on), _led(view.after, on)
    reaches = {
        email: (
            reach_under(view.before.tree, before.get(email, set()), on),
            reach_under(view.after.tree, after.get(email, set()), on),
        )
        for email in {*before, *after}
    }
    pairs = _changing(reaches)
    whole = whole_accounts([user.pk for user in pairs], on)
    countries = {country for was, becomes in pairs.values() for country in was.countries_now | becomes.countries_now}
    lying = accounts_in(countries)
    gained = rollups.facts_in(_areas(pairs, gains=True), apart_from=whole)
    lost = rollups.facts_in(_areas(pairs, gains=False), apart_from=whole)
    found = []
    for user, (was, becomes) in pairs.items():
        saw, sees = (_accounts(whole[user.pk], lying, reach) for reach in (was, becomes))
        knows_all = user.may(Permission.SEE_ALL_ACCOUNTS)
        found.append(
            Person(
                user=user,
                led=_names(view.before, before.get(user.email, set())),
                leads=_names(view.after, after.get(user.email, set())),
                gains=Sight(0 if knows_all else len(sees - saw), gained.get(user.pk, 0), _apart_now(becomes, was)),
                loses=Sight(0 if knows_all else len(saw - sees), lost.get(user.pk, 0), _apart_now(was, becomes)),
            )
        )
    return found


def _changing(reaches: Mapping[str, tuple[Reach, Reach]]) -> dict[User, tuple[Reach, Reach]]:
    emails = [email for email, (was, becomes) in reaches.items() if was != becomes]
    users = User.objects.filter(email__in=emails, is_active=True).order_by("family_name", "given_name", "id")
    return {user: reaches[user.email] for user in users if not user.may(Permission.SEE_ALL_FIGURES)}


def _accounts(whole: set[int], lying: Mapping[str, set[int]], reach: Reach) -> set[int]:
    return whole.union(*(lying.get(country, set()) for country in reach.countries_now))


def _apart_now(these: Reach, those: Reach) -> tuple[str, ...]:
    return tuple(sorted(these.countries_now - those.countries_now))


def _led(estate: Estate, on: dt.date) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for region, emails in estate.leads_on(on).items():
        for email in emails:
            found.setdefault(email, set()).add(region)
    return found


def _names(estate: Estate, regions: set[int]) -> list[str]:
    return sorted(estate.names[region][1] for region in regions)


def _areas(pairs: dict[User, tuple[Reach, Reach]], *, gains: bool) -> list[Area]:
    return [area for user, (was, becomes) in pairs.items() for area in _apart(user.pk, was, becomes, gains=gains)]


def _apart(who: int, was: Reach, becomes: Reach, *, gains: bool) -> Iterator[Area]:
    more, less = (becomes, was) if gains else (was, becomes)
    for country in sorted(more.countries_now | {span.country for span in more.spans}):
        for first, last in months_apart(more.months_of(country), less.months_of(country)):
            yield Area(who, country, first, last)
