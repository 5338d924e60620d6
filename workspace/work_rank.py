"""In which order things to do are listed: a score of three visible parts. Pure: no ORM, no clock.

How much the kind of thing presses, how late it is, and how much money it holds beside the rest of the list. A part that is not
known takes no side (`pipeline.scoring`): somebody who went quiet has no money of her own, and is not ranked as if she had none.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from pipeline.scoring import Number, Score, ramp, score_by

KIND, LATENESS, MONEY = "kind", "lateness", "money"
WEIGHTS: Final[Mapping[str, Number]] = {KIND: 50, LATENESS: 20, MONEY: 30}
#: So many days late, a thing is as late as it can be.
LATEST: Final = 30


def rank(*, urgency: int, days: int | None, amount: Decimal | None, largest: Decimal) -> Score:
    """`urgency` is 0 to 100; `days` late, None: not known; `amount` of the thing beside the `largest` of the list, None: not
    known, or nothing of the sort."""
    share = None
    if amount is not None and largest > 0:
        # In whole percent: more would tell no two things apart that a reader would.
        share = min(100, max(0, int(amount * 100 / largest)))
    return _rank(urgency, None if days is None else min(LATEST, max(0, days)), share)


@lru_cache(maxsize=8192)
def _rank(urgency: int, days: int | None, share: int | None) -> Score:
    values = {
        KIND: Fraction(urgency, 100),
        LATENESS: ramp(days, worst=0, best=LATEST),
        MONEY: None if share is None else Fraction(share, 100),
    }
    return score_by(values, WEIGHTS)
