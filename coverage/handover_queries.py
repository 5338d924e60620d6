"""What the pages of hand-overs read: what a member has to pass on, who gets how much, and what was planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from accounts.models import Account, Relationship
from coverage.handover_models import HandOver, HandOverLine, HandOverState, HandOverTask, LineKind, LineState
from coverage.handover_querysets import HandOverQuerySet
from coverage.load import Held, Place, Seat
from coverage.load_queries import burdens
from coverage.models import Coverage
from pipeline.models import Lead, LeadStatus, Opportunity
from teams.models import Member, TeamMember
from teams.queries import members
from users.models import User
from users.permissions import Permission

ORDER = {kind: at for at, kind in enumerate(LineKind.values)}
_SETTLED_LEADS = (LeadStatus.CONVERTED, LeadStatus.REJECTED)


@dataclass(frozen=True)
class Item:
    """One thing that a member has and can pass on. `touches` is what its load is counted by: an account, a contact …"""

    kind: str
    row_id: int
    account: Account | None
    words: str
    note: str = ""
    touches: int = 0
    seat: Seat | None = None
    place: Place | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.row_id}"

    @property
    def kind_words(self) -> str:
        return str(LineKind(self.kind).label)


@dataclass(frozen=True)
class Estate:
    """What a member has on a day at accounts whose teams the reader may change. `partly` are those seen in part: contacts
    and deals there are passed on by who sees them."""

    giver: Member
    account: Account | None
    on: dt.date
    items: list[Item]
    partly: list[Account] = field(default_factory=list)

    @cached_property
    def by_account(self) -> list[tuple[Account | None, list[Item]]]:
        """The items under their accounts, by name; what belongs to none comes last."""

        def place(item: Item) -> tuple[bool, str, int]:
            return (
                item.account is None,
                item.account.name if item.account else "",
                item.account.pk if item.account else 0,
            )

        ordered = sorted(self.items, key=lambda item: (*place(item), ORDER[item.kind], item.words))
        return [(group[0].account, group) for _key, rows in groupby(ordered, place) if (group := list(rows))]


def estate(*, viewer: User, giver: Member, account: Account | None, on: dt.date) -> Estate:
    """What `giver` has on `on` or later, as far as `viewer` may pass it on; what waits in another plan is left out."""
    staffed = Account.objects.visible_to(viewer) & Account.objects.staffed_by(viewer)
    if account is not None:
        staffed = staffed.filter(pk=account.pk)
    items = [*_roles(giver, staffed, on), *_coverage(giver, staffed, on)]
    known = Relationship.objects.visible_to(viewer).filter(member=giver, contact__account__in=staffed)
    items += (
        Item(LineKind.RELATIONSHIP, one.pk, one.contact.account, str(one.contact), one.contact.title, one.contact_id)
        for one in known.select_related("contact__account")
    )
    if viewer.may(Permission.EDIT_FACTS):
        items += [*_deals(viewer, giver, staffed), *_leads(viewer, giver, staffed, account)]
    waiting = HandOverLine.objects.filter(
        hand_over__giver=giver, hand_over__state=HandOverState.PLANNED, state=LineState.WAITING
    ).exclude(kind__in=(LineKind.MEMBERSHIP, LineKind.COVERAGE))
    taken = {(kind, row) for kind, row in waiting.values_list("kind", "row_id")}
    served = {item.account.pk: item.account for item in items if item.account}
    whole = set(Account.objects.worked_by(viewer).filter(pk__in=served).values_list("pk", flat=True))
    return Estate(
        giver,
        account,
        on,
        [item for item in items if (item.kind, item.row_id) not in taken],
        sorted((one for pk, one in served.items() if pk not in whole), key=str),
    )


def _lasting(on: dt.date) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gt=on)


def _roles(giver: Member, staffed: Iterable[Account], on: dt.date) -> Iterator[Item]:
    rows = TeamMember.objects.filter(_lasting(on), member=giver, team__account__in=staffed)
    for row in rows.select_related("team__account", "role"):
        account = row.team.account
        yield Item(
            LineKind.MEMBERSHIP, row.pk, account, row.role.name, touches=account.pk, seat=Seat(account.pk, row.role_id)
        )


def _coverage(giver: Member, staffed: Iterable[Account], on: dt.date) -> Iterator[Item]:
    rows = Coverage.objects.filter(_lasting(on), member=giver, account__in=staffed)
    for row in rows.select_related("account", "role", "org_unit"):
        note = _("with the units below") if row.covers_descendants else ""
        place = Place(row.account_id, row.org_unit_id, row.role_id)
        yield Item(LineKind.COVERAGE, row.pk, row.account, f"{row.org_unit.name} · {row.role.name}", note, place=place)


def _deals(viewer: User, giver: Member, staffed: Iterable[Account]) -> Iterator[Item]:
    deals = Opportunity.objects.editable_by(viewer).open().filter(owner=giver, account__in=staffed)
    for deal in deals.select_related("account", "stage"):
        yield Item(LineKind.DEAL, deal.pk, deal.account, deal.name, deal.stage.name, deal.pk)


def _leads(viewer: User, giver: Member, staffed: Iterable[Account], account: Account | None) -> Iterator[Item]:
    here = Q(account__in=staffed) if account else Q(account__in=staffed) | Q(account__isnull=True)
    leads = Lead.objects.visible_to(viewer).filter(here, owner=giver).exclude(status__in=_SETTLED_LEADS)
    for lead in leads.select_related("account"):
        yield Item(LineKind.LEAD, lead.pk, lead.account, lead.name, lead.get_status_display(), lead.pk)


@dataclass
class Load:
    """How much a member has: accounts served, contacts tended, open deals, hours a week; of what the reader sees."""

    accounts: int
    contacts: int
    deals: int
    hours: Decimal = Decimal(0)


@dataclass(frozen=True)
class LoadChange:
    """A member's load on the day, without the hand-over and with it."""

    member: Member
    before: Load
    after: Load


def load_changes(
    *, viewer: User, estate: Estate, chosen: Mapping[str, Member], heirs: Sequence[Member], ends_relationships: bool
) -> list[LoadChange]:
    """What the choice (an item's key → its successor) does to the giver and each successor."""
    people = [estate.giver, *heirs]
    served = TeamMember.objects.filter(member__in=people, team__account__in=Account.objects.visible_to(viewer))
    roles = Counted(served.as_of(estate.on).values_list("member_id", "team__account", "pk"))
    known = Relationship.objects.visible_to(viewer).filter(member__in=people)
    contacts = Counted(known.values_list("member_id", "contact_id", "pk"))
    open_deals = Opportunity.objects.visible_to(viewer).open().filter(owner__in=people)
    deals = Counted(open_deals.values_list("owner_id", "pk", "pk"))
    weighed = burdens(viewer=viewer, member_ids=[one.pk for one in people], on=estate.on)
    held = {one.pk: weighed.held_by(one.pk) for one in people}

    def load(one: Member) -> Load:
        hours = weighed.of(one.pk, one.weekly_hours, held=held[one.pk]).hours
        return Load(roles.of(one), contacts.of(one), deals.of(one), hours.quantize(Decimal("0.1")))

    before = {one.pk: load(one) for one in people}
    books = {LineKind.MEMBERSHIP: roles, LineKind.RELATIONSHIP: contacts, LineKind.DEAL: deals}
    for item in estate.items:
        heir, book = chosen.get(item.key), books.get(LineKind(item.kind))
        if heir is None:
            continue
        stays = item.kind == LineKind.RELATIONSHIP and not ends_relationships
        held[heir.pk] = _with(held[heir.pk], item, 1)
        if not stays:
            held[estate.giver.pk] = _with(held[estate.giver.pk], item, -1)
        if book is not None:
            book.add(heir, item)
            if not stays:
                book.take(estate.giver, item)
    return [LoadChange(one, before[one.pk], load(one)) for one in people]


def _with(held: Held, item: Item, sign: int) -> Held:
    """What a member holds with an item more, or one less."""
    seats, places = [item.seat] if item.seat else [], [item.place] if item.place else []
    changed = held.given(seats, places) if sign > 0 else held.without(seats, places)
    if item.kind != LineKind.RELATIONSHIP or item.account is None:
        return changed
    here = item.account.pk
    return replace(changed, contacts={**held.contacts, here: max(held.contacts.get(here, 0) + sign, 0)})


class Counted:
    """Things by member: how many different ones, where several rows may speak of one."""

    def __init__(self, rows: Iterable[tuple[int | None, int | None, int]]) -> None:
        self._rows: dict[int, set[tuple[int, int]]] = {}
        for member, thing, row in rows:
            self._rows.setdefault(member or 0, set()).add((thing or 0, row))

    def of(self, member: Member) -> int:
        return len({thing for thing, _row in self._rows.get(member.pk, ())})

    def add(self, member: Member, item: Item) -> None:
        self._rows.setdefault(member.pk, set()).add((item.touches, item.row_id))

    def take(self, member: Member, item: Item) -> None:
        self._rows.get(member.pk, set()).discard((item.touches, item.row_id))


def member_to_pass_on(*, viewer: User, email: str) -> Member:
    """Member.DoesNotExist when `viewer` may look up nobody with this address."""
    found: Member = members(viewer=viewer).get(email=email)
    return found


def successors(*, viewer: User, emails: Collection[str]) -> list[Member]:
    """Those of `emails` whom `viewer` may look up, in the order given."""
    found = {one.email: one for one in members(viewer=viewer).filter(email__in=emails)}
    return [found[email] for email in dict.fromkeys(emails) if email in found]


def hand_overs(*, viewer: User) -> HandOverQuerySet:
    """Those that concern `viewer` or an account that she sees, each with how many steps of its checklist are open."""
    seen: HandOverQuerySet = HandOver.objects.visible_to(viewer).select_related("giver", "account", "created_by")
    heirs = HandOverLine.objects.visible_to(viewer).select_related("heir").order_by("heir_id", "pk")
    return seen.annotate(
        steps=Count("tasks", distinct=True),
        steps_open=Count("tasks", filter=Q(tasks__done_at__isnull=True), distinct=True),
    ).prefetch_related(Prefetch("lines", heirs, to_attr="lines_seen"))


@dataclass(frozen=True)
class HandOverPage:
    """A hand-over with the lines that the reader may see; `hidden` counts the others."""

    hand_over: HandOver
    lines: list[HandOverLine]
    hidden: int
    tasks: list[HandOverTask]
    may_settle: bool
    today: dt.date

    @property
    def heirs(self) -> list[Member]:
        return sorted({line.heir for line in self.lines}, key=str)

    @property
    def steps_done(self) -> int:
        return sum(task.done_at is not None for task in self.tasks)

    @property
    def may_cancel(self) -> bool:
        """Until its day: what took effect is passed on anew instead."""
        return self.may_settle and self.hand_over.state == HandOverState.PLANNED and self.today < self.hand_over.on


def hand_over_page(*, viewer: User, pk: int, today: dt.date) -> HandOverPage:
    """HandOver.DoesNotExist when there is none that `viewer` may see."""
    found = HandOver.objects.visible_to(viewer).select_related("giver", "account", "created_by", "settled_by")
    hand_over: HandOver = found.get(pk=pk)
    lines = HandOverLine.objects.visible_to(viewer).filter(hand_over=hand_over).select_related("heir", "account")
    shown = sorted(lines, key=lambda line: (line.account.name if line.account else "~", ORDER[line.kind], line.words))
    return HandOverPage(
        hand_over,
        shown,
        hand_over.lines.count() - len(shown),
        list(hand_over.tasks.select_related("done_by").order_by("position")),
        may_settle(viewer=viewer, hand_over=hand_over),
        today,
    )


def may_settle(*, viewer: User, hand_over: HandOver) -> bool:
    """Whether `viewer` may cancel it and work on its checklist: who planned it, and who staffs all its accounts."""
    if not viewer.may(Permission.EDIT_ACCOUNTS):
        return False
    if hand_over.created_by_id == viewer.pk:
        return True
    concerned = {pk for pk in hand_over.lines.values_list("account", flat=True) if pk is not None}
    return bool(concerned) and Account.objects.staffed_by(viewer).filter(pk__in=concerned).count() == len(concerned)
