"""What the template of the dry run reads: rows with bars, and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, months
from core.marks import absent_html
from rollups.lens import parse_lens
from workspace import lenses, screens, tables
from workspace.dashboard import Amount
from workspace.lenses import PageLens
from workspace.redraw import MONEY, DryRun, QuotaShift, RegionShift, Shift

#: Half the width of the bar of a difference; zero is in the middle.
_HALF = 28


def context(run: DryRun, lens: PageLens, *, is_then: bool) -> dict[str, Any]:
    words = screens.measure_words() | {"revenue": lenses.kind_words(lens.revenue_kind)}
    rows = run.figures.rows if run.figures else []
    return {
        "run": run,
        "draft": run.view.draft,
        "lens": lens,
        "is_then": is_then,
        "sentence": lenses.redrawn_sentence(lens, run.view.on, is_then=is_then),
        "tables": [_table(rows, words, pair) for pair in (MONEY[:2], MONEY[2:])] if run.figures else [],
        "whole": [(words[name], tables.whole_html(getattr(run.figures.whole, name))) for name in MONEY] if run.figures else [],
        "quotas": [_quota(row, words) for row in run.quotas],
        "coverage": [
            (one.name, [signed(Decimal(n)) for n in (one.count.units, one.count.slots, one.count.empty)])
            for one in run.coverage
        ],
        "no_month_moves": is_then and parse_lens(lens.api_params).last < months.month_of(run.view.on),
    }  # fmt: skip


def _table(rows: Sequence[RegionShift], words: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    longest = {name: max((_size(row.amounts[name].difference) for row in rows), default=Decimal(0)) for name in names}
    return {
        "heads": [words[name] for name in names],
        "caption": _("%(one)s and %(other)s") % {"one": words[names[0]], "other": words[names[1]]},
        "rows": [(row, [_cells(row.amounts[name], longest[name]) for name in names]) for row in rows],
    }


def _size(amount: Amount | None) -> Decimal:
    return abs(amount) if isinstance(amount, Decimal) else Decimal(0)


def _cells(shift: Shift, longest: Decimal) -> tuple[SafeString, SafeString, SafeString]:
    return tables.whole_html(shift.before), tables.whole_html(shift.after), _difference(shift.difference, longest)


def _difference(amount: Amount | None, longest: Decimal) -> SafeString:
    """A signed figure with a bar from the middle; no difference is a dash."""
    if not amount:
        return absent_html()
    if isinstance(amount, dict):
        return tables.whole_html(amount)
    width = max(1, round(_HALF * _size(amount) / longest)) if longest else 0
    return format_html(
        '<span class="difference"><svg class="bar" viewBox="0 0 56 8" aria-hidden="true">'
        '<rect class="{}" x="{}" y="0" width="{}" height="8"></rect><path class="axis" d="M28 0v8"></path></svg>'
        '<span title="{}">{}</span></span>',
        "more" if amount > 0 else "less",
        _HALF if amount > 0 else _HALF - width,
        width,
        signed(amount, exact=True),
        signed(amount),
    )


def signed(amount: Decimal, *, exact: bool = False) -> str:
    text = formats.number(amount) if exact else formats.number(amount, decimals=0)
    return f"+{text}" if amount > 0 else text


def _quota(row: QuotaShift, words: Mapping[str, str]) -> dict[str, Any]:
    last = row.quota.period_end - dt.timedelta(days=1)
    return {
        "row": row,
        "measure": words[row.quota.measure],
        "last": last,
        "before": row.share(row.actual.before),
        "after": row.share(row.actual.after),
    }
