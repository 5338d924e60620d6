"""A newer list beside the tree: what it says, what people decide, what is carried out, and taking that back."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError

from accounts.models import Account, OrgLink, OrgUnit
from accounts.restructured import Restructuring
from core.errors import DomainError
from coverage.models import Coverage
from imports import carrying_out, comparing
from imports.compared import ComparedLine, Comparison
from tests import factories as make
from tests.accounts.steps import move_unit
from tests.imports.comparisons import DAY, NEWER, SAME, Desk, at_once, csv_of, desk, kinds, line, parents, units

__all__ = ["at_once", "desk", "units"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def rows() -> list[Any]:
    """Every unit and link as it stands."""
    columns = ("id", "code", "name", "country", "lei", "registry_id", "opened_on", "closed_on")
    links = ("id", "structure", "child", "parent", "valid_from", "valid_to")
    return [
        list(OrgUnit.objects.order_by("id").values_list(*columns)),
        list(OrgLink.objects.order_by("id").values_list(*links)),
    ]


# -- what a list says ----------------------------------------------------------------------------------------------------


def test_the_same_list_leaves_nothing_to_do(desk: Desk) -> None:
    assert kinds(desk.compare(csv_of(*SAME))) == {}


def test_every_line_of_a_newer_list_is_in_its_kind(desk: Desk) -> None:
    assert kinds(desk.compare(csv_of(*NEWER))) == {
        "moved": ["Acme Werkzeug GmbH"],
        "ambiguous": ["Acme LLC"],
        "renamed": ["アクメ株式会社"],
        "new": ["Acme Lyon SAS", "Acme Lyon Services SAS"],
        "closed": ["ООО «Акме»", "Acme Inc"],
    }


def test_comparing_changes_nothing(desk: Desk) -> None:
    before = rows()
    comparison = desk.compare(csv_of(*NEWER))
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    assert rows() == before


def test_another_legal_form_is_never_accepted_with_the_certain_ones(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    assert line(comparison, "Acme LLC").decision == ""
    with pytest.raises(DomainError, match="Choose which unit"):
        desk.accept(comparison, "Acme LLC")


def test_a_closure_is_never_certain_and_waits_for_the_line_that_it_may_be(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    assert line(comparison, "ООО «Акме»").decision == ""
    with pytest.raises(DomainError, match="may still be line 6"):
        desk.accept(comparison, "Acme Inc")


def test_a_chosen_unit_is_not_closed(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    comparing.choose(pk=comparison.pk, line=line(comparison, "Acme LLC").pk, unit=units["US"].pk, by=desk.by)
    assert line(comparison, "Acme LLC").kind == "renamed"
    assert line(comparison, "Acme LLC").decision == "accepted"
    assert kinds(comparison)["closed"] == ["ООО «Акме»"]


def test_a_choice_can_be_taken_back(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    before = kinds(comparison)
    chosen = line(comparison, "Acme LLC").pk
    comparing.choose(pk=comparison.pk, line=chosen, unit=units["US"].pk, by=desk.by)
    comparing.take_choice_back(pk=comparison.pk, line=chosen, by=desk.by)
    assert kinds(comparison) == before


def test_one_unit_is_not_chosen_for_two_lines(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = desk.compare(csv_of("Acme LLC,US,,,", "Acme Corp,US,,,"), is_complete=False)
    comparing.choose(pk=comparison.pk, line=line(comparison, "Acme LLC").pk, unit=units["US"].pk, by=desk.by)
    with pytest.raises(DomainError, match="is this unit already"):
        comparing.choose(pk=comparison.pk, line=line(comparison, "Acme Corp").pk, unit=units["US"].pk, by=desk.by)


def test_a_list_of_a_part_closes_nothing(desk: Desk) -> None:
    assert kinds(desk.compare(csv_of("Acme Nord GmbH,DE,,,HRB 1"), is_complete=False)) == {}


def test_a_list_of_companies_says_nothing_of_sites(desk: Desk, units: dict[str, OrgUnit]) -> None:
    make.OrgUnitFactory(account=desk.cast.acme, code="PLANT", name="Plant 1", kind="site")
    assert kinds(desk.compare(csv_of(*SAME))) == {}


def test_our_own_file_of_units_is_compared_without_asking(desk: Desk) -> None:
    content = csv_of(
        "ACME,TOP,Acme Holding SE,group,DE,",
        "ACME,NORD,Acme North GmbH,legal_entity,DE,TOP",
        "OTHER,X,Other,legal_entity,DE,",
        header="account_code,code,name,kind,country,parent_code",
    )
    comparison = desk.compare(content, is_complete=False)
    assert kinds(comparison) == {"renamed": ["Acme North GmbH"]}
    assert "1" in comparison.notes[0]


def test_a_workbook_is_read_as_its_table(desk: Desk) -> None:
    book = openpyxl.Workbook()
    for row in ("name,country,parent,lei,registry_id", *NEWER):
        book.active.append(row.split(","))  # type: ignore[union-attr]  # a new workbook has a sheet
    kept = BytesIO()
    book.save(kept)
    assert kinds(desk.compare(kept.getvalue(), file="list.xlsx")) == kinds(desk.compare(csv_of(*NEWER)))


def test_an_exhibit_of_an_annual_report_is_read_as_it_is(desk: Desk) -> None:
    content = csv_of(
        'F1,Acme,"Acme, Inc.",Delaware,100.0',
        'F1,Acme,Acme Nord GmbH,"Leuven, Germany",',
        header="filing,parent,subsidiary,location_of_incorporation,ownership_percentage",
    )
    comparison = desk.compare(content, is_complete=False)
    assert line(comparison, "Acme, Inc.").country == "US"
    assert kinds(comparison) == {"renamed": ["Acme, Inc."]}
    assert "ownership_percentage" in " ".join(comparison.notes)


# -- bad files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Acme Nord GmbH,DE,Nobody AG,,", (2, "parent", "unknown parent “Nobody AG”")),
        (",DE,,,", (2, "name", "a name is needed")),
        ("Acme,DE,,529900T8BM49AURSDO56,", (2, "lei", "check digits")),
        ("Acme One,DE,,,7\nAcme Two,DE,,,7", (3, "registry_id", "stands in line 2 already")),
        ("One,DE,Two,,\nTwo,DE,One,,", (2, "parent", "in a circle")),
        ("Acme,DE", (2, "parent", "ends before this column")),
        ("One,DE,,,\nOne,DE,,,\nTwo,DE,One,,", (4, "parent", "more than one line or unit")),
    ],
)
def test_a_bad_list_is_refused_with_line_column_and_reason(desk: Desk, row: str, problem: tuple[int, str, str]) -> None:
    comparison = desk.compare(csv_of(row))
    found_line, column, reason = comparison.problems[0]
    assert (comparison.stage, found_line, column) == ("refused", *problem[:2])
    assert problem[2] in reason
    assert not comparison.lines.exists()


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("list.pdf", b"%PDF", "neither a CSV file nor an XLSX workbook"),
        ("list.xlsx", b"not a zip", "not an XLSX workbook"),
        ("list.csv", b"", "list.csv:1: -: the file is empty"),
        ("list.csv", b"name,name\nA,B\n", "two columns have this name"),
    ],
)
def test_what_is_no_list_is_refused_at_once(desk: Desk, file: str, content: bytes, said: str) -> None:
    with pytest.raises(DomainError, match=said):
        desk.compare(content, file=file)
    assert not Comparison.objects.exists()


# -- carrying out --------------------------------------------------------------------------------------------------------


def everything_accepted(desk: Desk, units: dict[str, OrgUnit]) -> Comparison:
    comparison = desk.compare(csv_of(*NEWER))
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    comparing.choose(pk=comparison.pk, line=line(comparison, "Acme LLC").pk, unit=units["US"].pk, by=desk.by)
    desk.accept(comparison, "ООО «Акме»")
    return comparison


def test_who_covers_a_unit_that_closes_ceases_to_that_day(desk: Desk, units: dict[str, OrgUnit]) -> None:
    for code in ("RU", "JP"):
        make.CoverageFactory(org_unit=units[code])
    comparison = everything_accepted(desk, units)
    desk.apply(comparison)
    ends = Coverage.objects.values_list("org_unit__code", "valid_to")
    assert dict(ends) == {"RU": DAY, "JP": None}
    carrying_out.take_comparison_back(pk=comparison.pk, by=desk.by)
    assert dict(ends.all()) == {"RU": None, "JP": None}


def test_what_was_accepted_holds_from_the_day_on(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = everything_accepted(desk, units)
    desk.apply(comparison)
    assert (comparison.stage, comparison.message) == ("applied", "")
    assert parents()["WERK"] == "SUED"
    assert parents(DAY - dt.timedelta(days=1))["WERK"] == "NORD"
    assert parents()["ACME-LYON-SERVICES-SAS"] == "ACME-LYON-SAS"
    assert OrgUnit.objects.get(code="RU").closed_on == DAY
    american = OrgUnit.objects.get(code="US")
    assert (american.name, american.registry_id) == ("Acme LLC", "DEL 9")
    lyon = OrgUnit.objects.get(name="Acme Lyon SAS")
    assert (str(lyon.country), lyon.registry_id, lyon.opened_on) == ("FR", "RCS 7", DAY)


def test_the_same_list_again_leaves_nothing_once_all_is_carried_out(desk: Desk, units: dict[str, OrgUnit]) -> None:
    desk.apply(everything_accepted(desk, units))
    assert kinds(desk.compare(csv_of(*NEWER))) == {}


def test_carrying_out_twice_does_it_once(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = everything_accepted(desk, units)
    desk.apply(comparison)
    before = rows()
    carrying_out.run_application(pk=comparison.pk)
    with pytest.raises(DomainError, match="can't be carried out any more"):
        desk.apply(comparison)
    assert rows() == before
    assert Restructuring.objects.count() == 1


def test_everything_can_be_taken_back(desk: Desk, units: dict[str, OrgUnit]) -> None:
    before = rows()
    comparison = everything_accepted(desk, units)
    desk.apply(comparison)
    assert rows() != before
    carrying_out.take_comparison_back(pk=comparison.pk, by=desk.by)
    comparison.refresh_from_db()
    assert (rows(), comparison.stage) == (before, "undone")


def test_details_that_were_changed_since_are_not_written_over(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = desk.compare(csv_of("Acme Inc,US,,,DEL 9"), is_complete=False)
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    desk.apply(comparison)
    OrgUnit.objects.filter(code="US").update(registry_id="DEL 10")
    with pytest.raises(DomainError, match="changed since"):
        carrying_out.take_comparison_back(pk=comparison.pk, by=desk.by)
    assert OrgUnit.objects.get(code="US").registry_id == "DEL 10"


def test_only_what_was_accepted_is_carried_out(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    desk.accept(comparison, "アクメ株式会社")
    comparing.decide(pk=comparison.pk, line=line(comparison, "Acme Werkzeug GmbH").pk, decision="rejected", by=desk.by)
    desk.apply(comparison)
    assert OrgUnit.objects.get(code="JP").name == "アクメ株式会社"
    assert (OrgUnit.objects.get(code="WERK").name, parents()["WERK"]) == ("Acme Werk GmbH", "NORD")
    assert not OrgUnit.objects.filter(name="Acme Lyon SAS").exists()


def test_a_unit_under_a_line_that_is_not_accepted_is_refused_with_everything_else(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    before = rows()
    desk.accept(comparison, "アクメ株式会社", "Acme Lyon Services SAS")
    with pytest.raises(DomainError, match="goes under line 8, which is not accepted"):
        desk.apply(comparison)
    assert rows() == before


def test_a_tree_that_changed_meanwhile_is_not_written_over(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = everything_accepted(desk, units)
    earlier = DAY - dt.timedelta(days=30)
    move_unit(account="ACME", code="WERK", parent="US", structure="legal", on=earlier, by=desk.cast.owner)
    before = rows()
    desk.apply(comparison)
    assert (comparison.stage, rows()) == ("ready", before)


def test_a_tree_that_already_is_as_accepted_opens_the_line_again(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = everything_accepted(desk, units)
    earlier = DAY - dt.timedelta(days=30)
    move_unit(account="ACME", code="WERK", parent="SUED", structure="legal", on=earlier, by=desk.cast.owner)
    desk.apply(comparison)
    assert "1 accepted line is no longer what it was" in comparison.message
    assert line(comparison, "Acme Werkzeug GmbH").kind == "renamed"
    assert line(comparison, "Acme Werkzeug GmbH").decision == ""


def test_what_stands_below_a_closed_unit_comes_under_the_next_above(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = desk.compare(
        csv_of(*(row.replace("Acme Nord GmbH", "") if "Werk" in row else row for row in SAME if "HRB 1" not in row))
    )
    desk.accept(comparison, "Acme Nord GmbH")
    desk.apply(comparison)
    assert comparison.message == ""
    assert parents()["WERK"] == "TOP"


def test_a_whole_branch_turned_over_is_carried_out_in_order(desk: Desk) -> None:
    content = csv_of("Acme Nord GmbH,DE,Acme Werk GmbH,,HRB 1", "Acme Werk GmbH,DE,Acme Holding SE,,HRB 3")
    comparison = desk.compare(content, is_complete=False)
    comparing.accept_certain(pk=comparison.pk, by=desk.by)
    desk.apply(comparison)
    assert comparison.message == ""
    assert (parents()["WERK"], parents()["NORD"]) == ("TOP", "WERK")


def test_a_code_that_was_taken_for_a_unit_is_certain_the_next_time(desk: Desk, units: dict[str, OrgUnit]) -> None:
    content = csv_of("ACME,A-17,Acme Inc,US", header="account_code,code,name,country")
    comparison = desk.compare(content, is_complete=False)
    assert kinds(comparison) == {"ambiguous": ["Acme Inc"]}
    content = csv_of("ACME,A-17,Acme LLC,US", header="account_code,code,name,country")
    comparison = desk.compare(content, is_complete=False)
    comparing.choose(pk=comparison.pk, line=line(comparison, "Acme LLC").pk, unit=units["US"].pk, by=desk.by)
    desk.apply(comparison)
    assert kinds(desk.compare(content, is_complete=False)) == {}


# -- interruptions and access --------------------------------------------------------------------------------------------


def test_a_comparison_whose_worker_died_is_taken_up_again(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    Comparison.objects.update(stage="running")
    assert comparing.resume_interrupted() == [comparison.pk]
    assert comparison.lines.filter(kind="moved").count() == 1
    assert Comparison.objects.get().stage == "ready"


def test_decisions_are_refused_once_it_is_carried_out(desk: Desk, units: dict[str, OrgUnit]) -> None:
    comparison = everything_accepted(desk, units)
    desk.apply(comparison)
    with pytest.raises(DomainError, match="can't be decided any more"):
        comparing.accept_certain(pk=comparison.pk, by=desk.by)


@pytest.mark.parametrize("who", ["outsider", "europe_lead", "viewer", "executive"])
def test_others_find_no_comparison(desk: Desk, who: str) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    user = getattr(desk.cast, who)
    for act in (comparing.accept_certain, carrying_out.apply_comparison, carrying_out.take_comparison_back):
        with pytest.raises(Comparison.DoesNotExist):
            act(pk=comparison.pk, by=user)
    with pytest.raises(Account.DoesNotExist):
        Desk(desk.cast, desk.committed, user).compare(csv_of(*NEWER))


def test_the_database_refuses_an_accepted_line_that_nobody_chose_for(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    with pytest.raises(IntegrityError):
        ComparedLine.objects.filter(pk=line(comparison, "Acme LLC").pk).update(decision="accepted")
