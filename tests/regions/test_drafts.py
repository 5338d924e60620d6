"""A draft of the geography: what is planned is data until it is carried out, as a whole or not at all, and can be undone.

The cast's tree: WORLD holds EUROPE (DE, FR) and ASIA (JP). France came to EUROPE on 1 April 2024.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps

from core.errors import DomainError, NotPermitted
from regions import draft_services, services
from regions.draft_queries import DraftView, estate, open_draft, settled_drafts
from regions.models import DraftState, Region, RegionCountry, RegionDraft, RegionLead, RegionLink
from regions.plan import Change, Kind, in_order, planned
from regions.queries import region_names, region_tree
from tests import factories as make
from tests.cast import Cast
from users.models import User

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 10, 20)
AHEAD = dt.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def pinned(settings: Any) -> None:
    settings.GAM_AS_OF = TODAY


def country(code: str, region: str) -> Change:
    return Change(Kind.COUNTRY, country=code, region=region)


def move(region: str, parent: str) -> Change:
    return Change(Kind.MOVE, region=region, parent=parent)


def add(region: str, parent: str, name: str = "") -> Change:
    return Change(Kind.ADD, region=region, parent=parent, name=name or region.title())


def drafted(by: User, *changes: Change, on: dt.date = TODAY) -> DraftView:
    draft_services.choose_day(on=on, by=by)
    for change in changes:
        draft_services.add_change(change=change, by=by)
    found = open_draft(viewer=by)
    assert found is not None
    return found


def committed(by: User, *changes: Change, on: dt.date = TODAY) -> RegionDraft:
    drafted(by, *changes, on=on)
    return draft_services.commit(by=by, on=on)


def rows() -> list[list[Any]]:
    """Everything that is dated, and the names."""
    tables = [model.objects.order_by("pk").values_list() for model in (Region, RegionLink, RegionCountry, RegionLead)]
    return [list(table) for table in tables]


def region_of(code: str, day: dt.date) -> str | None:
    row = RegionCountry.objects.filter(country=code).as_of(day).first()
    return row.region.code if row else None


def parent_of(code: str, day: dt.date) -> str | None:
    row = RegionLink.objects.filter(child__code=code).as_of(day).first()
    return row.parent.code if row else None


def test_a_draft_changes_nothing_until_it_is_committed(cast: Cast) -> None:
    stood = rows()
    view = drafted(cast.administrator, country("DE", "ASIA"), add("NORDICS", "EUROPE"), move("ASIA", ""))
    assert rows() == stood
    assert [row.words for row in view.rows] == [
        "Germany moves from Region EUROPE to Region ASIA",
        "Nordics is added below Region EUROPE",
        "Region ASIA becomes a root",
    ]


def test_all_kinds_of_change_are_carried_out_from_the_day(cast: Cast) -> None:
    committed(
        cast.administrator,
        country("DE", "ASIA"),
        country("FR", ""),
        add("NORDICS", "EUROPE", "Nordic countries"),
        country("SE", "NORDICS"),
        move("ASIA", ""),
        Change(Kind.RENAME, region="EUROPE", name="Europe"),
        Change(Kind.APPOINT, region="ASIA", email=cast.owner.email),
        Change(Kind.END, region="EUROPE", email=cast.europe_lead.email),
    )
    eve = TODAY - dt.timedelta(days=1)
    assert [region_of("DE", day) for day in (eve, TODAY)] == ["EUROPE", "ASIA"]
    assert [region_of("FR", day) for day in (eve, TODAY)] == ["EUROPE", None]
    assert [region_of("SE", day) for day in (eve, TODAY)] == [None, "NORDICS"]
    assert [parent_of("ASIA", day) for day in (eve, TODAY)] == ["WORLD", None]
    assert [parent_of("NORDICS", day) for day in (eve, TODAY)] == [None, "EUROPE"]
    assert Region.objects.get(code="EUROPE").name == "Europe"
    assert RegionLead.objects.get(user=cast.owner).valid_from == TODAY
    assert RegionLead.objects.get(user=cast.europe_lead).valid_to == TODAY


def test_the_plan_is_the_tree_that_the_services_make(cast: Cast) -> None:
    """What the dry run reads is what is there afterwards, on every day."""
    view = drafted(
        cast.administrator, country("DE", "ASIA"), country("FR", ""), add("NORDICS", "EUROPE"), country("SE", "NORDICS"),
        move("ASIA", "EUROPE"),
    )  # fmt: skip

    def known(tree: Any, names: Any) -> Any:
        code = {pk: pair[0] for pk, pair in names.items()}
        days = [dt.date(2024, 3, 31), dt.date(2025, 10, 19), TODAY, dt.date(2030, 1, 1)]
        snapshots = [tree.on(day) for day in days]
        return [
            (
                {code[c]: code[p] for c, p in s.parents.items()},
                {c: code[r] for c, r in s.regions_of_countries.items()},
            )
            for s in snapshots
        ]

    after = known(view.after.tree, view.after.names)
    assert after != known(view.before.tree, view.before.names)
    draft_services.commit(by=cast.administrator, on=TODAY)
    assert known(region_tree(), region_names()) == after


def test_what_history_forbids_is_told_when_it_is_added(cast: Cast) -> None:
    draft_services.choose_day(on=dt.date(2024, 1, 1), by=cast.administrator)
    said = "France has belonged to Region EUROPE since 1 April 2024. Choose a later date, or end that period first."
    with pytest.raises(DomainError, match=said):
        draft_services.add_change(change=country("FR", "WORLD"), by=cast.administrator)
    assert not drafted(cast.administrator, on=dt.date(2024, 1, 1)).rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (move("WORLD", "EUROPE"), "would stand below itself"),
        (move("EUROPE", "WORLD"), "belongs to Region WORLD already"),
        (move("EUROPE", "NOWHERE"), "no region “NOWHERE”"),
        (add("ASIA", ""), "a region “ASIA” already"),
        (add("Unallocated", ""), "reserved"),
        (country("BR", ""), "belongs to no region"),
        (country("XX", "ASIA"), "no country"),
        (Change(Kind.END, region="ASIA", email="europe.lead@example.org"), "does not lead"),
        (Change(Kind.APPOINT, region="ASIA", email="asia.lead@example.org"), "leads Region ASIA already"),
        (Change(Kind.APPOINT, region="ASIA", email="nobody@example.org"), "No login"),
        (Change(Kind.RENAME, region="ASIA", name="Region ASIA"), "this name already"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(cast: Cast, change: Change, said: str) -> None:
    cast.asia_lead.given_name = cast.asia_lead.family_name = ""
    with pytest.raises(DomainError, match=said):
        draft_services.add_change(change=change, by=cast.administrator)


def test_a_change_made_meanwhile_stops_the_whole_draft(cast: Cast) -> None:
    drafted(cast.administrator, move("ASIA", ""), country("DE", "ASIA"), add("NORDICS", "EUROPE"), on=AHEAD)
    services.move_country(country="DE", region_code="WORLD", on=dt.date(2026, 3, 1), by=cast.superuser)
    stood = rows()
    with pytest.raises(draft_services.DraftConflict, match="Germany has belonged to Region WORLD since 1 March 2026"):
        draft_services.commit(by=cast.administrator, on=AHEAD)
    assert rows() == stood
    view = open_draft(viewer=cast.administrator)
    assert view is not None
    assert [bool(row.conflict) for row in view.rows] == [False, True, False]


def test_a_failure_half_way_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted(cast.administrator, add("NORDICS", "EUROPE"), move("ASIA", ""), country("DE", "ASIA"))
    stood = rows()

    def refuse(**given: Any) -> None:
        raise DomainError("no")

    monkeypatch.setattr(services, "move_country", refuse)
    with pytest.raises(DomainError):
        draft_services.commit(by=cast.administrator, on=TODAY)
    assert rows() == stood
    assert RegionDraft.objects.get().state == DraftState.OPEN


def test_a_draft_whose_day_was_changed_meanwhile_is_not_committed_blindly(cast: Cast) -> None:
    drafted(cast.administrator, country("DE", "ASIA"), on=AHEAD)
    with pytest.raises(draft_services.DraftConflict, match="1 January 2026 by now"):
        draft_services.commit(by=cast.administrator, on=TODAY)


def test_a_planned_move_counts_from_its_day_and_can_be_cancelled_before(cast: Cast) -> None:
    stood = rows()
    draft = committed(cast.administrator, country("DE", "ASIA"), add("NORDICS", "WORLD"), on=AHEAD)
    assert [region_of("DE", day) for day in (TODAY, AHEAD)] == ["EUROPE", "ASIA"]
    assert [one.is_planned for one in settled_drafts(viewer=cast.administrator, today=TODAY)] == [True]
    assert [one.is_planned for one in settled_drafts(viewer=cast.administrator, today=AHEAD)] == [False]
    draft_services.take_back(pk=draft.pk, by=cast.superuser)
    assert rows() == stood
    assert [one.is_planned for one in settled_drafts(viewer=cast.administrator, today=TODAY)] == [False]


def test_undoing_puts_every_row_back_as_it_was(cast: Cast) -> None:
    stood = rows()
    draft = committed(
        cast.administrator,
        add("NORDICS", "EUROPE"),
        country("DE", "NORDICS"),
        country("FR", ""),
        move("ASIA", "NORDICS"),
        Change(Kind.RENAME, region="EUROPE", name="Europe"),
        Change(Kind.APPOINT, region="ASIA", email=cast.owner.email),
        Change(Kind.END, region="EUROPE", email=cast.europe_lead.email),
    )
    assert rows() != stood
    draft_services.take_back(pk=draft.pk, by=cast.administrator)
    assert rows() == stood
    with pytest.raises(RegionDraft.DoesNotExist):
        draft_services.take_back(pk=draft.pk, by=cast.administrator)


def test_what_was_built_upon_is_not_undone(cast: Cast) -> None:
    first = committed(cast.administrator, country("DE", "ASIA"))
    services.move_country(country="DE", region_code="WORLD", on=AHEAD, by=cast.superuser)
    stood = rows()
    with pytest.raises(DomainError, match="changed since"):
        draft_services.take_back(pk=first.pk, by=cast.administrator)
    assert rows() == stood


@pytest.mark.parametrize("held", ["country", "lead", "part", "quota"])
def test_an_added_region_that_holds_something_by_now_stays(cast: Cast, held: str) -> None:
    draft = committed(cast.administrator, add("NORDICS", "EUROPE"))
    nordics = Region.objects.get(code="NORDICS")
    if held == "country":
        make.RegionCountryFactory(region=nordics, country="SE")
    elif held == "lead":
        make.RegionLeadFactory(region=nordics, user=cast.owner)
    elif held == "part":
        make.RegionLinkFactory(child=make.RegionFactory(code="BALTICS"), parent=nordics)
    else:
        _quota("NORDICS")
    with pytest.raises(DomainError, match="Nordics, which it added, holds"):
        draft_services.take_back(pk=draft.pk, by=cast.administrator)
    assert Region.objects.filter(code="NORDICS").exists()


def _quota(code: str) -> None:
    from revenue.models import Quota

    Quota.objects.create(
        scope="region", scope_code=code, measure="revenue", period_start=dt.date(2025, 1, 1),
        period_end=dt.date(2026, 1, 1), amount=1000, currency_id="EUR",
    )  # fmt: skip


def test_undoing_that_would_close_a_circle_says_so(cast: Cast) -> None:
    draft = committed(cast.administrator, move("ASIA", "EUROPE"), move("EUROPE", ""))
    services.move_region(code="WORLD", parent_code="ASIA", on=AHEAD, by=cast.superuser)
    stood = rows()
    with pytest.raises(DomainError, match="stand below itself"):
        draft_services.take_back(pk=draft.pk, by=cast.administrator)
    assert rows() == stood


def test_a_later_change_of_the_same_thing_takes_the_place_of_the_earlier(cast: Cast) -> None:
    view = drafted(cast.administrator, country("DE", "ASIA"), country("JP", "EUROPE"), country("DE", "WORLD"))
    assert [(c.country, c.region) for c in view.changes] == [("JP", "EUROPE"), ("DE", "WORLD")]
    view = drafted(cast.administrator, country("DE", "EUROPE"))
    assert [c.country for c in view.changes] == ["JP"]


def test_a_new_region_that_moves_within_the_draft_is_added_elsewhere(cast: Cast) -> None:
    view = drafted(cast.administrator, add("NORDICS", "EUROPE", "Nordics"), move("NORDICS", "ASIA"))
    assert [(c.kind, c.name, c.parent) for c in view.changes] == [(Kind.ADD, "Nordics", "ASIA")]


def test_moves_are_carried_out_from_the_top_whatever_their_order_in_the_draft(cast: Cast) -> None:
    """ASIA holds EUROPE and comes below it. Carried out as listed, ASIA would stand below itself in between."""
    services.move_region(code="EUROPE", parent_code="ASIA", on=dt.date(2025, 1, 1), by=cast.superuser)
    view = drafted(cast.administrator, move("EUROPE", ""), move("ASIA", "EUROPE"), move("EUROPE", "WORLD"))
    assert [(c.region, c.parent) for c in view.changes] == [("ASIA", "EUROPE"), ("EUROPE", "WORLD")]
    assert [c.region for c in in_order(view.before, view.changes, TODAY)] == ["EUROPE", "ASIA"]
    draft_services.commit(by=cast.administrator, on=TODAY)
    assert (parent_of("ASIA", TODAY), parent_of("EUROPE", TODAY)) == ("EUROPE", "WORLD")


def test_a_circle_on_a_later_day_is_seen(cast: Cast) -> None:
    """EUROPE is planned to come below ASIA; today ASIA can't come below EUROPE."""
    services.move_region(code="EUROPE", parent_code="ASIA", on=AHEAD, by=cast.superuser)
    with pytest.raises(DomainError, match="would stand below itself on 1 January 2026"):
        draft_services.add_change(change=move("ASIA", "EUROPE"), by=cast.administrator)


def test_one_change_leaves_the_draft_and_what_needs_it_says_so(cast: Cast) -> None:
    view = drafted(cast.administrator, add("NORDICS", "EUROPE"), country("SE", "NORDICS"))
    draft_services.remove_change(pk=view.rows[0].pk, by=cast.administrator)
    view = drafted(cast.administrator)
    assert [row.conflict for row in view.rows] == ["There is no region “NORDICS”."]


def test_a_draft_is_its_authors_until_it_is_committed(cast: Cast) -> None:
    view = drafted(cast.administrator, country("DE", "ASIA"))
    assert open_draft(viewer=cast.superuser) is None
    with pytest.raises(Exception, match="does not exist"):
        draft_services.remove_change(pk=view.rows[0].pk, by=cast.superuser)
    draft_services.commit(by=cast.administrator, on=TODAY)
    assert len(settled_drafts(viewer=cast.superuser, today=TODAY)) == 1
    assert settled_drafts(viewer=cast.executive, today=TODAY) == []


def test_who_may_not_configure_regions_does_nothing(cast: Cast) -> None:
    draft = committed(cast.administrator, country("DE", "ASIA"))
    for act in (
        lambda: draft_services.add_change(change=country("FR", "ASIA"), by=cast.executive),
        lambda: draft_services.commit(by=cast.executive, on=TODAY),
        lambda: draft_services.take_back(pk=draft.pk, by=cast.executive),
        lambda: draft_services.discard(by=cast.executive),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_discarded_draft_makes_room_for_another(cast: Cast) -> None:
    drafted(cast.administrator, country("DE", "ASIA"))
    draft_services.discard(by=cast.administrator)
    assert open_draft(viewer=cast.administrator) is None
    assert [c.country for c in drafted(cast.administrator, country("JP", "EUROPE")).changes] == ["JP"]


def test_history_says_who_and_what(cast: Cast) -> None:
    committed(cast.administrator, country("DE", "ASIA"))
    events = apps.get_model("regions", "RegionCountryEvent")
    event = events.objects.filter(country="DE").order_by("-pgh_id").first()
    assert event.pgh_context.metadata["user"] == cast.administrator.pk
    assert event.pgh_context.metadata["reason"] == "Germany moves from Region EUROPE to Region ASIA"


def test_a_plan_over_no_change_is_the_tree_itself(cast: Cast) -> None:
    found = estate()
    assert planned(found, [], TODAY) == found
