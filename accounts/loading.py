"""What the rows of the files about customers and their structures are, and what other files refer to of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import UNALLOCATED, Account, OrgLink, OrgUnit, Structure, UnitKind
from core.columns import Column, Reference, choice, code, country, date, lei, percentage, text, time_zone, words
from core.languages import LANGUAGE_PATTERN
from core.staging import Check, FileSpec, Stage
from core.staging_periods import (
    LINK_CHECKS,
    LINK_FROM,
    VALID_FROM,
    VALID_TO,
    Periods,
    write_links,
    write_periods,
)
from core.staging_upsert import upsert
from money.loading import CURRENCY
from users.models import User
from users.permissions import Permission

Visible = Callable[[Any, bool], "models.QuerySet[Any] | None"]


def writable(rows: Callable[[User], models.QuerySet[Any]]) -> Visible:
    """Which rows of an account a user may write: those she may see.

    Whoever imports files and sees every account's name may load them whole: loading shows no figure.
    """

    def visible(by: User, importing: bool) -> models.QuerySet[Any] | None:
        if by.may(Permission.SEE_ALL_FIGURES):
            return None
        loads_all = importing and by.may(Permission.IMPORT_DATA) and by.may(Permission.SEE_ALL_ACCOUNTS)
        return None if loads_all else rows(by)

    return visible


_visible_accounts = writable(Account.objects.visible_to)
MERGED = "SELECT gone_code AS key, leads_to_id AS id FROM accounts_accountmerge WHERE undone_at IS NULL"
MERGED_REASON = _("this account was merged into “%(value)s”: name that one, and its org units")
ACCOUNT = Reference(
    "accounts_account",
    _("unknown account “%(value)s”"),
    visible=_visible_accounts,
    became=MERGED,
    became_reason=MERGED_REASON,
)


def account(*, required: bool = True, key: bool = False) -> Column:
    return Column("account_code", text(60), key=key, required=required and not key, stores="account_id", refers=ACCOUNT)


def unit(
    name: str = "org_unit_code",
    stores: str = "org_unit_id",
    *,
    key: bool = False,
    required: bool = False,
    default: str | None = None,
    account_id: str = "account_id",
) -> Column:
    """A unit of the row's own account."""
    reference = Reference(
        "accounts_orgunit", _("unknown org unit “%(value)s” of this account"), within=(("account_id", account_id),)
    )
    return Column(name, text(80), key=key, required=required, default=default, stores=stores, refers=reference)


def stays_with_unit(table: str) -> Check:
    """A row whose account changes must say its unit anew: the old one is another customer's."""
    return Check(
        "account_code",
        "old.account_id <> x.account_id AND old.org_unit_id IS NOT NULL AND old.org_unit_id IS NOT DISTINCT FROM"
        " x.org_unit_id",
        _("its org unit belongs to another account; give the org unit of “%(value)s” too"),
        joins=f"JOIN {table} old ON old.id = x.id",
    )


def languages() -> Column:
    return Column("languages", words(LANGUAGE_PATTERN, _("“%(value)s” is not a list such as en;de"), longest=20))


def _refuse_merged(stage: Stage) -> None:
    """The code of an account that was merged stays its own: a new account of that code would take its place unnoticed."""
    sql = (
        f"SELECT x.line_no, t.code FROM {stage.rows} x JOIN ({MERGED}) b ON b.key = x.code"
        " JOIN accounts_account t ON t.id = b.id ORDER BY 1"
    )
    for line, now in stage.fetch(sql):
        stage.reject(line, "code", MERGED_REASON, now)
    stage.drop_bad()


def _make_teams(stage: Stage) -> None:
    """Every account has a team of its own from the start."""
    if stage.fetch(f"SELECT 1 FROM {stage.rows} x WHERE x.is_new LIMIT 1"):
        stage.execute(f"INSERT INTO teams_accountteam (id) SELECT x.team_id FROM {stage.rows} x WHERE x.is_new")


ACCOUNTS = FileSpec(
    name="accounts",
    table="accounts_account",
    noun=_("accounts"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        Column("code", code(60), key=True),
        Column("name", text(300), required=True),
        Column(
            "tier",
            text(40),
            stores="tier_id",
            refers=Reference("accounts_tier", _("unknown tier “%(value)s”"), id="code", id_type="text"),
        ),
        Column(
            "account_type",
            text(40),
            stores="account_type_id",
            refers=Reference("accounts_accounttype", _("unknown account type “%(value)s”"), id="code", id_type="text"),
        ),
        Column("industry", text(120)),
        Column("hq_country", country()),
        Column("currency", text(3), stores="currency_id", refers=CURRENCY),
        Column("lei", lei()),
        Column("website", text(300)),
    ),
    extras=(("team_id", "CASE WHEN o.id IS NULL THEN nextval('teams_accountteam_id_seq') END"),),
    inserts=(("team_id", "x.team_id"),),
    visible=_visible_accounts,
    before=(_refuse_merged, _make_teams),
)

_LINKS = Periods(
    "accounts_orglink",
    thing=("account_id", "structure", "child_id"),
    values=("parent_id", "share"),
    is_exclusive=True,
    parent="parent_id",
)
_LEGAL = Periods(
    "accounts_orglink",
    thing=("account_id", "structure", "child_id"),
    values=("parent_id",),
    is_exclusive=True,
    parent="parent_id",
)


ORG_UNITS = FileSpec(
    name="org_units",
    table="accounts_orgunit",
    noun=_("org units"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        account(key=True),
        Column("code", code(80, not_named=[UNALLOCATED]), key=True),
        Column("name", text(300), required=True),
        Column("kind", choice(UnitKind.values), default="'legal_entity'"),
        Column("country", country()),
        Column("city", text(120)),
        Column("lei", lei()),
        Column("registry_id", text(80)),
        languages(),
        Column("time_zone", time_zone()),
        Column(
            "parent_code",
            text(80),
            stores=None,
            refers=Reference(
                "accounts_orgunit",
                _("unknown org unit “%(value)s” of this account"),
                within=(("account_id", "account_id"),),
                own=True,
            ),
        ),
        LINK_FROM,
        Column("opened_on", date()),
        Column("closed_on", date()),
    ),
    checks=(
        Check(
            "closed_on",
            "x.closed_on <= x.opened_on",
            _("closed on or before the day it opened: “%(value)s”"),
        ),
    ),
    visible=writable(OrgUnit.objects.visible_to),
    writes=upsert,
    after=(write_links(_LEGAL, parent="parent_code", also=", x.account_id, 'legal'::text AS structure"),),
)

ORG_LINKS = FileSpec(
    name="org_links",
    table="accounts_orglink",
    noun=_("org links"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        account(key=True),
        Column("structure", choice(Structure.values), key=True),
        unit("child_code", "child_id", key=True),
        VALID_FROM,
        unit("parent_code", "parent_id"),
        VALID_TO,
        Column("share", percentage()),
    ),
    checks=LINK_CHECKS,
    matches=False,
    visible=writable(OrgLink.objects.visible_to),
    writes=write_periods(_LINKS),
)

SPECS = (ACCOUNTS, ORG_UNITS, ORG_LINKS)
