"""What the pages of scores read: one score with its parts and history, the weights, and what others would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.access import scope_of
from accounts.models import Account
from core.snapshots import one_snapshot
from pipeline.models import Opportunity
from pipeline.score_models import KeptScore, ScoreKind
from pipeline.score_services import Weights, weights_of
from pipeline.scores import BackTest
from pipeline.scoring import Part, Score
from teams.models import Member
from teams.queries import line_of
from users.models import User
from workspace import scoring

NIGHTS = 60
MOVES = 20


@dataclass(frozen=True)
class Subject:
    """What is scored. `sees_usual`: whether the reader may know how it stands beside the whole account."""

    kind: str
    pk: int
    name: str
    url: str
    sees_usual: bool = True


def subject(*, viewer: User, kind: str, code: str) -> Subject:
    """Http404 for a subject whose score `viewer` may not know: a deal that she does not see whole, an account that she does
    not see whole, a member who is neither she nor in her line."""
    find = _FIND.get(kind)
    found = find(viewer, code) if find is not None and "\0" not in code else None
    if found is None:
        raise Http404(code)
    return found


def _opportunity(viewer: User, code: str) -> Subject | None:
    if not (code.isascii() and code.isdigit() and len(code) < 19):
        return None
    deal = Opportunity.objects.editable_by(viewer).filter(pk=int(code)).first()
    if deal is None:
        return None
    scope = scope_of(viewer)
    whole = scope.is_everything or deal.account_id in scope.whole_account_ids
    return Subject(ScoreKind.OPPORTUNITY, deal.pk, deal.name, reverse("pipeline:detail", args=[deal.pk]), whole)


def _account(viewer: User, code: str) -> Subject | None:
    account = Account.objects.visible_to(viewer).filter(code=code).first()
    scope = scope_of(viewer)
    if account is None or not (scope.is_everything or account.pk in scope.whole_account_ids):
        return None
    return Subject(ScoreKind.ACCOUNT, account.pk, account.name, reverse("accounts:detail", args=[account.code]))


def _member(viewer: User, code: str) -> Subject | None:
    member = Member.objects.filter(email__iexact=code).first()
    if member is None or not (scope_of(viewer).is_everything or member.email in line_of(viewer=viewer)):
        return None
    return Subject(ScoreKind.MEMBER, member.pk, str(member), reverse("members:detail", args=[member.email]))


_FIND: Mapping[str, Callable[[User, str], Subject | None]] = {
    ScoreKind.OPPORTUNITY: _opportunity,
    ScoreKind.ACCOUNT: _account,
    ScoreKind.MEMBER: _member,
}


@dataclass(frozen=True)
class ScorePage:
    """A score as the reader may know it: of the last night (`kept`; None: not computed yet), with its past."""

    subject: Subject
    kept: KeptScore | None
    score: Score | None
    weights: Weights
    past: Sequence[tuple[dt.date, Decimal | None]]

    @property
    def rows(self) -> list[tuple[Part, Fraction | None]]:
        """Each part with its points: they add up to the score."""
        return [(part, self.score.points(part)) for part in self.score.parts] if self.score else []

    @property
    def is_other_version(self) -> bool:
        """Whether other weights are in force since."""
        return self.kept is not None and self.kept.version != self.weights.version


def score_page(*, viewer: User, kind: str, code: str) -> ScorePage:
    with one_snapshot():
        about = subject(viewer=viewer, kind=kind, code=code)
        weights = weights_of(kind)
        nights = KeptScore.objects.filter(kind=kind, subject=about.pk, on__lte=scope_of(viewer).on).order_by("-on")
        found = list(nights[:NIGHTS])
        score = _seen(found[0], about, weights) if found else None
        # Without a part the score of a reader is another one than that which was kept.
        past = [(one.on, one.value) for one in reversed(found)] if about.sees_usual else []
        return ScorePage(about, found[0] if found else None, score, weights, past)


def _seen(kept: KeptScore, about: Subject, weights: Weights) -> Score:
    """By the weights in force; of a deal without what only the whole account tells."""
    found = scoring.score_again(kept, weights.of)
    if about.sees_usual:
        return found
    hidden = KeptScore(parts={**kept.parts, "amount": None})
    return scoring.score_again(hidden, weights.of)


@dataclass(frozen=True)
class Move:
    """A subject that other weights would move: its places, from 1, and its scores, before and after."""

    name: str
    url: str
    before: int
    after: int
    score_before: Fraction
    score_after: Fraction


@dataclass(frozen=True)
class WeightsEffect:
    """What weights would do to the scores of the last night. `moves` names those whose score the reader may know, the
    farthest first; `moved` of `scored` change their place."""

    on: dt.date | None
    scored: int
    moved: int
    moves: list[Move]


@dataclass(frozen=True)
class Desk:
    """The weights of a kind, how many scores of the last night there are, and how well they tell deals apart."""

    kind: str
    weights: Weights
    on: dt.date | None
    scored: int
    unknown: int
    test: BackTest | None


def desk(*, viewer: User, kind: str) -> Desk:
    weights = weights_of(kind)
    last = _last_night(kind)
    night = _scores_of(kind, last)
    return Desk(
        kind,
        weights,
        last,
        night.exclude(value=None).count(),
        night.filter(value=None).count(),
        tested(viewer=viewer, kind=kind, weights=weights.of),
    )


def tested(*, viewer: User, kind: str, weights: Mapping[str, Decimal]) -> BackTest | None:
    """How often the higher score won: of deals, whose outcome is known; None of other kinds."""
    if kind != ScoreKind.OPPORTUNITY:
        return None
    return scoring.backtest(on=scope_of(viewer).on, weights=weights)


def _last_night(kind: str) -> dt.date | None:
    found: dt.date | None = KeptScore.objects.filter(kind=kind).order_by("-on").values_list("on", flat=True).first()
    return found


def _scores_of(kind: str, on: dt.date | None) -> QuerySet[KeptScore]:
    rows = KeptScore.objects.filter(kind=kind)
    return rows.none() if on is None else rows.filter(on=on)


def effect(*, viewer: User, kind: str, weights: Mapping[str, Decimal]) -> WeightsEffect:
    """The scores of the last night by other weights: nothing is read again, their parts are kept."""
    on = _last_night(kind)
    night = list(_scores_of(kind, on))
    stands = weights_of(kind).of
    before = _ranked(night, stands)
    after = _ranked(night, weights)
    moved = sorted(
        (pk for pk in before if pk in after and before[pk][0] != after[pk][0]), key=lambda pk: _far(before, after, pk)
    )
    named = _named(viewer, kind, moved)
    moves = [Move(*named[pk], before[pk][0], after[pk][0], before[pk][1], after[pk][1]) for pk in moved if pk in named]
    return WeightsEffect(on, len(before), len(moved), moves[:MOVES])


Ranked = Mapping[int, tuple[int, Fraction]]


def _ranked(night: Sequence[KeptScore], weights: Mapping[str, Decimal]) -> Ranked:
    """Place and score by subject, the highest first; equal scores share a place."""
    scores = {one.subject: value for one in night if (value := scoring.score_again(one, weights).value) is not None}
    places: dict[Fraction, int] = {}
    for place, value in enumerate(sorted(scores.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {pk: (places[value], value) for pk, value in scores.items()}


def _far(before: Ranked, after: Ranked, pk: int) -> tuple[int, int]:
    return -abs(before[pk][0] - after[pk][0]), before[pk][0]


def _named(viewer: User, kind: str, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Names and addresses of those whose score `viewer` may know."""
    scope = scope_of(viewer)
    if kind == ScoreKind.OPPORTUNITY:
        deals = Opportunity.objects.editable_by(viewer).filter(pk__in=ids)
        return {pk: (name, reverse("pipeline:detail", args=[pk])) for pk, name in deals.values_list("pk", "name")}
    if kind == ScoreKind.ACCOUNT:
        accounts = Account.objects.visible_to(viewer).filter(pk__in=ids)
        if not scope.is_everything:
            accounts = accounts.filter(pk__in=scope.whole_account_ids)
        rows = accounts.values_list("pk", "name", "code")
        return {pk: (name, reverse("accounts:detail", args=[code])) for pk, name, code in rows}
    members = Member.objects.filter(pk__in=ids)
    if not scope.is_everything:
        members = members.filter(email__in=line_of(viewer=viewer))
    return {one.pk: (str(one), reverse("members:detail", args=[one.email])) for one in members}
