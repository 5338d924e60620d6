"""The columns of a file: how the text of a cell is judged and read, as SQL over sets.

A `Kind` is judged by rules in order, each an SQL condition over the cell's text that is true for a bad value; a later rule
may rely on the earlier ones. SQL here never holds a per cent sign: history tracking adds parameters to every statement.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.months import LAST_COUNTED
from core.weekdays import WEEKDAYS

Text = str | Promise


def quote(text: str) -> str:
    """An SQL string literal for a constant of ours."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Rule:
    """`wrong` is SQL over `{v}`, true for a bad cell; `reason` may name it as `%(value)s`."""

    wrong: str
    reason: Text


@dataclass(frozen=True)
class Kind:
    """How a cell is judged (`rules`), read (`read`, SQL over `{v}`) and stored when it is empty (`empty`)."""

    sql_type: str
    rules: tuple[Rule, ...] = ()
    read: str = "{v}"
    empty: str = "NULL"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A cell that names a row of `table` by its `key`; its `id` is what gets stored.

    `within` lists pairs (column there, stored column here) that must agree, e.g. the unit's account and the row's.
    `visible(by, importing)` gives the rows that a user may refer to, None for all; an invisible row reads as unknown.
    `became` is a query of (key, id): rows that are found by another key now than files may still name them by;
    `became_reason` names that key.
    `own` marks a reference to the file's own table: it may name a row that comes later in the same file.
    """

    table: str
    reason: Text
    key: str = "code"
    id: str = "id"
    id_type: str = "bigint"
    within: tuple[tuple[str, str], ...] = ()
    visible: Callable[[Any, bool], Any] | None = None
    own: bool = False
    became: str = ""
    became_reason: Text = ""


@dataclass(frozen=True)
class Column:
    """One column of a file.

    `default` is SQL for a new row's empty cell, over `{column}` (typed cells) and `r_<column>` (the rows referred to); a
    column with a default keeps what stands when its cell is empty. `stores` is the table's column; None keeps it out of the
    table (a hook of the file reads it).
    """

    name: str
    kind: Kind
    key: bool = False
    required: bool = False
    default: str | None = None
    stores: str | None = ""
    refers: Reference | None = None

    @property
    def target(self) -> str | None:
        """The table's column, `name` unless it is called otherwise there."""
        return self.name if self.stores == "" else self.stores


_DAY = r"(\d{3}[1-9]|\d\d[1-9]\d|\d[1-9]\d\d|[1-9]\d{3})-"
_ORDINARY = _DAY + r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))"
_LEAP = r"(\d\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29"
_DATE = f"({_ORDINARY}|{_LEAP})"
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_ZONE = r"(Z|[+-](0\d|1[0-5])(:?[0-5]\d)?)"


def text(longest: int, *, empty: str = "''") -> Kind:
    """Free text of at most `longest` characters."""
    return Kind("text", (_too_long(longest),), empty=empty)


def _too_long(longest: int) -> Rule:
    return Rule(
        f"length({{v}}) > {longest}", _later(_("longer than %(longest)s characters: “%(value)s”"), longest=longest)
    )


def code(longest: int, *, not_named: Iterable[str] = ()) -> Kind:
    """A code of ours: text on one line, not one of the reserved words `not_named`."""
    rules = [_too_long(longest), Rule("{v} ~ '[[:cntrl:]]'", _("a code stays on one line: “%(value)s”"))]
    rules += [Rule(f"lower({{v}}) = {quote(word)}", _("“%(value)s” is a reserved code")) for word in not_named]
    return Kind("text", tuple(rules), empty="''")


def choice(values: Iterable[str], *, empty: str = "''") -> Kind:
    """One of a short list of codes."""
    values = tuple(values)
    listed = ", ".join(values)
    wrong = f"NOT {{v}} IN ({', '.join(map(quote, values))})"
    reason = _("“%(value)s” is not one of: %(listed)s")
    return Kind("text", (Rule(wrong, _later(reason, listed=listed)),), empty=empty, choices=values)


class _Later:
    """A translated reason some of whose words are known already; `%` fills in the rest."""

    def __init__(self, reason: Text, **words: object) -> None:
        self.reason, self.words = reason, words

    def __mod__(self, words: dict[str, object]) -> str:
        return str(self.reason) % {**self.words, **words}


def _later(reason: Text, **words: object) -> Any:
    return _Later(reason, **words)


def country() -> Kind:
    """An ISO 3166-1 alpha-2 code."""
    from django_countries.data import COUNTRIES  # translated names: wants settings

    return _listed(COUNTRIES, _("“%(value)s” is not an ISO 3166-1 alpha-2 country code"))


@lru_cache(maxsize=1)
def time_zone() -> Kind:
    """An IANA time zone that this machine knows, e.g. `Europe/Berlin`."""
    return _listed(sorted(zoneinfo.available_timezones()), _("“%(value)s” is not a time zone such as Europe/Berlin"))


def _listed(values: Iterable[str], reason: Text) -> Kind:
    array = f"ARRAY[{', '.join(map(quote, values))}]"
    return Kind("text", (Rule(f"NOT {{v}} = ANY ({array})", reason),), empty="''")


def date() -> Kind:
    """A calendar day, ISO 8601 only."""
    rule = Rule(f"{{v}} !~ '^{_DATE}$'", _("“%(value)s” is not a date such as 2024-12-31"))
    return Kind("date", (rule,), read="{v}::date")


def business_date() -> Kind:
    """The day of a fact; its month is kept as a small integer (core/months.py)."""
    beyond = Rule(f"{{v}} > '{LAST_COUNTED.isoformat()}'", _("“%(value)s” is too far ahead to be counted"))
    return replace(date(), rules=(*date().rules, beyond))


def instant(zone: str) -> Kind:
    """A date and time, ISO 8601; without an offset it is in `zone`, without a time it is midnight there."""
    reason = _("“%(value)s” is not an instant such as 2024-12-31T09:30:00Z")
    read = (
        f"CASE WHEN {{v}} ~ ':\\d.*{_ZONE}$' THEN {{v}}::timestamptz "
        f"ELSE {{v}}::timestamp AT TIME ZONE {quote(zone)} END"
    )
    rules = (
        Rule(f"{{v}} !~ '^{_DATE}([T ]{_TIME}{_ZONE}?)?$'", reason),
        # An offset may lead out of the years that can be read back, in any zone of a reader.
        Rule(f"NOT ({read}) BETWEEN '0001-01-02Z'::timestamptz AND '9999-12-30Z'::timestamptz", reason),
    )
    return Kind("timestamptz", rules, read=read)


def decimal(
    digits: int,
    places: int,
    *,
    least: str | None = None,
    most: str | None = None,
    above: str | None = None,
) -> Kind:
    """A plain decimal with a point, kept exactly or refused: no exponent, no thousands separators, no rounding."""
    rules = [
        Rule("{v} !~ '^-?\\d+(\\.\\d+)?$'", _("“%(value)s” is not a number such as -1234.56")),
        Rule(
            f"{{v}} ~ '\\.\\d{{{places}}}\\d*[1-9]'",
            _later(_("more than %(places)s decimals: “%(value)s”"), places=places),
        ),
        Rule(f"{{v}} ~ '^-?0*[1-9]\\d{{{digits - places},}}(\\.|$)'", _("a number too large: “%(value)s”")),
    ]
    if least is not None and most is not None:
        wrong = f"NOT {{v}}::numeric BETWEEN {least} AND {most}"
        rules.append(
            Rule(wrong, _later(_("“%(value)s” is not between %(least)s and %(most)s"), least=least, most=most))
        )
    elif least is not None:
        rules.append(Rule(f"{{v}}::numeric < {least}", _later(_("“%(value)s” is below %(least)s"), least=least)))
    if above is not None:
        rules.append(Rule(f"{{v}}::numeric <= {above}", _later(_("“%(value)s” is not above %(above)s"), above=above)))
    return Kind(f"numeric({digits}, {places})", tuple(rules), read=f"{{v}}::numeric({digits}, {places})")


def amount() -> Kind:
    """Native money: up to four decimals."""
    return decimal(20, 4)


def percentage() -> Kind:
    """0 to 100 with at most two decimals."""
    return decimal(5, 2, least="0", most="100")


def whole(least: int, most: int) -> Kind:
    """A whole number in a range."""
    rules = (
        Rule("{v} !~ '^-?\\d{1,18}$'", _("“%(value)s” is not a whole number")),
        Rule(
            f"NOT {{v}}::bigint BETWEEN {least} AND {most}",
            _later(_("“%(value)s” is not between %(least)s and %(most)s"), least=least, most=most),
        ),
    )
    return Kind("bigint", rules, read="{v}::bigint")


def time_of_day() -> Kind:
    """A time of the wall clock, to the minute: `09:00`."""
    rule = Rule("{v} !~ '^([01]\\d|2[0-3]):[0-5]\\d(:00)?$'", _("“%(value)s” is not a time such as 09:00"))
    return Kind("time", (rule,), read="{v}::time")


def weekdays() -> Kind:
    """Days of the week, told apart by semicolons: `sun;mon`. No day twice."""
    listed = "|".join(WEEKDAYS)
    known = words(f"^({listed})$", _("“%(value)s” is not a list of days such as mon;tue"), longest=3)
    days = "string_to_array(regexp_replace({v}, '\\s', '', 'g'), ';')"
    twice = f"(SELECT count(*) <> count(DISTINCT d) FROM unnest({days}) d)"
    return replace(known, rules=(*known.rules, Rule(twice, _("a day stands twice: “%(value)s”"))))


def yes_or_no() -> Kind:
    """`true` or `false`; `yes`, `no`, `1` and `0` are understood."""
    rule = Rule(
        "lower({v}) NOT IN ('true', 'false', 'yes', 'no', '1', '0')", _("“%(value)s” is neither true nor false")
    )
    return Kind("boolean", (rule,), read="(lower({v}) IN ('true', 'yes', '1'))")


def email(*, is_login: bool = False) -> Kind:
    """An e-mail address; those of our own people are kept in lower case, as logins are."""
    rule = Rule(
        '{v} !~ \'^[^@[:space:],;:<>()"\\[\\]\\\\]+@[^@[:space:].,;:<>()"\\[\\]\\\\]+(\\.[^@[:space:].,;:<>()"\\[\\]\\\\]+)+$\'',
        _("“%(value)s” is not an e-mail address"),
    )
    return Kind("text", (_too_long(254), rule), read="lower({v})" if is_login else "{v}", empty="''")


def lei() -> Kind:
    """A legal entity identifier (ISO 17442): twenty characters whose last two check the others."""
    digits = (
        "(SELECT string_agg(CASE WHEN c.ch ~ '\\d' THEN c.ch ELSE (ascii(c.ch) - 55)::text END, '' ORDER BY c.n)"
        " FROM regexp_split_to_table({v}, '') WITH ORDINALITY AS c(ch, n))"
    )
    rules = (
        Rule("{v} !~ '^[A-Z0-9]{18}[0-9]{2}$'", _("“%(value)s” is not an LEI of 20 letters and digits")),
        Rule(f"mod({digits}::numeric, 97) <> 1", _("the check digits of the LEI “%(value)s” are wrong")),
    )
    return Kind("text", rules, empty="''")


def words(pattern: str | None, reason: Text, *, longest: int) -> Kind:
    """Several words in one cell, told apart by semicolons; each must match `pattern`."""
    items = "(SELECT btrim(w) AS w, n FROM unnest(string_to_array({v}, ';')) WITH ORDINALITY AS u(w, n)) i"
    rules = [
        Rule(f"EXISTS (SELECT 1 FROM {items} WHERE length(w) > {longest})", _("a word is too long: “%(value)s”")),
    ]
    if pattern:
        rules.append(Rule(f"EXISTS (SELECT 1 FROM {items} WHERE w <> '' AND w !~ {quote(pattern)})", reason))
    read = f"ARRAY(SELECT w FROM {items} WHERE w <> '' ORDER BY n)::varchar[]"
    return Kind("varchar[]", tuple(rules), read=read, empty="'{}'::varchar[]")


def filled(sql: str, value: str) -> str:
    """`sql` over the cell `value`."""
    return sql.replace("{v}", value)
