"""What the forecast endpoints answer, for the OpenAPI document."""

from __future__ import annotations

from rollups.api_schema import MONEY, NATIVE, SCOPE, TEXT, Schema, list_of, object_of
from rollups.forecast_categories import ADJUSTABLE, KEYS
from rollups.forecast_flow import FX, MOVEMENTS

_DAY: Schema = {"type": "string", "format": "date"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer"}
_BOOL: Schema = {"type": "boolean"}
_PERIOD = object_of(code=TEXT, **{"from": TEXT}, to=TEXT)
_UNPRICED: Schema = {
    "type": "object",
    "properties": dict.fromkeys(KEYS, object_of(facts=_COUNT, amounts=NATIVE)),
    "description": "Lines without a rate, counted and in native money; empty under currency=native.",
}
_AMOUNTS: dict[str, Schema] = {
    **dict.fromkeys(KEYS, MONEY),
    "forecast": {**MONEY, "description": "Closed and commit together."},
    "opportunities": {"type": "object", "properties": dict.fromkeys(KEYS, _COUNT)},
    "unpriced": _UNPRICED,
}
_COMPUTED = object_of(**_AMOUNTS)
_SOURCE: Schema = {"type": "string", "enum": ["computed", "below", "here"]}
_ADJUSTED: Schema = {
    "type": "object",
    "properties": dict.fromkeys(ADJUSTABLE, object_of(forecast=TEXT, source=_SOURCE)),
    "description": "What adjustments make of each category; empty in native money and in the overlay book.",
}
FIGURE = object_of(
    scope=SCOPE,
    period=_PERIOD,
    lens=object_of(**dict.fromkeys(("currency", "rates", "tree", "book"), TEXT)),
    as_of=_DAY,
    oldest_rate={**_DAY, "nullable": True},
    restricted=_BOOL,
    computed=_COMPUTED,
    adjusted=_ADJUSTED,
    adjustments=list_of(
        object_of(
            **dict.fromkeys(("category", "amount", "currency", "computed_then", "computed_now", "by", "note"), TEXT),
            stated={**TEXT, "nullable": True, "description": "In the lens's currency; null without a rate."},
            at=_INSTANT,
            stale=_BOOL,
            changed=list_of(TEXT),
        )
    ),
    months=list_of(object_of(month=TEXT, **_AMOUNTS)),
    children=list_of(
        object_of(
            type={"type": "string", "enum": ["region", "country", "member", "own"]},
            code=TEXT,
            name=TEXT,
            computed=_COMPUTED,
            adjusted=_ADJUSTED,
        )
    ),
)
_SNAPSHOT: dict[str, Schema] = {
    "week": {**_DAY, "description": "Its Monday."},
    "taken_on": _DAY,
    "taken_at": _INSTANT,
    "kind": {"type": "string", "enum": ["scheduled", "replayed"]},
    "currencies": list_of(TEXT),
    "lines": _COUNT,
}
SNAPSHOTS = object_of(results=list_of(object_of(**_SNAPSHOT)))
SAID = object_of(
    scope=SCOPE,
    period=_PERIOD,
    currency=TEXT,
    restricted=_BOOL,
    results=list_of(object_of(**_SNAPSHOT, **dict.fromkeys(KEYS, TEXT), forecast=TEXT, unpriced=_COUNT)),
)
_BY_CATEGORY: Schema = {"type": "object", "additionalProperties": TEXT}
FLOW = object_of(
    scope=SCOPE,
    period=_PERIOD,
    currency=TEXT,
    since=object_of(**_SNAPSHOT),
    until={**object_of(**_SNAPSHOT), "nullable": True, "description": "Null: now."},
    until_on=_DAY,
    restricted=_BOOL,
    opening=TEXT,
    movements=object_of(**dict.fromkeys((*MOVEMENTS, FX), TEXT)),
    closing=TEXT,
    opening_by_category=_BY_CATEGORY,
    closing_by_category=_BY_CATEGORY,
    opportunities={"type": "object", "additionalProperties": _COUNT},
    unpriced=_COUNT,
    lines=list_of(
        object_of(opportunity=TEXT, line=_COUNT, movement=TEXT, opening=TEXT, change=TEXT, fx=TEXT, closing=TEXT)
    ),
)
_TOGETHER: dict[str, Schema] = {"forecasts": _COUNT, **dict.fromkeys(("said", "came", "bias", "absolute_error"), TEXT)}
ACCURACY = object_of(
    scope=SCOPE,
    period=_PERIOD,
    currency=TEXT,
    is_over=_BOOL,
    restricted=_BOOL,
    came=TEXT,
    together=object_of(**_TOGETHER),
    snapshots=list_of(object_of(taken_on=_DAY, week=_COUNT, said=TEXT, error=TEXT)),
    children=list_of(object_of(code=TEXT, said=TEXT, came=TEXT, error=TEXT)),
    submissions=list_of(object_of(by=TEXT, at=_INSTANT, period=TEXT, said=TEXT, came=TEXT, error=TEXT)),
    by_person=list_of(object_of(by=TEXT, **_TOGETHER)),
)
