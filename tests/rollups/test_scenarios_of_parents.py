"""Scenarios of well-known roll-up engines in which parents change: re-parenting at every level, merges, undeletes, order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts.merges import merge_accounts, undo_merge
from accounts.merging import Choices
from accounts.models import Account, OrgLink, OrgUnit
from core.errors import InUse
from core.removal import remove
from money.services import pin_business_date
from pipeline.deleted import deleted_deals, restore_deal
from pipeline.models import Opportunity, OpportunityLine
from regions.models import RegionLink
from regions.services import move_country, move_region
from revenue.deleted import deleted_entries, restore_entry
from revenue.models import RevenueEntry
from rollups import services
from tests import factories as make
from tests.rollups.scenarios import D, account, cents, deal, drained, entry, region, regions, unit
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> User:
    pin_business_date(on=D, by=None)
    return User.objects.create_superuser("root@example.org", make.PASSWORD)


def both(viewer: User) -> dict[str, object]:
    return {code: account(viewer, code).measures.revenue for code in ("A", "B")}


# -- the parent of a fact ------------------------------------------------------------------------------------------------


def test_a_child_that_changes_its_parent_leaves_the_old_one(viewer: User) -> None:
    """Re-parenting: both the old and the new parent are recalculated."""
    one, _two, _three = entry("A", "10"), entry("A", "1"), entry("B", "5")
    assert both(viewer) == {"A": cents("11.00"), "B": cents("5.00")}
    RevenueEntry.objects.filter(pk=one.pk).update(account=Account.objects.get(code="B"))
    assert both(viewer) == {"A": cents("1.00"), "B": cents("15.00")}


def test_the_only_child_that_changes_its_parent_leaves_nought(viewer: User) -> None:
    """Re-parenting the only child: the old parent shows 0 although nothing of its own is left to recalculate it by."""
    one = entry("A", "10")
    entry("B", "5")
    account(viewer, "A")
    RevenueEntry.objects.filter(pk=one.pk).update(account=Account.objects.get(code="B"))
    assert both(viewer) == {"A": cents("0.00"), "B": cents("15.00")}


def test_a_child_changes_its_parent_and_its_amount_in_one_update(viewer: User) -> None:
    """Re-parenting with another value: the old parent loses the old value, the new one gains the new."""
    one = entry("A", "10")
    entry("B", "5")
    account(viewer, "A")
    RevenueEntry.objects.filter(pk=one.pk).update(account=Account.objects.get(code="B"), amount=Decimal("0.5"))
    assert both(viewer) == {"A": cents("0.00"), "B": cents("5.50")}


def test_two_children_that_change_places(viewer: User) -> None:
    """One statement re-parents children both ways between the same two parents."""
    one, two = entry("A", "10"), entry("B", "5")
    account(viewer, "A")
    parents = [one.account, two.account]
    one.account, two.account = parents[1], parents[0]
    RevenueEntry.objects.bulk_update([one, two], ["account"])
    assert both(viewer) == {"A": cents("5.00"), "B": cents("10.00")}


def test_a_child_that_changes_its_parent_thrice_in_one_transaction(viewer: User) -> None:
    """A parent changed, changed back and changed again before the commit: only where it ends counts."""
    one = entry("A", "10")
    entry("B", "5")
    account(viewer, "A")
    with transaction.atomic():
        for code in ("B", "A", "B"):
            RevenueEntry.objects.filter(pk=one.pk).update(account=Account.objects.get(code=code))
    assert both(viewer) == {"A": cents("0.00"), "B": cents("15.00")}


def test_a_deal_that_changes_its_customer_takes_its_lines_along(viewer: User) -> None:
    """Re-parenting in the middle: the grandchildren change their grandparent without being touched."""
    one = deal("A", None)
    for number, country in enumerate(("DE", "FR"), start=1):
        make.OpportunityLineFactory(opportunity=one, line=number, country=country, amount=Decimal(10))
    make.AccountFactory(code="B")
    assert account(viewer, "A").measures.pipeline_open == cents("20.00")
    Opportunity.objects.update(account=Account.objects.get(code="B"))
    assert set(OpportunityLine.objects.values_list("account__code", flat=True)) == {"B"}
    found = account(viewer, "B").measures
    assert (found.pipeline_open, found.opportunities_open) == (cents("20.00"), 1)
    assert account(viewer, "A").measures.opportunities_open == 0


def test_a_line_that_changes_its_deal(viewer: User) -> None:
    """A grandchild is re-parented: both deals, and both customers, are summed anew."""
    one, two = deal("A", None), deal("B", None)
    for number, (owner, amount) in enumerate(((one, "10"), (one, "1"), (two, "5")), start=1):
        make.OpportunityLineFactory(opportunity=owner, line=number, amount=Decimal(amount))
    account(viewer, "A")
    OpportunityLine.objects.filter(line=1).update(opportunity=two, account=two.account)
    shown = {code: account(viewer, code).measures.pipeline_open for code in ("A", "B")}
    assert shown == {"A": cents("1.00"), "B": cents("15.00")}


# -- grandparents --------------------------------------------------------------------------------------------------------


@pytest.fixture
def group(viewer: User) -> dict[str, OrgUnit]:
    """GROUP over EAST and WEST; WORKS under EAST, SITE under WORKS; ten in SITE, one in WORKS."""
    owner = make.AccountFactory(code="A")
    units: dict[str, Any] = {
        code: make.OrgUnitFactory(account=owner, code=code) for code in ("GROUP", "EAST", "WEST", "WORKS", "SITE")
    }
    for child, parent in (("EAST", "GROUP"), ("WEST", "GROUP"), ("WORKS", "EAST"), ("SITE", "WORKS")):
        make.OrgLinkFactory(child=units[child], parent=units[parent])
    entry("A", "10", org_unit=units["SITE"])
    entry("A", "1", org_unit=units["WORKS"])
    return units


def of_units(viewer: User, *codes: str, **lens: str) -> list[object]:
    return [unit(viewer, "A", code, **lens).measures.revenue for code in codes]


def test_every_ancestor_holds_a_grandchild_once(viewer: User, group: dict[str, OrgUnit]) -> None:
    """Grandparent roll-ups: a value arrives at every level above it, once."""
    assert of_units(viewer, "SITE", "WORKS", "EAST", "WEST", "GROUP") == [
        cents("10.00"),
        cents("11.00"),
        cents("11.00"),
        cents("0.00"),
        cents("11.00"),
    ]


def test_a_parent_that_changes_its_grandparent_takes_the_grandchildren_along(
    viewer: User, group: dict[str, OrgUnit]
) -> None:
    """Grandparent re-parenting: only the middle record is updated; old and new grandparent both follow."""
    of_units(viewer, "EAST")
    OrgLink.objects.filter(child=group["WORKS"]).update(parent=group["WEST"])
    assert of_units(viewer, "EAST", "WEST", "GROUP") == [cents("0.00"), cents("11.00"), cents("11.00")]


def test_a_great_grandparent_changes_when_the_grandparent_is_moved(viewer: User, group: dict[str, OrgUnit]) -> None:
    """Great-grandparents swapped two levels above the children."""
    OrgLink.objects.filter(child=group["EAST"]).update(parent=group["WEST"])
    assert of_units(viewer, "WEST", "EAST", "GROUP") == [cents("11.00"), cents("11.00"), cents("11.00")]


def test_two_grandparents_that_change_places(viewer: User) -> None:
    """Two parents swap their parents in one transaction."""
    one, two, west, east = (make.RegionFactory(code=code) for code in ("ONE", "TWO", "WEST", "EAST"))
    for country, owner, parent, amount in (("DE", one, west, "10"), ("FR", two, east, "3")):
        make.RegionCountryFactory(region=owner, country=country)
        make.RegionLinkFactory(child=owner, parent=parent)
        entry("A", amount, country=country)
    assert regions(viewer) == {"WEST": cents("10.00"), "EAST": cents("3.00")}
    with transaction.atomic():
        RegionLink.objects.filter(child=one).update(parent=east)
        RegionLink.objects.filter(child=two).update(parent=west)
    assert regions(viewer) == {"WEST": cents("3.00"), "EAST": cents("10.00")}


def test_parent_and_child_move_at_once_whichever_is_written_first(viewer: User, group: dict[str, OrgUnit]) -> None:
    """The order of updates of parent and child in one transaction makes no difference."""
    for order in (("link", "fact"), ("fact", "link")):
        OrgLink.objects.filter(child=group["WORKS"]).update(parent=group["EAST"])
        RevenueEntry.objects.filter(amount=10).update(org_unit=group["SITE"])
        drained()
        with transaction.atomic():
            for what in order:
                if what == "link":
                    OrgLink.objects.filter(child=group["WORKS"]).update(parent=group["WEST"])
                else:
                    RevenueEntry.objects.filter(amount=10).update(org_unit=group["EAST"])
        assert of_units(viewer, "EAST", "WEST", "GROUP") == [cents("10.00"), cents("1.00"), cents("11.00")], order


def test_a_parent_that_is_made_after_its_children(viewer: User) -> None:
    """The child comes first and its parent later: nothing has to be touched again."""
    entry("A", "10", country="DE")
    assert regions(viewer) == {"unallocated": cents("10.00")}
    make.RegionCountryFactory(region=make.RegionFactory(code="EMEA"), country="DE")
    assert regions(viewer) == {"EMEA": cents("10.00")}


def test_a_move_from_a_date_on_leaves_the_months_before_it(viewer: User) -> None:
    """What others can't: a re-parenting that holds from a day on, so that last year's totals stand."""
    for code in ("WORLD", "NORTH", "SOUTH"):
        make.RegionFactory(code=code)
    for code in ("NORTH", "SOUTH"):
        move_region(code=code, parent_code="WORLD", on=dt.date(2024, 1, 1), by=viewer)
    move_country(country="DE", region_code="NORTH", on=dt.date(2024, 1, 1), by=viewer)
    entry("A", "10", country="DE", date=dt.date(2024, 2, 1))
    entry("A", "3", country="DE", date=dt.date(2024, 5, 1))
    move_country(country="DE", region_code="SOUTH", on=dt.date(2024, 4, 1), by=viewer)
    shown = {child.code: child.measures.revenue for child in region(viewer, "WORLD").children}
    assert shown == {"NORTH": cents("10.00"), "SOUTH": cents("3.00")}
    shown = {child.code: child.measures.revenue for child in region(viewer, "WORLD", tree="now").children}
    assert shown["SOUTH"] == cents("13.00")


# -- parents that go, merge and return ------------------------------------------------------------------------------------


def test_a_parent_with_children_can_not_be_deleted_over_them(viewer: User) -> None:
    """A parent is deleted: others orphan or cascade; here facts hold it, and the figures stand."""
    entry("A", "10")
    with pytest.raises(InUse) as refused:
        remove(Account.objects.get(code="A"), by=viewer)
    assert refused.value.counts == {"revenue entries": 1}
    assert account(viewer, "A").measures.revenue == cents("10.00")


def test_a_parent_whose_children_are_gone_is_deleted_and_leaves_no_cell(viewer: User) -> None:
    """Children and parent are deleted before anything was recalculated."""
    from rollups.models import AccountCell, Cell

    entry("A", "10")
    drained()
    RevenueEntry.objects.all().delete()
    remove(Account.objects.get(code="A"), by=viewer)
    drained()
    assert not Cell.objects.exists()
    assert not AccountCell.objects.exists()


def test_two_parents_that_are_merged_have_the_children_of_both(viewer: User) -> None:
    """A merge: the children of the loser are re-parented, and the winner is recalculated at once."""
    entry("A", "10.005")
    entry("B", "5.005")
    deal("A", "7")
    drained()
    merge_accounts(gone="A", into="B", choices=Choices(), by=viewer)
    found = account(viewer, "B").measures
    # Each is rounded by itself: 10.00 and 5.00.
    assert (found.revenue, found.pipeline_open, found.opportunities_open) == (cents("15.00"), cents("7.00"), 1)


def test_three_parents_are_merged_into_one_and_taken_apart_again(viewer: User) -> None:
    """A merge of a master with two duplicates, which others allow in one go."""
    for code, amount in (("A", "10"), ("B", "5"), ("C", "1")):
        entry(code, amount)
    drained()
    done = [merge_accounts(gone=code, into="C", choices=Choices(), by=viewer) for code in ("A", "B")]
    assert account(viewer, "C").measures.revenue == cents("16.00")
    for merge in done:
        undo_merge(pk=merge.pk, by=viewer)
    assert account(viewer, "C").measures.revenue == cents("1.00")
    assert both(viewer) == {"A": cents("10.00"), "B": cents("5.00")}


def test_a_merge_before_the_children_were_ever_summed(viewer: User) -> None:
    """The loser's changes still wait in the queue when it is merged: its keys name an account that is gone."""
    entry("A", "10")
    entry("B", "5")
    merge_accounts(gone="A", into="B", choices=Choices(), by=viewer)
    assert account(viewer, "B").measures.revenue == cents("15.00")
    assert regions(viewer) == {"unallocated": cents("15.00")}


def test_an_undeleted_child_is_added_again(viewer: User) -> None:
    """An undelete: the child returns with its parent and value."""
    one = entry("A", "10.005")
    two = entry("A", "1")
    one.delete()
    assert account(viewer, "A").measures.revenue == cents("1.00")
    restore_entry(event=deleted_entries(viewer=viewer).get().pk, by=viewer)
    assert account(viewer, "A").measures.revenue == cents("11.00")
    two.delete()
    assert account(viewer, "A").measures.revenue == cents("10.00")


def test_an_undeleted_deal_is_counted_and_summed_by_its_lines(viewer: User) -> None:
    """An undelete of a parent brings its children back, and the grandparent sums them."""
    one = deal("A", None)
    for number, amount in enumerate(("10.005", "10.015"), start=1):
        make.OpportunityLineFactory(opportunity=one, line=number, country="DE", amount=Decimal(amount))
    before = account(viewer, "A").measures
    one.delete()
    assert account(viewer, "A").measures.opportunities_open == 0
    restore_deal(event=deleted_deals(viewer=viewer).get().pk, by=viewer)
    found = account(viewer, "A").measures
    assert found == before
    assert (found.pipeline_open, found.opportunities_open) == (cents("20.02"), 1)


def test_deleted_and_undeleted_before_anything_was_summed(viewer: User) -> None:
    """Delete and undelete within one batch of changes: nothing is counted twice."""
    one = entry("A", "10")
    drained()
    with transaction.atomic():
        one.delete()
        restore_entry(event=deleted_entries(viewer=viewer).get().pk, by=viewer)
    assert account(viewer, "A").measures.revenue == cents("10.00")
    assert services.drain().keys == 0
