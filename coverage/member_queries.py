"""A member's page: who she is, when she works, what she serves and covers, whom she knows, and how much that is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q

from accounts.access import scope_of
from accounts.models import Account, Relationship
from coverage.handover_models import HandOver
from coverage.load import Load
from coverage.load_queries import burdens
from coverage.models import Coverage
from pipeline.models import Opportunity
from regions.calendars import Holiday, holidays_between
from regions.queries import calendars
from teams.models import Member, TeamMember
from teams.queries import members
from teams.week import Week, hours, week_of
from users.models import User
from users.permissions import Permission

HOLIDAY_DAYS = 180
SHOWN = 12


@dataclass(frozen=True)
class MemberPage:
    """What a reader may see of a member: everything at accounts that she sees, and nothing of others.

    `holidays` are those of the next half-year that fall on a working day; None while the country is unknown.
    """

    member: Member
    on: dt.date
    week: Week
    holidays: list[Holiday] | None
    reports: list[Member]
    serving: list[TeamMember]
    coming: list[TeamMember]
    coverage: list[Coverage]
    covered: int
    relationships: list[Relationship]
    known: int
    open_deals: int
    hand_overs: list[HandOver]
    load: Load
    may_edit: bool
    may_hand_over: bool

    @property
    def weekly_hours(self) -> Decimal | None:
        return hours(self.member.weekly_hours)

    @property
    def accounts(self) -> int:
        return len({row.team_id for row in self.serving})


def member_page(*, viewer: User, email: str) -> MemberPage:
    """Member.DoesNotExist for somebody whom `viewer` may not look up."""
    member: Member = members(viewer=viewer).select_related("manager", "user").get(email=email)
    on = scope_of(viewer).on
    roles = TeamMember.objects.filter(member=member, team__account__in=Account.objects.visible_to(viewer))
    lasting = roles.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).select_related("team__account", "role")
    rows = list(lasting.order_by("role__position", "team__account__name", "id"))
    covering = Coverage.objects.visible_to(viewer).filter(member=member).as_of(on)
    known = Relationship.objects.visible_to(viewer).filter(member=member)
    hand_overs = HandOver.objects.visible_to(viewer).filter(Q(giver=member) | Q(lines__heir=member)).distinct()
    return MemberPage(
        member=member,
        on=on,
        week=week_of(member, calendars(), on),
        holidays=_holidays(member, on),
        reports=list(members(viewer=viewer).filter(manager=member).order_by("family_name", "given_name", "id")),
        serving=[row for row in rows if row.valid_from <= on],
        coming=[row for row in rows if row.valid_from > on],
        coverage=list(
            covering.select_related("account", "org_unit", "role").order_by(
                "account__name", "role__position", "org_unit__name", "id"
            )[: SHOWN * 2]
        ),
        covered=covering.count(),
        relationships=list(
            known.select_related("contact__account").order_by(F("strength").desc(nulls_last=True), "id")[:SHOWN]
        ),
        known=known.count(),
        open_deals=Opportunity.objects.visible_to(viewer).open().filter(owner=member).count(),
        hand_overs=list(hand_overs.select_related("giver", "account").order_by("-on", "-pk")[:SHOWN]),
        load=burdens(viewer=viewer, member_ids=[member.pk], on=on).of(member.pk, member.weekly_hours),
        may_edit=viewer.may(Permission.CONFIGURE_TEAMS),
        may_hand_over=viewer.may(Permission.EDIT_ACCOUNTS),
    )


def _holidays(member: Member, on: dt.date) -> list[Holiday] | None:
    """The next ones that she would otherwise work on."""
    calendar = calendars().of(member.country.code or "")
    if calendar is None:
        return None
    ahead = holidays_between([calendar.in_week(member.working_days)], on, on + dt.timedelta(days=HOLIDAY_DAYS))
    return [one for one in ahead if one.is_felt][:5]
