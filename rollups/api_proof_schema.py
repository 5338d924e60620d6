"""What the proof endpoints answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollups.api_schema import LENS, MONEY, NATIVE, SCOPE, TEXT, list_of, object_of

Schema = dict[str, Any]

_WHOLE: Schema = {"type": "integer"}
_TEXT_OR_NONE: Schema = {**TEXT, "nullable": True}
_DAY: Schema = {"type": "string", "format": "date"}
_DAY_OR_NONE: Schema = {**_DAY, "nullable": True}
_INSTANT_OR_NONE: Schema = {"type": "string", "format": "date-time", "nullable": True}
_YES_OR_NO: Schema = {"type": "boolean"}
_FIGURE: Schema = {"oneOf": [*MONEY["oneOf"], _WHOLE], "description": "Money as in a figure; a whole number of deals."}

_LEG = object_of(
    currency=TEXT,
    base=TEXT,
    rate_set=TEXT,
    rate={**TEXT, "description": "Units of the currency for one base: sum ÷ days, to 30 digits."},
    date=_DAY_OR_NONE,
    month={**_TEXT_OR_NONE, "description": "Of a mean: the month whose published days it is of."},
    days=_WHOLE,
    sum=TEXT,
    corrected_at=_INSTANT_OR_NONE,
    source=TEXT,
)
_ROW = object_of(
    kind={"type": "string", "enum": ["revenue_entry", "opportunity", "opportunity_line"]},
    id=_WHOLE,
    external_id=TEXT,
    account=TEXT,
    org_unit=_TEXT_OR_NONE,
    country=_TEXT_OR_NONE,
    product=_TEXT_OR_NONE,
    date=_DAY,
    stage=_TEXT_OR_NONE,
    probability=_TEXT_OR_NONE,
    amount={**_TEXT_OR_NONE, "description": "Native, exact."},
    currency=TEXT,
    rate_date=_DAY,
    legs={**list_of(_LEG), "description": "The currency's leg, then the goal's; empty where no rate is needed."},
    price={**_TEXT_OR_NONE, "description": "The goal's leg over the currency's, to 30 digits."},
    share={**TEXT, "description": "Percent of the deal that is here."},
    converted={**_TEXT_OR_NONE, "description": "What the fact adds to the figure; null where deals are counted."},
    converted_currency=TEXT,
    provisional=_YES_OR_NO,
)
_EXCLUDED = object_of(
    reason={"type": "string", "enum": ["no_rate", "omitted", "no_amount", "other_kind", "restricted"]},
    kind=_TEXT_OR_NONE,
    text=TEXT,
    facts={"type": "integer", "nullable": True},
    amounts=NATIVE,
)
_RESTATEMENT = object_of(
    rate_set=TEXT,
    base=TEXT,
    currency=TEXT,
    date=_DAY,
    rate=TEXT,
    earlier=list_of(TEXT),
    corrected_at={"type": "string", "format": "date-time"},
    facts=_WHOLE,
)
_SIDE = object_of(facts=_WHOLE, amount=TEXT, unpriced=_WHOLE, unpriced_amount=TEXT)
_CHECK = object_of(
    agrees=_YES_OR_NO,
    rows=list_of(object_of(measure=TEXT, currency=_TEXT_OR_NONE, rollups=_SIDE, facts=_SIDE, agrees=_YES_OR_NO)),
)
_ON_FIRST: Schema = {"nullable": True, "description": "On the first page; null on others."}

PROOF = object_of(
    scope=SCOPE,
    parts=list_of(SCOPE),
    lens=LENS,
    as_of=_DAY,
    computed_at=_INSTANT_OR_NONE,
    run={**object_of(id=_WHOLE, kind=TEXT, finished_at=_INSTANT_OR_NONE), "nullable": True},
    fresh=_YES_OR_NO,
    oldest_rate=_DAY_OR_NONE,
    provisional=_YES_OR_NO,
    restricted=_YES_OR_NO,
    measure=TEXT,
    total=_FIGURE,
    facts={**_WHOLE, "nullable": True, "description": "How many facts all pages hold."},
    sum_of_page=_FIGURE,
    running=object_of(facts=_WHOLE, sum=_FIGURE),
    excluded_for=_TEXT_OR_NONE,
    results=list_of(_ROW),
    next=_TEXT_OR_NONE,
    previous=_TEXT_OR_NONE,
    excluded={**list_of(_EXCLUDED), **_ON_FIRST},
    restatements={**list_of(_RESTATEMENT), **_ON_FIRST},
    check={**_CHECK, **_ON_FIRST},
)
