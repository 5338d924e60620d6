"""Customers in the REST API: accounts, org units and links, contacts, posts, relationships, and account teams."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts import access, loading, loading_people
from accounts.filters import AccountFilter
from accounts.models import (
    Account,
    BuyingRole,
    Contact,
    OrgLink,
    OrgUnit,
    Post,
    Relationship,
    Stance,
    Structure,
    UnitKind,
)
from core.api import filters
from core.api.columns import Column, period
from core.api.kinds import COUNTRY, CURRENCY, DAY, EMAIL, PERCENT, TEXT_LIST, Choice, Kind, Number
from core.api.writing import Collection
from core.removal import remove
from money.queries import business_date
from regions.api import REGION_NOTE, in_region, in_region_by
from teams.models import Level, TeamMember
from users.permissions import Permission

ACCOUNT_CODE = Kind(60)
UNIT_CODE = Kind(80)
EXTERNAL_ID = Kind(120)
_PERSON = Kind(80)
_LEI = Kind(20)


def _lying_in(rows: QuerySet[Any], countries: list[str], viewer: Any) -> QuerySet[Any]:
    return rows.filter(access.lies_in(viewer, countries, "pk"))


def _team_lying_in(rows: QuerySet[Any], countries: list[str], viewer: Any) -> QuerySet[Any]:
    return rows.filter(team__account__in=_lying_in(Account.objects.all(), countries, viewer))


class Accounts(Collection):
    slug = "accounts"
    noun = "account"
    about = "Global customers, each the whole group."
    model = Account
    spec = loading.ACCOUNTS
    kind_of_code = "account"
    columns = (
        Column("code", "code", ACCOUNT_CODE, is_key=True, required=True),
        Column("name", "name", Kind(300), required=True),
        Column("tier", "tier_id", Kind(40)),
        Column("account_type", "account_type_id", Kind(40)),
        Column("industry", "industry", Kind(120)),
        Column("hq_country", "hq_country", COUNTRY),
        Column("currency", "currency_id", CURRENCY),
        Column("lei", "lei", _LEI),
        Column("website", "website", Kind(300)),
    )
    filters = (
        filters.of_set(AccountFilter, "search", "Every word in the name, in any case; or the code."),
        filters.account("code"),
        filters.of_set(AccountFilter, "country", "Accounts with an org unit or a fact in this country.", COUNTRY),
        filters.of_set(AccountFilter, "region", REGION_NOTE),
        filters.of_set(AccountFilter, "tier", "Code of a tier."),
        filters.of_set(AccountFilter, "account_type", "Code of an account type."),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Account.objects.visible_to(viewer)

    def delete_row(self, row: Any, *, by: Any) -> None:
        """The account's team goes with it."""
        super().delete_row(row, by=by)
        row.team.delete()


@cache
def _legal_link(field: str, day: dt.date) -> Subquery:
    held = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    links = OrgLink.objects.filter(held, child=OuterRef("pk"), structure=Structure.LEGAL, valid_from__lte=day)
    return Subquery(links.values(field)[:1])


class OrgUnits(Collection):
    slug = "org-units"
    noun = "org unit"
    about = (
        "Nodes of customers' structures. `parent_code` and `valid_from` are the link in force in the legal structure."
    )
    model = OrgUnit
    spec = loading.ORG_UNITS
    link = ("parent_code", "valid_from")
    columns = (
        Column("account_code", "account__code", ACCOUNT_CODE, is_key=True, required=True),
        Column("code", "code", UNIT_CODE, is_key=True, required=True),
        Column("name", "name", Kind(300), required=True),
        Column("kind", "kind", Choice(values=UnitKind.values), default=UnitKind.LEGAL_ENTITY.value),
        Column("country", "country", COUNTRY),
        Column("city", "city", Kind(120)),
        Column("lei", "lei", _LEI),
        Column("registry_id", "registry_id", Kind(80)),
        Column("languages", "languages", TEXT_LIST),
        Column("time_zone", "time_zone", Kind(64)),
        Column("parent_code", "code", UNIT_CODE, note="The legal parent in force; empty writes no link."),
        Column("valid_from", "code", DAY, note="Since when that parent is in force."),
        Column("opened_on", "opened_on", DAY),
        Column("closed_on", "closed_on", DAY),
    )
    search = ("code", "name", "city")
    filters = (
        filters.account("account__code"),
        filters.org_unit(""),
        filters.country("country"),
        in_region("country"),
        filters.on("Units open on this day, with the parent of that day.", lambda rows, day: rows.open_on(day)),  # type: ignore[attr-defined]  # units
    )
    day_decides = True

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return OrgUnit.objects.visible_to(viewer)

    def delete_row(self, row: Any, *, by: Any) -> None:
        """A unit with others below it, now or ever, is part of the structure's history."""
        links = {str(OrgLink._meta.verbose_name_plural): row.child_links.count()}
        remove(row, by=by, also_held=links, told=None if access.scope_of(by).sees_all_accounts else by)

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        day = day or business_date()
        dated = {"parent_code": "parent__code", "valid_from": "valid_from"}
        return tuple(
            Column(c.name, _legal_link(dated[c.name], day), c.kind) if c.name in dated else c for c in self.columns
        )


class OrgLinks(Collection):
    slug = "org-links"
    noun = "org link"
    about = "Which unit stands below which, in one structure of an account, and when. `share` is shown only."
    model = OrgLink
    spec = loading.ORG_LINKS
    columns = (
        Column("account_code", "account__code", ACCOUNT_CODE, is_key=True, required=True),
        Column("structure", "structure", Choice(values=Structure.values), is_key=True, required=True),
        Column("child_code", "child__code", UNIT_CODE, is_key=True, required=True),
        period()[0],
        Column("parent_code", "parent__code", UNIT_CODE, required=True),
        period()[1],
        Column("share", "share", PERCENT),
    )
    search = ("child__code", "child__name", "parent__code", "parent__name")
    filters = (
        filters.account("account__code"),
        filters.org_unit("child", "parent"),
        filters.by_code("structure", "legal, management or geographic.", "structure"),
        filters.country("child__country"),
        in_region("child__country"),
        filters.in_force(),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return OrgLink.objects.visible_to(viewer)


class Contacts(Collection):
    slug = "contacts"
    noun = "contact"
    about = "People at customers. Seen by those who see the account whole."
    model = Contact
    spec = loading_people.CONTACTS
    columns = (
        Column("external_id", "external_id", _PERSON, is_key=True, required=True),
        Column("account_code", "account__code", ACCOUNT_CODE, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE),
        Column("given_name", "given_name", Kind(150)),
        Column("family_name", "family_name", Kind(150)),
        Column("title", "title", Kind(200)),
        Column("level", "level", Choice(values=Level.values)),
        Column("buying_role", "buying_role", Choice(values=BuyingRole.values)),
        Column("stance", "stance", Choice(values=Stance.values), default=Stance.UNKNOWN.value),
        Column("email", "email", EMAIL),
        Column("languages", "languages", TEXT_LIST),
        Column("reports_to", "reports_to__external_id", _PERSON, note="The external id of a contact."),
    )
    search = ("external_id", "given_name", "family_name", "email", "title")
    filters = (
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.country("org_unit__country"),
        in_region("org_unit__country"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Contact.objects.visible_to(viewer)


class Posts(Collection):
    slug = "posts"
    noun = "post"
    about = "Further posts of a contact in units of the same account."
    model = Post
    spec = loading_people.POSTS
    columns = (
        Column("contact_external_id", "contact__external_id", _PERSON, is_key=True, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE, is_key=True, required=True),
        period()[0],
        Column("title", "title", Kind(200)),
        Column("level", "level", Choice(values=Level.values)),
        Column("buying_role", "buying_role", Choice(values=BuyingRole.values)),
        period()[1],
    )
    search = ("contact__external_id", "contact__given_name", "contact__family_name", "title")
    filters = (
        filters.account("contact__account__code"),
        filters.org_unit("org_unit"),
        filters.country("org_unit__country"),
        in_region("org_unit__country"),
        filters.in_force(),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Post.objects.visible_to(viewer)


class Relationships(Collection):
    slug = "relationships"
    noun = "relationship"
    about = "How well a member knows a contact: `strength` from 0 to 1, null when unknown."
    model = Relationship
    spec = loading_people.RELATIONSHIPS
    columns = (
        Column("contact_external_id", "contact__external_id", _PERSON, is_key=True, required=True),
        Column("member_email", "member__email", EMAIL, is_key=True, required=True),
        Column("strength", "strength", Number(decimals=4, digits=1, least=Decimal(0), most=Decimal(1))),
        Column("last_contact_on", "last_contact_on", DAY),
    )
    search = ("contact__external_id", "contact__given_name", "contact__family_name", "member__email")
    filters = (
        filters.account("contact__account__code"),
        filters.org_unit("contact__org_unit"),
        filters.country("contact__org_unit__country"),
        in_region("contact__org_unit__country"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Relationship.objects.visible_to(viewer)


class TeamMembers(Collection):
    slug = "team-members"
    noun = "team member"
    about = "Who of us serves an account, in which role and when. Exactly one global account manager at a time."
    model = TeamMember
    spec = loading_people.TEAM_MEMBERS
    columns = (
        Column("account_code", "team__account__code", ACCOUNT_CODE, is_key=True, required=True),
        Column("member_email", "member__email", EMAIL, is_key=True, required=True),
        Column("role", "role_id", Kind(40), is_key=True, required=True),
        *period(),
    )
    search = ("member__email", "member__given_name", "member__family_name", "team__account__name")
    filters = (
        filters.account("team__account__code"),
        filters.Filter(
            "country",
            "Teams of accounts with an org unit or a fact in this country.",
            lambda rows, text, viewer: _team_lying_in(rows, [text], viewer),
            COUNTRY,
        ),
        in_region_by(_team_lying_in),
        filters.by_code("role", "Code of a role.", "role_id"),
        filters.in_force(),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return TeamMember.objects.filter(team__account__in=Account.objects.visible_to(viewer))

    def writable_by(self, viewer: Any) -> QuerySet[Any]:
        """Whoever could put herself on a team would see the account whole: only those who do already, and administrators."""
        rows = self.visible_to(viewer)
        if viewer.may(Permission.CONFIGURE_TEAMS):
            return rows
        return rows.filter(team__account__in=Account.objects.worked_by(viewer))


COLLECTIONS = (Accounts, OrgUnits, OrgLinks, Contacts, Posts, Relationships, TeamMembers)
