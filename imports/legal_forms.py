"""A company's name taken apart: its stem, and its legal form in the form's own short word. No ORM and no clock.

"Acme Inc" and "Acme GmbH" are two companies: the stem alone never says that two names are one. A form is known in the
spellings that registers of many scripts use, at the end of a name, and at its beginning where that is the custom.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_FORMS: Final = """
Inc: inc, incorporated
Corp: corp, corporation
Co: co, company
Co Ltd: co ltd, company limited, company ltd, co limited
Ltd: ltd, limited, лтд, लिमिटेड, லிமிடெட்
Pvt Ltd: pvt ltd, private limited, private ltd, (p) ltd, प्राइवेट लिमिटेड, प्रा लि, பிரைவேட் லிமிடெட்
Pte Ltd: pte ltd, pte limited
Pty Ltd: pty ltd, pty limited, proprietary limited
PLC: plc, public limited company
LLC: llc, limited liability company
LLP: llp, limited liability partnership
LP: lp, limited partnership
Sdn Bhd: sdn bhd
Bhd: bhd, berhad
GmbH: gmbh, gesmbh, gesellschaft mit beschränkter haftung, gesellschaft mbh
GmbH & Co KG: gmbh & co kg, gmbh & co kommanditgesellschaft
AG & Co KG: ag & co kg
UG: ug, ug (haftungsbeschränkt)
AG: ag, aktiengesellschaft
KG: kg, kommanditgesellschaft
KGaA: kgaa, ag & co kgaa, se & co kgaa
SE: se, societas europaea
SA: sa, société anonyme, sociedad anónima, sociedade anónima, sociedade anônima
SAS: sas, société par actions simplifiée
SASU: sasu
SARL: sarl, société à responsabilité limitée
SNC: snc
SCA: sca
SRL: srl, società a responsabilità limitata, societate cu răspundere limitată
SpA: spa, società per azioni, sociedad por acciones
SL: sl, sociedad limitada
SLU: slu
SA de CV: sa de cv, sociedad anónima de capital variable
SAPI de CV: sapi de cv
S de RL de CV: s de rl de cv
S de RL: s de rl
Ltda: ltda, limitada
Lda: lda
BV: bv, besloten vennootschap
NV: nv, naamloze vennootschap
CV: cv
BVBA: bvba
AB: ab, aktiebolag, aktiebolaget
A/S: as, aktieselskab, aksjeselskap
ASA: asa
ApS: aps
Oy: oy, osakeyhtiö
Oyj: oyj
OÜ: oü
SIA: sia
UAB: uab
Kft: kft, korlátolt felelősségű társaság
Zrt: zrt
Nyrt: nyrt
s.r.o.: sro, spol s r o, společnost s ručením omezeným
a.ş.: aş, anonim şirketi
Ltd Şti: ltd şti, limited şirketi
sp. z o.o.: sp z o o, sp zoo, spółka z ograniczoną odpowiedzialnością
d.o.o.: doo, доо
d.d.: dd
EOOD: eood, еоод
OOD: ood, оод
AD: ad, ад
PT: pt
Tbk: tbk
TNHH: tnhh, công ty tnhh
CTCP: ctcp, công ty cổ phần
FZE: fze, ممح
FZCO: fzco
ООО: ооо, общество с ограниченной ответственностью
ПАО: пао, публичное акционерное общество
ОАО: оао, открытое акционерное общество
ЗАО: зао, закрытое акционерное общество
АО: ао, акционерное общество
ТОВ: тов, товариство з обмеженою відповідальністю
ТОО: тоо
ΑΕ: αε, ανώνυμη εταιρεία
ΕΠΕ: επε
ΙΚΕ: ικε
ش.م.م: شمم, شركة مساهمة مصرية
ش.م.ع: شمع, شركة مساهمة عامة
ش.م.ك: شمك
ش.م.س: شركة مساهمة سعودية
ذ.م.م: ذمم, شذمم, ش ذ م م, ذات مسؤولية محدودة, شركة ذات مسؤولية محدودة
בע״מ: בעמ
株式会社: 株式会社, (株), kk, kabushiki kaisha
有限会社: 有限会社, (有)
合同会社: 合同会社, (同)
合資会社: 合資会社
股份有限公司: 股份有限公司, 股份公司
有限责任公司: 有限责任公司, 有限責任公司
有限公司: 有限公司
주식회사: 주식회사, (주)
유한회사: 유한회사, (유)
유한책임회사: 유한책임회사
จำกัด (มหาชน): จำกัด (มหาชน)
จำกัด: จำกัด
"""
#: Forms that may stand before the name; scripts written without spaces may have any form on either side.
_BEFORE: Final = {
    "PT", "TNHH", "CTCP", "SARL", "ООО", "ПАО", "ОАО", "ЗАО", "АО", "ТОВ", "ТОО", "ذ.م.م",
    "株式会社", "有限会社", "合同会社", "合資会社", "주식회사", "유한회사", "유한책임회사",
}  # fmt: skip
_WITHOUT_SPACES: Final = re.compile("[\u0e00-\u0e7f\u2e80-\ud7a3]")
_COMPANY_WORDS: Final = ("บริษัท",)
_LONGEST: Final = 6


@dataclass(frozen=True)
class Name:
    """`stem` is for comparing, never for showing; `form` is the short word of the legal form, "" when there is none."""

    stem: str
    form: str

    @property
    def numbers(self) -> tuple[str, ...]:
        """What tells numbered sisters apart: "Fund II" is not "Fund III", "Plant 2" is not "Plant 3"."""
        return tuple(word for word in self.stem.split() if _NUMBER.search(word))


_NUMBER: Final = re.compile(r"\d|^[ivx]+$|^[a-z]$")


@lru_cache(maxsize=50_000)
def named(text: str) -> Name:
    """The name in a form that case, width, dots, commas and spaces don't change."""
    words = _words(text)
    for word in _COMPANY_WORDS:
        if words and words[0].startswith(word) and words != [word]:
            words = [rest for rest in (words[0].removeprefix(word), *words[1:]) if rest]
    stem, form = _cut(words)
    return Name(" ".join(stem), form)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"(?<=\w)[.'’`´\"״]+(?=\w|\s|$|,)|(?<=\w)/(?=\w\b)", "", plain)
    return "".join(map(_kept, unicodedata.normalize("NFC", plain))).split()


def _kept(letter: str) -> str:
    """Marks belong to their letter, in scripts such as Devanagari and Thai; brackets are words of their own."""
    if letter in "()":
        return f" {letter} "
    return letter if letter in "&+" or unicodedata.category(letter)[0] in "LNM" else " "


def _cut(words: list[str]) -> tuple[list[str], str]:
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        if form := _KNOWN.get("".join(words[-size:])):
            return _bare(words[:-size]), form
        if (form := _KNOWN.get("".join(words[:size]))) in _BEFORE:
            return _bare(words[size:]), form
    return _cut_unspaced(words)


def _cut_unspaced(words: list[str]) -> tuple[list[str], str]:
    """日立株式会社, 주식회사한화: the form stands against the name without a space."""
    for spelling, form in _UNSPACED:
        if words and len(words[-1]) > len(spelling) and words[-1].endswith(spelling):
            return _bare([*words[:-1], words[-1].removesuffix(spelling)]), form
        if words and len(words[0]) > len(spelling) and words[0].startswith(spelling) and form in _BEFORE:
            return _bare([words[0].removeprefix(spelling), *words[1:]]), form
    return _bare(words), ""


def _bare(words: list[str]) -> list[str]:
    """Without what joined the form to the name, and without brackets."""
    kept = [word for word in words if word not in "()"]
    while len(kept) > 1 and kept[-1] == "&":
        kept.pop()
    return kept or words


def _table() -> dict[str, str]:
    found = {}
    for line in _FORMS.strip().splitlines():
        form, _colon, spellings = line.partition(": ")
        found.update({"".join(_words(spelling)): form for spelling in spellings.split(", ")})
    return found


_KNOWN: Final = _table()
_UNSPACED: Final = sorted(
    ((spelling, form) for spelling, form in _KNOWN.items() if _WITHOUT_SPACES.search(spelling) and "(" not in spelling),
    key=lambda pair: (-len(pair[0]), pair[0]),
)
