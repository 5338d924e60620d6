"""How leads are scored, kept version by version, and what their scores were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, NotPermitted
from money.queries import business_date
from pipeline.lead_models import LeadScore, LeadScoring
from pipeline.lead_querysets import WAITING, LeadQuerySet
from pipeline.lead_scores import PARTS, Definition, definition, scored
from pipeline.models import Lead
from users.models import User
from users.permissions import Permission

SHOWN: Final = 50
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('lead scoring'))"
_PLACES: Final = Decimal("0.0001")


class ScoringChanged(DomainError):
    """Somebody else kept another version after the page was opened. Nothing was written."""


@transaction.atomic
def keep_definition(*, told: Definition, version: int, by: User | None) -> int:
    """Score leads so from now on; the versions before stay. `version` is that in force when the page was opened.

    Returns the new version. NotPermitted, ScoringChanged; DomainError when no part has a weight, or a worth is none.
    """
    if by is not None and not by.may(Permission.CONFIGURE_PIPELINE):
        raise NotPermitted(_("You may not change this."))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    if definition().version != version:
        raise ScoringChanged(_("Somebody changed the score after you opened it. Open it again."))
    if not any(told.weights.values()):
        raise DomainError(_("At least one part needs a weight above 0."))
    if not all(0 <= worth <= 1 for worth in (*told.sources.values(), *told.tiers.values())):
        raise DomainError(_("What a source or a tier is worth lies between 0 and 1."))
    made: LeadScoring = LeadScoring.objects.create(
        made_at=clock.now(),
        made_by=by,
        weights={code: str(told.weights[code]) for code in PARTS},
        sources={name: str(worth) for name, worth in told.sources.items()},
        tiers={code: str(worth) for code, worth in told.tiers.items()},
        recency_days=told.recency_days,
    )
    return made.pk


@dataclass(frozen=True)
class Moved:
    """A lead that waits, with its place and score under two definitions."""

    lead: Any
    was: int
    becomes: int
    score: Decimal | None
    new_score: Decimal | None

    @property
    def climbs(self) -> int:
        """By how many places it would rise; below 0: fall."""
        return self.was - self.becomes


@dataclass(frozen=True)
class Effect:
    """What another definition does to the order of the leads that wait. `rows` are those that the reader sees, the first by
    their new place; `moved` of `waiting` change their place, of all leads."""

    rows: list[Moved]
    moved: int
    waiting: int
    is_part: bool


def effect(*, viewer: User, told: Definition) -> Effect:
    """A dry run of `told` beside what is in force: nothing is written."""
    on, now = business_date(), definition()
    waiting: LeadQuerySet = Lead.objects.filter(status__in=WAITING)
    before, after = _order(waiting, now, on), _order(waiting, told, on)
    seen = {lead.pk: lead for lead in Lead.objects.visible_to(viewer).filter(pk__in=list(after))}
    places = {pk: place for place, pk in enumerate(before, start=1)}
    rows = [
        Moved(seen[pk], places[pk], place, before[pk], score)
        for place, (pk, score) in enumerate(after.items(), start=1)
        if pk in seen
    ]
    moved = sum(places[pk] != place for place, pk in enumerate(after, start=1))
    return Effect(rows[:SHOWN], moved, len(after), len(seen) < len(after))


def _order(leads: LeadQuerySet, told: Definition, on: dt.date) -> dict[int, Decimal | None]:
    """Leads with their scores, the best first; those without a score last, the older before the newer."""
    found: Any = scored(leads, told, on=on)
    rows = found.values_list("pk", "score")
    return dict(sorted(rows, key=lambda row: (row[1] is None, -(row[1] or 0), row[0])))


@transaction.atomic
def keep_lead_scores(*, on: dt.date | None = None) -> int:
    """Note the score of every lead on a day (the business date) where it differs from the one noted last; how many."""
    day, now = on or business_date(), definition()
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    last = LeadScore.objects.filter(on__lt=day).order_by("lead", "-on").distinct("lead")
    known = {row.lead_id: (row.score, row.known_weight, row.scoring_id) for row in last}
    rows = [row for row in _rows(now, day) if known.get(row.lead_id) != (row.score, row.known_weight, row.scoring_id)]
    LeadScore.objects.filter(on=day).exclude(lead__in=[row.lead_id for row in rows]).delete()
    values = ["score", "known_weight", "scoring"]
    LeadScore.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["lead", "on"], update_fields=values
    )
    return len(rows)


def _rows(told: Definition, on: dt.date) -> Iterator[LeadScore]:
    found: Any = scored(Lead.objects.all(), told, on=on)
    for pk, score, known in found.values_list("pk", "score", "known_weight").iterator():
        yield LeadScore(
            lead_id=pk,
            on=on,
            scoring_id=told.version,
            score=None if score is None else score.quantize(_PLACES, ROUND_HALF_EVEN),
            known_weight=known.quantize(_PLACES, ROUND_HALF_EVEN),
        )
