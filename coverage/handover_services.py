"""Planning, carrying out and cancelling hand-overs. Each is done as a whole or not at all, under one lock a table."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence

import pghistory
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.team_services import lock_teams
from core import clock
from core.errors import DomainError, NotPermitted
from core.staging_periods import LOCK
from coverage import handover_effects as effects
from coverage import handover_queries as queries
from coverage.handover_models import HandOver, HandOverLine, HandOverState, HandOverTask, LineState
from money.queries import business_date
from teams.models import Member
from users.models import User
from users.permissions import Permission

log = logging.getLogger(__name__)


def usual_steps() -> list[str]:
    """What a checklist begins with, in the language of whoever plans."""
    return [
        _("Go through plans, open deals and promises together"),
        _("Introduce the successor to the decision makers"),
        _("Tell the customer who is there from which day"),
        _("Hand over documents, mailing lists and access"),
        _("Look back together after a month"),
    ]


@transaction.atomic
def plan_hand_over(
    *,
    giver: str,
    account: str = "",
    on: dt.date,
    chosen: Mapping[str, str],
    note: str = "",
    moves_splits: bool = False,
    ends_relationships: bool = True,
    steps: Sequence[str] = (),
    by: User,
) -> int:
    """Pass on what `giver` (an e-mail address) has from a day on: `chosen` is an item's key → the successor's address.

    Roles and coverage are written at once as dated rows; the rest follows on the day, which may be today. Returns the id.
    Member and Account.DoesNotExist, NotPermitted, and DomainError: for a day that has passed, for what was changed
    meanwhile, and for what a successor can't take over.
    """
    _refuse(on, chosen, by)
    _lock()
    member = queries.member_to_pass_on(viewer=by, email=giver)
    at: Account | None = Account.objects.visible_to(by).get(code=account) if account else None
    items = {item.key: item for item in queries.estate(viewer=by, giver=member, account=at, on=on).items}
    heirs = {one.email: one for one in queries.successors(viewer=by, emails=list(chosen.values()))}
    if chosen.keys() - items.keys():
        raise DomainError(_("Something of it was changed meanwhile. Look at the list again."))
    if set(chosen.values()) - heirs.keys() or member.email in heirs:
        raise DomainError(_("A successor is another member."), field="heirs")
    with pghistory.context(user=by.pk, reason=_("Hand-over by %(name)s.") % {"name": member}):
        found = HandOver.objects.create(
            giver=member, account=at, on=on, note=note, moves_splits=moves_splits, created_by=by,
            ends_relationships=ends_relationships, created_at=clock.now(),
        )  # fmt: skip
        _write_down(found, steps)
        with pghistory.context(hand_over=found.pk):
            for key, email in chosen.items():
                _begin(found, items[key], heirs[email])
            if on <= business_date():
                _settle(found, HandOverState.DONE, by)
    return found.pk


def _refuse(on: dt.date, chosen: Mapping[str, str], by: User) -> None:
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not hand over accounts."))
    if on < business_date():
        raise DomainError(_("Choose today or a later day: what was is not rewritten."), field="on")
    if not chosen:
        raise DomainError(_("Nothing is handed over yet: choose a successor for at least one line."))


def _write_down(hand_over: HandOver, steps: Sequence[str]) -> None:
    for position, text in enumerate(steps, start=1):
        HandOverTask.objects.create(hand_over=hand_over, position=position, text=text[:300])


def _begin(hand_over: HandOver, item: queries.Item, heir: Member) -> None:
    line = HandOverLine(
        hand_over=hand_over, kind=item.kind, account=item.account, row_id=item.row_id, heir=heir, words=item.words[:400]
    )
    effects.begin(line, hand_over.on)
    line.save()


def carry_out_due() -> int:
    """Carry out every planned hand-over whose day has come; how many. Asked again, or by two at once, nothing is done twice.

    One that fails is written to the log and stays planned; the others are carried out.
    """
    done = 0
    for pk in HandOver.objects.due(business_date()).order_by("on", "pk").values_list("pk", flat=True):
        try:
            done += _carry_out(pk)
        except DatabaseError:
            log.exception("The hand-over %s could not be carried out", pk)
    return done


@transaction.atomic
def _carry_out(pk: int) -> bool:
    """False when somebody else is at it, or was. Everything with the state in one transaction: a kill leaves it planned."""
    due = HandOver.objects.due(business_date()).filter(pk=pk)
    found = due.select_for_update(skip_locked=True, of=("self",)).select_related("giver").first()
    if found is None:
        return False
    reason = _("Hand-over by %(name)s.") % {"name": found.giver}
    with pghistory.context(user=found.created_by_id, reason=reason, hand_over=found.pk):
        _settle(found, HandOverState.DONE, None)
    return True


def _settle(hand_over: HandOver, state: HandOverState, by: User | None) -> None:
    for line in hand_over.lines.select_related("heir").order_by("pk"):
        effects.finish(line, hand_over)
        line.save(update_fields=["state", "outcome"])
    hand_over.state, hand_over.settled_at, hand_over.settled_by = state, clock.now(), by
    hand_over.save(update_fields=["state", "settled_at", "settled_by"])


@transaction.atomic
def cancel_hand_over(*, pk: int, by: User) -> None:
    """Take a plan back before its day: roles and coverage stand as they stood. What somebody changed since is left alone and
    said so. HandOver.DoesNotExist, NotPermitted; DomainError when its day has come or it is settled."""
    _lock()
    found = _mine(pk, by)
    if found.state != HandOverState.PLANNED:
        raise DomainError(_("It is no longer planned."))
    if found.on <= business_date():
        raise DomainError(_("Its day has come: hand over again instead."))
    with pghistory.context(user=by.pk, reason=_("Cancelled a hand-over."), hand_over=found.pk):
        # The last begun is the first put back.
        for line in found.lines.select_related("heir", "hand_over__giver").order_by("-pk"):
            line.outcome = effects.put_back(line, found.on)
            line.state = LineState.SKIPPED if line.outcome else LineState.UNDONE
            line.save(update_fields=["state", "outcome"])
        found.state, found.settled_at, found.settled_by = HandOverState.CANCELLED, clock.now(), by
        found.save(update_fields=["state", "settled_at", "settled_by"])


@transaction.atomic
def mark_step(*, pk: int, position: int, is_done: bool, by: User) -> None:
    """Tick a step of the checklist off, or open it again. HandOverTask.DoesNotExist, NotPermitted."""
    found = _mine(pk, by)
    task = found.tasks.get(position=position)
    if (task.done_at is not None) == is_done:
        return
    task.done_at, task.done_by = (clock.now(), by) if is_done else (None, None)
    with pghistory.context(user=by.pk):
        task.save(update_fields=["done_at", "done_by"])


@transaction.atomic
def add_step(*, pk: int, text: str, by: User) -> None:
    """One more step for the checklist. DomainError when it says nothing."""
    found = _mine(pk, by)
    if not text.strip():
        raise DomainError(_("Say what is to be done."), field="text")
    last = found.tasks.aggregate(last=models.Max("position"))["last"] or 0
    with pghistory.context(user=by.pk):
        HandOverTask.objects.create(hand_over=found, position=last + 1, text=text.strip()[:300])


def _mine(pk: int, by: User) -> HandOver:
    """The hand-over, locked, if `by` may settle it."""
    HandOver.objects.visible_to(by).get(pk=pk)
    found: HandOver = HandOver.objects.select_for_update(of=("self",)).get(pk=pk)
    if not queries.may_settle(viewer=by, hand_over=found):
        raise NotPermitted(_("Whoever planned it, and who staffs all its accounts, may change it."))
    return found


def _lock() -> None:
    """Teams first, then coverage, as everybody who needs both does."""
    lock_teams()
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["periods of coverage_coverage"])
