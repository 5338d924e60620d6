from __future__ import annotations

import secrets
from typing import Any, Final

import pghistory
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotPermitted
from core.staging_rows import RowsRejected, write_rows
from pipeline.deals import DealRows, rows_of, version_of
from pipeline.deleted import deleted_deals, restore_deal
from pipeline.loading import OPPORTUNITIES
from pipeline.loading_parts import OPPORTUNITY_LINES, OPPORTUNITY_SPLITS
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, SplitType, Stage
from pipeline.move_rules import ask_of_move, keep_reason
from pipeline.past_owners import with_past_owner
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
    written = write_part("deal", OPPORTUNITIES, [{**rows.deal, **key, **amount}], by=by, create_only=True)
    _write_parts(rows, key["external_id"], by=by)
    return int(written.ids[0])


@transaction.atomic
def change_opportunity(*, pk: int, rows: DealRows, version: str, reason: str = "", by: User) -> None:
    """Write a deal anew, its lines and splits as whole sets; a change of stage goes into its history, with its `reason`.

    `version` is that of the deal when the form was opened. Of a won or lost deal the former owner keeps what was hers. Raises
    NotPermitted, DealChanged, DealRejected, and what `move_rules.ask_of_move` raises for a later stage.
    """
    deal = editable_deal(pk, by)
    standing = rows_of(deal)
    if version_of(standing) != version:
        raise DealChanged(
            _("Somebody changed this opportunity after you opened it. Open it again and repeat your change.")
        )
    target = Stage.objects.filter(pk=rows.deal["stage"]).exclude(pk=deal.stage_id).first()
    if target is not None:
        ask_of_move(deal, target, reason=reason)
    rows = with_past_owner(deal, rows)
    with pghistory.context(user=by.pk):
        for type_ in SplitType.values:
            if not any(row["type"] == type_ for row in rows.splits):
                OpportunitySplit.objects.filter(opportunity=deal, type=type_).delete()
        if not rows.lines:
            OpportunityLine.objects.filter(opportunity=deal).delete()
    # Lines first: the deal's amount follows them, and its history notes the amount that goes with the new stage.
    _write_parts(rows, deal.external_id, by=by)
    amount = {"amount": rows.sum_of_lines} if rows.lines else {}
    write_part("deal", OPPORTUNITIES, [{**standing.deal, **rows.deal, **amount}], by=by, ids=[pk])
    if target is not None:
        keep_reason(pk, target, reason)


def _write_parts(rows: DealRows, external_id: str, *, by: User) -> None:
    key = {"opportunity_external_id": external_id}
    for part, spec, given in (("lines", OPPORTUNITY_LINES, rows.lines), ("splits", OPPORTUNITY_SPLITS, rows.splits)):
        if given:
            write_part(part, spec, [{**row, **key} for row in given], by=by, replace_sets=True)


def write_part(part: str, spec: Any, rows: list[dict[str, Any]], *, by: User, **how: Any) -> Any:
    """Write rows of one part of a deal by the one write path. DealRejected when it refuses them."""
    try:
        return write_rows(spec, rows, by=by, **how)
    except RowsRejected as error:
        raise DealRejected(part, [(p.line - 1, p.column, p.reason) for p in error.problems]) from error


@transaction.atomic
def delete_opportunity(*, pk: int, by: User) -> str:
    """Delete a deal with all that belongs to it. Returns a word that `restore_opportunity` takes for an hour.

    Raises NotPermitted; Opportunity.DoesNotExist when `by` does not see it.
    """
    deal = editable_deal(pk, by)
    with pghistory.context(user=by.pk):
        deal.delete()
    token = secrets.token_urlsafe(16)
    # Before the commit: of a deletion that fails, nothing but an unused word is left.
    cache.set(_undo_key(by, token), pk, UNDO_SECONDS)
    return token


def restore_opportunity(*, token: str, by: User) -> int:
    """Bring back what `by` deleted within the hour. Returns the deal's id. DomainError when it is too late."""
    kept: int | None = cache.get(_undo_key(by, token))
    event = deleted_deals(viewer=by).filter(pgh_obj_id=kept).first() if kept is not None else None
    if event is None:
        raise DomainError(_("It is too late to undo this: deleted opportunities are kept for an hour."))
    pk = restore_deal(event=event.pk, by=by)
    cache.delete(_undo_key(by, token))
    return pk


def _undo_key(by: User, token: str) -> str:
    return f"pipeline:undo:{by.pk}:{token}"


def editable_deal(pk: int, by: User) -> Opportunity:
    """The deal, locked, if `by` may change all of it. Opportunity.DoesNotExist when she does not see it; NotPermitted."""
    deal: Opportunity = Opportunity.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change opportunities."))
    if not Opportunity.objects.editable_by(by).filter(pk=pk).exists():
        raise NotPermitted(_("This opportunity has lines that you don’t see: the account’s team edits it."))
    return deal
