from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any, Final

import pghistory
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotPermitted
from core.staging_rows import RowsRejected, write_rows
from pipeline.deals import DealRows, rows_of, version_of
from pipeline.loading import OPPORTUNITIES
from pipeline.loading_parts import OPPORTUNITY_LINES, OPPORTUNITY_SPLITS, STAGE_HISTORY
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, SplitType, StageHistory
from users.models import User
from users.permissions import Permission

UNDO_SECONDS: Final = 3600


class DealChanged(DomainError):
    """Somebody else changed the deal since the form was opened. Nothing was written."""


class DealRejected(DomainError):
    """The write path refused rows of a deal: `part` is deal, lines or splits, `row` counts from 0 within it."""

    def __init__(self, part: str, problems: list[tuple[int, str, str]]) -> None:
        super().__init__(problems[0][2], field=problems[0][1] or None)
        self.part = part
        self.problems = problems


@transaction.atomic
def add_opportunity(*, rows: DealRows, by: User) -> int:
    """Write a new deal with its lines and splits; its first stage goes into its history. Returns its id.

    Raises NotPermitted and DealRejected.
    """
    key = {"external_id": rows.deal.get("external_id") or f"gam-{secrets.token_hex(6)}"}
    amount = {"amount": rows.sum_of_lines} if rows.lines else {}
    written = _write("deal", OPPORTUNITIES, [{**rows.deal, **key, **amount}], by=by, create_only=True)
    _write_parts(rows, key["external_id"], by=by)
    return int(written.ids[0])


@transaction.atomic
def change_opportunity(*, pk: int, rows: DealRows, version: str, by: User) -> None:
    """Write a deal anew, its lines and splits as whole sets; a change of stage goes into its history.

    `version` is that of the deal when the form was opened. Raises NotPermitted, DealChanged and DealRejected.
    """
    deal = _editable(pk, by)
    standing = rows_of(deal)
    if version_of(standing) != version:
        raise DealChanged(
            _("Somebody changed this opportunity after you opened it. Open it again and repeat your change.")
        )
    with pghistory.context(user=by.pk):
        for type_ in SplitType.values:
            if not any(row["type"] == type_ for row in rows.splits):
                OpportunitySplit.objects.filter(opportunity=deal, type=type_).delete()
        if not rows.lines:
            OpportunityLine.objects.filter(opportunity=deal).delete()
    # Lines first: the deal's amount follows them, and its history notes the amount that goes with the new stage.
    _write_parts(rows, deal.external_id, by=by)
    amount = {"amount": rows.sum_of_lines} if rows.lines else {}
    _write("deal", OPPORTUNITIES, [{**standing.deal, **rows.deal, **amount}], by=by, ids=[pk])


def _write_parts(rows: DealRows, external_id: str, *, by: User) -> None:
    key = {"opportunity_external_id": external_id}
    for part, spec, given in (("lines", OPPORTUNITY_LINES, rows.lines), ("splits", OPPORTUNITY_SPLITS, rows.splits)):
        if given:
            _write(part, spec, [{**row, **key} for row in given], by=by, replace_sets=True)


def _write(part: str, spec: Any, rows: list[dict[str, Any]], *, by: User, **how: Any) -> Any:
    try:
        return write_rows(spec, rows, by=by, **how)
    except RowsRejected as error:
        raise DealRejected(part, [(p.line - 1, p.column, p.reason) for p in error.problems]) from error


@transaction.atomic
def delete_opportunity(*, pk: int, by: User) -> str:
    """Delete a deal with its lines, splits and history. Returns a word that `restore_opportunity` takes for an hour.

    Raises NotPermitted; Opportunity.DoesNotExist when `by` does not see it.
    """
    deal = _editable(pk, by)
    kept = rows_of(deal)
    with pghistory.context(user=by.pk):
        deal.delete()
    token = secrets.token_urlsafe(16)
    # Before the commit: of a deletion that fails, nothing but an unused word is left.
    cache.set(_undo_key(by, token), kept, UNDO_SECONDS)
    return token


@transaction.atomic
def restore_opportunity(*, token: str, by: User) -> int:
    """Bring back what `by` deleted within the hour. Returns the deal's new id. DomainError when it is too late."""
    kept: DealRows | None = cache.get(_undo_key(by, token))
    if kept is None:
        raise DomainError(_("It is too late to undo this: deleted opportunities are kept for an hour."))
    pk = add_opportunity(rows=replace(kept, history=[]), by=by)
    # What adding it noted down is not part of its history: that is brought back as it was.
    StageHistory.objects.filter(opportunity_id=pk).delete()
    if kept.history:
        _write("history", STAGE_HISTORY, kept.history, by=by)
    transaction.on_commit(lambda: cache.delete(_undo_key(by, token)))
    return pk


def _undo_key(by: User, token: str) -> str:
    return f"pipeline:undo:{by.pk}:{token}"


def _editable(pk: int, by: User) -> Opportunity:
    deal: Opportunity = Opportunity.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change opportunities."))
    if not Opportunity.objects.editable_by(by).filter(pk=pk).exists():
        raise NotPermitted(_("This opportunity has lines that you don’t see: the account’s team edits it."))
    return deal
