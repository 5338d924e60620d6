"""The way back from a merge: every row that moved and is still there returns; what was added since stays."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.following import Key, attached, following
from accounts.merged import AccountMerge, MovedRows
from accounts.merging import as_json, execute
from accounts.models import Account
from core.errors import DomainError
from teams.models import AccountTeam, TeamMember

Deed = MovedRows.Deed


def refuse_impossible(merge: AccountMerge) -> None:
    """DomainError when the merge can't be taken back as things stand."""
    names = {"gone": merge.gone_code, "into": merge.into_name}
    if merge.undone_at is not None:
        raise DomainError(_("This merge was taken back already."))
    if not Account.objects.filter(pk=merge.into_id).exists():
        raise DomainError(_("%(into)s was itself merged into another account since. Take that back first.") % names)
    if Account.objects.filter(code=merge.gone_code).exists():
        raise DomainError(_("Another account has the code “%(gone)s” meanwhile.") % names)


def bring_back(merge: AccountMerge) -> None:
    """Put everything where it was. Rows deleted since stay deleted; what somebody changed since keeps the change."""
    noted = list(MovedRows.objects.filter(merge=merge).order_by("id"))
    teams = {"gone": 0, "into": Account.objects.values_list("team_id", flat=True).get(pk=merge.into_id)}
    for note in noted:
        if note.deed == Deed.LEFT_OUT and note.table_name in (AccountTeam._meta.db_table, Account._meta.db_table):
            _insert(note.table_name, note.was)
            teams["gone"] = note.was[0].get("team_id", 0) or teams["gone"]
    into_code = Account.objects.values_list("code", flat=True).get(pk=merge.into_id)
    for one in following():
        gone, into = (merge.gone_code, into_code) if one.key is Key.CODE else (str(merge.gone_id), str(merge.into_id))
        for note in noted:
            if note.table_name == one.table:
                _restore(note, one.column, gone, into)
    for note in noted:
        if note.table_name == TeamMember._meta.db_table:
            _restore(note, "team_id", str(teams["gone"]), str(teams["into"]))
        elif note.table_name == Account._meta.db_table and note.deed == Deed.CHANGED:
            _change_back(note)


def _restore(note: MovedRows, column: str, gone: str, into: str) -> None:
    table = note.table_name
    if note.deed == Deed.MOVED:
        noted = "SELECT unnest(ids) AS id FROM accounts_movedrows WHERE id = %s"
        held = f"r.{column} = %s AND r.id IN ({noted})"
        execute(f"SELECT 1 FROM {table} r WHERE {held} ORDER BY r.id FOR NO KEY UPDATE", [into, note.pk])
        execute(f"UPDATE {table} r SET {column} = %s WHERE {held}", [gone, into, note.pk])
    elif note.deed == Deed.CHANGED:
        _change_back(note)
    elif note.deed == Deed.LEFT_OUT:
        _insert(table, note.was)
    elif note.deed == Deed.ADDED:
        execute(f"DELETE FROM {table} WHERE id = ANY (%s)", [note.ids])


def _change_back(note: MovedRows) -> None:
    """Give each column what it held, where it still holds what the merge wrote."""
    for was, became in zip(note.was, note.became, strict=True):
        columns = [name for name, value in was.items() if became[name] != value]
        written = [None if became[name] is None else str(became[name]) for name in columns]
        back = ", ".join(f"{c} = CASE WHEN {c}::text IS NOT DISTINCT FROM %s THEN %s ELSE {c} END" for c in columns)
        values = [value for name, old in zip(columns, written, strict=True) for value in (old, was[name])]
        execute(f"UPDATE {note.table_name} SET {back} WHERE id = %s", [*values, was["id"]])


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    execute(f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)", [as_json(rows)])


def refuse_torn(merge: AccountMerge) -> None:
    """DomainError when a row would name two accounts: it was put on a unit that goes back, or the other way round."""
    counts: dict[str, int] = {}
    for model, paths in _accounts_named():
        for path in paths:
            sides = models.Q(**{paths[0]: merge.gone_id, path: merge.into_id}) | models.Q(
                **{paths[0]: merge.into_id, path: merge.gone_id}
            )
            if path != paths[0] and (found := model._base_manager.filter(sides).count()):  # noqa: SLF001  Django's documented name
                name = str(model._meta.verbose_name_plural)
                counts[name] = counts.get(name, 0) + found
    if counts:
        said = ", ".join(f"{found} {name}" for name, found in counts.items())
        text = _("It can't be taken back: since the merge, rows were added that join the two accounts (%(said)s).")
        raise DomainError(text % {"said": said})


def _accounts_named() -> list[tuple[type[models.Model], list[str]]]:
    """Every way in which a row comes to an account: its own column, and those of the rows that it names."""
    rows = [*(one.model for one in following() if one.key is Key.ID), *attached()]
    found = []
    for model in rows:
        paths: list[str] = []
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is Account:
                paths.insert(0, field.attname)
            elif isinstance(target, type) and target in rows and _has_account(target):
                paths.append(f"{field.name}__account_id")
        found.append((model, paths))
    return [(model, paths) for model, paths in found if len(paths) > 1]


def _has_account(model: type[models.Model]) -> bool:
    return any(field.related_model is Account for field in model._meta.concrete_fields)


def point_back(merge: AccountMerge) -> None:
    """What was merged into the account that is back leads to it again."""
    standing = list(AccountMerge.objects.filter(undone_at=None).values_list("id", "gone_id", "into_id"))
    waiting = [merge.gone_id]
    while waiting:
        here = waiting.pop()
        below = [(pk, gone) for pk, gone, into in standing if into == here]
        AccountMerge.objects.filter(pk__in=[pk for pk, _gone in below]).update(leads_to_id=merge.gone_id)
        waiting += [gone for _pk, gone in below]
