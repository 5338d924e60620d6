"""Scores of every night, kept as they were: of open deals, accounts and members, by the weights in force.

Repeatable: a night that is computed again holds what the later computing found, and nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from coverage.stated import decimal_of
from money.queries import business_date
from pipeline.score_models import KeptScore, ScoreKind
from pipeline.score_services import Weights, weights_of
from pipeline.scores import DEFINITIONS, PARTS_OF, BackTest, Parts, back_test, opportunity_parts
from pipeline.scoring import Score, score_by
from rollups import runs
from rollups.measures import BUCKETS
from rollups.models import Run
from workspace import score_traits

DAYS_BEFORE = 30
"""How long before its close a deal is looked at in a back-test."""
_AT_A_TIME = 1000
_KEY = ("kind", "subject", "on")
_VALUES = ("value", "known_weight", "definition", "version", "parts")
_TRAITS: Mapping[str, Callable[..., Mapping[int, Any]]] = {
    ScoreKind.OPPORTUNITY: score_traits.deal_traits,
    ScoreKind.ACCOUNT: score_traits.account_traits,
    ScoreKind.MEMBER: score_traits.member_traits,
}


def keep_scores(*, on: dt.date | None = None) -> Run:
    """Compute the scores of a day (the business date) and keep them in place of those it had. The run is on the job page."""
    day = on or business_date()
    with runs.long_run(Run.Kind.SCORES) as run:
        for done, kind in enumerate(ScoreKind, start=1):
            kept = _keep(kind, day)
            run.facts, run.cells, run.keys = run.facts + kept, run.cells + kept, run.keys + 1
            runs.show_progress(run, done * BUCKETS // len(ScoreKind))
        return run


def _keep(kind: str, on: dt.date) -> int:
    """One kind at once: a reader finds the whole of a night, or none of it."""
    weights = weights_of(kind)
    traits = _TRAITS[kind](on=on)
    with transaction.atomic():
        KeptScore.objects.filter(kind=kind, on=on).exclude(subject__in=list(traits)).delete()
        rows = [_row(kind, pk, on, PARTS_OF[kind](one), weights) for pk, one in sorted(traits.items())]
        for chunk in _chunks(rows):
            KeptScore.objects.bulk_create(chunk, update_conflicts=True, unique_fields=_KEY, update_fields=_VALUES)
    return len(rows)


def _chunks(rows: Sequence[KeptScore]) -> Iterator[Sequence[KeptScore]]:
    for start in range(0, len(rows), _AT_A_TIME):
        yield rows[start : start + _AT_A_TIME]


def _row(kind: str, subject: int, on: dt.date, parts: Parts, weights: Weights) -> KeptScore:
    found = score_by(parts, weights.of)
    return KeptScore(
        kind=kind,
        subject=subject,
        on=on,
        value=None if found.value is None else decimal_of(found.value),
        known_weight=decimal_of(found.known_weight),
        definition=DEFINITIONS[kind],
        version=weights.version,
        parts={code: None if value is None else str(value) for code, value in parts.items()},
    )


def score_again(kept: KeptScore, weights: Mapping[str, Decimal]) -> Score:
    """A kept score by other weights: its parts are kept exactly."""
    parts = {code: None if text is None else Fraction(text) for code, text in kept.parts.items()}
    return score_by({code: parts.get(code) for code in weights}, weights)


def backtest(*, on: dt.date, weights: Mapping[str, Decimal], days_before: int = DAYS_BEFORE) -> BackTest:
    """How often, of a won and a lost deal as they stood so many days before they closed, the won one had the higher score.
    What was not recorded by then (contacts, next steps) is unknown and takes no side."""
    scores: dict[str, list[Fraction]] = {"won": [], "lost": []}
    for outcome, traits in score_traits.past_deal_traits(on=on, days_before=days_before):
        value = score_by(opportunity_parts(traits), weights).value
        if value is not None:
            scores[outcome].append(value)
    return back_test(scores["won"], scores["lost"])
