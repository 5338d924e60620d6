"""Where a page of a proof begins: beyond a fact, with what the pages before it hold, so that a running sum needs no state."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from rollups.lens import LensError

Key = tuple[dt.date, int, int]


@dataclass(frozen=True)
class Cursor:
    """Beyond the fact `key`, or with `backwards` before it. `seen` facts with `sums` (minor units by currency) lie before the
    place where it points."""

    key: Key
    backwards: bool = False
    seen: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)

    def text(self) -> str:
        on, pk, line = self.key
        raw = json.dumps(
            [on.isoformat(), pk, line, int(self.backwards), self.seen, dict(self.sums)], separators=(",", ":")
        )
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor that a page handed out. LensError for anything else."""
    try:
        on, pk, line, backwards, seen, sums = json.loads(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        )
        key = dt.date.fromisoformat(on), _whole(pk, 2**63), _whole(line, 2**31)
        return Cursor(key, bool(backwards), int(seen), {str(code): int(sum_) for code, sum_ in dict(sums).items()})
    except (binascii.Error, UnicodeDecodeError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise LensError(_("Is not a cursor that a page handed out."), field="cursor") from error


def _whole(value: object, limit: int) -> int:
    if not isinstance(value, int) or not 0 <= value < limit:
        raise ValueError(value)
    return value
