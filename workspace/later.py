"""Parts that a page loads after its figures, and again some time after these have changed: each is computed once for all readers
who ask for the same at once, and none keeps figures waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps

from django.http import HttpResponse
from django.utils.translation import get_language

from accounts.access import read_tree_again, scope_of
from users.models import User
from users.permissions import Permission
from users.requests import SignedIn
from workspace import lenses, services
from workspace.sharing import Shared

#: One at a time in each process.
_parts = Shared(most=400)
#: How many threads of a process may wait for such parts: the others are there for whatever else is asked.
_seats = threading.BoundedSemaphore(4)


def may_do(viewer: User) -> Hashable:
    """The permissions of a reader, for whom a page draws what she may do."""
    return tuple(permission.value for permission in Permission if viewer.may(permission))


def _who(viewer: User) -> Hashable:
    """All of a reader that an answer may depend on: those who see everything are alike where they may do the same."""
    scope = scope_of(viewer)
    return (scope, may_do(viewer)) if scope.is_everything else (scope, may_do(viewer), viewer.pk)


def for_all_at_once(view: Callable[[SignedIn], HttpResponse]) -> Callable[[SignedIn], HttpResponse]:
    """A view whose answer depends on its address, the language, the reader and the database alone. Where too many wait already
    it answers nothing, after which the page asks again: see live.js."""

    @wraps(view)
    def answer(request: SignedIn) -> HttpResponse:
        def content() -> bytes:
            read_tree_again(request.user)
            return view(request).content

        habits = () if lenses.says_everything(request.GET) else repr(request.user.preferences.get(services.LENS))
        key = (request.get_full_path(), habits, get_language(), _who(request.user))
        if not _seats.acquire(blocking=False):
            return HttpResponse(status=204)
        try:
            return HttpResponse(_parts.get(key, content))
        finally:
            _seats.release()

    return answer
