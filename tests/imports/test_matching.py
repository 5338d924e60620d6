"""Who is who in a newer list: nobody is merged by a stripped name, and what is certain is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.legal_forms import Name, named
from imports.matching import CERTAIN, LIKELY_PAIR, OPEN, OTHER, Line, Match, Unit, match
from tests.imports import registers

HITACHI, SBER = "株式会社日立製作所", "ПАО «Сбербанк»"


def one(line: Line, *units: Unit) -> Match:
    return match([line], units)[line.number]


@pytest.mark.parametrize(
    ("text", "stem", "form"),
    [
        ("Acme, Inc.", "acme", "Inc"),
        ("ACME Incorporated", "acme", "Inc"),
        ("Acme G.m.b.H.", "acme", "GmbH"),
        ("Müller GmbH & Co. KG", "müller", "GmbH & Co KG"),
        ("Orange S. A.", "orange", "SA"),
        ("ABC Co., Ltd.", "abc", "Co Ltd"),
        ("㈱日立製作所", "日立製作所", "株式会社"),
        ("日立製作所 株式会社", "日立製作所", "株式会社"),
        ("华为技术有限公司", "华为技术", "有限公司"),
        ("(주)한화", "한화", "주식회사"),
        ("Ромашка, ООО", "ромашка", "ООО"),
        ("ООО «Ромашка»", "ромашка", "ООО"),
        ("Ελληνικά Πετρέλαια Α.Ε.", "ελληνικά πετρέλαια", "ΑΕ"),
        ("النور للتجارة ش.م.م.", "النور للتجارة", "ش.م.م"),
        ("टाटा प्राइवेट लिमिटेड", "टाटा", "Pvt Ltd"),
        ("บริษัท ปตท จำกัด (มหาชน)", "ปตท", "จำกัด (มหาชน)"),
        ("S.A.", "sa", ""),
        ("Acme", "acme", ""),
    ],
)
def test_a_form_is_known_in_its_own_script(text: str, stem: str, form: str) -> None:
    assert named(text) == Name(stem, form)


def test_another_legal_form_is_another_company() -> None:
    found = one(Line(2, "Acme GmbH", country="US"), Unit(1, "Acme Inc", country="US"))
    assert (found.unit, found.certainty) == (None, OPEN)
    assert (found.candidates[0].evidence.line_form, found.candidates[0].evidence.unit_form) == ("GmbH", "Inc")
    assert found.candidates[0].evidence.form == OTHER


def test_another_legal_form_is_never_certain_not_even_by_its_lei() -> None:
    lei = "529900T8BM49AURSDO55"
    found = one(Line(2, "Acme SE", country="DE", lei=lei), Unit(1, "Acme AG", country="DE", lei=lei))
    assert (found.unit, [c.unit for c in found.candidates]) == (None, [1])


def test_a_name_without_its_form_is_no_pair() -> None:
    assert one(Line(2, "Acme", country="US"), Unit(1, "Acme Inc", country="US")).unit is None


def test_the_whole_name_in_the_same_country_is_certain() -> None:
    found = one(Line(2, "ACME, Incorporated", country="US"), Unit(1, "Acme Inc.", country="US"))
    assert (found.unit, found.certainty) == (1, CERTAIN)


def test_the_same_name_in_another_country_is_for_a_person() -> None:
    found = one(Line(2, "Acme Ltd", country="IE"), Unit(1, "Acme Ltd", country="GB"))
    assert (found.unit, [c.unit for c in found.candidates]) == (None, [1])


def test_a_name_in_the_country_of_one_sister_is_that_sister() -> None:
    sisters = Unit(1, "Acme Ltd", "A", country="GB"), Unit(2, "Acme Ltd", "B", country="IE")
    assert one(Line(2, "Acme Ltd", country="IE"), *sisters).unit == 2


def test_sisters_of_one_name_and_country_are_for_a_person() -> None:
    sisters = Unit(1, "Acme Ltd", "A", country="GB"), Unit(2, "Acme Ltd", "B", country="GB")
    found = one(Line(2, "Acme Ltd", country="GB"), *sisters)
    assert (found.unit, [c.unit for c in found.candidates]) == (None, [1, 2])


def test_two_lines_that_claim_one_unit_stay_open_both() -> None:
    found = match([Line(2, "A", code="X"), Line(3, "B", code="X")], [Unit(1, "C", code="X")])
    assert [(m.unit, [c.unit for c in m.candidates]) for m in found.values()] == [(None, [1]), (None, [1])]


def test_identifiers_that_name_two_units_are_for_a_person() -> None:
    found = one(
        Line(2, "Acme", code="A", lei="529900T8BM49AURSDO55"),
        Unit(1, "Acme", code="A"),
        Unit(2, "Acme", code="B", lei="529900T8BM49AURSDO55"),
    )
    assert (found.unit, {c.unit for c in found.candidates}) == (None, {1, 2})


def test_another_lei_is_another_entity_however_its_name() -> None:
    unit = Unit(1, "Acme Inc", country="US", lei="529900T8BM49AURSDO55")
    assert one(Line(2, "Acme Inc", country="US", lei="5493001KJTIIGC8Y1R12"), unit).candidates == ()


def test_a_renamed_unit_is_known_by_its_registers_number() -> None:
    found = one(
        Line(2, "Vireo Ltd", country="GB", registry_id="01234567"),
        Unit(1, "Acme Ltd", country="GB", registry_id="01234567"),
    )
    assert (found.unit, found.certainty) == (1, CERTAIN)


def test_one_number_of_two_countries_registers_is_for_a_person() -> None:
    found = one(
        Line(2, "Vireo Ltd", country="IE", registry_id="1234"), Unit(1, "Acme Ltd", country="GB", registry_id="1234")
    )
    assert found.unit is None


def test_a_spelling_is_likely_and_never_certain() -> None:
    found = one(
        Line(2, "Lincoln Electrik (UK) Ltd", country="GB"), Unit(1, "Lincoln Electric (U.K.) Ltd.", country="GB")
    )
    assert (found.unit, found.certainty) == (1, LIKELY_PAIR)


def test_numbered_sisters_are_no_spellings_of_each_other() -> None:
    found = one(Line(2, "Electric Holding III Ltd", country="GB"), Unit(1, "Electric Holding II Ltd", country="GB"))
    assert found.unit is None


def test_a_code_that_a_person_took_for_a_unit_is_that_unit_again() -> None:
    unit = Unit(1, "Acme Inc", "OURS", "US", also=frozenset({"THEIRS"}))
    assert one(Line(2, "Acme Inc", "THEIRS", "US"), unit).certainty == CERTAIN


# -- what always holds ---------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["Acme", "Nord", "日立", "Ромашка", "النور", "Αθηνά", "한빛", "Nord 2", "Electric"])
FORMS = st.sampled_from(["", "Inc", "Inc.", "GmbH", "株式会社", "ООО", "ش.م.م", "Α.Ε.", "주식회사"])
NAMES = st.builds(lambda words, form: " ".join([*words, form]).strip(), st.lists(WORDS, min_size=1, max_size=3), FORMS)
IDS = st.sampled_from(["", "", "", "1", "2", "3", "4"])
COUNTRIES = st.sampled_from(["DE", "US", "JP", ""])
LINES = st.lists(st.builds(Line, st.just(0), NAMES, IDS, COUNTRIES, IDS, IDS), max_size=9).map(
    lambda found: [replace(line, number=n) for n, line in enumerate(found, start=2)]
)
UNITS = st.lists(st.builds(Unit, st.just(0), NAMES, IDS, COUNTRIES, IDS, IDS), max_size=9).map(
    lambda found: [replace(unit, key=n) for n, unit in enumerate(found, start=1)]
)


@settings(max_examples=300, deadline=None)
@given(LINES, UNITS, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_units_changes_nothing(lines: list[Line], units: list[Unit], rng: object) -> None:
    other_lines, other_units = list(lines), list(units)
    rng.shuffle(other_lines)  # type: ignore[attr-defined]
    rng.shuffle(other_units)  # type: ignore[attr-defined]
    assert match(lines, units) == match(other_lines, other_units)


@settings(max_examples=300, deadline=None)
@given(LINES, UNITS)
def test_no_unit_is_paired_twice(lines: list[Line], units: list[Unit]) -> None:
    paired = [found.unit for found in match(lines, units).values() if found.unit is not None]
    assert len(paired) == len(set(paired))


@settings(max_examples=300, deadline=None)
@given(LINES, UNITS)
def test_another_form_never_is_a_pair(lines: list[Line], units: list[Unit]) -> None:
    by_key = {unit.key: unit for unit in units}
    for line in lines:
        if (unit := match(lines, units)[line.number].unit) is not None:
            one, other = named(line.name).form, named(by_key[unit].name).form
            assert one == other or "" in (one, other)


@settings(max_examples=300, deadline=None)
@given(LINES, UNITS)
def test_a_pair_without_an_identifier_has_one_form(lines: list[Line], units: list[Unit]) -> None:
    for found in match(lines, units).values():
        if found.evidence and not found.evidence.is_identified:
            assert found.evidence.line_form == found.evidence.unit_form


@pytest.mark.parametrize("units", list(registers.groups()), ids=lambda units: units[0].name)
def test_the_same_list_again_pairs_every_unit_with_itself(units: list[Unit]) -> None:
    lines = [Line(n, u.name, u.code, u.country, u.lei, u.registry_id) for n, u in enumerate(units, start=2)]
    found = match(lines, units)
    assert [(m.unit, m.certainty) for m in found.values()] == [(unit.key, CERTAIN) for unit in units]


@pytest.mark.parametrize("keeps_ids", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_paired_in_newer_versions_of_real_lists_is_right(seed: int, keeps_ids: float) -> None:
    versions = [registers.newer(units, seed, keeps_ids=keeps_ids) for units in registers.groups()]
    wrong, right, lines = [], 0, 0
    for version in versions:
        by_key = {unit.key: unit.name for unit in version.units}
        matches = match(version.lines, version.units)
        for line in version.lines:
            pair = matches[line.number].unit
            lines += 1
            if pair is not None and pair != version.truth[line.number]:
                wrong.append(f"{line.name} → {by_key[pair]}")
            right += pair is not None and pair == version.truth[line.number]
    assert wrong == []
    assert right / lines > 0.85
