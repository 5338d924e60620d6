"""The cleaned records, and the slugs that become their codes."""

import csv
import re
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path

_NOT_PLAIN = re.compile(r"[^A-Z0-9]+")
_FOLDED = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE", "\u0131": "i", "đ": "d"}
)


@dataclass(frozen=True, slots=True)
class Group:
    """A whole customer group. `code` becomes the account's code."""

    code: str
    name: str
    country: str
    website: str
    source: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A legal entity. `country` is ISO 3166-1 alpha-2 or empty when the source does not say; `opened` is a year."""

    group: str
    code: str
    name: str
    local_name: str
    country: str
    city: str
    opened: str
    active: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """`parent` owns `child`; `share` in percent where the source says it. A child may have several."""

    group: str
    child: str
    parent: str
    share: str


def slug(name: str, *, longest: int = 28) -> str:
    """An ASCII code from a name, words kept whole: "Boehringer Ingelheim" is BOEHRINGER-INGELHEIM."""
    plain = unicodedata.normalize("NFKD", name.translate(_FOLDED)).encode("ascii", "ignore").decode().upper()
    words = [word for word in _NOT_PLAIN.split(plain) if word]
    code = ""
    for word in words:
        longer = f"{code}-{word}" if code else word
        if code and len(longer) > longest:
            break
        code = longer
    return code[:longest] or "UNIT"


def unused(code: str, taken: set[str]) -> str:
    """`code`, or `code-2`, `code-3` … when it is taken; the answer is added to `taken`."""
    candidate, number = code, 1
    while candidate in taken:
        number += 1
        candidate = f"{code}-{number}"
    taken.add(candidate)
    return candidate


def write(path: Path, kind: type, records: list[Group] | list[Unit] | list[Link]) -> None:
    """Write records as CSV, one column a field."""
    names = [field.name for field in fields(kind)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([getattr(record, name) for name in names] for record in records)
