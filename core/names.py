"""How the names of people are put together: as they are written where the name comes from."""

from __future__ import annotations

import re

from django.db.models import Case, CharField, Func, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Trim

#: Han, kana and Hangul: the family name comes first and nothing stands between: 高橋美咲.
_FAMILY_FIRST = "^[\u2e80-\ud7a3]"


def full_name(given_name: str, family_name: str) -> str:
    """Given and family name in the order of their script; empty when both are."""
    if re.match(_FAMILY_FIRST, family_name):
        return f"{family_name}{given_name}"
    return f"{given_name} {family_name}".strip()


def full_name_of(path: str = "") -> Combinable:
    """The same as an expression over the columns `given_name` and `family_name` at `path`."""
    given, family = f"{path}given_name", f"{path}family_name"
    return Case(
        When(**{f"{family}__regex": _FAMILY_FIRST}, then=Concat(family, given)),
        default=Trim(Concat(given, Value(" "), family)),
        output_field=CharField(),
    )


class Ordered(Func):
    """A text without case and marks, to sort by: Élodie stands beside Elena, van Dijk beside Vance.

    Not a collation: the servers that GAM brings along know none but that of code points.
    """

    template = r"lower(regexp_replace(normalize(%(expressions)s, NFKD), '[\u0300-\u036f]', '', 'g'))"
    arity = 1
    output_field = CharField()


def in_order(name: str | Combinable) -> Ordered:
    """A name to sort by."""
    return Ordered(name)
