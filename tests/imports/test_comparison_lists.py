"""The pages of a comparison: evidence, what is affected, who may open them, and how much they ask."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import OrgUnit
from imports.compared import Comparison
from tests import factories as make
from tests.imports.comparisons import NEWER, Desk, at_once, csv_of, desk, units

__all__ = ["at_once", "desk", "units"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def statements(desk: Desk, comparison: Comparison, kind: str) -> int:
    client = Client()
    client.force_login(desk.by)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/accounts/ACME/lists/{comparison.pk}/?kind={kind}").status_code == 200
    return len(asked)


@pytest.mark.parametrize("kind", ["ambiguous", "closed", "new"])
def test_a_page_of_many_lines_asks_no_more_than_one_of_few(desk: Desk, kind: str) -> None:
    few = desk.compare(csv_of(*NEWER))
    small = statements(desk, few, kind)
    for number in range(20):
        unit = make.OrgUnitFactory(account=desk.cast.acme, code=f"N{number}", name=f"Unit {number} Inc", country="US")
        make.CoverageFactory(org_unit=unit)
        gone = make.OrgUnitFactory(account=desk.cast.acme, code=f"G{number}", name=f"Gone {number} Oy", country="FI")
        make.OpportunityFactory(account=desk.cast.acme, org_unit=gone, country="FI")
    more = [f"Unit {number} LLC,US,,,\nCompletely {number} Different AB,SE,,," for number in range(20)]
    many = desk.compare(csv_of(*NEWER, *more))
    assert many.lines.filter(kind=kind).count() > 20
    assert statements(desk, many, kind) <= small + 1
    assert small <= 45


def test_a_page_shows_evidence_and_what_is_affected(desk: Desk, units: dict[str, OrgUnit]) -> None:
    make.CoverageFactory(org_unit=units["RU"], member=make.MemberFactory(given_name="Анна", family_name="Ким"))
    make.OpportunityFactory(account=desk.cast.acme, org_unit=units["RU"], country="RU")
    comparison = desk.compare(csv_of(*NEWER))
    client = Client()
    client.force_login(desk.by)
    closed = client.get(f"/accounts/ACME/lists/{comparison.pk}/?kind=closed").content.decode()
    assert "Анна Ким" in closed
    assert "1 open deal" in closed
    open_lines = client.get(f"/accounts/ACME/lists/{comparison.pk}/?kind=ambiguous").content.decode()
    assert "another country" not in open_lines
    assert "and not" in open_lines


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("executive", 404), ("owner", 200), ("administrator", 200)]
)
def test_only_who_may_change_the_structure_opens_the_pages(desk: Desk, who: str, status: int) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    client = Client()
    client.force_login(getattr(desk.cast, who))
    assert client.get(f"/accounts/ACME/lists/{comparison.pk}/").status_code == status
    answer = client.post(f"/accounts/ACME/lists/{comparison.pk}/decide/", {"do": "certain"})
    assert answer.status_code == (302 if status == 200 else 404)


def test_a_comparison_is_found_under_its_own_account_only(desk: Desk) -> None:
    comparison = desk.compare(csv_of(*NEWER))
    client = Client()
    client.force_login(desk.cast.superuser)
    assert client.get(f"/accounts/OTHER/lists/{comparison.pk}/").status_code == 404
    assert client.post(f"/accounts/OTHER/lists/{comparison.pk}/carry-out/").status_code == 404
