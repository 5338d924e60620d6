"""Changing a customer's structure: what holds from which day, what stands in the way, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from accounts import restructuring
from accounts.deeds import Close, Move, Part
from accounts.estate import Unit
from accounts.models import Account, OrgLink, OrgUnit
from accounts.obstacles import PeriodInTheWay, Refused
from accounts.restructured import Restructuring
from accounts.restructuring import Stale
from core.errors import NotPermitted
from tests import factories as make
from tests.accounts import steps
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY, LATER = dt.date(2024, 5, 1), dt.date(2024, 9, 1)


@pytest.fixture
def tree(cast: Cast) -> Cast:
    """TOP holds NORTH (N1, N2) and SOUTH, since always and by both structures; N1 reports to SOUTH in management."""
    units = {code: make.OrgUnitFactory(account=cast.acme, code=code, name=code.title()) for code in CODES}
    for structure in ("legal", "management"):
        boss = "NORTH" if structure == "legal" else "SOUTH"
        for child, parent in (("NORTH", "TOP"), ("SOUTH", "TOP"), ("N1", boss), ("N2", "NORTH")):
            make.OrgLinkFactory(child=units[child], parent=units[parent], structure=structure)
    return cast


CODES = ("TOP", "NORTH", "SOUTH", "N1", "N2")


def parent(code: str, on: dt.date = DAY, structure: str = "legal") -> str:
    link = OrgLink.objects.filter(child__code=code, structure=structure).as_of(on).select_related("parent").first()
    return link.parent.code if link else ""


def rows() -> list[Any]:
    """Every unit and link as it stands, ids included."""
    units = OrgUnit.objects.order_by("id").values_list("id", "code", "name", "opened_on", "closed_on")
    links = OrgLink.objects.order_by("id").values_list(
        "id", "structure", "child", "parent", "valid_from", "valid_to", "share"
    )
    return [list(units), list(links)]


def move(cast: Cast, code: str, to: str, on: dt.date = DAY, structure: str = "legal", **how: Any) -> Restructuring:
    how.setdefault("by", cast.owner)
    return steps.move_unit(account="ACME", code=code, parent=to, structure=structure, on=on, **how)


def test_a_unit_stands_elsewhere_from_the_day_on_and_where_it_stood_before(tree: Cast) -> None:
    step = move(tree, "N1", "SOUTH")
    assert [parent("N1", day) for day in (DAY - dt.timedelta(1), DAY, LATER)] == ["NORTH", "SOUTH", "SOUTH"]
    assert parent("N2") == "NORTH"
    assert step.words == "N1 moves from North to South"
    move(tree, "NORTH", "", on=LATER)
    assert [parent("NORTH", day) for day in (DAY, LATER)] == ["TOP", ""]


def test_what_stands_below_moves_along_and_other_structures_stay(tree: Cast) -> None:
    move(tree, "NORTH", "SOUTH")
    assert [parent("N1"), parent("NORTH"), parent("NORTH", structure="management")] == ["NORTH", "SOUTH", "TOP"]


def test_an_earlier_day_than_the_last_move_is_refused_with_words(tree: Cast) -> None:
    move(tree, "N1", "SOUTH", on=LATER)
    with pytest.raises(PeriodInTheWay, match=r"N1 has belonged to South since 1 September 2024. Choose a later date\."):
        move(tree, "N1", "TOP")
    with pytest.raises(PeriodInTheWay, match="has always belonged to North"):
        move(tree, "N2", "TOP", on=dt.date(1, 1, 1))


@pytest.mark.parametrize(
    ("code", "to", "said"),
    [
        ("TOP", "N1", "Top would stand below itself"),
        ("N1", "N1", "N1 would stand below itself"),
        ("N1", "NORTH", "stands there already"),
        ("N1", "NOWHERE", "There is no org unit “NOWHERE”"),
        ("GONE", "TOP", "There is no org unit “GONE”"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(tree: Cast, code: str, to: str, said: str) -> None:
    stood = rows()
    with pytest.raises(Refused, match=said):
        move(tree, code, to)
    assert rows() == stood


def test_a_circle_on_a_later_day_is_refused_by_the_database_in_words(tree: Cast) -> None:
    move(tree, "SOUTH", "NORTH", on=LATER)
    stood = rows()
    with pytest.raises(Refused, match="would stand above itself"):
        move(tree, "NORTH", "SOUTH")
    assert rows() == stood


def test_a_unit_is_added_with_its_places_and_a_code_of_its_name(tree: Cast) -> None:
    parents = {"legal": "NORTH", "management": "SOUTH"}
    unit = Unit("", "Ost & West GmbH", country="DE", city="Köln")
    steps.add_unit(account="ACME", unit=unit, parents=parents, on=DAY, by=tree.owner)
    added = OrgUnit.objects.get(code="OST-WEST-GMBH")
    assert (added.country.code, added.city, added.opened_on) == ("DE", "Köln", DAY)
    assert [parent(added.code), parent(added.code, structure="management")] == ["NORTH", "SOUTH"]
    steps.add_unit(account="ACME", unit=unit, parents={}, on=DAY, by=tree.owner)
    assert OrgUnit.objects.filter(code="OST-WEST-GMBH-2").exists()
    with pytest.raises(Refused, match="There is an org unit “N1” already"):
        steps.add_unit(account="ACME", unit=Unit("N1", "x"), parents={}, on=DAY, by=tree.owner)


def test_a_unit_that_still_holds_others_closes_only_where_they_are_lifted(tree: Cast) -> None:
    with pytest.raises(Refused, match="North still holds N1, N2 on that day"):
        steps.close_unit(account="ACME", code="NORTH", on=DAY, by=tree.owner)
    steps.close_unit(account="ACME", code="NORTH", on=DAY, lifts=True, by=tree.owner)
    assert OrgUnit.objects.get(code="NORTH").closed_on == DAY
    assert [parent("N1"), parent("N2"), parent("N2", structure="management"), parent("NORTH")] == ["TOP"] * 3 + [""]
    assert parent("N1", DAY - dt.timedelta(1)) == "NORTH"
    with pytest.raises(Refused, match="North is closed since 1 May 2024"):
        move(tree, "N1", "NORTH", on=LATER)


def test_nothing_comes_under_a_unit_whose_end_is_planned(tree: Cast) -> None:
    steps.close_unit(account="ACME", code="SOUTH", on=LATER, lifts=True, by=tree.owner)
    with pytest.raises(Refused, match="South closes on 1 September 2024: nothing can come under it"):
        move(tree, "N2", "SOUTH")
    with pytest.raises(Refused, match=r"South closes on 1 September 2024. Take that back first"):
        move(tree, "SOUTH", "NORTH")


def test_a_unit_does_not_close_under_what_is_yet_to_come(tree: Cast) -> None:
    move(tree, "N1", "SOUTH", on=LATER)
    with pytest.raises(PeriodInTheWay, match=r"N1 has belonged to South since 1 September 2024"):
        steps.close_unit(account="ACME", code="SOUTH", on=DAY, lifts=True, by=tree.owner)


def test_a_unit_splits_and_its_parts_take_what_was_below(tree: Cast) -> None:
    parts = [Part(Unit("NE", "North-East"), ("N1",)), Part(Unit("NW", "North-West"), ("N2",))]
    steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, by=tree.owner)
    assert [parent("N1"), parent("N2"), parent("NE"), parent("NW"), parent("NORTH")] == ["NE", "NW", "TOP", "TOP", ""]
    assert [parent("N1", structure="management"), parent("N2", structure="management")] == ["SOUTH", "NW"]
    assert OrgUnit.objects.get(code="NORTH").closed_on == DAY


def test_a_part_splits_off_and_the_rest_stays(tree: Cast) -> None:
    parts = [Part(Unit("NE", "North-East"), ("N1",))]
    with pytest.raises(Refused, match="at least two parts"):
        steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, by=tree.owner)
    steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, keeps=True, by=tree.owner)
    assert [parent("N1"), parent("N2"), parent("NE"), parent("NORTH")] == ["NE", "NORTH", "TOP", "TOP"]
    assert OrgUnit.objects.get(code="NORTH").closed_on is None


def test_a_split_says_what_was_left_over(tree: Cast) -> None:
    parts = [Part(Unit("NE", "NE"), ("N1",)), Part(Unit("NW", "NW"))]
    with pytest.raises(Refused, match="North still holds N2"):
        steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, by=tree.owner)
    parts = [Part(Unit("NE", "NE"), ("N1",)), Part(Unit("NW", "NW"), ("N1", "N2"))]
    with pytest.raises(Refused, match="N1 can't go to two parts"):
        steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, by=tree.owner)
    parts = [Part(Unit("NE", "NE"), ("N1", "SOUTH")), Part(Unit("NW", "NW"), ("N2",))]
    with pytest.raises(Refused, match="South does not stand below it"):
        steps.split_unit(account="ACME", code="NORTH", parts=parts, on=DAY, by=tree.owner)


def test_units_merge_into_one_and_the_others_close(tree: Cast) -> None:
    steps.merge_units(account="ACME", codes=["NORTH", "SOUTH"], into="SOUTH", on=DAY, by=tree.owner)
    assert [parent("N1"), parent("N2"), parent("SOUTH"), parent("NORTH")] == ["SOUTH", "SOUTH", "TOP", ""]
    assert [parent("N1", structure="management"), parent("N2", structure="management")] == ["SOUTH", "SOUTH"]
    assert list(OrgUnit.objects.exclude(closed_on=None).values_list("code", flat=True)) == ["NORTH"]


def test_a_unit_takes_the_place_of_the_one_above_that_is_merged_into_it(tree: Cast) -> None:
    steps.merge_units(account="ACME", codes=["NORTH"], into="N1", on=DAY, by=tree.owner)
    assert [parent("N1"), parent("N2"), parent("N1", structure="management")] == ["TOP", "N1", "SOUTH"]


def test_a_divested_branch_leaves_whole_and_its_facts_stay(tree: Cast) -> None:
    unit = OrgUnit.objects.get(code="N2")
    entry = make.RevenueEntryFactory(account=tree.acme, org_unit=unit)
    with pytest.raises(Refused, match="South still holds N1"):
        steps.divest_unit(account="ACME", code="SOUTH", structure="legal", on=DAY, by=tree.owner)
    step = steps.divest_unit(account="ACME", code="NORTH", structure="legal", on=DAY, by=tree.owner)
    assert step.words == "North leaves the group with 2 below it"
    closed = set(OrgUnit.objects.filter(closed_on=DAY).values_list("code", flat=True))
    assert closed == {"NORTH", "N1", "N2"}
    assert [parent("NORTH"), parent("N1"), parent("N1", structure="management")] == ["", "NORTH", ""]
    entry.refresh_from_db()
    assert (entry.org_unit_id, entry.account_id) == (unit.pk, tree.acme.pk)


def test_a_name_changes_without_a_date_and_is_on_record(tree: Cast) -> None:
    step = steps.rename_unit(account="ACME", code="N1", name=" Nord Eins ", on=DAY, by=tree.owner, reason="new brand")
    assert OrgUnit.objects.get(code="N1").name == "Nord Eins"
    event = apps.get_model("accounts", "OrgUnitEvent").objects.filter(pgh_obj_id=step.units[0]).last()
    assert event.pgh_context.metadata["user"] == tree.owner.pk
    assert event.pgh_context.metadata["reason"] == "N1 is called Nord Eins. new brand"
    with pytest.raises(Refused, match="has this name already"):
        steps.rename_unit(account="ACME", code="N1", name="Nord Eins", on=DAY, by=tree.owner)


def test_several_deeds_are_one_step(tree: Cast) -> None:
    stood = rows()
    deeds = [Move("N1", "SOUTH", "legal"), Move("N2", "SOUTH", "legal"), Move("N2", "SOUTH", "management")]
    step = restructuring.restructure(account="ACME", deeds=[*deeds, Close("NORTH")], on=DAY, by=tree.owner)
    assert [parent("N1"), parent("N2"), parent("NORTH")] == ["SOUTH", "SOUTH", ""]
    restructuring.take_back(account="ACME", pk=step.pk, by=tree.owner)
    assert rows() == stood


def test_two_units_change_places_in_one_step(tree: Cast) -> None:
    deeds = [Move("NORTH", "", "legal"), Move("TOP", "NORTH", "legal")]
    restructuring.restructure(account="ACME", deeds=deeds, on=DAY, by=tree.owner)
    assert [parent("NORTH"), parent("TOP"), parent("SOUTH")] == ["", "NORTH", "TOP"]


# -- versions ------------------------------------------------------------------------------------------------------------


def test_who_decided_by_an_old_picture_is_told_and_nothing_is_done(tree: Cast) -> None:
    seen = restructuring.version_of(viewer=tree.owner, account="ACME", codes=["N1"])
    move(tree, "N1", "SOUTH", by=tree.superuser)
    stood = rows()
    with pytest.raises(Stale, match="N1 was changed by somebody else meanwhile"):
        move(tree, "N1", "TOP", on=LATER, expected=seen)
    assert rows() == stood
    seen = restructuring.version_of(viewer=tree.owner, account="ACME", codes=["N1"])
    move(tree, "N2", "SOUTH", by=tree.superuser)
    move(tree, "N1", "TOP", on=LATER, expected=seen)


def test_a_change_of_what_stands_below_is_a_change(tree: Cast) -> None:
    seen = restructuring.version_of(viewer=tree.owner, account="ACME", codes=["NORTH"])
    move(tree, "N1", "SOUTH")
    with pytest.raises(Stale, match="North was changed"):
        steps.close_unit(account="ACME", code="NORTH", on=LATER, lifts=True, by=tree.owner, expected=seen)


# -- who may ---------------------------------------------------------------------------------------------------------------


def test_who_sees_a_part_or_may_not_edit_changes_nothing(tree: Cast) -> None:
    stood = rows()
    with pytest.raises(NotPermitted, match="You see a part of this account"):
        move(tree, "N1", "SOUTH", by=tree.europe_lead)
    with pytest.raises(NotPermitted):
        move(tree, "N1", "SOUTH", by=tree.executive)
    with pytest.raises(Account.DoesNotExist):
        move(tree, "N1", "SOUTH", by=tree.outsider)
    assert rows() == stood
    move(tree, "N1", "SOUTH", by=tree.administrator)


# -- taking back -------------------------------------------------------------------------------------------------------------


def test_every_deed_is_taken_back_exactly(tree: Cast) -> None:
    OrgLink.objects.filter(child__code="NORTH", structure="legal").update(share="51.00")
    stood = rows()
    how: dict[str, Any] = {"account": "ACME", "on": DAY, "by": tree.owner}
    parts = [Part(Unit("NE", "NE"), ("N1",)), Part(Unit("NW", "NW"), ("N2",))]
    acts: list[Callable[[], Restructuring]] = [
        lambda: steps.move_unit(code="NORTH", parent="SOUTH", structure="legal", **how),
        lambda: steps.add_unit(unit=Unit("NEW", "New"), parents={"legal": "N1"}, **how),
        lambda: steps.close_unit(code="NORTH", lifts=True, **how),
        lambda: steps.split_unit(code="NORTH", parts=parts, **how),
        lambda: steps.merge_units(codes=["NORTH"], into="SOUTH", **how),
        lambda: steps.divest_unit(code="NORTH", structure="legal", **how),
        lambda: steps.rename_unit(code="NORTH", name="Nord", **how),
    ]
    for act in acts:
        step = act()
        assert rows() != stood
        restructuring.take_back(account="ACME", pk=step.pk, by=tree.owner)
        assert rows() == stood, step.words
        with pytest.raises(Restructuring.DoesNotExist):
            restructuring.take_back(account="ACME", pk=step.pk, by=tree.owner)


def test_steps_are_taken_back_one_after_the_other_from_the_last(tree: Cast) -> None:
    stood = rows()
    first = move(tree, "N1", "SOUTH")
    second = move(tree, "N1", "TOP", on=LATER)
    with pytest.raises(Refused, match="changed since"):
        restructuring.take_back(account="ACME", pk=first.pk, by=tree.owner)
    restructuring.take_back(account="ACME", pk=second.pk, by=tree.owner)
    restructuring.take_back(account="ACME", pk=first.pk, by=tree.owner)
    assert rows() == stood


@pytest.mark.parametrize("held", ["contact", "coverage", "revenue", "place"])
def test_an_opened_unit_that_holds_something_by_now_stays(tree: Cast, held: str) -> None:
    step = steps.add_unit(account="ACME", unit=Unit("NEW", "New"), parents={}, on=DAY, by=tree.owner)
    unit = OrgUnit.objects.get(code="NEW")
    if held == "contact":
        make.ContactFactory(account=tree.acme, org_unit=unit)
    elif held == "coverage":
        make.CoverageFactory(org_unit=unit)
    elif held == "revenue":
        make.RevenueEntryFactory(account=tree.acme, org_unit=unit)
    else:
        move(tree, "N1", "NEW")
    with pytest.raises(Refused, match="what it opened holds 1"):
        restructuring.take_back(account="ACME", pk=step.pk, by=tree.owner)
    assert OrgUnit.objects.filter(code="NEW").exists()


def test_taking_back_what_would_close_a_circle_is_refused(tree: Cast) -> None:
    step = move(tree, "N1", "")
    move(tree, "NORTH", "N1", on=LATER)
    stood = rows()
    with pytest.raises(Refused, match="would stand below itself"):
        restructuring.take_back(account="ACME", pk=step.pk, by=tree.owner)
    assert rows() == stood
