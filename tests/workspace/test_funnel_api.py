"""The funnel and the growth of the pipeline over HTTP: what the pages say, to the cent, and nothing more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.cast import Cast
from tests.workspace.test_funnel_pages import client_of, funnel
from users.models import User

__all__ = ["funnel"]
pytestmark = pytest.mark.django_db
YEAR = {"from": "2024-01", "to": "2024-12"}
MOVED = ("new", "grown", "shrunk", "won", "lost", "gone")


def answer(user: User, what: str, **asked: str) -> Any:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client.get(f"/api/v1/{what}/", asked)


def test_the_funnel_counts_a_deal_of_two_members_products_countries_and_contacts_once(funnel: Cast) -> None:
    found = answer(funnel.executive, "funnel", **YEAR).json()
    assert [step["leads"] for step in found["steps"]] == [6, 3, 2, 1, 1]
    assert [step["value"] for step in found["steps"]] == ["900.00", "900.00", "900.00", "1000.00", "1000.00"]
    assert (found["steps"][0]["without_amount"], found["steps"][0]["unpriced"]) == (4, 1)
    for parts in ("parts", "sources", "campaigns"):
        assert [sum(part["steps"][at]["leads"] for part in found[parts]) for at in range(5)] == [6, 3, 2, 1, 1]
    assert sum(sum(ages.values()) for ages in found["ageing"].values()) == 4


def test_the_funnel_is_narrowed_as_its_page_is(funnel: Cast) -> None:
    for asked in ({"region": "EUROPE"}, {"source": "web"}, {"source": "none"}, {"campaign": "spring"}):
        page = client_of(funnel.executive).get("/funnel/", {**YEAR, **asked}).context["found"]
        found = answer(funnel.executive, "funnel", **YEAR, **asked).json()
        assert [step["leads"] for step in found["steps"]] == [step.leads for step in page.steps], asked


def test_growth_adds_up_and_says_what_its_page_says(funnel: Cast) -> None:
    found = answer(funnel.executive, "pipeline-growth").json()
    page = client_of(funnel.executive).get("/funnel/growth/").context["view"]
    assert (Decimal(found["before"]), Decimal(found["after"])) == (page.money("before"), page.money("after"))
    moved = sum(Decimal(found[name]) for name in MOVED)
    assert Decimal(found["before"]) + moved == Decimal(found["after"])
    assert sum(Decimal(part["after"]) for part in found["parts"]) == Decimal(found["after"])


def test_who_sees_a_part_is_told_so_and_gets_no_more(funnel: Cast) -> None:
    found = answer(funnel.europe_lead, "funnel", **YEAR).json()
    assert found["restricted"]
    assert found["steps"][0]["leads"] < 6
    outsider = answer(funnel.outsider, "funnel", **YEAR).json()
    assert [step["leads"] for step in outsider["steps"]] == [0] * 5
    assert answer(funnel.outsider, "pipeline-growth").json()["after"] == "0.00"


@pytest.mark.parametrize(
    ("what", "asked", "status"),
    [
        ("funnel", {"region": "NOWHERE"}, 404),
        ("funnel", {"currency": "native"}, 400),
        ("funnel", {"rates": "never"}, 400),
        ("funnel", {"from": "2024-13"}, 400),
        ("funnel", {"from": "2010-01", "to": "2024-12"}, 400),
        ("funnel", {"book": "overlay"}, 400),
        ("pipeline-growth", {"region": "NOWHERE"}, 404),
        ("pipeline-growth", {"from": "2024-01"}, 400),
    ],
)
def test_what_is_not_there_or_not_offered_is_refused(
    funnel: Cast, what: str, asked: dict[str, str], status: int
) -> None:
    assert answer(funnel.superuser, what, **asked).status_code == status


def test_the_tile_of_a_regions_open_pipeline_says_how_it_grew(funnel: Cast) -> None:
    client = client_of(funnel.executive)
    assert "/funnel/growth/bar/?region=EUROPE" in client.get("/regions/EUROPE/").content.decode()
    line = client.get("/funnel/growth/bar/?region=EUROPE").content.decode()
    assert "/funnel/growth/?" in line
    assert client.get("/funnel/growth/bar/?region=NOWHERE").status_code == 404
