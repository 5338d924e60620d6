"""What the roll-up endpoints answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollups.measures import COUNT_KEYS, MONEY_KEYS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
_EMPTY_OR_DATE: Schema = {"type": "string", "format": "date", "nullable": True}
NATIVE: Schema = {"type": "object", "additionalProperties": TEXT}
MONEY: Schema = {
    "oneOf": [TEXT, NATIVE],
    "description": "A decimal string in the lens's currency; under currency=native an object by currency code.",
}


def object_of(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_COUNT: Schema = {"type": "integer"}
_COUNTS: Schema = dict.fromkeys(COUNT_KEYS, _COUNT)
_REVENUE: Schema = {**MONEY, "nullable": True, "description": "Null of members and in the overlay book."}
_FIGURES: Schema = {**dict.fromkeys(MONEY_KEYS, MONEY), "revenue": _REVENUE, **_COUNTS}
_MEASURES = object_of(**_FIGURES)
_MEASURES_OR_NONE: Schema = {**_MEASURES, "nullable": True, "description": "On org units only, else null."}
_UNPRICED_ONE = object_of(facts={"type": "integer"}, amounts=NATIVE)
_UNPRICED: Schema = {
    "type": "object",
    "properties": dict.fromkeys(MONEY_KEYS, _UNPRICED_ONE),
    "description": "Facts without a rate in reach, counted and summed in native money; empty under currency=native.",
}
LENS: Schema = object_of(
    **{"from": TEXT},
    **dict.fromkeys(("to", "currency", "rates", "tree", "book", "revenue_kind", "structure"), TEXT),
)
SCOPE = object_of(type=TEXT, code=TEXT, name=TEXT)
_CHILD = object_of(
    type={"type": "string", "enum": ["region", "country", "org_unit", "account"]},
    code=TEXT,
    name=TEXT,
    measures=_MEASURES,
    unpriced=_UNPRICED,
)

NODE = object_of(
    scope=SCOPE,
    lens=LENS,
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
    months=list_of(object_of(month=TEXT, **_FIGURES)),
    children=list_of(_CHILD),
)
NODES = object_of(lens=LENS, as_of={"type": "string", "format": "date"}, results=list_of(NODE))

_BRIDGE_AMOUNTS: Schema = {
    name: {**TEXT, "description": about}
    for name, about in {
        "before": "Revenue of the earlier period as reported, by the trees of the time.",
        "structure": "What countries, regions or units brought or took by moving.",
        "organic": "What changed at one set of rates and one tree.",
        "unmatched": "Facts whose currency has no mean in the earlier months, later less earlier.",
        "fx": "The rest: what changed because rates did.",
        "after": "Revenue of the later period as reported, by the trees of the time.",
    }.items()
}
_PERIOD = object_of(**{"from": TEXT}, to=TEXT, unpriced=_UNPRICED_ONE)
BRIDGE = object_of(
    scope=SCOPE,
    lens=LENS,
    k={"type": "integer"},
    tree_day={"type": "string", "format": "date"},
    as_of={"type": "string", "format": "date"},
    computed_at={"type": "string", "format": "date-time", "nullable": True},
    run={"type": "integer", "nullable": True},
    fresh={"type": "boolean"},
    **_BRIDGE_AMOUNTS,
    periods=object_of(before=_PERIOD, after=_PERIOD),
    own={**object_of(**_BRIDGE_AMOUNTS), "nullable": True, "description": "On org units only, else null."},
    restricted={"type": "boolean"},
    children=list_of(
        object_of(
            type={"type": "string", "enum": ["region", "country", "org_unit", "account"]},
            code=TEXT,
            name=TEXT,
            **_BRIDGE_AMOUNTS,
        )
    ),
)
