from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pghistory
from celery import current_app
from django.db import Error, transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.filters import countries_in_region, regions_for
from accounts.models import Account
from core import clock
from core.errors import DomainError, NotPermitted
from core.held import held
from coverage.acceptance import write_posts
from coverage.assignment import Assignment, Pair, assign
from coverage.ground import Ground, Wish, digest_of, ground_of
from coverage.load import Place
from coverage.load_queries import burdens
from coverage.proposal_models import Proposal, ProposalState, ProposedPost, Step
from coverage.proposal_reasons import codes_of
from money.queries import exponents, reporting_currencies
from users.models import User
from users.permissions import Permission

logger = logging.getLogger(__name__)
_LOCK = 7_340_023
SECONDS = 120.0


def queue_proposal(
    *,
    by: User,
    on: dt.date | None = None,
    account: str = "",
    region: str = "",
    team_only: bool = False,
    improves: bool = False,
    takes_unknown: bool = False,
) -> Proposal:
    """Ask for the best assignment for one account or one region. The row is there at once; a worker solves it.

    Raises NotPermitted; Account.DoesNotExist; DomainError for an unknown region or for none or both.
    """
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change this."))
    if bool(account) == bool(region):
        raise DomainError(_("Choose an account or a region."), field="account")
    scope = scope_of(by)
    chosen = Account.objects.visible_to(by).get(code=account) if account else None
    found = regions_for(by).get(region) if region else None
    if region and found is None:
        raise DomainError(_("There is no region with this code."), field="region")
    is_whole = scope.is_everything or (chosen is not None and chosen.pk in scope.whole_account_ids)
    with transaction.atomic(), pghistory.context(user=by.pk):
        proposal = Proposal.objects.create(
            account=chosen,
            region_id=found[0] if found else None,
            by=by,
            on=on or scope.on,
            team_only=team_only,
            improves=improves,
            takes_unknown=takes_unknown,
            is_whole=is_whole,
        )
        # Robust: with the broker away, the timetable takes the proposal up later.
        transaction.on_commit(lambda: _enqueue(proposal.pk), robust=True)
    return proposal


def _enqueue(pk: int) -> None:
    # By name: the task calls this module.
    current_app.send_task("coverage.tasks.run_proposal", args=[pk])


def resume_interrupted() -> list[int]:
    """Take up proposals whose worker died. Returns those taken up."""
    taken = []
    for pk in Proposal.objects.unfinished().order_by("pk").values_list("pk", flat=True):
        with held(_LOCK, pk) as is_free:
            if is_free:
                taken.append(pk)
    for pk in taken:
        _enqueue(pk)
    return taken


def run_proposal(*, pk: int) -> None:
    """Solve a queued proposal. Does nothing when it is finished already or somebody else is at it."""
    with held(_LOCK, pk) as is_ours:
        proposal = Proposal.objects.select_related("by", "account", "region").filter(pk=pk).unfinished().first()
        if not is_ours or proposal is None:
            return
        try:
            _run(proposal)
        except Exception as error:
            logger.exception("proposal %s failed", pk)
            with suppress(Error):
                _close(proposal, ProposalState.FAILED, f"{type(error).__name__}: {error}")


def _run(proposal: Proposal) -> None:
    if proposal.by is None:
        raise DomainError(_("Who asked for it is not here any more."))
    proposal.state, proposal.step, proposal.started_at = ProposalState.RUNNING, Step.READING, clock.now()
    proposal.save(update_fields=["state", "step", "started_at"])
    wish = _wish(proposal, proposal.by)
    digest = digest_of(accounts=wish.accounts, on=wish.on)
    ground = ground_of(viewer=proposal.by, wish=wish)
    proposal.step = Step.SOLVING
    proposal.save(update_fields=["step"])
    found = assign(ground.problem, seconds=SECONDS)
    with transaction.atomic(), pghistory.context(user=proposal.by.pk):
        ProposedPost.objects.filter(proposal=proposal).delete()
        ProposedPost.objects.bulk_create(_post(proposal, ground, pair) for pair in found.pairs)
        proposal.ground, proposal.outcome = digest, _outcome(proposal.by, ground, found)
        _close(proposal, ProposalState.DONE, "")


def _wish(proposal: Proposal, by: User) -> Wish:
    countries = None
    if proposal.account_id is not None:
        accounts = [proposal.account_id]
    else:
        assert proposal.region is not None
        countries = frozenset(countries_in_region(viewer=by, code=proposal.region.code))
        seen = Account.objects.visible_to(by).lying_in(countries, viewer=by)
        accounts = list(seen.order_by("id").values_list("id", flat=True))
    return Wish(tuple(accounts), countries, proposal.on, proposal.team_only, proposal.improves, proposal.takes_unknown)


def _close(proposal: Proposal, state: ProposalState, message: str) -> None:
    proposal.state, proposal.message, proposal.step, proposal.finished_at = state, message, "", clock.now()
    proposal.save()


def _post(proposal: Proposal, ground: Ground, pair: Pair) -> ProposedPost:
    account, slot = ground.slots[pair.opening]
    opening = ground.problem.openings[pair.opening]
    return ProposedPost(
        proposal=proposal,
        account_id=account,
        org_unit_id=slot.unit,
        role_id=slot.role,
        member=ground.members[pair.candidate],
        fill=Decimal(pair.fill.numerator) / Decimal(pair.fill.denominator),
        gain=Decimal(round(pair.gain)),
        hours=opening.hours,
        reasons=codes_of(ground, pair),
    )


def _outcome(by: User, ground: Ground, found: Assignment) -> dict[str, Any]:
    """The figures of the whole proposal, as JSON: amounts are whole minor units, scores decimal texts."""
    before, after = ground.before, ground.after(found.pairs)
    currency = reporting_currencies()[0]
    return {
        "accounts": list(ground.wish.accounts),
        "currency": currency,
        "exponent": exponents()[currency],
        "score_before": _decimal(before.score),
        "score_after": _decimal(after.score),
        "known_before": _decimal(before.known_weight),
        "known_after": _decimal(after.known_weight),
        "gap_before": before.gap,
        "gap_after": after.gap,
        "gained": round(found.gained),
        "bound": round(found.bound),
        "is_proved": found.is_proved,
        "slots": len(ground.slots),
        "filled": len(found.pairs),
        "members": len(ground.members),
        "unknown_pairs": found.unknown,
        "unknown_capacity": ground.unknown_capacity,
        "unled": ground.unled,
        "loads": _loads(by, ground, found.pairs),
        "closes": _closes(ground, found.pairs),
    }


def _closes(ground: Ground, pairs: Sequence[Pair]) -> dict[str, int]:
    """By unit and role, what each pair takes from the gap: they add up to what the gap loses."""
    weighed = {
        (one.slot.unit, one.slot.role): one for found in ground.weighings.values() for one in found.alignment.slots
    }
    closed = {}
    for pair in pairs:
        _account, slot = ground.slots[pair.opening]
        one = weighed[slot.unit, slot.role]
        closed[f"{slot.unit}/{slot.role}"] = (one.gap or 0) - one.gap_at(pair.fill)
    return closed


def _decimal(value: Fraction | None) -> str | None:
    return None if value is None else f"{float(value):.6f}"


def _loads(by: User, ground: Ground, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Loads before and after of everybody with a line, of what `by` sees."""
    given: dict[str, list[Place]] = {}
    for pair in pairs:
        account, slot = ground.slots[pair.opening]
        given.setdefault(pair.candidate, []).append(Place(account, slot.unit, slot.role))
    ids = {ground.members[email].pk for email in given}
    seen = burdens(viewer=by, member_ids=ids, on=ground.wish.on)
    rows = []
    for email, places in sorted(given.items()):
        member = ground.members[email]
        mine = seen.held_by(member.pk)
        before = seen.of(member.pk, member.weekly_hours)
        after = seen.of(member.pk, member.weekly_hours, held=mine.given(places=places))
        rows.append(
            {
                "member": member.pk,
                "accounts": [before.accounts, after.accounts],
                "hours": [str(before.hours), str(after.hours)],
                "capacity": None if member.weekly_hours is None else str(member.weekly_hours),
                "is_part": mine != ground.whole.held_by(member.pk),
            }
        )
    return rows


@transaction.atomic
def accept_posts(*, by: User, pk: int, post_ids: Collection[int], valid_from: dt.date) -> int:
    """Write the chosen lines of a proposal as coverage from a day on; all of them or none. Returns how many.

    Proposal.DoesNotExist when `by` sees none. Raises NotPermitted, and DomainError when a line no longer holds.
    """
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change this."))
    seen = Proposal.objects.visible_to(by).filter(pk=pk, state=ProposalState.DONE)
    proposal = Proposal.objects.select_for_update(of=("self",)).filter(pk__in=seen.values("pk")).get()
    posts = ProposedPost.objects.filter(proposal=proposal, pk__in=post_ids, accepted_at__isnull=True)
    chosen = list(posts.select_related("account", "org_unit", "role", "member").order_by("pk"))
    if not chosen or len(chosen) < len(set(post_ids)):
        raise DomainError(_("Choose lines that are not accepted yet."))
    was_fresh = digest_of(accounts=proposal.outcome["accounts"], on=proposal.on) == proposal.ground
    with pghistory.context(user=by.pk, reason=_("proposal %(id)s") % {"id": proposal.pk}):
        write_posts(by=by, posts=chosen, valid_from=valid_from)
        for post in chosen:
            post.accepted_at, post.accepted_by, post.valid_from = clock.now(), by, valid_from
            post.save()
        if was_fresh:
            # What this very acceptance changed is no surprise to the lines that are left.
            proposal.ground = digest_of(accounts=proposal.outcome["accounts"], on=proposal.on)
            proposal.save(update_fields=["ground"])
    return len(chosen)
