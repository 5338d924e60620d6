"""Two versions of real lists of subsidiaries: today's, and a newer one in which what happened to every unit is known.

The groups are those of `imports/demo/data` (the Research Organization Registry and exhibits of annual reports); what the newer
version says otherwise is drawn, always the same for one seed: names written otherwise, renamings, other legal forms, closures,
and new companies that are hard to tell from old ones: sisters in another form, in another country, with another number.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gam.environment import ROOT
from imports.legal_forms import named
from imports.matching import Line, Unit

_UNITS: Path = ROOT / "imports" / "demo" / "data" / "units.csv"
#: Names that registers of other scripts hold, with their countries.
SCRIPTS = {
    "GR": ("Ελληνική Χαλυβουργία Α.Ε.", "Τσιμέντα Αιγαίου Α.Ε.", "Ναυπηγεία Σύρου Ε.Π.Ε.", "Μεταφορές Κρήτης Ι.Κ.Ε."),
    "RU": ("ООО «Северный цемент»", "АО «Волжские краски»", "ООО «Уральский насос»", "ПАО «Балтийский порт»", "ООО «Сибирские масла»"),
    "EG": ("شركة النيل للأسمنت ش.م.م", "القاهرة للأدوية ش.م.م", "الدلتا للصناعات ذ.م.م", "الأهرام للتجارة ذ.م.م", "السويس للنقل ش.م.م"),
    "JP": ("株式会社青葉製作所", "青葉化学株式会社", "有限会社白樺運輸", "富士見食品株式会社", "合同会社みなと企画"),
    "CN": ("上海青山化工有限公司", "北京远东贸易有限公司", "广州华南物流股份有限公司", "天津海河制药有限公司", "深圳南山科技有限责任公司"),
    "KR": ("주식회사 한빛화학", "한빛물류 주식회사", "(주)동해식품", "남산제약 주식회사", "유한회사 서해상사"),
    "IN": ("सूर्य रसायन प्राइवेट लिमिटेड", "गंगा सीमेंट लिमिटेड", "हिमालय औषधि प्राइवेट लिमिटेड", "नर्मदा वस्त्र लिमिटेड"),
    "TH": ("บริษัท สยามเคมี จำกัด", "บริษัท เจ้าพระยาขนส่ง จำกัด", "บริษัท อันดามันอาหาร จำกัด (มหาชน)"),
}  # fmt: skip


@dataclass(frozen=True)
class Version:
    """Today's units, the lines of the newer list, and the truth: the unit that each line is, or None."""

    units: list[Unit]
    lines: list[Line]
    truth: dict[int, int | None]


def groups() -> Iterator[list[Unit]]:
    """The units of every real group of ten or more, and one group of other scripts."""
    found: dict[str, list[Unit]] = {}
    with open(_UNITS, encoding="utf-8") as file:
        for key, row in enumerate(csv.DictReader(file), start=1):
            name = row["local_name"] or row["name"]
            # An exhibit has one number for the whole filing: no register's number of a company.
            number = row["source_id"] if row["source_id"].startswith("https://ror.org/") else f"{row['country']} {key}"
            unit = Unit(key, name, row["code"], row["country"], registry_id=number)
            found.setdefault(row["group"], []).append(unit)
    yield from (units for _code, units in sorted(found.items()) if len(units) >= 10)
    names = [(country, name) for country, some in SCRIPTS.items() for name in some]
    yield [
        Unit(9000 + at, name, f"S{at}", country, registry_id=f"{country}-{at}")
        for at, (country, name) in enumerate(names)
    ]


def _shouted(name: str, rng: random.Random) -> str:
    return name.upper()


def _unpointed(name: str, rng: random.Random) -> str:
    return name.replace(".", "").replace(",", "").replace("  ", " ")


def _mistyped(name: str, rng: random.Random) -> str:
    """Two letters of a word change places."""
    at = [i for i in range(1, len(name) - 2) if name[i].isalpha() and name[i + 1].isalpha()]
    if not at or len(name) < 8:
        return name
    i = rng.choice(at)
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


WRITTEN: tuple[Callable[[str, random.Random], str], ...] = (_shouted, _unpointed, _mistyped)
_FORMS = {
    "Inc": "LLC",
    "LLC": "Inc.",
    "Ltd": "PLC",
    "GmbH": "AG",
    "SA": "SAS",
    "SAS": "S.A.",
    "株式会社": "合同会社",
    "ООО": "АО",
}


def newer(units: list[Unit], seed: int, *, keeps_ids: float) -> Version:
    """The newer list. `keeps_ids` is the share of lines that still give the register's number; none gives our codes."""
    rng = random.Random(f"{seed}/{units[0].code}/{len(units)}")
    lines: list[Line] = []
    truth: dict[int, int | None] = {}

    def add(name: str, country: str, registry_id: str, unit: Unit | None) -> None:
        number = len(lines) + 2
        kept = registry_id if rng.random() < keeps_ids else ""
        lines.append(Line(number, name, "", country, "", kept))
        truth[number] = unit.key if unit else None

    for unit in units:
        happened = rng.random()
        if happened < 0.08:
            continue  # closed
        name = unit.name
        if happened < 0.30:
            name = rng.choice(WRITTEN)(name, rng)
        elif happened < 0.34:
            name = f"{rng.choice(['Vireo', 'Calanta', 'Morrow', 'Ostara'])} {rng.randint(100, 999)} {named(name).form}".strip()
        add(name, unit.country, unit.registry_id, unit)
        if happened > 0.95:
            _sister(unit, rng, add)
    rng.shuffle(lines)
    return Version(units, lines, truth)


def _sister(unit: Unit, rng: random.Random, add: Callable[[str, str, str, Unit | None], None]) -> None:
    """A new company that looks like an old one: in another legal form, another country, or with another number."""
    form = named(unit.name).form
    kind = rng.choice(["form", "country", "number"])
    if kind == "form" and form in _FORMS:
        add(f"{named(unit.name).stem.title()} {_FORMS[form]}", unit.country, f"new-{unit.key}", None)
    elif kind == "country":
        add(unit.name, "NZ" if unit.country != "NZ" else "FJ", f"new-{unit.key}", None)
    else:
        add(
            f"{named(unit.name).stem.title()} {rng.randint(2, 9)} {form}".strip(), unit.country, f"new-{unit.key}", None
        )


def shuffled(lines: list[Line], seed: int) -> list[Line]:
    """The same lines in another order, each with another number."""
    rng = random.Random(seed)
    found = rng.sample(lines, len(lines))
    return [replace(line, number=at) for at, line in enumerate(found, start=1000)]
