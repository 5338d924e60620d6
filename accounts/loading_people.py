"""What the rows of the files about people are: contacts, their posts, who of us knows them, and account teams."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.loading import ACCOUNT, account, languages, unit, writable
from accounts.models import Account, BuyingRole, Contact, Post, Relationship, Stance
from accounts.querysets import AccountQuerySet
from core.columns import Column, Reference, choice, code, date, decimal, email, text
from core.staging import FileSpec, Stage
from core.staging_periods import END_AFTER_START, VALID_FROM, VALID_TO, Periods, write_periods
from core.staging_upsert import refuse_loops
from teams.loading import MEMBER, TEAM_ROLE
from teams.models import GLOBAL_ACCOUNT_MANAGER, Level, TeamMember
from users.models import User
from users.permissions import Permission

_visible_contacts = writable(Contact.objects.visible_to)
_UNKNOWN_CONTACT = _("unknown contact “%(value)s”")
CONTACT = Reference("accounts_contact", _UNKNOWN_CONTACT, key="external_id", visible=_visible_contacts)
_BOSS = Reference(
    "accounts_contact", _UNKNOWN_CONTACT, key="external_id", within=(("account_id", "account_id"),), own=True
)


def member(*, key: bool = True) -> Column:
    return Column("member_email", email(is_login=True), key=key, stores="member_id", refers=MEMBER)


def contact(*, account_id: str) -> Column:
    """A contact of the account that the SQL `account_id` names, as part of a key."""
    reference = Reference(
        "accounts_contact",
        _("unknown contact “%(value)s” of this account"),
        key="external_id",
        within=(("account_id", account_id),),
        visible=_visible_contacts,
    )
    return Column("contact_external_id", text(80), key=True, stores="contact_id", refers=reference)


def role() -> Column:
    return Column("role", text(40), key=True, stores="role_id", refers=TEAM_ROLE)


def _no_loops(stage: Stage) -> None:
    refuse_loops(stage, "reports_to", "reports_to_id")


CONTACTS = FileSpec(
    name="contacts",
    table="accounts_contact",
    noun=_("contacts"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        Column("external_id", code(80), key=True),
        account(),
        unit(),
        Column("given_name", text(150)),
        Column("family_name", text(150)),
        Column("title", text(200)),
        Column("level", choice(Level.values)),
        Column("buying_role", choice(BuyingRole.values)),
        Column("stance", choice(Stance.values), default="'unknown'"),
        Column("email", email()),
        languages(),
        Column("reports_to", text(80), stores="reports_to_id", refers=_BOSS),
    ),
    visible=_visible_contacts,
    after=(_no_loops,),
)

POSTS = FileSpec(
    name="posts",
    table="accounts_post",
    noun=_("posts"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        Column("contact_external_id", text(80), key=True, stores="contact_id", refers=CONTACT),
        unit(key=True, account_id="r_contact_external_id.account_id"),
        VALID_FROM,
        Column("title", text(200)),
        Column("level", choice(Level.values)),
        Column("buying_role", choice(BuyingRole.values)),
        VALID_TO,
    ),
    checks=(END_AFTER_START,),
    matches=False,
    visible=writable(Post.objects.visible_to),
    writes=write_periods(
        Periods(
            "accounts_post",
            thing=("contact_id", "org_unit_id"),
            values=("title", "level", "buying_role"),
            is_exclusive=False,
        )
    ),
)

RELATIONSHIPS = FileSpec(
    name="relationships",
    table="accounts_relationship",
    noun=_("relationships"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        Column("contact_external_id", text(80), key=True, stores="contact_id", refers=CONTACT),
        member(),
        Column("strength", decimal(5, 4, least="0", most="1")),
        Column("last_contact_on", date()),
    ),
    visible=writable(Relationship.objects.visible_to),
)


def _staffed_by(by: User) -> AccountQuerySet:
    accounts: AccountQuerySet = Account.objects.staffed_by(by)
    return accounts


_TEAM = Reference("accounts_account", ACCOUNT.reason, id="team_id", visible=writable(_staffed_by))

TEAM_MEMBERS = FileSpec(
    name="team_members",
    table="teams_teammember",
    noun=_("team members"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        Column("account_code", text(60), key=True, stores="team_id", refers=_TEAM),
        member(),
        role(),
        VALID_FROM,
        VALID_TO,
    ),
    checks=(END_AFTER_START,),
    matches=False,
    visible=writable(lambda by: TeamMember.objects.filter(team__account__in=_staffed_by(by))),
    writes=write_periods(
        Periods(
            "teams_teammember",
            thing=("team_id",),
            values=("member_id",),
            is_exclusive=True,
            where=f"{{r}}.role_id = '{GLOBAL_ACCOUNT_MANAGER}'",
            constants=(("role_id", f"'{GLOBAL_ACCOUNT_MANAGER}'"),),
        ),
        Periods(
            "teams_teammember",
            thing=("team_id", "member_id", "role_id"),
            values=(),
            is_exclusive=False,
            where=f"{{r}}.role_id <> '{GLOBAL_ACCOUNT_MANAGER}'",
        ),
    ),
)

SPECS = (CONTACTS, POSTS, RELATIONSHIPS, TEAM_MEMBERS)
