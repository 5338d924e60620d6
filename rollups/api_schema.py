"""What the roll-up endpoints answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollups.measures import COUNT_KEYS, MONEY_KEYS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_EMPTY_OR_DATE: Schema = {"type": "string", "format": "date", "nullable": True}
_NATIVE: Schema = {"type": "object", "additionalProperties": _TEXT}
_MONEY: Schema = {
    "oneOf": [_TEXT, _NATIVE],
    "description": "A decimal string in the lens's currency; under currency=native an object by currency code.",
}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_COUNT: Schema = {"type": "integer"}
_COUNTS: Schema = dict.fromkeys(COUNT_KEYS, _COUNT)
_REVENUE: Schema = {**_MONEY, "nullable": True, "description": "Null of members and in the overlay book."}
_FIGURES: Schema = {**dict.fromkeys(MONEY_KEYS, _MONEY), "revenue": _REVENUE, **_COUNTS}
_MEASURES = _object(**_FIGURES)
_MEASURES_OR_NONE: Schema = {**_MEASURES, "nullable": True, "description": "On org units only, else null."}
_UNPRICED_ONE = _object(facts={"type": "integer"}, amounts=_NATIVE)
_UNPRICED: Schema = {
    "type": "object",
    "properties": dict.fromkeys(MONEY_KEYS, _UNPRICED_ONE),
    "description": "Facts without a rate in reach, counted and summed in native money; empty under currency=native.",
}
_LENS: Schema = _object(
    **{"from": _TEXT},
    **dict.fromkeys(("to", "currency", "rates", "tree", "book", "revenue_kind", "structure"), _TEXT),
)
_SCOPE = _object(type=_TEXT, code=_TEXT, name=_TEXT)
_CHILD = _object(
    type={"type": "string", "enum": ["region", "country", "org_unit", "account"]},
    code=_TEXT,
    name=_TEXT,
    measures=_MEASURES,
    unpriced=_UNPRICED,
)

NODE = _object(
    scope=_SCOPE,
    lens=_LENS,
    as_of={"type": "string", "format": "date"},
    computed_at={"type": "string", "format": "date-time", "nullable": True},
    run={"type": "integer", "nullable": True},
    fresh={"type": "boolean"},
    oldest_rate=_EMPTY_OR_DATE,
    provisional={"type": "boolean"},
    measures=_MEASURES,
    unpriced=_UNPRICED,
    own=_MEASURES_OR_NONE,
    restricted={"type": "boolean"},
    months=_list_of(_object(month=_TEXT, **_FIGURES)),
    children=_list_of(_CHILD),
)
NODES = _object(lens=_LENS, as_of={"type": "string", "format": "date"}, results=_list_of(NODE))

_BRIDGE_AMOUNTS: Schema = {
    name: {**_TEXT, "description": about}
    for name, about in {
        "before": "Revenue of the earlier period as reported, by the trees of the time.",
        "structure": "What countries, regions or units brought or took by moving.",
        "organic": "What changed at one set of rates and one tree.",
        "unmatched": "Facts whose currency has no mean in the earlier months, later less earlier.",
        "fx": "The rest: what changed because rates did.",
        "after": "Revenue of the later period as reported, by the trees of the time.",
    }.items()
}
_PERIOD = _object(**{"from": _TEXT}, to=_TEXT, unpriced=_UNPRICED_ONE)
BRIDGE = _object(
    scope=_SCOPE,
    lens=_LENS,
    k={"type": "integer"},
    tree_day={"type": "string", "format": "date"},
    as_of={"type": "string", "format": "date"},
    computed_at={"type": "string", "format": "date-time", "nullable": True},
    run={"type": "integer", "nullable": True},
    fresh={"type": "boolean"},
    **_BRIDGE_AMOUNTS,
    periods=_object(before=_PERIOD, after=_PERIOD),
    own={**_object(**_BRIDGE_AMOUNTS), "nullable": True, "description": "On org units only, else null."},
    restricted={"type": "boolean"},
    children=_list_of(
        _object(
            type={"type": "string", "enum": ["region", "country", "org_unit"]},
            code=_TEXT,
            name=_TEXT,
            **_BRIDGE_AMOUNTS,
        )
    ),
)
