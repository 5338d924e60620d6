from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.member_lists import MEMBERS
from core.lists import respond
from users.requests import SignedIn


@login_required
@require_safe
def members(request: SignedIn) -> HttpResponseBase:
    rows = queries.members_with_accounts(viewer=request.user)
    return respond(request, MEMBERS, rows, template="teams/list.html", context={"trail": [(MEMBERS.caption, "")]})
