"""Two accounts that are one customer: merging one into the other, and taking that back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from accounts import merging, unmerging
from accounts.merged import AccountMerge
from accounts.merging import Choices
from accounts.models import Account
from core import clock
from core.errors import DomainError, NotPermitted
from users.models import User
from users.permissions import Permission

_T = TypeVar("_T")
_TRIES = 8
_LOCKED = ("55P03", "40P01")  # gave up waiting for a lock; was chosen to end a deadlock


def merge_accounts(*, gone: str, into: str, choices: Choices, reason: str = "", by: User) -> AccountMerge:
    """Make the account `gone` part of the account `into`, both named by code: everything of it moves, and it is no more.

    Figures follow with the next drain. NotPermitted; DomainError when one of the two is not there for `by`, a unit's new
    code is taken, or somebody else keeps writing to them. Nothing is done then.
    """
    _may_merge(by)
    return _patiently(lambda: _merge(gone, into, choices, reason, by))


def undo_merge(*, pk: int, by: User) -> AccountMerge:
    """Bring back an account that was merged, with everything that moved and is still there.

    What was added to the target since stays with it. DomainError when something that happened since stands in the way:
    it says what. AccountMerge.DoesNotExist when there is none that `by` sees.
    """
    _may_merge(by)
    return _patiently(lambda: _undo(pk, by))


def _may_merge(by: User) -> None:
    if not by.may(Permission.MERGE_ACCOUNTS):
        raise NotPermitted(_("You may not merge accounts."))


def _patiently(act: Callable[[], _T]) -> _T:
    """Do it anew when others hold rows that it needs; they go first."""
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return act()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in _LOCKED:
                raise
            if attempt == _TRIES:
                break
        time.sleep(0.1 * attempt)
    raise DomainError(_("Somebody is writing to these customers just now. Try again in a moment."))


def _merge(gone_code: str, into_code: str, choices: Choices, reason: str, by: User) -> AccountMerge:
    named = {code: _seen(code, by).pk for code in (gone_code, into_code)}
    if named[gone_code] == named[into_code]:
        raise DomainError(_("An account can't be merged into itself."), field="into")
    merging.lock_accounts(*named.values())
    # Read again under the lock: of two merges that cross, the second finds that one of its accounts is gone.
    gone, into = _seen(gone_code, by), _seen(into_code, by)
    merge = AccountMerge(
        gone_id=gone.pk,
        gone_code=gone.code,
        gone_name=gone.name,
        into_id=into.pk,
        into_name=into.name,
        leads_to_id=into.pk,
        reason=reason.strip(),
        merged_at=clock.now(),
        merged_by=by,
    )
    said = _("Merged %(gone)s into %(into)s.") % {"gone": gone.code, "into": into.code}
    with pghistory.context(user=by.pk, reason=f"{said} {merge.reason}".strip()):
        merge.save()
        merging.move_everything(merge, gone, into, choices)
        merging.move_team(merge, gone, into, choices)
        if choices.fills_blanks:
            merging.fill_blanks(merge, gone, into)
        AccountMerge.objects.filter(leads_to_id=gone.pk, undone_at=None).update(leads_to_id=into.pk)
        merging.take_away(merge, gone)
    return merge


def _seen(code: str, by: User) -> Account:
    found: Account | None = Account.objects.visible_to(by).filter(code=code).first()
    if found is None:
        raise DomainError(_("There is no account “%(code)s”.") % {"code": code}, field="into")
    return found


def _undo(pk: int, by: User) -> AccountMerge:
    seen = Account.objects.visible_to(by).values("pk")
    merge = AccountMerge.objects.select_for_update().get(pk=pk, leads_to_id__in=seen)
    unmerging.refuse_impossible(merge)
    merging.lock_accounts(merge.into_id)
    said = _("Took back the merge of %(gone)s into %(into)s.") % {"gone": merge.gone_code, "into": merge.into_name}
    try:
        with transaction.atomic(), pghistory.context(user=by.pk, reason=said):
            unmerging.bring_back(merge)
            unmerging.refuse_torn(merge)
            merging.execute("SET CONSTRAINTS ALL IMMEDIATE")
            merging.execute("SET CONSTRAINTS ALL DEFERRED")
            merge.undone_at, merge.undone_by = clock.now(), by
            merge.save()
            unmerging.point_back(merge)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        said = getattr(diagnosis, "message_detail", None) or str(error)
        text = _("It can't be taken back, because of a change made since: %(said)s")
        raise DomainError(text % {"said": " ".join(said.split())}) from error
    return merge
