"""Proofs: the facts under a figure, page by page, each with what it adds, so that anybody can add them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core import months
from core.snapshots import one_snapshot
from money.conversion import from_minor
from rollups.figures import Figure, Money
from rollups.framing import Frame, frame_for
from rollups.lens import Lens, LensError
from rollups.measures import COUNT_KEYS, MONEY_KEYS
from rollups.models import Run
from rollups.proof import LISTED, NO_RATE, Evidence, LastRun, Proof, ProofRow
from rollups.proof_cursors import Cursor
from rollups.proof_evidence import evidence
from rollups.proof_ground import Asked, Ground, ground_of
from rollups.proof_reading import FactRow, Reader, is_provisional
from rollups.proof_totals import Totals, figure_of, is_open, totals_of
from rollups.tally import exact
from users.models import User

MEASURES = (*MONEY_KEYS, *COUNT_KEYS)
PAGE = 100


def proof(
    *,
    viewer: User,
    asked: Asked,
    lens: Lens,
    measure: str,
    cursor: Cursor | None = None,
    size: int = PAGE,
    reason: str = "",
) -> Proof:
    """One page of the facts under a figure, the latest first, with the figure they add up to. The first page has what is said
    once of the whole (`evidence`). `reason`: the facts left out for it instead.

    Http404 for a node that the viewer may not see; LensError for a measure or part that the node doesn't have."""
    _check_measure(lens, asked, measure, reason)
    with one_snapshot():
        frame = frame_for(viewer, lens, has_revenue=asked.member is None)
        ground = ground_of(viewer, asked, lens)
        reader = Reader(frame, ground, measure)
        figure, totals = figure_of(frame, ground), totals_of(reader)
        found, more = _page(reader, figure, totals, cursor, size, reason)
        rows = _rows(reader, found, reason)
        said = evidence(reader, figure, totals) if cursor is None and not reason else None
        return _proof(reader, figure, totals, rows, cursor, said, reason=reason, more=more)


def _check_measure(lens: Lens, asked: Asked, measure: str, reason: str) -> None:
    if measure not in MEASURES:
        words = _("“%(wrong)s” is not offered. There are: %(known)s.")
        raise LensError(words % {"wrong": measure, "known": ", ".join(MEASURES)}, field="measure")
    if measure == "revenue" and (asked.member is not None or lens.is_overlay):
        raise LensError(_("Revenue has no owner, so members and the overlay book have none."), field="measure")
    if reason and reason not in LISTED:
        words = _("“%(wrong)s” is not offered. There are: %(known)s.")
        raise LensError(words % {"wrong": reason, "known": ", ".join(LISTED)}, field="excluded")


def _page(
    reader: Reader, figure: Figure, totals: Totals, cursor: Cursor | None, size: int, reason: str
) -> tuple[list[FactRow], bool]:
    """The rows of the page, the latest first, and whether there are more beyond."""
    has_unpriced = not reader.outcome and (reason == NO_RATE or (not reason and any(totals.unpriced.values())))
    in_month: Mapping[int, int] | None = None
    if reader.outcome and not reason:
        in_month = {months.parse(row.month): getattr(row.measures, reader.measure) for row in figure.months}
    elif not reason:
        in_month = {month: facts - totals.unpriced[month] for month, facts in totals.facts.items()}
    elif reason == NO_RATE:
        in_month = totals.unpriced
    found = reader.page(cursor=cursor, limit=size + 1, reason=reason, in_month=in_month, has_unpriced=has_unpriced)
    more, found = len(found) > size, found[:size]
    return (found[::-1] if cursor is not None and cursor.backwards else found), more


def _rows(reader: Reader, found: Sequence[FactRow], reason: str) -> tuple[ProofRow, ...]:
    frame = reader.frame
    prices = {} if reason else reader.prices(found)
    minors: Sequence[int | None] = [None] * len(found) if reason else reader.minors(found)
    rows = []
    for row, minor in zip(found, minors, strict=True):
        goal = row.currency if frame.lens.is_native else frame.lens.currency
        rows.append(
            ProofRow(
                kind=row.kind,
                id=row.id,
                line=row.line,
                external_id=row.external_id,
                account=row.account,
                account_name=row.account_name,
                org_unit=row.org_unit or "",
                org_unit_name=row.org_unit_name or "",
                country=row.country,
                product=row.product or "",
                product_name=row.product_name or "",
                on=row.own_date,
                stage=row.stage or "",
                stage_name=row.stage_name or "",
                probability=row.probability,
                amount=None if row.amount is None else exact(row.amount, frame.shape.exponents[row.currency]),
                currency=row.currency,
                rate_on=row.rate_on,
                share=row.percent,
                price=prices.get((row.currency, row.rate_on)),
                goal=goal,
                minor=minor,
                exponent=frame.shape.exponents[goal],
                is_provisional=minor is not None and is_provisional(frame, row, is_open(reader.code)),
            )
        )
    return tuple(rows)


def _proof(
    reader: Reader,
    figure: Figure,
    totals: Totals,
    rows: tuple[ProofRow, ...],
    cursor: Cursor | None,
    said: Evidence | None,
    *,
    reason: str,
    more: bool,
) -> Proof:
    backwards = cursor is not None and cursor.backwards
    here = Counter[str]()
    for row in rows:
        here[row.goal] += row.minor or 0
    seen_before, sums_before = _before(cursor, here, len(rows))
    seen, sums_after = seen_before + len(rows), sums_before.copy()
    sums_after.update(here)
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Proof(
        figure=figure,
        parts=reader.ground.parts,
        measure=reader.measure,
        value=getattr(figure.measures, reader.measure),
        facts=_number(reader, figure, totals, reason),
        rows=rows,
        page_sum=_stated(reader, here, len(rows)),
        running=_stated(reader, sums_after, seen),
        seen=seen,
        run=_last_run(figure),
        evidence=said,
        next=Cursor(rows[-1].key, False, seen, sums_after).text() if rows and has_next else "",
        previous=Cursor(rows[0].key, True, seen_before, sums_before).text() if rows and has_previous else "",
        reason=reason,
    )


def _before(cursor: Cursor | None, here: Mapping[str, int], number: int) -> tuple[int, Counter[str]]:
    """Facts and sums before the page. A cursor that points back counts what lies before its own place, the page's end."""
    if cursor is None:
        return 0, Counter()
    sums = Counter[str](cursor.sums)
    if not cursor.backwards:
        return cursor.seen, sums
    sums.subtract(here)
    return max(cursor.seen - number, 0), sums


def _number(reader: Reader, figure: Figure, totals: Totals, reason: str) -> int:
    """How many facts all pages hold; of those left out for another reason than a rate only the first page says."""
    unpriced = sum(totals.unpriced.values())
    if reason:
        return unpriced if reason == NO_RATE else -1
    if reader.outcome:
        return int(getattr(figure.measures, reader.measure))
    return sum(totals.facts.values()) - unpriced


def _stated(reader: Reader, sums: Mapping[str, int], number: int) -> Money | int:
    if reader.outcome:
        return number
    frame: Frame = reader.frame
    exponents = frame.shape.exponents
    if frame.lens.is_native:
        return {code: from_minor(minor, exponents[code]) for code, minor in sorted(sums.items())}
    return from_minor(sums.get(frame.lens.currency, 0), exponents[frame.lens.currency])


def _last_run(figure: Figure) -> LastRun | None:
    if figure.run is None:
        return None
    found = Run.objects.filter(pk=figure.run).values_list("kind", "finished_at").first()
    return LastRun(figure.run, *found) if found else LastRun(figure.run, "", None)


__all__ = ["MEASURES", "PAGE", "Asked", "Ground", "proof"]
