"""A structure in parts: what shows at first, the rest as it is asked for, and the whole on paper and in files."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, OrgLink, OrgUnit
from coverage.models import CoveragePolicy
from coverage.nodes import ALL_AT_ONCE, BATCH
from rollups import services
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
MANY = 500


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def small(cast: Cast, settings: Any) -> Cast:
    """ACME-DE holds Nord <1>, which holds Süd."""
    settings.GAM_AS_OF = dt.date(2024, 6, 30)
    top = OrgUnit.objects.get(code="ACME-DE")
    north = make.OrgUnitFactory(account=cast.acme, code="NORD", name="Nord <1>", country="FR", city="Lille")
    south = make.OrgUnitFactory(account=cast.acme, code="SUED", name="Süd & Söhne", country="DE")
    make.OrgLinkFactory(child=north, parent=top)
    make.OrgLinkFactory(child=south, parent=north)
    make.RevenueEntryFactory(account=cast.acme, org_unit=south, date=dt.date(2024, 3, 1), amount=Decimal("1234.50"))
    services.rebuild()
    return cast


def large(account: Account) -> list[OrgUnit]:
    """A top with two below it, one of which holds all others: more than are sent at once."""
    units = OrgUnit.objects.bulk_create(
        OrgUnit(account=account, code=f"U{n}", name=f"Unit {n:04d}", country="DE") for n in range(MANY)
    )
    OrgLink.objects.bulk_create(
        OrgLink(account=account, structure="legal", child=unit, parent=units[0 if n < 3 else 1])
        for n, unit in enumerate(units)
        if n
    )
    return units


def nodes_of(page: bytes) -> list[dict[str, Any]]:
    text = page.decode()
    start = text.index(">", text.index('id="structure-data"')) + 1
    found: list[dict[str, Any]] = json.loads(text[start : text.index("</script>", start)])
    return found


def test_a_small_structure_is_sent_whole(small: Cast) -> None:
    page = signed_in(small.owner).get("/accounts/ACME/structure/")
    assert [(node["code"], node["count"]) for node in nodes_of(page.content)] == [
        ("ACME-DE", 1),
        ("NORD", 1),
        ("SUED", 0),
    ]
    assert "data-branch" not in page.content.decode()


def test_of_a_large_structure_what_shows_is_sent_and_the_rest_when_it_is_asked_for(cast: Cast) -> None:
    units = large(cast.other)
    client = signed_in(cast.outsider)
    page = client.get("/accounts/OTHER/structure/")
    sent = nodes_of(page.content)
    assert len(sent) < 100 < ALL_AT_ONCE < MANY
    assert f'data-total="{MANY + 1}"' in page.content.decode()
    holder = next(node for node in sent if node["code"] == "U1")
    assert holder["count"] == MANY - 3
    seen = {node["id"] for node in sent if node["parent"] == holder["id"]}
    assert len(seen) == BATCH
    while len(seen) < holder["count"]:
        more = client.get(f"/accounts/OTHER/structure/branch/?unit={units[1].pk}&since={len(seen)}").json()["nodes"]
        assert 0 < len(more) <= BATCH
        assert seen.isdisjoint(node["id"] for node in more)
        seen |= {node["id"] for node in more}
    assert client.get(f"/accounts/OTHER/structure/branch/?unit={units[1].pk}&since={MANY}").json() == {"nodes": []}


def test_what_comes_later_is_coloured_as_what_came_at_once(cast: Cast) -> None:
    """Coverage reaches down from the top to a unit that a branch, or a search, brings by itself."""
    account = cast.other
    account.tier_id = "strategic"
    account.save()
    CoveragePolicy.objects.all().delete()
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="local_account_manager")
    units = large(account)
    member = make.MemberFactory(languages=["ja:C2", "de:C2"], time_zone="Europe/Berlin")
    make.CoverageFactory(org_unit=units[0], member=member, covers_descendants=True)
    client = signed_in(cast.outsider)
    page = client.get("/accounts/OTHER/structure/")
    states = {node["code"]: node["state"] for node in nodes_of(page.content)}
    assert (states["U0"], states["U1"], states["OTHER-JP"]) == ("covered", "inherited", "gap")
    assert "1 empty slot" in page.content.decode()
    later = client.get(f"/accounts/OTHER/structure/branch/?unit={units[1].pk}&since=80").json()["nodes"]
    assert {node["state"] for node in later} == {"inherited"}
    hit = client.get("/accounts/OTHER/structure/search/?q=unit 0499").json()["nodes"]
    assert [node["state"] for node in hit] == ["covered", "inherited", "inherited"]


def test_a_unit_of_another_account_has_no_branch_here(cast: Cast) -> None:
    foreign = OrgUnit.objects.get(code="ACME-DE").pk
    assert signed_in(cast.outsider).get(f"/accounts/OTHER/structure/branch/?unit={foreign}").status_code == 404


def test_a_search_finds_units_that_were_not_sent_with_the_way_to_them(cast: Cast) -> None:
    large(cast.other)
    found = signed_in(cast.outsider).get("/accounts/OTHER/structure/search/?q=unit 0499").json()
    assert found["count"] == 1
    assert [node["code"] for node in found["nodes"]] == ["U0", "U1", "U499"]
    assert found["hits"] == [found["nodes"][-1]["id"]]
    many = signed_in(cast.outsider).get("/accounts/OTHER/structure/search/?q=UNIT").json()
    assert many["count"] == MANY + 1
    assert len(many["hits"]) == 60
    assert signed_in(cast.outsider).get("/accounts/OTHER/structure/search/?q=").json()["count"] == 0


def statements(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("part", ["", "branch/", "search/?q=unit", "outline/", "csv/", "svg/"])
def test_what_is_asked_of_the_database_does_not_grow_with_the_tree(cast: Cast, part: str) -> None:
    client = signed_in(cast.outsider)
    make.OrgUnitFactory(account=cast.other, code="ONE", name="Unit one")
    few = statements(client, f"/accounts/OTHER/structure/{part}")
    large(cast.other)
    assert statements(client, f"/accounts/OTHER/structure/{part}") == few <= 24


# -- on paper and in files ---------------------------------------------------------------------------------------------------


def test_the_file_says_the_tree_from_the_top_down(small: Cast) -> None:
    answer = signed_in(small.owner).get("/accounts/ACME/structure/csv/")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "# Acme"
    assert lines[1].startswith("# Structure: Legal · 30 June 2024 · 3 units")
    rows = [line.split(",") for line in lines[3:]]
    assert [(row[0], row[2], row[3], row[8]) for row in rows] == [
        ("ACME-DE", "", "0", "1234.50"),
        ("NORD", "ACME-DE", "1", "1234.50"),
        ("SUED", "NORD", "2", "1234.50"),
    ]


def svg(client: Client, query: str = "") -> bytes:
    answer = client.get(f"/accounts/ACME/structure/svg/{query}")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    return answer.getvalue()


def test_the_picture_is_the_same_to_the_byte_and_holds_nothing_that_runs(small: Cast) -> None:
    client = signed_in(small.owner)
    drawn = svg(client)
    assert drawn == svg(client)
    root = ET.fromstring(drawn)  # noqa: S314  a file of ours
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert tags == {"svg", "title", "rect", "text", "g", "path"}
    assert not [name for one in root.iter() for name in one.attrib if name == "style" or name.startswith("on")]
    said = "".join(root.itertext())
    assert "Nord <1>" in said
    assert "Süd & Söhne" in said
    assert len([one for one in root.iter() if one.tag.endswith("path")]) == 2


def test_a_branch_is_drawn_and_written_by_itself(small: Cast) -> None:
    client = signed_in(small.owner)
    assert "ACME-DE" not in svg(client, "?unit=NORD").decode()
    page = client.get("/accounts/ACME/structure/outline/?unit=NORD").content.decode()
    assert page.count('<th scope="row"') == 2
    assert client.get("/accounts/ACME/structure/outline/?unit=NOBODY").status_code == 404


def test_files_hold_what_the_reader_may_see(small: Cast) -> None:
    """A lead of Asia sees nothing of ACME; an administrator its names and no money."""
    assert signed_in(small.asia_lead).get("/accounts/ACME/structure/csv/").status_code == 404
    answer = signed_in(small.administrator).get("/accounts/ACME/structure/csv/")
    text = answer.getvalue().decode()
    assert "Nord" in text
    assert "1234" not in text


def test_a_past_day_is_drawn_as_it_was(small: Cast) -> None:
    OrgUnit.objects.filter(code="SUED").update(opened_on=dt.date(2024, 5, 1))
    assert "Süd" not in svg(signed_in(small.owner), "?on=2024-04-30").decode()
    assert "Süd" in svg(signed_in(small.owner), "?on=2024-05-01").decode()
