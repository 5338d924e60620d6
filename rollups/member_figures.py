"""Figures of members: their shares of deals, in the prime or in the overlay book. Revenue entries have no owner, so a member
has no revenue. Members and `unassigned` are all deals, in the prime book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Account
from core.snapshots import one_snapshot
from pipeline.models import Opportunity, OpportunitySplit
from rollups.figures import Child, Figure, ScopeOf
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.measures import ANY_MEMBER, NO_MEMBER
from rollups.reading import grouped_rows
from rollups.share_source import OF_MEMBER
from rollups.tally import Deals, Node, Row, climb
from teams.models import Member
from teams.queries import members
from teams.querysets import MemberQuerySet, knows_all_members
from users.models import User

UNASSIGNED = "unassigned"


def member_figures(*, viewer: User, email: str, lens: Lens) -> Figure:
    """The figure of one member, or of `unassigned`: deals without an owner or prime share. Its children are accounts.
    Http404 for an address that names nobody whom the viewer may know."""
    member, scope = visible_member(viewer, email)
    with one_snapshot():
        frame = frame_for(viewer, lens, has_revenue=False)
        rows, deals = member_rows(frame, member), member_deals(frame, member)
        node = climb(rows[member], deals[member], _account)
        names = _names({member: node})
    return _figure(frame, scope, node, names)


def members_list(*, viewer: User, lens: Lens) -> list[Figure]:
    """Every member whom the viewer may know, by e-mail address, then `unassigned`, in a fixed number of statements."""
    found = sorted(known_members(viewer), key=lambda member: member.email)
    with one_snapshot():
        frame = frame_for(viewer, lens, has_revenue=False)
        scopes = {m.pk: ScopeOf("member", m.email, str(m)) for m in found} | {NO_MEMBER: unassigned()}
        rows, deals = member_rows(frame), member_deals(frame)
        nodes = {member: climb(rows[member], deals[member], _account) for member in scopes}
        names = _names(nodes)
    return [_figure(frame, scope, nodes[member], names) for member, scope in scopes.items()]


def visible_member(viewer: User, email: str) -> tuple[int, ScopeOf]:
    """Her id and name; Http404 for an address that names nobody whom the viewer may know."""
    if email == UNASSIGNED:
        return NO_MEMBER, unassigned()
    # A code from an address may hold a NUL, which no text in the database can.
    found = known_members(viewer).filter(email__iexact=email).first() if "\0" not in email else None
    if found is None:
        raise Http404(email)
    return found.pk, ScopeOf("member", found.email, str(found))


def known_members(viewer: User) -> MemberQuerySet:
    """Whom the viewer may look up, and who owns or shares a deal of hers: the deals name them, and without them the list
    would not add up to her deals."""
    looked_up = members(viewer=viewer)
    if knows_all_members(viewer=viewer):
        return looked_up
    owned = Opportunity.objects.visible_to(viewer).filter(owner=OuterRef("pk"))
    shared = OpportunitySplit.objects.visible_to(viewer).filter(member=OuterRef("pk"))
    known: MemberQuerySet = Member.objects.filter(Q(pk__in=looked_up.values("pk")) | Exists(owned) | Exists(shared))
    return known


def unassigned() -> ScopeOf:
    return ScopeOf("member", UNASSIGNED, _("Unassigned"))


def _account(account: Any, _month: int) -> Any:
    return account


def _figure(frame: Frame, scope: ScopeOf, node: Node, names: Mapping[int, tuple[str, str]]) -> Figure:
    children = [_child(frame, names, account, node) for account in node.children]
    return frame.figure(
        scope,
        node,
        sorted(children, key=lambda child: child.code),
        # Which deals she has elsewhere is not for the reader to know.
        restricted=not frame.sight.is_everything,
    )


def _child(frame: Frame, names: Mapping[int, tuple[str, str]], account: Any, node: Node) -> Child:
    code, name = names.get(account, (str(account), ""))  # an account deleted a moment ago
    return frame.child("account", code, name, node.children[account])


def _names(nodes: Mapping[int, Node]) -> dict[int, tuple[str, str]]:
    ids: set[Any] = {account for node in nodes.values() for account in node.children}
    rows = Account.objects.filter(pk__in=ids).values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in rows}


def member_rows(frame: Frame, member: int | None = None) -> dict[int, list[Row]]:
    """Shares in sight by member, with the account as the place. None: of all members."""
    source, sight = frame.source, frame.sight
    cells = f"(SELECT * FROM {source.member_cells(of_member=member is not None)} m WHERE {sight.of_account('m')})"
    found: dict[int, list[Row]] = defaultdict(list)
    groups = grouped_rows(source, sight, cells, ("member_id", "account_id"), (), {"member": member})
    for (whose, _account_id), row in groups:
        found[whose].append(row)
    return found


def member_deals(frame: Frame, member: int | None = None) -> dict[int, list[Deals]]:
    """Deals in sight by member, with the account as the place."""
    source, sight = frame.source, frame.sight
    whose = OF_MEMBER if member is not None else f"member_id <> {ANY_MEMBER}"
    seen = "" if sight.is_everything else f"AND {_SEEN.format(seen=sight.of_account('p'))}"
    statement = f"""
SELECT member_id, account_id, month, outcome, sum(deals)::int FROM rollups_sharedeals d
 WHERE book = %(book)s AND month BETWEEN %(first)s AND %(last)s AND {whose} {seen} GROUP BY 1, 2, 3, 4"""
    found: dict[int, list[Deals]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**source.given(), **sight.given(), "member": member})
        for member_id, account, month, outcome, number in cursor.fetchall():
            found[member_id].append(Deals(month, outcome, (account,), number))
    return found


# A deal counts where the reader may see a place of it.
_SEEN = """EXISTS (SELECT FROM (SELECT d.account_id, d.month, unnest(d.countries) AS country) p WHERE {seen})"""
