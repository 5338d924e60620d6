"""Which facts a reader may add up, as SQL conditions and as a test of one place and month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.access import Scope, scope_of
from regions.tree import Span
from users.models import User


@dataclass(frozen=True)
class Sight:
    """The reader's scope, as roll-ups need it. Conditions use the alias they are given and the parameters of `given`."""

    scope: Scope

    @property
    def is_everything(self) -> bool:
        return self.scope.is_everything

    @property
    def whole_account_ids(self) -> list[int]:
        return list(self.scope.whole_account_ids)

    def sees_whole(self, account_id: int) -> bool:
        return self.is_everything or account_id in self._whole

    @cached_property
    def _whole(self) -> frozenset[int]:
        return frozenset(self.scope.whole_account_ids)

    @cached_property
    def _spans(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        for span in self.scope.spans:
            found.setdefault(span.country, []).append((span.first, span.last))
        return found

    @cached_property
    def _former(self) -> list[Span]:
        """The months of countries that are not the reader's any more; of those that are, she sees all."""
        return [span for span in self.scope.spans if span.country not in self.scope.countries_now]

    def sees(self, country: str, month: int) -> bool:
        """Whether facts of a country and month are the reader's, whatever their account."""
        if self.is_everything or country in self.scope.countries_now:
            return True
        return any(first <= month <= last for first, last in self._spans.get(country, ()))

    def by_country(self, alias: str) -> str:
        """Cells or facts (`country`, `month`) that `sees` is true of."""
        if self.is_everything:
            return "true"
        if not self.scope.countries_now and not self.scope.spans:
            return "false"
        now = f"{alias}.country = ANY (%(countries_now)s)"
        if not self._former:
            return f"({now})"
        return (
            f"({now} OR EXISTS (SELECT FROM unnest(%(span_countries)s::text[], "
            f"%(span_firsts)s::int[], %(span_lasts)s::int[]) s (country, first, last) "
            f"WHERE s.country = {alias}.country AND {alias}.month BETWEEN s.first AND s.last))"
        )

    def of_account(self, alias: str) -> str:
        """Cells or facts (`account_id`, `country`, `month`) that the reader may see."""
        if self.is_everything:
            return "true"
        return f"({alias}.account_id = ANY (%(whole)s::bigint[]) OR {self.by_country(alias)})"

    def given(self) -> dict[str, Any]:
        spans = self._former
        return {
            "whole": self.whole_account_ids,
            "countries_now": sorted(self.scope.countries_now),
            "span_countries": [span.country for span in spans],
            "span_firsts": [span.first for span in spans],
            "span_lasts": [span.last for span in spans],
        }


def sight_of(viewer: User) -> Sight:
    return Sight(scope_of(viewer))
