"""A unit that closes: who covers it ceases to in the same step, where that is asked for, and is back when it is taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from coverage.models import Coverage
from teams.models import Member
from tests import factories as make
from tests.boards import Acme
from tests.coverage.test_ranking import signed_in

pytestmark = pytest.mark.django_db
FROM, SOON, LATER = dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 3, 1)


@pytest.fixture
def client(acme: Acme) -> Client:
    make.CoverageFactory(org_unit=acme.german, member=acme.colleague, valid_from=SOON, covers_descendants=True)
    make.CoverageFactory(org_unit=acme.french, member=acme.colleague)
    return signed_in(acme.cast.owner)


def periods(unit: Any) -> list[tuple[str, dt.date | None]]:
    rows = Coverage.objects.filter(org_unit=unit).order_by("id").select_related("member")
    return [(row.member.given_name, row.valid_to) for row in rows]


def close(client: Client, unit: Any, **fields: Any) -> Any:
    address = f"/accounts/ACME/structure/close/?unit={unit.code}&structure=legal"
    return client.post(address, {"on": FROM, "lifts": "on", **fields}, follow=True)


def undo(client: Client) -> str:
    page = client.get("/accounts/ACME/structure/").content.decode()
    step = page.split("/structure/steps/")[1].split("/")[0]
    return client.post(f"/accounts/ACME/structure/steps/{step}/undo/", follow=True).content.decode()


def told(client: Client, unit: Any, **fields: Any) -> str:
    given = {"unit": unit.code, "structure": "legal", "on": FROM, "lifts": "on", **fields}
    return client.get("/accounts/ACME/structure/close/preview/", given).content.decode()


def test_the_form_offers_it_and_tells_what_it_does(acme: Acme, client: Client) -> None:
    form = client.get(f"/accounts/ACME/structure/close/?unit={acme.german.code}&structure=legal").context["form"]
    assert form["ends_coverage"].value() is True
    assert "2 coverages end on that day" in told(client, acme.german, ends_coverage="on")
    assert "2 coverages go on there" in told(client, acme.german)


def test_coverage_ends_with_the_unit_and_undo_brings_it_back(acme: Acme, client: Client) -> None:
    before = list(Coverage.objects.order_by("id").values())
    assert "closes" in close(client, acme.german, ends_coverage="on").content.decode()
    # What would have begun only later never begins; other units are left alone.
    assert periods(acme.german) == [("Ada", FROM)]
    assert periods(acme.french) == [("Bea", None)]
    assert "stands as it did before that step" in undo(client)
    assert list(Coverage.objects.order_by("id").values()) == before


def test_unasked_coverage_stays(acme: Acme, client: Client) -> None:
    close(client, acme.german)
    assert periods(acme.german) == [("Ada", None), ("Bea", None)]


def test_a_step_is_not_taken_back_over_coverage_that_was_changed_since(acme: Acme, client: Client) -> None:
    close(client, acme.german, ends_coverage="on")
    Coverage.objects.filter(pk=acme.held.pk).update(valid_to=SOON)
    assert "something of it was changed since" in undo(client)
    assert periods(acme.german) == [("Ada", SOON)]


def test_a_step_is_not_taken_back_where_somebody_else_has_the_place_by_now(acme: Acme, client: Client) -> None:
    close(client, acme.german, ends_coverage="on")
    owner = Member.objects.get(pk=acme.owner.pk)
    make.CoverageFactory(org_unit=acme.german, member=owner, valid_from=LATER)
    assert "something of it was changed since" in undo(client)
    acme.german.refresh_from_db()
    assert acme.german.closed_on == FROM
    assert periods(acme.german) == [("Ada", FROM), ("Ada", None)]


def test_only_what_closes_loses_its_coverage_in_a_merge(acme: Acme, client: Client) -> None:
    address = f"/accounts/ACME/structure/merge/?unit={acme.german.code}&structure=legal"
    answer = client.post(address, {"on": FROM, "codes": [acme.french.code], "ends_coverage": "on"})
    assert answer.status_code == 302
    assert periods(acme.german) == [("Ada", None), ("Bea", None)]
    assert periods(acme.french) == [("Bea", FROM)]
