"""Who finds what at an address of the walk (tests/walk.py): roles, answers by role, and how addresses are filled in.

The world is that of `tests/cast.py`: ACME belongs to `owner`; `europe_lead` leads its region; `outsider` and `asia_lead`
have nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cast import Cast
from users.models import User
from users.permissions import Permission

ROLES = (
    "anonymous",
    "viewer",
    "owner",
    "outsider",
    "europe_lead",
    "asia_lead",
    "administrator",
    "executive",
    "superuser",
)
SEE_NAME = {"owner", "europe_lead", "administrator", "executive", "superuser"}
"""Who sees ACME's name, structure and team."""
CHANGE_STRUCTURE = {"owner", "administrator", "superuser"}
"""Who may change ACME's structure."""
SEE_WHOLE = {"owner", "executive", "superuser"}
"""Who sees ACME whole: its people, and every fact."""
SEE_FACT = SEE_WHOLE | {"europe_lead"}
"""Who sees ACME's facts in Germany."""
KNOW_QUOTA = {"europe_lead", "administrator", "executive", "superuser"}
"""Who knows the quota of Europe."""
SET_QUOTA = {"owner", "europe_lead", "asia_lead", "administrator", "superuser"}
"""Who may set quotas: the owner leads a region too, as the bodies of the API say."""
STAFF = {"superuser"}

YEAR = "?from=2024-01&to=2024-12"
"""The months of the walk's facts."""
WON = f"{YEAR}&measure=won"
"""A figure of them, to prove."""

Statuses = Callable[[str, Any], set[int]]


@dataclass(frozen=True)
class Stated:
    """`statuses` of a role and user; `address` fills in the pattern's arguments; `query` is added to the address."""

    statuses: Statuses
    kwargs: Callable[[World], Mapping[str, Any]] = field(default=lambda world: {})
    query: str = ""


@dataclass
class World:
    """What the addresses name: the cast, and the ids of what was made for the walk."""

    cast: Cast
    ids: dict[str, Any]

    def user(self, role: str) -> User | None:
        return None if role == "anonymous" else getattr(self.cast, role)


def everybody(role: str, user: Any) -> set[int]:
    return {200}


def signed_in(role: str, user: Any) -> set[int]:
    return {302} if role == "anonymous" else {200}


def with_token(role: str, user: Any) -> set[int]:
    return {401} if role == "anonymous" else {200}


def only_posted(role: str, user: Any) -> set[int]:
    """A page that only takes POST: reading it does nothing for anybody."""
    return {302} if role == "anonymous" else {405}


def nothing_there(role: str, user: Any) -> set[int]:
    return {401} if role == "anonymous" else {404}


def seen_by(roles: set[str], *, anonymous: int = 302) -> Statuses:
    """200 for `roles`; to others it is not there."""
    return lambda role, user: {anonymous} if role == "anonymous" else {200} if role in roles else {404}


def permitted(permission: Permission, *, refused: int = 403) -> Statuses:
    """200 with the permission; without it the page is refused, or not there."""
    return lambda role, user: {302} if user is None else {200} if user.may(permission) else {refused}


def permitted_to_post(permission: Permission) -> Statuses:
    """A page that only takes POST, from those with the permission."""
    return lambda role, user: {302} if user is None else {405} if user.may(permission) else {403}


def edits_fact(role: str, user: Any) -> set[int]:
    """A form of one of ACME's facts: not there for those who don't see it, refused to those who may not edit."""
    if user is None:
        return {302}
    if role not in SEE_FACT:
        return {404, 403}
    return {200, 405} if user.may(Permission.EDIT_FACTS) else {403}


def staffs_acme(role: str, user: Any) -> set[int]:
    """A form of ACME's team: not there for who doesn't see it, refused to who may not change it."""
    if user is None:
        return {302}
    if role not in SEE_NAME:
        return {404}
    return {200} if role in {"owner", "administrator", "superuser"} else {403}


def restructures_acme(role: str, user: Any) -> set[int]:
    """A form of ACME's structure: not there for who doesn't see it, refused to who sees a part of it or may not edit."""
    return staffs_acme(role, user)


def covers_acme(role: str, user: Any) -> set[int]:
    """A form of ACME's coverage: refused to who sees a part of the account, or may not edit."""
    if user is None:
        return {302}
    if role not in SEE_NAME:
        return {404}
    return {200} if role in SEE_WHOLE and user.may(Permission.EDIT_ACCOUNTS) else {403}


def staff_only(role: str, user: Any) -> set[int]:
    """Django's own admin: sends everybody else to its sign-in; pages of rows that do not exist, and forms, differ."""
    return {200, 302, 403, 404, 405} if role in STAFF else {302}


def third_party(role: str, user: Any) -> set[int]:
    """allauth's pages, which show a visitor herself only."""
    return {200, 301, 302, 400, 401, 404, 405}


def europe(world: World) -> Mapping[str, Any]:
    return {"code": "EUROPE"}


def the_owner(world: World) -> Mapping[str, Any]:
    return {"code": "owner@example.org"}


def acme(world: World) -> Mapping[str, Any]:
    return {"code": world.cast.acme.code}


def a_membership(world: World) -> Mapping[str, Any]:
    return {"code": world.cast.acme.code, "pk": world.cast.acme.team.memberships.order_by("pk")[0].pk}


def acme_and(name: str) -> Callable[[World], Mapping[str, Any]]:
    """ACME's code, and the id of something of its own that was made for the walk."""
    return lambda world: {"code": world.cast.acme.code, "pk": world.ids[name]}


def a_member(world: World) -> Mapping[str, Any]:
    return {"email": "owner@example.org"}


def viewers_own(world: World) -> Mapping[str, Any]:
    return {"pk": world.cast.viewer.pk}


def made(name: str, argument: str = "pk") -> Callable[[World], Mapping[str, Any]]:
    return lambda world: {argument: world.ids[name]}
