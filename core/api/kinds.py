"""The kinds of value that a record holds: how each is written as JSON, read from JSON, and described in the schema.

A kind turns what the database holds into JSON (`shown`) and JSON into the text of an import file's cell (`cell`), so
that a record and a row of a file are the same thing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError

from core.weekdays import WEEKDAYS

_DAYS = "|".join(WEEKDAYS)
_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text`, unless PostgreSQL can't hold it (NUL, half a surrogate pair)."""
    if _UNSTORABLE.search(text):
        raise ValidationError(_("Holds a character that can't be stored."))
    return text


def plain(number: Decimal, decimals: int = 0) -> str:
    """`number` exactly, with at least `decimals` and no further zeros."""
    trimmed = number.normalize()
    exponent = trimmed.as_tuple().exponent
    places = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return f"{number:.{places}f}"


@dataclass(frozen=True)
class Kind:
    """Text of at most `length` characters; the other kinds refine it."""

    length: int = 0
    shape: str = ""
    needs_exponent = False
    complaint = gettext_lazy("Must be text.")

    @property
    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string"}
        if self.length:
            found["maxLength"] = self.length
        if self.shape:
            found["pattern"] = self.shape
        return found

    @property
    def accepted(self) -> dict[str, Any]:
        """The schema of what a write takes."""
        return self.schema

    def shown(self, value: Any) -> Any:
        return None if value is None or value == "" else str(value)

    def cell(self, value: Any) -> str:
        """The file's text of a JSON value. ValidationError when it is none of this kind."""
        if not isinstance(value, str):
            raise ValidationError(self.complaint)
        storable(value)
        if self.length and len(value) > self.length:
            raise ValidationError(_("At most %(length)d characters.") % {"length": self.length})
        if self.shape and value and not re.search(self.shape, value):
            raise ValidationError(_("“%(value)s” does not look right here.") % {"value": value[:60]})
        return value


@dataclass(frozen=True)
class Choice(Kind):
    """One of a fixed list of codes."""

    values: Sequence[str] = ()

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}

    def cell(self, value: Any) -> str:
        if not isinstance(value, str) or (value and value not in self.values):
            raise ValidationError(_("Must be one of: %(values)s.") % {"values": ", ".join(self.values)})
        return value


@dataclass(frozen=True)
class TextList(Kind):
    """Several texts in one, separated by semicolons, as in the files: `en:C2;de:B1`."""

    def shown(self, value: Any) -> Any:
        return ";".join(value) if value else None


@dataclass(frozen=True)
class Day(Kind):
    complaint = gettext_lazy("Must be a date, e.g. 2024-12-31.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def shown(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def cell(self, value: Any) -> str:
        if value == "":
            return ""
        try:
            if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValidationError(self.complaint)
            return dt.date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise ValidationError(self.complaint) from error


@dataclass(frozen=True)
class TimeOfDay(Kind):
    complaint = gettext_lazy("Must be a time, e.g. 09:00.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": _TIME}

    def shown(self, value: Any) -> Any:
        return None if value is None else f"{value:%H:%M}"

    def cell(self, value: Any) -> str:
        if not isinstance(value, str) or (value and not re.search(_TIME, value)):
            raise ValidationError(self.complaint)
        return value


@dataclass(frozen=True)
class Instant(Kind):
    complaint = gettext_lazy("Must be an instant, e.g. 2024-12-31T22:10:04Z.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def shown(self, value: Any) -> Any:
        return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def cell(self, value: Any) -> str:
        if value == "":
            return ""
        try:
            found = parse_datetime(value) if isinstance(value, str) else None
            if found is None:
                raise ValidationError(self.complaint)
            aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
            return aware.astimezone(dt.UTC).isoformat()
        except (ValueError, OverflowError) as error:
            raise ValidationError(self.complaint) from error


@dataclass(frozen=True)
class Number(Kind):
    """An exact decimal, written as a string; a write takes a JSON number too."""

    decimals: int = 4
    digits: int = 16
    least: Decimal | None = None
    most: Decimal | None = None
    padded: int = 0
    complaint = gettext_lazy("Must be a decimal number.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}

    @property
    def accepted(self) -> dict[str, Any]:
        sign = "" if self.least is not None and self.least >= 0 else "-?"
        text = {"type": "string", "pattern": rf"^{sign}[0-9]{{1,{self.digits}}}(\.[0-9]{{1,{self.decimals}}})?$"}
        number: dict[str, Any] = {"type": "number"}
        if self.least is not None:
            number["minimum"] = int(self.least)
        if self.most is not None:
            number["maximum"] = int(self.most)
        return {"oneOf": [text, number]}

    def shown(self, value: Any) -> Any:
        return None if value is None else plain(value, self.padded)

    def cell(self, value: Any) -> str:
        if value == "":
            return ""
        number = self._number(value)
        if number.as_tuple().exponent < -self.decimals:  # type: ignore[operator]  # finite, so an integer
            if number != round(number, self.decimals):
                raise ValidationError(_("At most %(decimals)d decimals.") % {"decimals": self.decimals})
            number = round(number, self.decimals)
        if abs(number) >= Decimal(10) ** self.digits:
            raise ValidationError(_("Too large."))
        if self.least is not None and number < self.least:
            raise ValidationError(_("Must be at least %(least)s.") % {"least": self.least})
        if self.most is not None and number > self.most:
            raise ValidationError(_("Must be at most %(most)s.") % {"most": self.most})
        return f"{number:f}"

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise ValidationError(self.complaint)
        if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", value):
            raise ValidationError(self.complaint)
        try:
            number = Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(self.complaint) from error
        if not number.is_finite() or abs(number.adjusted()) > 60:
            raise ValidationError(self.complaint)
        return number


@dataclass(frozen=True)
class Money(Number):
    """A native amount with up to four decimals, and never fewer than its currency has."""

    needs_exponent = True

    def shown_in(self, value: Decimal | None, exponent: int | None) -> str | None:
        return None if value is None else plain(value, exponent or 0)


@dataclass(frozen=True)
class Integer(Kind):
    least: int = 0
    most: int = 2**31 - 1
    complaint = gettext_lazy("Must be a whole number.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def shown(self, value: Any) -> Any:
        return value

    def cell(self, value: Any) -> str:
        # A schema's integer may be written 1.0; the parser reads such numbers as decimals.
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not is_number or not self.least <= value <= self.most or value != int(value):
            raise ValidationError(
                _("Must be a whole number from %(least)d to %(most)d.") % {"least": self.least, "most": self.most}
            )
        return str(int(value))


@dataclass(frozen=True)
class Flag(Kind):
    complaint = gettext_lazy("Must be true or false.")

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def shown(self, value: Any) -> Any:
        return value

    def cell(self, value: Any) -> str:
        if not isinstance(value, bool):
            raise ValidationError(self.complaint)
        return "true" if value else "false"


COUNTRY = Kind(2, "^[A-Z]{2}$")
CURRENCY = Kind(3, "^[A-Z]{3}$")
EMAIL = Kind(254)
DAY = Day()
TIME_OF_DAY = TimeOfDay()
INSTANT = Instant()
MONEY = Money()
PERCENT = Number(decimals=2, digits=3, least=Decimal(0), most=Decimal(100), padded=2)
FLAG = Flag()
TEXT_LIST = TextList()
WEEKDAY_LIST = TextList(27, f"^$|^({_DAYS})(;({_DAYS}))*$")
