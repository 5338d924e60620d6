"""The alignment board: what it shows, of whom, and that a file holds what the page does."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.structures import Forest
from coverage.alignment import alignment_of
from coverage.board import BY_GAP, Board, Line, Narrowing, laid_out
from coverage.models import CoveragePolicy
from coverage.slots import EMPTY, FILLED, Fit, Post, Rule, slots_of
from rollups import services
from tests import factories as make
from tests.boards import LOCAL, REGIONAL, Acme

BOARD = "/accounts/ACME/alignment/"
FRAGMENT = {"HX-Request": "true", "HX-Target": "board"}

TREE = Forest.of([1, 2, 3], [(2, 1), (3, 2)])
LINES = {1: Line("TOP", "Top", "DE"), 2: Line("MID", "Middle", "FR"), 3: Line("LOW", "Lowest", "JP")}
RULES = [Rule("site", "local"), Rule("site", "legal"), Rule("division", "local")]
KINDS = {1: "group", 2: "division", 3: "site"}
VALUES = {1: Fraction(100), 2: Fraction(200), 3: Fraction(1000)}


def board(narrowing: Narrowing | None = None, order: str = "tree") -> Board:
    fit = Fit(shares_language=True, shares_hours=True)
    slots = slots_of(KINDS, TREE, RULES, [Post(2, "local", 7, reaches_down=True)], lambda member, unit: fit)
    return laid_out(alignment_of(slots.all, VALUES), TREE, LINES, ["legal", "local"], narrowing, order)


def units(found: Board) -> list[tuple[int, int]]:
    return [(row.unit, row.depth) for row in found.rows]


def test_rows_stand_as_in_the_tree_and_columns_in_the_order_of_roles() -> None:
    assert units(board()) == [(1, 0), (2, 1), (3, 2)]
    assert board().roles == ("legal", "local")


def test_sums_of_all_rows_are_those_of_the_account() -> None:
    # Value 1000, two slots of equal weight: half of it lacks the legal role, a quarter the second half of the local one.
    assert board().sums.gap == 500 + 250
    assert sum(one.gap for one in board().by_role.values()) == 750
    assert [one.gap for one in board().gaps] == [500, 250]


def test_by_gap_the_largest_comes_first_and_nothing_is_set_in() -> None:
    assert units(board(order=BY_GAP)) == [(3, 0), (2, 0), (1, 0)]


def test_a_narrowed_board_hangs_rows_below_the_nearest_that_is_shown() -> None:
    found = board(Narrowing(role="local"))
    assert units(found) == [(2, 0), (3, 1)]
    assert found.roles == ("local",)
    assert [one.slot.role for one in found.slots] == ["local", "local"]


@pytest.mark.parametrize(
    ("narrowing", "shown"),
    [
        (Narrowing(state=EMPTY), [(3, "legal")]),
        (Narrowing(state=FILLED), [(2, "local")]),
        (Narrowing(member=7), [(2, "local"), (3, "local")]),
        (Narrowing(member=8), []),
        (Narrowing(countries=frozenset({"JP"})), [(3, "local"), (3, "legal")]),
        (Narrowing(words=("mid",)), [(2, "local")]),
        (Narrowing(countries=frozenset()), []),
    ],
)
def test_slots_are_narrowed(narrowing: Narrowing, shown: list[tuple[int, str]]) -> None:
    assert [(one.slot.unit, one.slot.role) for one in board(narrowing).slots] == shown


# -- pages


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(response: Any) -> list[tuple[str, str]]:
    screen = response.context["screen"]
    return [(screen.page.lines[one.slot.unit].code, one.slot.role) for one in screen.slots]


def exported(client: Client, query: str) -> list[dict[str, str]]:
    text = b"".join(client.get(f"{BOARD}?format=csv{query}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith(("#", '"#'))))


QUERIES = [
    "",
    "&look=gap",
    "&look=list",
    "&region=EUROPE",
    "&country=FR&look=list",
    f"&role={LOCAL}",
    "&state=empty",
    "&member=owner@example.org",
    "&search=acme france",
    "&country=JP",
    "&role=nobody",
    "&on=2020-01-01",
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES)
def test_page_part_and_file_hold_the_same_slots(acme: Acme, query: str) -> None:
    client = signed_in(acme.cast.owner)
    page, part = client.get(f"{BOARD}?{query}"), client.get(f"{BOARD}?{query}", headers=FRAGMENT)
    roles = {name: code for code, name in page.context["page"].roles.items()}
    lines = [(line["Code"], roles[line["Role"]]) for line in exported(client, query)]
    assert shown(page) == shown(part) == lines


@pytest.mark.django_db
def test_the_gap_list_adds_up_to_the_accounts_gap(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    page = client.get(f"{BOARD}?look=list")
    gaps = [Decimal(line["Gap, EUR"]) for line in exported(client, "&look=list")]
    whole = page.context["page"].weighing.alignment.gap
    # The German company lacks its regional manager (a third of 600.00), the French one has nobody.
    assert sum(gaps) == Decimal(whole) / 100 == Decimal("500.00")
    assert gaps == [Decimal("200.00"), Decimal("200.00"), Decimal("100.00")]
    assert "500" in page.content.decode()


@pytest.mark.django_db
def test_a_long_gap_list_goes_on_where_it_ended(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coverage.board_screens.GAPS", 2)
    client = signed_in(acme.cast.owner)
    first = client.get(f"{BOARD}?look=list")
    second = client.get(first.context["screen"].next_url)
    tables = [[line.one for line in page.context["screen"].gap_table.source] for page in (first, second)]
    assert [len(lines) for lines in tables] == [2, 1]
    assert [*tables[0], *tables[1]] == list(second.context["screen"].slots)
    assert second.context["screen"].next_url == ""


@pytest.mark.django_db
def test_every_fill_below_one_has_its_reason_in_words(acme: Acme) -> None:
    acme.held.covers_descendants = True
    acme.held.org_unit = acme.group
    acme.held.save()
    lines = exported(signed_in(acme.cast.owner), "")
    assert lines
    for line in lines:
        assert bool(line["Why"]) == (line["Fill"] != "1"), line
    french = next(line for line in lines if line["Code"] == "ACME-FR" and line["State"] == "inherited")
    assert french["Fill"] == "0.25"  # one link above, and no French
    assert french["Inherited from"] == "Acme Group"


@pytest.mark.django_db
def test_the_score_stands_with_its_parts_and_its_known_weight(acme: Acme) -> None:
    page = signed_in(acme.cast.owner).get(BOARD)
    # 600 × 2/3 of 900 with weights: (600·2) ÷ (900·3).
    assert page.context["screen"].sums.score == Fraction(1200, 2700)
    text = page.content.decode()
    assert text.index("Mirror ratio") < text.index(">known weight")
    assert "44.4%" in text


@pytest.mark.django_db
def test_a_day_in_the_address_is_the_day_shown(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    acme.held.valid_from = dt.date(2026, 1, 1)
    acme.held.save()
    before, now = client.get(f"{BOARD}?on=2025-12-31"), client.get(BOARD)
    assert [page.context["screen"].sums.empty for page in (before, now)] == [4, 3]
    assert "slot/?on=2025-12-31&amp;unit=ACME-DE&amp;role=local_account_manager" in before.content.decode()


@pytest.mark.django_db
def test_who_sees_a_part_is_told_and_has_no_handles(acme: Acme) -> None:
    owner, lead = signed_in(acme.cast.owner).get(BOARD), signed_in(acme.cast.europe_lead).get(BOARD)
    assert "You see a part" in lead.content.decode()
    assert "You see a part" not in owner.content.decode()
    for page, handles in ((owner, True), (lead, False)):
        assert ("data-editable" in page.content.decode()) is handles
        assert ("data-drag" in page.content.decode()) is handles
    slot = f"{BOARD}slot/?unit=ACME-DE&role={REGIONAL}"
    assert "Choose" in signed_in(acme.cast.owner).get(slot).content.decode()
    assert "Choose" not in signed_in(acme.cast.europe_lead).get(slot).content.decode()


@pytest.mark.django_db
def test_values_hold_what_the_reader_may_see(acme: Acme) -> None:
    make.RevenueEntryFactory(
        account=acme.cast.acme, org_unit=acme.german, country="JP", date=dt.date(2026, 5, 6), amount=Decimal(5000)
    )
    services.drain()
    values = {
        user.email: signed_in(user).get(BOARD).context["screen"].whole_value
        for user in (acme.cast.owner, acme.cast.europe_lead)
    }
    # The group has no fact of its own: 1 % of the mean.
    assert values["europe.lead@example.org"] == Decimal("903.00")
    assert values["owner@example.org"] > 5000


@pytest.mark.django_db
def test_what_cannot_be_read_breaks_nothing(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    wrong = client.get(f"{BOARD}?country=XX&state=none&on=tomorrow&look=x&from=-3&member=nobody")
    assert wrong.status_code == 200
    assert shown(wrong) == []
    assert "Select a valid choice" in wrong.content.decode()
    for day in (dt.date.min, dt.date.max):
        for place in ("", "slot/"):
            found = client.get(f"{BOARD}{place}?on={day}&unit=ACME-DE&role={LOCAL}")
            assert found.status_code == 200, (day, place)
    for query in ("unit=NONE&role=legal", "unit=ACME-DE&role=none", "unit=%00&role=%00", ""):
        assert client.get(f"{BOARD}slot/?{query}").status_code == 404, query


@pytest.mark.django_db
def test_without_a_policy_coverage_is_unknown(acme: Acme) -> None:
    CoveragePolicy.objects.all().delete()
    text = signed_in(acme.cast.owner).get(BOARD).content.decode()
    assert "Coverage is unknown" in text
    assert "<table" not in text


@pytest.mark.django_db
def test_a_board_asks_as_much_for_thirty_units_as_for_three(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    addresses = (BOARD, f"{BOARD}?look=list", f"{BOARD}slot/?unit=ACME-DE&role={LOCAL}", f"{BOARD}?format=csv")
    asked(BOARD)
    make.CoverageFactory(org_unit=acme.french, member=acme.colleague)  # a change of hers, so that there is one to undo
    few = [asked(address) for address in addresses]
    for number in range(30):
        unit = make.OrgUnitFactory(account=acme.cast.acme, code=f"MORE-{number}", country="FR")
        make.OrgLinkFactory(child=unit, parent=acme.group, structure="legal")
        make.CoverageFactory(org_unit=unit, member=make.MemberFactory())
    assert [asked(address) for address in addresses] == few
    assert max(few) <= 34
