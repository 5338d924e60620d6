"""How the names of people are put together: as they are written where the name comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Case, CharField, Func, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Trim

#: Han, kana and Hangul: the family name comes first and nothing stands between: 高橋美咲.
_FAMILY_FIRST = "^[\u2e80-\ud7a3]"
#: Languages whose names begin with the family name in Latin letters too, where Chinese, Japanese and Korean ones are turned
#: round: Kovács Anna, Nguyễn Minh, but Wei Zhang. (CLDR 48, personNamesDefaults, as far as written so abroad.)
_FAMILY_FIRST_LANGUAGE = "^(hu|km|vi)([:-]|$)"


def full_name(given_name: str, family_name: str, languages: Sequence[str] = ()) -> str:
    """Given and family name in the order of their script, or of the first of the person's `languages`, which is taken for
    her own; empty when both are."""
    if re.match(_FAMILY_FIRST, family_name):
        return f"{family_name}{given_name}"
    if languages and re.match(_FAMILY_FIRST_LANGUAGE, languages[0]):
        return f"{family_name} {given_name}".strip()
    return f"{given_name} {family_name}".strip()


def full_name_of(path: str = "", *, has_languages: bool = False) -> Combinable:
    """The same as an expression over the columns `given_name` and `family_name` at `path`; and `languages`, if it has any."""
    given, family = f"{path}given_name", f"{path}family_name"
    turned = When(
        **{f"{path}languages__0__regex": _FAMILY_FIRST_LANGUAGE}, then=Trim(Concat(family, Value(" "), given))
    )
    return Case(
        When(**{f"{family}__regex": _FAMILY_FIRST}, then=Concat(family, given)),
        *([turned] if has_languages else []),
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
