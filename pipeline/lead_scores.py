"""The score of leads: what each trait of a lead says, as expressions over leads, and their sum by weight (`scoring.py`).

A trait that is not known is null and takes no side. No trait counts what was typed in: not notes, calls or edits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any, Final

from django.db.models import Case, DateField, DecimalField, F, Func, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, Least, NullIf
from django.utils.translation import gettext_lazy as _

from pipeline.lead_models import LeadScoring
from pipeline.lead_querysets import LeadQuerySet
from pipeline.scoring import Score, score_by
from regions.queries import region_tree

PARTS: Final = {
    "region": _("Fit: its country lies in our regions"),
    "account": _("Fit: the company is a customer"),
    "tier": _("Fit: tier of the customer"),
    "source": _("Engagement: how good its source is"),
    "recency": _("Engagement: how recent its last activity is"),
    "contact": _("Contact: it may be contacted"),
}
_NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=40, decimal_places=20)


@dataclass(frozen=True)
class Definition:
    """How leads are scored: the weight of each part, what a source and a tier are worth (0 to 1), and after how many days
    an activity counts for nothing. `version` 0 is one that is not kept yet."""

    version: int
    weights: Mapping[str, Decimal]
    sources: Mapping[str, Decimal]
    tiers: Mapping[str, Decimal]
    recency_days: int

    def score(self, lead: Any) -> Score:
        """Of a lead that was read by `scored` under this definition, with its parts."""
        return score_by({code: getattr(lead, f"trait_{code}") for code in PARTS}, self.weights)


def definition_of(row: LeadScoring) -> Definition:
    """A version as it was kept."""
    weights = {code: Decimal(row.weights.get(code, "0")) for code in PARTS}
    return Definition(row.pk, weights, _decimals(row.sources), _decimals(row.tiers), row.recency_days)


def definition() -> Definition:
    """The version in force."""
    row = LeadScoring.objects.order_by("-pk").first()
    assert row is not None  # the first is made with the table
    return definition_of(row)


def _decimals(told: Mapping[str, str]) -> dict[str, Decimal]:
    return {str(name): Decimal(value) for name, value in told.items()}


def scored(leads: LeadQuerySet, told: Definition, *, on: dt.date) -> LeadQuerySet:
    """Leads with what each part says (`trait_CODE`, 0 to 1, null: not known), `score` and `known_weight` (0 to 1)."""
    found = leads.annotate(**{f"trait_{code}": trait for code, trait in _traits(told, on).items()})
    weights = {code: _number(told.weights[code]) for code in PARTS}
    known = _sum(Case(When(**{f"trait_{c}__isnull": False}, then=w), default=_number(0)) for c, w in weights.items())
    reached = _sum(Coalesce(w * F(f"trait_{c}"), _number(0), output_field=_NUMBER) for c, w in weights.items())
    all_of_it = sum(told.weights.values(), Decimal(0)) or Decimal(1)
    return found.annotate(
        score=Cast(reached / NullIf(known, _number(0)), _NUMBER), known_weight=Cast(known / _number(all_of_it), _NUMBER)
    )


def _traits(told: Definition, on: dt.date) -> dict[str, Combinable]:
    served = sorted(region_tree().on(on).regions_of_countries)
    one, none = _number(1), _number(0)
    in_region = Case(When(country="", then=None), When(country__in=served, then=one), default=none)
    tiers = [When(account__tier=code, then=_number(worth)) for code, worth in sorted(told.tiers.items())]
    sources = [When(source__iexact=name, then=_number(worth)) for name, worth in sorted(told.sources.items())]
    return {
        "region": in_region if served else Value(None, output_field=_NUMBER),
        "account": Case(When(account__isnull=False, then=one), When(company="", then=None), default=none),
        "tier": Case(*tiers, default=None, output_field=_NUMBER),
        "source": Case(*sources, default=None, output_field=_NUMBER),
        "recency": Case(When(last_activity_on__isnull=False, then=_recency(told.recency_days, on))),
        "contact": Case(When(may_contact=True, then=one), When(may_contact=False, then=none), default=None),
    }


def _recency(days: int, on: dt.date) -> Combinable:
    """1 on the day itself, down to 0 after `days`."""
    passed = Func(
        Value(on, output_field=DateField()),
        F("last_activity_on"),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    gone = Cast(passed, _NUMBER) / _number(days)
    return Greatest(_number(0), Least(_number(1), _number(1) - gone))


def _number(value: Decimal | int) -> Combinable:
    """Said to be a number with decimals: of bare literals the database would make whole ones, and divide them so."""
    return Cast(Value(Decimal(value), output_field=_NUMBER), _NUMBER)


def _sum(terms: Any) -> Combinable:
    found: Combinable = reduce(add, terms)
    return found
