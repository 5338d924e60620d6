"""Changing a structure from its pages: told before it is done, done once, seen in the history, taken back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import OrgLink, OrgUnit
from accounts.restructured import Restructuring
from coverage.models import CoveragePolicy
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
TODAY, AHEAD = dt.date(2024, 6, 30), dt.date(2024, 9, 1)
CODES = ("TOP", "NORTH", "SOUTH", "N1", "N2")


@pytest.fixture
def tree(cast: Cast, settings: Any) -> Cast:
    settings.GAM_AS_OF = TODAY
    units = {code: make.OrgUnitFactory(account=cast.acme, code=code, name=code.title()) for code in CODES}
    for child, parent in (("NORTH", "TOP"), ("SOUTH", "TOP"), ("N1", "NORTH"), ("N2", "NORTH")):
        make.OrgLinkFactory(child=units[child], parent=units[parent])
    return cast


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(deed: str, unit: str, more: str = "") -> str:
    return f"/accounts/ACME/structure/{deed}/?unit={unit}&structure=legal{more}"


def parent(code: str, on: dt.date = TODAY) -> str:
    link = OrgLink.objects.filter(child__code=code, structure="legal").as_of(on).select_related("parent").first()
    return link.parent.code if link else ""


def told(client: Client, deed: str, unit: str, **fields: Any) -> str:
    page = client.get(
        f"/accounts/ACME/structure/{deed}/preview/", {"unit": unit, "structure": "legal", "on": TODAY, **fields}
    )
    assert page.status_code == 200
    return re.sub(r"</?(?:time|bdi)[^>]*>", "", page.content.decode())


def test_a_move_is_told_carried_out_and_listed(tree: Cast) -> None:
    client = signed_in(tree.owner)
    said = told(client, "move", "NORTH", parent="SOUTH", within="legal")
    assert "What changes from 30 June 2024" in said
    assert "North, Legal: Top → South" in said
    assert "2 units below move along" in said
    version = re.search(r'name="expected" value="(\w+)"', said)
    assert version
    sent = {"parent": "SOUTH", "within": "legal", "on": TODAY, "reason": "new board", "expected": version[1]}
    answer = client.post(url("move", "NORTH"), sent, follow=True)
    assert "From 30 June 2024: North moves from Top to South." in answer.content.decode()
    assert [parent("NORTH"), parent("NORTH", TODAY - dt.timedelta(1))] == ["SOUTH", "TOP"]
    page = client.get("/accounts/ACME/structure/").content.decode()
    assert "North moves from Top to South" in page
    assert "new board" in page


def test_a_later_day_is_a_plan_and_shown_on_its_day(tree: Cast) -> None:
    answer = signed_in(tree.owner).post(url("move", "N1"), {"parent": "SOUTH", "within": "legal", "on": AHEAD})
    assert answer.headers["Location"] == "/accounts/ACME/?structure=legal&unit=N1&on=2024-09-01"
    assert [parent("N1"), parent("N1", AHEAD)] == ["NORTH", "SOUTH"]


def test_who_confirms_what_has_changed_meanwhile_is_told(tree: Cast) -> None:
    client = signed_in(tree.owner)
    version = re.search(r'name="expected" value="(\w+)"', told(client, "move", "N1", parent="TOP", within="legal"))
    assert version
    signed_in(tree.superuser).post(url("move", "N1"), {"parent": "SOUTH", "within": "legal", "on": TODAY})
    sent = {"parent": "TOP", "within": "legal", "on": AHEAD, "expected": version[1]}
    answer = client.post(url("move", "N1"), sent)
    assert answer.status_code == 422
    assert "N1 was changed by somebody else meanwhile" in answer.content.decode()
    assert parent("N1", AHEAD) == "SOUTH"


def test_in_a_sheet_the_form_comes_alone_and_leads_on_as_a_page(tree: Cast) -> None:
    client = signed_in(tree.owner)
    htmx = {"HX-Request": "true", "HX-Target": "sheet-content"}
    sheet = client.get(url("move", "N1", "&parent=SOUTH"), headers=htmx).content.decode()
    assert "<html" not in sheet
    assert 'value="SOUTH"' in sheet
    done = client.post(url("move", "N1"), {"parent": "SOUTH", "within": "legal", "on": TODAY}, headers=htmx)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/accounts/ACME/?structure=legal&unit=N1")
    wrong = client.post(url("move", "TOP"), {"parent": "N2", "within": "legal", "on": TODAY}, headers=htmx)
    assert wrong.status_code == 200
    assert "Top would stand below itself" in wrong.content.decode()


@pytest.mark.parametrize(
    ("deed", "unit", "fields", "said"),
    [
        ("add", "NORTH", {"name": "N3", "kind": "site", "within": ["legal"]}, "N3 opens"),
        ("rename", "NORTH", {"name": "Nord"}, "North is called Nord"),
        ("close", "NORTH", {"lifts": "on"}, "N1, Legal: North → Top"),
        ("divest", "NORTH", {}, "North leaves the group with 2 below it"),
        ("merge", "NORTH", {"codes": ["SOUTH"]}, "South closes"),
        ("merge", "NORTH", {"other": "south"}, "South closes"),
        ("split", "NORTH", {"part_1": "NE", "part_2": "NW", "to_0": "1", "to_1": "2"}, "N2, Legal: North → NW"),
        ("split", "NORTH", {"part_1": "NE", "to_0": "1", "to_1": "0", "keeps": "on"}, "NE opens"),
    ],
)
def test_every_deed_is_told_as_it_is_done_and_taken_back(
    tree: Cast, deed: str, unit: str, fields: dict[str, Any], said: str
) -> None:
    client = signed_in(tree.owner)
    before = told(client, deed, unit, **fields)
    answer = client.post(url(deed, unit), {"on": TODAY, **fields})
    assert answer.status_code == 302, answer.content.decode()
    step = Restructuring.objects.get()
    assert escape(said) in before or said in step.words
    stood = client.post(f"/accounts/ACME/structure/steps/{step.pk}/undo/", follow=True).content.decode()
    assert "The structure stands as it did before that step." in stood
    assert set(OrgUnit.objects.filter(account=tree.acme, closed_on=None).values_list("name", flat=True)) >= {
        code.title() for code in CODES
    }
    assert [parent("NORTH"), parent("N1"), parent("SOUTH")] == ["TOP", "NORTH", "TOP"]
    assert client.post(f"/accounts/ACME/structure/steps/{step.pk}/undo/").status_code == 404


@pytest.mark.parametrize(
    ("deed", "fields", "said"),
    [
        ("move", {"parent": "NOBODY", "within": "legal"}, "There is no org unit “NOBODY”."),
        ("move", {"parent": "Top", "within": "legal"}, "It stands there already"),
        ("close", {}, "North still holds N1, N2 on that day"),
        ("split", {"part_1": "NE", "to_0": "1", "to_1": "2"}, "A name is needed."),
        ("merge", {}, "Choose at least two units."),
        ("add", {"kind": "site", "within": ["legal"]}, "This field is required."),
    ],
)
def test_what_stands_in_the_way_is_said_at_the_form_and_nothing_is_done(
    tree: Cast, deed: str, fields: dict[str, Any], said: str
) -> None:
    answer = signed_in(tree.owner).post(url(deed, "NORTH"), {"on": TODAY, **fields})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Restructuring.objects.exists()


def test_what_a_closing_unit_holds_and_what_becomes_of_slots_is_told(tree: Cast) -> None:
    tree.acme.tier_id = "strategic"
    tree.acme.save()
    CoveragePolicy.objects.all().delete()
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="local_account_manager")
    unit = OrgUnit.objects.get(code="NORTH")
    make.OpportunityFactory(account=tree.acme, org_unit=unit)
    make.ContactFactory(account=tree.acme, org_unit=unit)
    make.CoverageFactory(org_unit=unit, covers_descendants=True)
    said = told(signed_in(tree.owner), "close", "NORTH", lifts="on")
    assert "1 open deal stays with what closes" in said
    assert "1 person stays with what closes" in said
    assert "1 coverage goes on there" in said
    # TOP, SOUTH and ACME-DE are empty; N1 and N2 had inherited from NORTH.
    assert "Empty slots on that day: 3 before, 5 after." in said


def test_who_sees_a_part_is_offered_no_change(tree: Cast) -> None:
    for user in (tree.europe_lead, tree.executive):
        client = signed_in(user)
        assert client.get(url("move", "N1")).status_code == 403
        assert client.post(url("move", "N1"), {"parent": "SOUTH", "within": "legal", "on": TODAY}).status_code == 403
        assert "structure/move" not in client.get("/accounts/ACME/structure/").content.decode()
        assert "structure/move" not in client.get("/accounts/ACME/unit/?unit=N1").content.decode()
    assert parent("N1") == "NORTH"


def test_another_accounts_step_is_not_taken_back_here(tree: Cast) -> None:
    client = signed_in(tree.owner)
    client.post(url("rename", "N1"), {"name": "Eins", "on": TODAY})
    step = Restructuring.objects.get()
    assert signed_in(tree.outsider).post(f"/accounts/OTHER/structure/steps/{step.pk}/undo/").status_code == 404
    assert signed_in(tree.superuser).post(f"/accounts/OTHER/structure/steps/{step.pk}/undo/").status_code == 404
    assert OrgUnit.objects.get(code="N1").name == "Eins"


def test_a_step_upon_which_others_were_built_offers_no_way_back(tree: Cast) -> None:
    client = signed_in(tree.owner)
    client.post(url("move", "N1"), {"parent": "SOUTH", "within": "legal", "on": TODAY})
    client.post(url("rename", "N2"), {"name": "Zwei", "on": TODAY})
    client.post(url("move", "N1"), {"parent": "TOP", "within": "legal", "on": AHEAD})
    first = Restructuring.objects.order_by("id")[0]
    page = client.get("/accounts/ACME/structure/").content.decode()
    assert page.count("/undo/") == 2
    assert f"/steps/{first.pk}/undo/" not in page


def test_a_unit_tells_its_whole_history(tree: Cast) -> None:
    client = signed_in(tree.owner)
    client.post(url("rename", "NORTH"), {"name": "Nord", "on": TODAY})
    client.post(url("split", "NORTH"), {"part_1": "NE", "part_2": "NW", "to_0": "1", "to_1": "2", "on": TODAY})
    said = client.get("/accounts/ACME/unit/?unit=NORTH").content.decode().partition("Record of changes")[0]
    assert "Nord splits into NE, NW" in said
    assert "North is called Nord" in said
    opened = client.get("/accounts/ACME/unit/?unit=NE").content.decode().partition("Record of changes")[0]
    assert "Nord splits into NE, NW" in opened


def test_a_field_offers_units_while_somebody_types(tree: Cast) -> None:
    found = signed_in(tree.owner).get("/accounts/ACME/structure/units/?parent=nor").content.decode()
    assert '<option value="NORTH">North</option>' in found
    assert "SOUTH" not in found


def test_the_first_link_draws_another_tree(tree: Cast) -> None:
    client = signed_in(tree.owner)
    assert 'id="structure-geographic"' not in client.get("/accounts/ACME/structure/").content.decode()
    client.post(url("move", "SOUTH"), {"parent": "NORTH", "within": "geographic", "on": TODAY})
    page = client.get("/accounts/ACME/structure/?structure=geographic").content.decode()
    assert 'id="structure-geographic" name="structure" value="geographic" checked' in page
    assert [parent("SOUTH"), parent("NORTH")] == ["TOP", "TOP"]
