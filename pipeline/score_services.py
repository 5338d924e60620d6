"""Which weights a kind of score has, and how an administrator sets others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, NotPermitted
from core.staging_periods import LOCK
from pipeline.score_models import ScoreWeights
from pipeline.scores import WEIGHTS
from users.models import User
from users.permissions import Permission

MOST = Decimal(1000)


class WeightsChanged(DomainError):
    """Somebody else set weights after they were read. Nothing was written."""


@dataclass(frozen=True)
class Weights:
    """The weights in force: by part, in the order of the parts. `made_at` is None of those that hold from the start."""

    version: int
    of: Mapping[str, Decimal]
    made_at: dt.datetime | None = None
    made_by: str = ""


def weights_of(kind: str) -> Weights:
    """The latest of a kind; a part that it does not name weighs nothing. KeyError for no kind."""
    usual = WEIGHTS[kind]
    found = ScoreWeights.objects.filter(kind=kind).select_related("made_by").order_by("-version").first()
    if found is None:
        return Weights(1, {part: Decimal(weight) for part, weight in usual.items()})
    given = {part: Decimal(found.weights.get(part, "0")) for part in usual}
    return Weights(found.version, given, found.made_at, str(found.made_by or ""))


@transaction.atomic
def set_weights(*, kind: str, weights: Mapping[str, Decimal], version: int, by: User) -> Weights:
    """Let a kind of score weigh its parts so from now on; kept scores keep the weights that they had. `version` is the one
    that was read. NotPermitted, WeightsChanged; DomainError for weights that can't be."""
    if not by.may(Permission.CONFIGURE_PIPELINE):
        raise NotPermitted(_("You may not set the weights of scores."))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["weights of scores"])
    stands = weights_of(kind)
    if stands.version != version:
        raise WeightsChanged(_("Somebody set other weights after you opened these. Open them again."))
    if set(weights) != set(stands.of) or any(not 0 <= weight <= MOST for weight in weights.values()):
        raise DomainError(_("Each part has a weight from 0 to 1,000."))
    if not any(weights.values()):
        raise DomainError(_("At least one part must weigh something."))
    if dict(weights) != dict(stands.of):
        told = {part: str(weight) for part, weight in weights.items()}
        ScoreWeights.objects.create(kind=kind, version=version + 1, weights=told, made_at=clock.now(), made_by=by)
    return weights_of(kind)
