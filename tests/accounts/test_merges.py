"""Merging two accounts that are one customer, and taking that back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.following import Key, following
from accounts.merged import AccountMerge
from accounts.merges import merge_accounts, undo_merge
from accounts.merging import Choices
from accounts.models import Account, AccountGrant, Contact, OrgLink, OrgUnit, Post
from accounts.restructured import Restructuring
from core import clock
from core.errors import DomainError, NotPermitted
from coverage.models import Coverage
from coverage.proposal_models import Proposal, ProposedPost
from imports.compared import Comparison
from money.services import pin_business_date
from pipeline.deal_models import DealContact
from pipeline.models import Lead, Opportunity, OpportunityLine
from revenue.models import Potential, Quota, RevenueEntry
from rollups import services
from rollups.lens import parse_lens
from rollups.queries import account_figures, regions_list
from teams.models import AccountTeam, TeamMember, TeamRole
from tests import factories as make
from users.models import User

pytestmark = pytest.mark.django_db

YEAR = {"from": "2024-01", "to": "2024-12"}
GLOBAL = "global_account_manager"


@pytest.fixture
def root() -> User:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)
    return User.objects.create_superuser("root@example.org", make.PASSWORD)


@pytest.fixture
def two() -> tuple[Account, Account]:
    """OLD and NEW, each with a unit HQ, a team with a global account manager, and one row of every kind."""
    old, new = make.AccountFactory(code="OLD", name="Old"), make.AccountFactory(code="NEW", name="New")
    product = make.ProductFactory(code="P")
    for account, amount in ((old, "100.005"), (new, "7.00")):
        hq = make.OrgUnitFactory(account=account, code="HQ", country="DE")
        site = make.OrgUnitFactory(account=account, code=f"SITE-{account.code}", country="FR")
        make.OrgLinkFactory(child=site, parent=hq)
        contact = make.ContactFactory(account=account, org_unit=hq)
        Post.objects.create(contact=contact, org_unit=site)
        member = make.MemberFactory()
        make.TeamMemberFactory(team=account.team, member=member, role=TeamRole.objects.get(pk=GLOBAL))
        make.CoverageFactory(org_unit=site, member=member)
        contact.relationships.create(member=member, strength=Decimal("0.5"))
        make.RevenueEntryFactory(account=account, org_unit=hq, amount=Decimal(amount))
        deal = make.OpportunityFactory(account=account, org_unit=hq, amount=None, owner=member)
        make.OpportunityLineFactory(opportunity=deal, account=account, org_unit=site, country="FR")
        make.OpportunitySplitFactory(opportunity=deal, member=member)
        Potential.objects.create(account=account, org_unit=site, product=product, amount=5, currency_id="EUR")
        DealContact.objects.create(account=account, opportunity=deal, contact=contact, buying_role="champion")
        make.LeadFactory(account=account)
        make.PlayFactory(kind="reference", account=account)
        make.PlayUseFactory(opportunity=deal, contact=contact)
        AccountGrant.objects.create(account=account, user=make.UserFactory())
        Restructuring.objects.create(account=account, kind="move", on=dt.date(2024, 1, 1), made_at=clock.now())
        make.HandOverLineFactory(account=account, hand_over=make.HandOverFactory(account=account))
        Comparison.objects.create(account=account, on=dt.date(2024, 1, 1), file="list.csv", content=b"")
        proposal = Proposal.objects.create(account=account, on=dt.date(2024, 1, 1))
        ProposedPost.objects.create(
            proposal=proposal, account=account, org_unit=site, role_id=GLOBAL, member=member, fill=1, gain=1, hours=1
        )
    return old, new


def merge(by: User, **choices: Any) -> AccountMerge:
    return merge_accounts(gone="OLD", into="NEW", choices=Choices(**choices), reason="One customer", by=by)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a merge touches."""
    tables: list[Any] = [Account, AccountTeam, TeamMember, Post, *(one.model for one in following())]
    return {m._meta.label: sorted(m._base_manager.values_list(), key=lambda row: str(row[0])) for m in tables}


def figures(viewer: User) -> list[Any]:
    services.drain()
    assert services.verify().drift == 0
    found: list[Any] = []
    for currency in ("EUR", "native"):
        lens = parse_lens({**YEAR, "currency": currency})
        found.append([(f.scope.code, f.measures) for f in regions_list(viewer=viewer, lens=lens)])
        for code in ("OLD", "NEW"):
            if Account.objects.filter(code=code).exists():
                figure = account_figures(viewer=viewer, code=code, lens=lens)
                found.append((code, figure.measures, [(c.code, c.measures) for c in figure.children]))
    return found


def test_everything_of_an_account_moves_into_the_other(two: tuple[Account, Account], root: User) -> None:
    old, new = two
    merge(root)
    assert not Account.objects.filter(code="OLD").exists()
    assert not AccountTeam.objects.filter(pk=old.team_id).exists()
    for model in (OrgLink, Contact, Coverage, RevenueEntry, Opportunity, OpportunityLine, Potential, Lead):
        assert set(model.objects.values_list("account", flat=True)) == {new.pk}, model
        assert model.objects.count() == 2, model
    assert AccountGrant.objects.filter(account=new).count() == 2


def test_figures_of_two_accounts_are_those_of_one_after_a_merge(two: tuple[Account, Account], root: User) -> None:
    services.drain()
    lens = parse_lens(YEAR)
    merge(root)
    services.drain()
    measures = account_figures(viewer=root, code="NEW", lens=lens).measures
    # 100.005 is rounded by itself to 100.00 before it is added: 107.00, not the 107.01 of a sum rounded late.
    assert (measures.revenue, measures.pipeline_open) == (Decimal("107.00"), Decimal("1000.00"))
    assert measures.opportunities_open == 2
    assert services.verify().drift == 0


def test_a_merge_that_is_taken_back_leaves_everything_as_it_was(two: tuple[Account, Account], root: User) -> None:
    Quota.objects.create(**quota("OLD"), amount=10)
    before, shown = everything(), figures(root)
    done = merge(root, manager_becomes="regional_account_manager", moves_quotas=True, fills_blanks=True)
    assert figures(root) != shown
    undo_merge(pk=done.pk, by=root)
    assert everything() == before
    assert figures(root) == shown


def test_units_of_one_code_stay_two_units(two: tuple[Account, Account], root: User) -> None:
    merge(root)
    assert set(OrgUnit.objects.values_list("code", flat=True)) == {"HQ", "OLD-HQ", "SITE-OLD", "SITE-NEW"}


def test_a_prefix_that_does_not_tell_units_apart_is_refused(two: tuple[Account, Account], root: User) -> None:
    make.OrgUnitFactory(account=two[1], code="X-HQ")
    with pytest.raises(DomainError, match="X-HQ"):
        merge(root, prefix="X-")
    with pytest.raises(DomainError, match="longer than 80"):
        merge(root, prefix="X" * 79)
    assert Account.objects.filter(code="OLD").exists()


def test_like_names_are_never_taken_for_one_unit(two: tuple[Account, Account], root: User) -> None:
    make.OrgUnitFactory(account=two[0], code="A", name="Acme Inc")
    make.OrgUnitFactory(account=two[1], code="B", name="Acme GmbH")
    merge(root)
    assert OrgUnit.objects.filter(account=two[1], code__in="AB").count() == 2


def test_one_global_account_manager_is_left_at_a_time_the_targets(two: tuple[Account, Account], root: User) -> None:
    old, new = two
    theirs = TeamMember.objects.get(team=old.team_id).member
    mine = TeamMember.objects.get(team=new.team_id)
    mine.valid_from = dt.date(2024, 1, 1)
    mine.save()
    merge(root, manager_becomes="regional_account_manager")
    stints = TeamMember.objects.filter(team=new.team_id).values_list("member", "role", "valid_from", "valid_to")
    assert set(stints) == {
        (theirs.pk, GLOBAL, dt.date(1, 1, 1), dt.date(2024, 1, 1)),
        (theirs.pk, "regional_account_manager", dt.date(2024, 1, 1), None),
        (mine.member_id, GLOBAL, dt.date(2024, 1, 1), None),
    }


def test_without_a_role_to_take_their_global_account_manager_leaves(two: tuple[Account, Account], root: User) -> None:
    mine = TeamMember.objects.get(team=two[1].team_id)
    merge(root)
    assert list(TeamMember.objects.values_list("pk", flat=True)) == [mine.pk]


def test_who_serves_both_in_one_role_serves_once(two: tuple[Account, Account], root: User) -> None:
    member = make.MemberFactory()
    make.TeamMemberFactory(team=two[0].team, member=member, valid_to=dt.date(2024, 5, 1))
    make.TeamMemberFactory(team=two[1].team, member=member, valid_from=dt.date(2024, 2, 1))
    done = merge(root)
    stints = TeamMember.objects.filter(member=member).order_by("valid_from").values_list("valid_from", "valid_to")
    assert list(stints) == [(dt.date(1, 1, 1), dt.date(2024, 2, 1)), (dt.date(2024, 2, 1), None)]
    undo_merge(pk=done.pk, by=root)
    assert TeamMember.objects.get(team=two[0].team_id, member=member).valid_to == dt.date(2024, 5, 1)


def quota(code: str, start: int = 2024, end: int = 2025) -> dict[str, Any]:
    period = {"period_start": dt.date(start, 1, 1), "period_end": dt.date(end, 1, 1)}
    return {"scope": "account", "scope_code": code, "measure": "revenue", "currency_id": "EUR", **period}


def targets() -> set[tuple[str, int]]:
    return {(code, int(amount)) for code, amount in Quota.objects.values_list("scope_code", "amount")}


def test_quotas_stay_move_by_choice_and_are_never_added_up(two: tuple[Account, Account], root: User) -> None:
    Quota.objects.create(**quota("OLD"), amount=10)
    Quota.objects.create(**quota("OLD", 2025, 2026), amount=20)
    Quota.objects.create(**quota("NEW", 2023, 2025), amount=30)
    first = merge(root)
    assert targets() == {("OLD", 10), ("OLD", 20), ("NEW", 30)}
    undo_merge(pk=first.pk, by=root)
    merge(root, moves_quotas=True)
    assert targets() == {("OLD", 10), ("NEW", 20), ("NEW", 30)}


def test_a_grant_of_both_is_one_grant_and_two_again(two: tuple[Account, Account], root: User) -> None:
    user = make.UserFactory()
    for account in two:
        AccountGrant.objects.create(account=account, user=user)
    done = merge(root)
    assert AccountGrant.objects.filter(user=user).count() == 1
    undo_merge(pk=done.pk, by=root)
    assert AccountGrant.objects.filter(user=user).count() == 2


def test_what_the_target_does_not_say_of_itself_is_taken_over_by_choice(
    two: tuple[Account, Account], root: User
) -> None:
    Account.objects.filter(code="OLD").update(industry="Steel", tier="key", website="old.example")
    Account.objects.filter(code="NEW").update(website="new.example")
    done = merge(root, fills_blanks=True)
    new = Account.objects.get(code="NEW")
    assert (new.industry, new.tier_id, new.website) == ("Steel", "key", "new.example")
    Account.objects.filter(code="NEW").update(industry="Copper")
    undo_merge(pk=done.pk, by=root)
    new = Account.objects.get(code="NEW")
    assert (new.industry, new.tier_id) == ("Copper", None), "what somebody said since stands"


# -- the way back --------------------------------------------------------------------------------------------------------


def test_what_was_added_since_stays_with_the_target(two: tuple[Account, Account], root: User) -> None:
    done = merge(root)
    entry = make.RevenueEntryFactory(account=two[1], org_unit=OrgUnit.objects.get(code="HQ"), amount=Decimal(3))
    undo_merge(pk=done.pk, by=root)
    services.drain()
    entry.refresh_from_db()
    assert entry.account_id == two[1].pk
    lens = parse_lens(YEAR)
    shown = {code: account_figures(viewer=root, code=code, lens=lens).measures.revenue for code in ("OLD", "NEW")}
    assert shown == {"OLD": Decimal("100.00"), "NEW": Decimal("10.00")}
    assert services.verify().drift == 0


def test_what_was_deleted_since_stays_deleted(two: tuple[Account, Account], root: User) -> None:
    done = merge(root)
    Lead.objects.all().delete()
    undo_merge(pk=done.pk, by=root)
    assert not Lead.objects.exists()


def test_a_sale_to_a_moved_unit_stands_in_the_way(two: tuple[Account, Account], root: User) -> None:
    done = merge(root)
    unit = OrgUnit.objects.get(code="OLD-HQ")
    make.RevenueEntryFactory(account=two[1], org_unit=unit)
    Post.objects.create(contact=Contact.objects.filter(org_unit=unit).get(), org_unit=OrgUnit.objects.get(code="HQ"))
    with pytest.raises(DomainError, match=r"1 revenue entries, 1 posts|1 posts, 1 revenue entries"):
        undo_merge(pk=done.pk, by=root)
    assert not Account.objects.filter(code="OLD").exists()
    assert OrgUnit.objects.filter(account=two[1]).count() == 4


def test_merges_in_a_chain_are_taken_back_from_the_last(two: tuple[Account, Account], root: User) -> None:
    make.AccountFactory(code="LAST")
    first = merge(root)
    second = merge_accounts(gone="NEW", into="LAST", choices=Choices(), by=root)
    first.refresh_from_db()
    assert first.leads_to_id == second.into_id
    with pytest.raises(DomainError, match="Take that back first"):
        undo_merge(pk=first.pk, by=root)
    undo_merge(pk=second.pk, by=root)
    first.refresh_from_db()
    assert first.leads_to_id == two[1].pk
    undo_merge(pk=first.pk, by=root)
    assert set(Account.objects.values_list("code", flat=True)) == {"OLD", "NEW", "LAST"}
    with pytest.raises(DomainError, match="already"):
        undo_merge(pk=first.pk, by=root)


def test_history_says_who_merged_when_and_why(two: tuple[Account, Account], root: User) -> None:
    unit = OrgUnit.objects.get(account=two[0], code="HQ")
    done = merge(root)
    assert (done.merged_by, done.reason, done.merged_at is not None) == (root, "One customer", True)
    event = unit.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]  # pghistory's own
    assert event.pgh_context.metadata["user"] == root.pk
    assert event.pgh_context.metadata["reason"] == "Merged OLD into NEW. One customer"


def test_only_who_may_merges_and_only_what_she_sees(two: tuple[Account, Account], root: User) -> None:
    lead = make.UserFactory()
    with pytest.raises(NotPermitted):
        merge(lead)
    lead.extra_permissions = ["merge_accounts"]
    lead.save()
    with pytest.raises(DomainError, match="There is no account “OLD”"):
        merge(lead)
    with pytest.raises(DomainError, match="into itself"):
        merge_accounts(gone="NEW", into="NEW", choices=Choices(), by=root)


# -- nothing is forgotten ------------------------------------------------------------------------------------------------


def test_a_merge_knows_every_table_that_names_an_account_or_a_unit() -> None:
    """Foreign keys of models and of the database, composite ones too. A new one is registered in its room's AppConfig."""
    from accounts.following import attached

    handled = {one.table for one in following()} | {model._meta.db_table for model in attached()}
    sql = (
        "SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid IN"
        " ('accounts_account'::regclass, 'accounts_orgunit'::regclass, 'accounts_contact'::regclass)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        named = {table for (table,) in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name IN ('account_id', 'org_unit_id')"
            " AND table_schema = 'public'"
        )
        columns = {table for (table,) in cursor.fetchall()}
    # Records of what was (events) keep what they say; cells and the countries of accounts follow the facts.
    others = ("rollups_", "socialaccount_", "accounts_presence")
    columns = {t for t in columns if not t.endswith("event") and not t.startswith(others)}
    assert named | columns <= handled, "register what is missing with goes_with_account or goes_with_its_rows"


def test_a_merge_knows_whoever_names_a_team() -> None:
    sql = (
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid = 'teams_accountteam'::regclass"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert {table for (table,) in cursor.fetchall()} == {"accounts_account", "teams_teammember"}


def test_a_merge_knows_whoever_names_an_account_by_its_code() -> None:
    from core.codes import _uses

    by_code = {one.model for one in following() if one.key is Key.CODE}
    assert {use.rows().model for use in _uses["account"]} == by_code


def test_a_merge_has_one_row_of_every_kind_to_prove_itself(two: tuple[Account, Account]) -> None:
    Quota.objects.create(**quota("OLD"), amount=1)
    assert [one.label for one in following() if not one.model._base_manager.exists()] == []
