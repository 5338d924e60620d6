"""What stands in the navigation, by the reader's work; a place whose page is not there, or not allowed, is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.navigation import Group, Place, entries
from users.permissions import Permission


def may(permission: Permission) -> Callable[[Any], bool]:
    return lambda user: bool(user.may(permission))


WORK = (
    Place(label=_("Today"), url="workspace:home", icon="home", on_phone=True),
    Place(label=_("Work list"), url="work:list", icon="checklist"),
    Place(label=_("Accounts"), url="accounts:list", icon="building", under=("accounts",), on_phone=True),
    Place(label=pgettext_lazy("sales", "Leads"), url="leads:list", icon="user-plus", under=("leads",)),
    Place(
        label=_("Opportunities"), url="pipeline:list", icon="target-arrow", under=("pipeline", "deals"), on_phone=True
    ),
    Place(label=_("Plays"), url="plays:list", icon="bulb", under=("plays",)),
)
LEAD = (
    Place(label=_("Regions"), url="workspace:regions", icon="world", on_phone=True),
    Place(label=_("Quotas"), url="quotas:list", icon="target", under=("quotas",)),
    Place(label=_("Forecast"), url="forecast:every_region", icon="chart-dots", under=("forecast",)),
    Place(label=_("Funnel"), url="funnel:page", icon="filter-2", under=("funnel",)),
    Place(label=_("Teams"), url="teams:list", icon="users-group", under=("teams", "members")),
    Place(label=_("Hand-overs"), url="handovers:list", icon="transfer", under=("handovers",)),
    Place(label=_("Alignment"), url="coverage:ranking", icon="puzzle"),
    Place(label=_("Load"), url="coverage:load", icon="scale-outline"),
    Place(label=_("Proposals"), url="coverage:proposals", icon="wand"),
)
SET_UP = (
    Place(
        label=_("Regions and countries"),
        url="regions:list",
        icon="map-2",
        under=("regions",),
        allowed=may(Permission.CONFIGURE_REGIONS),
    ),
    Place(label=_("Rates"), url="money:rates", icon="scale", under=("money",), allowed=may(Permission.CONFIGURE_RATES)),
    Place(
        label=_("Teams and roles"),
        url="setup:teams",
        icon="list-details",
        under=("setup",),
        allowed=may(Permission.CONFIGURE_TEAMS),
    ),
    Place(
        label=_("Policies"),
        url="policies:grid",
        icon="adjustments",
        under=("policies",),
        allowed=may(Permission.CONFIGURE_TEAMS),
    ),
    Place(
        label=_("Stages"),
        url="stages:list",
        icon="stairs-up",
        under=("stages",),
        allowed=may(Permission.CONFIGURE_PIPELINE),
    ),
    Place(
        label=_("Scores"),
        url="scores:weights",
        icon="gauge",
        under=("scores",),
        allowed=may(Permission.CONFIGURE_PIPELINE),
    ),
    Place(
        label=_("Plays"),
        url="play_setup:list",
        icon="bulb",
        under=("play_setup",),
        allowed=may(Permission.CONFIGURE_PIPELINE),
    ),
    Place(
        label=_("People and access"),
        url="users:list",
        icon="key",
        under=("users",),
        allowed=may(Permission.MANAGE_USERS),
    ),
    Place(
        label=_("Imports"), url="imports:list", icon="upload", under=("imports",), allowed=may(Permission.IMPORT_DATA)
    ),
    Place(label=_("Digests"), url="work:digests", icon="mail", allowed=may(Permission.SEE_JOBS)),
    Place(label=_("Jobs"), url="rollups:jobs", icon="activity", under=("rollups",), allowed=may(Permission.SEE_JOBS)),
    Place(label=_("Admin"), url="admin:index", icon="settings", allowed=lambda user: user.is_staff),
)
GROUPS = (Group(_("Work"), WORK), Group(_("Lead"), LEAD), Group(_("Set up"), SET_UP))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The context of the base template's navigation."""
    user = getattr(request, "user", None)
    return {"navigation": entries(request, GROUPS) if user is not None and user.is_authenticated else []}
