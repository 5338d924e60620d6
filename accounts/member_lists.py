"""The directory of members: who of us speaks what, sits where, and serves which account."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Final

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.access import scope_of
from accounts.filters import countries_in_region, country_choices, regions_for
from core import formats, marks
from core.cells import Column, stored
from core.languages import CEFR
from core.lists import ListSpec
from core.names import in_order
from core.templatetags.figures import clock
from regions.calendars import holidays_between
from regions.queries import calendars
from teams.models import Member, TeamRole
from teams.queries import member_words
from teams.querysets import MemberQuerySet
from teams.week import hours, week_of

HALF_A_YEAR: Final = dt.timedelta(days=183)


def _roles() -> list[tuple[str, str]]:
    return list(TeamRole.objects.order_by("position", "code").values_list("code", "name"))


def _spoken() -> list[tuple[str, str]]:
    """The languages that members speak, by name."""
    codes = {entry.partition(":")[0] for entry in member_words("languages")}
    return sorted(((code, formats.language_name(code)) for code in codes), key=lambda pair: pair[1])


def _skills() -> list[tuple[str, str]]:
    return [(skill, skill) for skill in member_words("skills")]


class MemberFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows members annotated with `full_name`."""

    search = django_filters.CharFilter(label=_("Search members"), method="named")
    role = django_filters.ChoiceFilter(label=_("Role today"), choices=_roles, method="in_role", empty_label=_("Any"))
    country = django_filters.ChoiceFilter(label=_("Country"), choices=country_choices, empty_label=_("Any"))
    region = django_filters.ChoiceFilter(label=_("Region"), method="in_region", empty_label=_("Any"))
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=_spoken, method="speaking", empty_label=_("Any")
    )
    mastery = django_filters.ChoiceFilter(
        label=_("At this level or better"),
        choices=[(level, level) for level in CEFR],
        method="as_well_as",
        empty_label=_("Any"),
    )
    skill = django_filters.ChoiceFilter(label=_("Skill"), choices=_skills, method="skilled", empty_label=_("Any"))

    class Meta:
        model = Member
        fields: list[str] = []

    def named(self, members: MemberQuerySet, name: str, text: str) -> MemberQuerySet:
        for word in text.split()[:10]:
            members = members.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
        return members

    def in_role(self, members: MemberQuerySet, name: str, role: str) -> MemberQuerySet:
        day = scope_of(self.request.user).on
        held = Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gt=day)
        inside = members.filter(held, memberships__role=role, memberships__valid_from__lte=day)
        return members.filter(pk__in=inside.values("pk"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = ((code, name) for code, (_pk, name) in regions_for(self.request.user).items())
        self.filters["region"].extra["choices"] = sorted(named, key=lambda pair: pair[1])

    def in_region(self, members: MemberQuerySet, name: str, code: str) -> MemberQuerySet:
        return members.filter(country__in=countries_in_region(viewer=self.request.user, code=code))

    def speaking(self, members: MemberQuerySet, name: str, code: str) -> MemberQuerySet:
        """At the level that is asked for beside the language, or better; a level that nobody told is none."""
        least = self.data.get("mastery") or ""
        if least in CEFR:
            return members.filter(languages__overlap=[f"{code}:{level}" for level in CEFR[CEFR.index(least) :]])
        return members.filter(languages__overlap=[code, *(f"{code}:{level}" for level in CEFR)])

    def as_well_as(self, members: MemberQuerySet, name: str, level: str) -> MemberQuerySet:
        """The level belongs to a language; without one it asks for nothing."""
        return members

    def skilled(self, members: MemberQuerySet, name: str, skill: str) -> MemberQuerySet:
        return members.filter(skills__contains=[skill])


def _languages(member: Any) -> str:
    spoken = (code.partition(":") for code in member.languages)
    return ", ".join(f"{formats.language_name(code)} {level}".strip() for code, _sign, level in spoken)


def _serves(member: Any) -> str:
    return ", ".join(f"{row.team.account.name} ({row.role.name})" for row in member.serving)


def _serves_html(member: Any) -> str:
    if not member.serving:
        return marks.absent_html()
    rows = (
        (reverse("accounts:detail", args=[row.team.account.code]), row.team.account.name, row.role.name)
        for row in member.serving[:4]
    )
    shown = format_html_join(", ", '<a href="{}"><bdi>{}</bdi></a> <small class="soft">{}</small>', rows)
    rest = len(member.serving) - 4
    return format_html('{} <span class="soft">+{}</span>', shown, rest) if rest > 0 else shown


def _name_html(member: Any) -> str:
    """Her name, which opens her page."""
    return format_html(
        '<a href="{}"><bdi>{}</bdi></a>', reverse("members:detail", args=[member.email]), member.full_name
    )


def _accounts(member: Any) -> int:
    """How many accounts she serves, of those that the reader sees."""
    return len({row.team_id for row in member.serving})


def members_list(on: dt.date) -> ListSpec:
    """The directory as it stands on a day; weeks and holidays are those of one reading of the calendars."""
    known = calendars()

    def week(member: Any) -> str:
        return week_of(member, known, on).words

    def holiday(member: Any) -> dt.date | None:
        calendar = known.of(member.country.code or "")
        ahead = holidays_between([calendar], on, on + HALF_A_YEAR) if calendar else []
        return next((one.day for one in ahead if one.is_felt), None)

    more = (
        Column(
            name="week",
            label=_("Working week"),
            value=week,
            html=lambda member: format_html("<bdi>{}</bdi>", week(member)) if week(member) else marks.unknown_html(),
        ),
        Column(
            name="hours",
            label=_("Weekly hours"),
            value=lambda member: hours(member.weekly_hours),
            kind="number",
            sort="weekly_hours",
        ),
        Column(name="accounts", label=_("Accounts"), value=_accounts, kind="number"),
        Column(name="skills", label=_("Skills"), value=lambda member: ", ".join(member.skills), shown=False),
        Column(name="holiday", label=_("Next holiday"), value=holiday, kind="date", shown=False),
    )
    at = next(n for n, column in enumerate(_MEMBERS.columns) if column.name == "level")
    return dataclasses.replace(_MEMBERS, columns=(*_MEMBERS.columns[:at], *more, *_MEMBERS.columns[at:]))


_MEMBERS = ListSpec(
    name="members",
    sort="name",
    filterset=MemberFilter,
    caption=_("Teams"),
    empty_title=_("No colleague to show"),
    empty_text=_("Members stand here with their languages, time zone and accounts."),
    columns=(
        Column(
            name="name",
            label=_("Member"),
            value="full_name",
            sort=in_order("full_name"),
            heads_row=True,
            html=_name_html,
        ),
        Column(name="country", label=_("Country"), value=stored("country"), kind="country", sort="country"),
        Column(
            name="local_time",
            label=_("Local time"),
            value="time_zone",
            sort="time_zone",
            html=lambda member: clock(member.time_zone) if member.time_zone else marks.unknown_html(),
        ),
        Column(
            name="languages",
            label=_("Languages"),
            value=_languages,
            html=lambda member: (
                format_html("<bdi>{}</bdi>", _languages(member)) if member.languages else marks.unknown_html()
            ),
        ),
        Column(name="level", label=_("Level"), value=lambda member: member.get_level_display(), sort="level"),
        Column(name="manager", label=_("Manager"), value="manager", shown=False),
        Column(name="serves", label=_("Accounts and roles"), value=_serves, html=_serves_html),
        Column(name="email", label=_("E-mail address"), value="email", sort="email", shown=False),
    ),
)
