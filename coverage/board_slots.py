"""One slot of the board: who covers it, why its fill is what it is, who could, and what somebody's coming would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from django.db.models import Q

from accounts.models import OrgUnit
from coverage import reasons
from coverage.alignment import NO_FACTS, Alignment, Sums, UnitFacts, WeighedSlot, alignment_of
from coverage.board import Line
from coverage.board_queries import BoardPage, SlotLine
from coverage.board_services import slot_version
from coverage.bridges import Bridges
from coverage.fits import fit_of
from coverage.load import Load, Place
from coverage.load_queries import burdens
from coverage.models import Coverage
from coverage.slots import Coverer, Post
from teams.models import Member
from users.models import User


@dataclass(frozen=True)
class Candidate:
    """A member who could cover a slot on the unit itself: the fill that this would give, None when it is not known."""

    member: Member
    coverer: Coverer
    is_here: bool

    @property
    def fill(self) -> Fraction | None:
        return self.coverer.fill

    @property
    def reasons(self) -> list[str]:
        return reasons.of_fit(self.coverer)


@dataclass(frozen=True)
class SlotPanel:
    """A slot with everything that is said beside the board. `line` is None for a role that the policy doesn't ask for there.

    `rows` cover the unit in the role on the day or later; `version` is `board_services.slot_version`.
    """

    page: BoardPage
    unit_id: int
    role: str
    line: SlotLine | None
    rows: list[Coverage]
    candidates: list[Candidate]
    version: int

    @property
    def unit(self) -> Line:
        return self.page.lines[self.unit_id]

    @property
    def role_name(self) -> str:
        return self.page.roles[self.role]

    @property
    def facts(self) -> UnitFacts:
        return self.page.weighing.facts.get(self.unit_id, NO_FACTS)

    @property
    def value_reasons(self) -> list[str]:
        return reasons.of_value(self.facts)

    @property
    def bridges(self) -> Bridges | None:
        people = self.page.report.people
        return people.bridges.get(self.unit_id) if people else None


def slot_panel(*, page: BoardPage, unit: str, role: str) -> SlotPanel:
    """OrgUnit.DoesNotExist for a unit or role that is not there on the day."""
    pk = unit_named(page, unit)
    if role not in page.roles:
        raise OrgUnit.DoesNotExist
    rows = Coverage.objects.filter(org_unit=pk, role=role).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=page.on))
    found = [one for one in page.weighing.alignment.slots if (one.slot.unit, one.slot.role) == (pk, role)]
    return SlotPanel(
        page=page,
        unit_id=pk,
        role=role,
        line=page.line(found[0]) if found else None,
        rows=list(rows.select_related("member").order_by("valid_from", "member__email")),
        candidates=candidates(page=page, unit=pk, role=role, members=[page.members[pk] for pk in page.team]),
        version=slot_version(unit=pk, role=role),
    )


def unit_named(page: BoardPage, code: str) -> int:
    """The id of an open unit of the account. OrgUnit.DoesNotExist when there is none on the day."""
    for pk, line in page.lines.items():
        if line.code == code:
            return pk
    raise OrgUnit.DoesNotExist


def candidates(*, page: BoardPage, unit: int, role: str, members: Iterable[Member]) -> list[Candidate]:
    """The best fit first; whose fit is not known comes last. Of equals the one who is there already, then by name."""
    staffing = page.weighing.staffing
    place = staffing.places[unit]
    here = {post.member for post in staffing.posts if (post.unit, post.role) == (unit, role)}
    found = []
    for member in members:
        fit = fit_of(staffing.clocks.person(member), place, page.on)
        found.append(Candidate(member, Coverer(member.pk, unit, 0, fit), member.pk in here))
    return sorted(found, key=lambda one: (one.fill is None, -(one.fill or 0), not one.is_here, str(one.member)))


@dataclass(frozen=True)
class Preview:
    """What a change of who covers a slot would do, before it is made: the account's sums and the slot, before and after."""

    before: Sums
    after: Sums
    slot_before: WeighedSlot | None
    slot_after: WeighedSlot | None
    loads: list[LoadChange]


@dataclass(frozen=True)
class LoadChange:
    """What somebody carries, and would carry; of what the reader sees. `band` is that of her accounts afterwards."""

    member: Member
    before: Load
    after: Load
    band: str


def preview(
    *, viewer: User, page: BoardPage, unit: int, role: str, member: Member, covers_descendants: bool, instead: bool
) -> Preview:
    """Of `member` coming on the page's day, beside whoever is there or `instead` of them. Nothing is written."""
    staffing = page.weighing.staffing
    kept = [
        post
        for post in staffing.posts
        if (post.unit, post.role) != (unit, role) or not (instead or post.member == member.pk)
    ]
    posts = (*kept, Post(unit, role, member.pk, covers_descendants))
    changed = replace(staffing, posts=posts, members={**staffing.members, member.pk: member})
    now = page.weighing.alignment
    then = alignment_of(changed.slots.all, now.values)
    stays = {(post.member, post.unit, post.role) for post in posts}
    leaving = [one.member for one in staffing.posts if (one.member, one.unit, one.role) not in stays]
    loads = _loads(viewer, page, unit, role, member, [staffing.members[pk] for pk in dict.fromkeys(leaving)])
    return Preview(now.sums, then.sums, _slot(now, unit, role), _slot(then, unit, role), loads)


def _loads(
    viewer: User, page: BoardPage, unit: int, role: str, coming: Member, leaving: list[Member]
) -> list[LoadChange]:
    """Of who comes, then of who ceases."""
    place = Place(page.account.pk, unit, role)
    held = burdens(viewer=viewer, member_ids=[coming.pk, *(one.pk for one in leaving)], on=page.on)
    types = replace(held, types={**held.types, page.account.pk: page.account.account_type_id})
    found = []
    for member in (coming, *leaving):
        own = held.held_by(member.pk)
        after = own.given(places=[place]) if member == coming else own.without(places=[place])
        then = types.of(member.pk, member.weekly_hours, held=after)
        found.append(LoadChange(member, types.of(member.pk, member.weekly_hours), then, held.rates.band(then.accounts)))
    return found


def _slot(alignment: Alignment, unit: int, role: str) -> WeighedSlot | None:
    return next((one for one in alignment.slots if (one.slot.unit, one.slot.role) == (unit, role)), None)
