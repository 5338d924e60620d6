"""The directory of members: who of us speaks what, sits where, and serves which account."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.access import scope_of
from accounts.filters import country_choices
from core import formats, marks
from core.cells import Column, stored
from core.lists import ListSpec
from core.names import in_order
from core.templatetags.figures import clock
from teams.models import Member, TeamRole
from teams.querysets import MemberQuerySet


def _roles() -> list[tuple[str, str]]:
    return list(TeamRole.objects.order_by("position", "code").values_list("code", "name"))


class MemberFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows members annotated with `full_name`."""

    search = django_filters.CharFilter(label=_("Search members"), method="named")
    role = django_filters.ChoiceFilter(label=_("Role today"), choices=_roles, method="in_role", empty_label=_("Any"))
    country = django_filters.ChoiceFilter(label=_("Country"), choices=country_choices, empty_label=_("Any"))
    language = django_filters.CharFilter(label=_("Language"), method="speaking", help_text=_("Its code: de, zh."))

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

    def speaking(self, members: MemberQuerySet, name: str, text: str) -> MemberQuerySet:
        code = text.strip().lower()
        levels = [code, *(f"{code}:{level}" for level in ("A1", "A2", "B1", "B2", "C1", "C2"))]
        return members.filter(languages__overlap=levels)


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
    """Her name, which opens her shares of deals."""
    return format_html(
        '<a href="{}"><bdi>{}</bdi></a>', reverse("figures:member", args=[member.email]), member.full_name
    )


MEMBERS = ListSpec(
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
