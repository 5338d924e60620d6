"""The statements of a merge: rows move as sets, and every move is noted down for the way back.

Callers hold both accounts' rows (`lock_accounts`) and one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.following import Clash, Following, Key, following
from accounts.joined_teams import Joined, Stint, join
from accounts.merged import AccountMerge, MovedRows
from accounts.models import Account, OrgUnit
from core.errors import DomainError
from teams.models import GLOBAL_ACCOUNT_MANAGER, AccountTeam, TeamMember

Deed = MovedRows.Deed
LONGEST_CODE = 80
FILLABLE = ("tier_id", "account_type_id", "industry", "hq_country", "currency_id", "lei", "website")
_WAIT = "500ms"


@dataclass(frozen=True)
class Choices:
    """What a merge leaves to the person who does it.

    `prefix` goes before the codes of units that both accounts have. `manager_becomes` is the role that the global account
    manager of the account that goes has for the days on which the other has its own; empty: she leaves the team.
    `moves_quotas`: quotas name the target, unless it has one of that kind for some of these days; else they stay as a record.
    `fills_blanks`: what the target doesn't state of itself (tier, industry, …) is taken over.
    """

    prefix: str = ""
    manager_becomes: str = ""
    moves_quotas: bool = False
    fills_blanks: bool = False


@dataclass(frozen=True)
class RenamedUnit:
    """A unit whose code both accounts have, and the code it gets."""

    id: int
    name: str
    code: str
    becomes: str
    named_there: str


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def fetch_rows(sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Whole rows as JSON holds them, of a statement whose one column is `to_jsonb(row)`."""
    return [json.loads(row) for (row,) in fetch(sql, params)]


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return int(cursor.rowcount)


def lock_accounts(*ids: int) -> set[int]:
    """Hold the rows of accounts until the end of the transaction, in the order of their ids; which of them there are.

    Whoever writes facts of one of them meanwhile is waited for, or refused at her commit: her rows name an account that is
    gone. From here on a statement that waits for somebody else's row gives up after a moment: a merge begins anew rather
    than be the reason that another's write fails.
    """
    held = {
        pk for (pk,) in fetch("SELECT id FROM accounts_account WHERE id = ANY (%s) ORDER BY id FOR UPDATE", [[*ids]])
    }
    execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
    return held


def value_of(account: Account, key: Key) -> Any:
    """What rows name the account by."""
    return account.code if key is Key.CODE else account.pk


def stays(one: Following, *, into: str = "%s") -> str:
    """SQL: the target has the like of row `r` already."""
    return f"EXISTS (SELECT 1 FROM {one.table} t WHERE t.{one.column} = {into} AND ({one.clash}))"


# -- units ---------------------------------------------------------------------------------------------------------------


def renamed_units(gone: Account, into: Account, prefix: str) -> list[RenamedUnit]:
    """The units of `gone` whose codes `into` has too. DomainError when the prefix doesn't tell them apart."""
    prefix = prefix or f"{gone.code}-"
    mine = dict(OrgUnit.objects.filter(account=gone).values_list("code", "id"))
    theirs = dict(OrgUnit.objects.filter(account=into).values_list("code", "name"))
    names = dict(OrgUnit.objects.filter(account=gone, code__in=theirs).values_list("id", "name"))
    found = [
        RenamedUnit(pk, names[pk], code, prefix + code, theirs[code])
        for code, pk in sorted(mine.items())
        if code in theirs
    ]
    for unit in found:
        if len(unit.becomes) > LONGEST_CODE:
            text = _("With the prefix the code “%(code)s” is longer than %(most)s characters. Choose a shorter one.")
            raise DomainError(text % {"code": unit.becomes, "most": LONGEST_CODE}, field="unit_prefix")
        if unit.becomes in theirs or unit.becomes in mine:
            text = _("There is a unit with the code “%(code)s” already. Choose another prefix.")
            raise DomainError(text % {"code": unit.becomes}, field="unit_prefix")
    return found


def _move_units(merge: AccountMerge, one: Following, renamed: list[RenamedUnit]) -> None:
    ids = [unit.id for unit in renamed]
    codes = [unit.becomes for unit in renamed]
    sql = (
        "UPDATE accounts_orgunit r SET account_id = %s, code = COALESCE(n.code, r.code) FROM accounts_orgunit o"
        " LEFT JOIN unnest(%s::bigint[], %s::text[]) n (id, code) ON n.id = o.id"
        " WHERE r.id = o.id AND r.account_id = %s RETURNING r.id"
    )
    moved = fetch(f"WITH moved AS ({sql}) SELECT id FROM moved", [merge.into_id, ids, codes, merge.gone_id])
    _note(merge, one.table, Deed.MOVED, ids=[pk for (pk,) in moved])
    if renamed:
        was = [{"id": unit.id, "code": unit.code} for unit in renamed]
        became = [{"id": unit.id, "code": unit.becomes} for unit in renamed]
        _note(merge, one.table, Deed.CHANGED, ids=ids, was=was, became=became)


# -- everything else that names the account ------------------------------------------------------------------------------


def move_everything(merge: AccountMerge, gone: Account, into: Account, choices: Choices) -> None:
    """Let every row that names `gone` name `into`; what its clash says stays or is left out."""
    for one in following():
        if one.model is OrgUnit:
            _move_units(merge, one, renamed_units(gone, into, choices.prefix))
        elif not one.is_chosen or choices.moves_quotas:
            _move(merge, one, value_of(gone, one.key), value_of(into, one.key))


def _move(merge: AccountMerge, one: Following, gone: Any, into: Any) -> None:
    here = f"r.{one.column} = %s AND {one.only}"
    if one.on_clash is Clash.LEFT_OUT and one.clash != "false":
        left = f"WITH gone AS (DELETE FROM {one.table} r WHERE {here} AND {stays(one)} RETURNING to_jsonb(r) AS row)"
        was = fetch_rows(f"{left} SELECT row FROM gone", [gone, into])
        _note(merge, one.table, Deed.LEFT_OUT, was=was)
    execute(f"SELECT 1 FROM {one.table} r WHERE {here} ORDER BY r.id FOR NO KEY UPDATE", [gone])
    free = f"AND NOT {stays(one)}" if one.clash != "false" else ""
    sql = (
        f"WITH moved AS (UPDATE {one.table} r SET {one.column} = %s WHERE {here} {free} RETURNING r.id)"
        f" INSERT INTO accounts_movedrows (merge_id, table_name, deed, ids, was, became)"
        " SELECT %s, %s, 'moved', array_agg(id), '[]', '[]' FROM moved HAVING count(*) > 0"
    )
    execute(sql, [into, gone, *([into] if free else []), merge.pk, one.table])


def _note(
    merge: AccountMerge,
    table: str,
    deed: Deed,
    *,
    ids: list[int] | None = None,
    was: list[dict[str, Any]] | None = None,
    became: list[dict[str, Any]] | None = None,
) -> None:
    if ids or was or became:
        MovedRows.objects.create(
            merge=merge, table_name=table, deed=deed, ids=ids or [], was=was or [], became=became or []
        )


# -- the team ------------------------------------------------------------------------------------------------------------


def joined_teams(gone: Account, into: Account, choices: Choices) -> Joined:
    """What becomes of the team of `gone`: the target's stands, and its global account manager stays the only one."""
    becomes = choices.manager_becomes
    return join(_stints(gone), _stints(into), leading=GLOBAL_ACCOUNT_MANAGER, leader_becomes=becomes)


def _stints(account: Account) -> list[Stint]:
    rows = TeamMember.objects.filter(team=account.team_id).order_by("id")
    return [Stint(*row) for row in rows.values_list("id", "member_id", "role_id", "valid_from", "valid_to")]


def move_team(merge: AccountMerge, gone: Account, into: Account, choices: Choices) -> None:
    """Move the memberships into the target's team; the empty team goes."""
    joined = joined_teams(gone, into, choices)
    table, team = TeamMember._meta.db_table, into.team_id
    was = {
        row["id"]: row for row in fetch_rows(f"SELECT to_jsonb(r) FROM {table} r WHERE team_id = %s", [gone.team_id])
    }
    ids = [stint.id for stint in joined.moved]
    TeamMember.objects.filter(pk__in=ids).update(team=team)
    _note(merge, table, Deed.MOVED, ids=ids)
    left = [stint.id for stint in joined.left_out]
    TeamMember.objects.filter(pk__in=left).delete()
    _note(merge, table, Deed.LEFT_OUT, was=[was[pk] for pk in left])
    changed = [new for _old, new in joined.changed]
    for new in changed:
        TeamMember.objects.filter(pk=new.id).update(team=team, **_columns(new))
    ids = [new.id for new in changed]
    became = fetch_rows(
        f"SELECT to_jsonb(r) FROM {table} r WHERE id = ANY (%s) ORDER BY array_position(%s, id)", [ids, ids]
    )
    _note(merge, table, Deed.CHANGED, ids=ids, was=[was[pk] for pk in ids], became=became)
    added = [TeamMember.objects.create(team_id=team, member_id=new.member_id, **_columns(new)) for new in joined.added]
    _note(merge, table, Deed.ADDED, ids=[row.pk for row in added])


def _columns(stint: Stint) -> dict[str, Any]:
    found = asdict(stint)
    return {"role_id": found["role_id"], "valid_from": found["since"], "valid_to": found["until"]}


# -- the account itself --------------------------------------------------------------------------------------------------


def fill_blanks(merge: AccountMerge, gone: Account, into: Account) -> None:
    """Let `into` state what it left open and `gone` stated."""
    new = {name: getattr(gone, name) for name in FILLABLE if not getattr(into, name) and getattr(gone, name)}
    if new:
        said = {name: str(value) for name, value in new.items()}
        empty = {name: getattr(into, name) or None if name.endswith("_id") else "" for name in new}
        Account.objects.filter(pk=into.pk).update(**said)
        _note(
            merge,
            "accounts_account",
            Deed.CHANGED,
            ids=[into.pk],
            was=[{"id": into.pk, **empty}],
            became=[{"id": into.pk, **said}],
        )


def take_away(merge: AccountMerge, gone: Account) -> None:
    """Delete the account and its empty team, and keep what they were. IntegrityError when something still names it."""
    was = fetch_rows("DELETE FROM accounts_account r WHERE id = %s RETURNING to_jsonb(r)", [gone.pk])
    execute("DELETE FROM teams_accountteam WHERE id = %s", [gone.team_id])
    _note(merge, AccountTeam._meta.db_table, Deed.LEFT_OUT, was=[{"id": gone.team_id}])
    _note(merge, "accounts_account", Deed.LEFT_OUT, was=was)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")


def as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows)
