from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import scope_of
from accounts.member_lists import members_list
from core.lists import respond
from users.permissions import Permission
from users.requests import SignedIn


@login_required
@require_safe
def members(request: SignedIn) -> HttpResponseBase:
    rows = queries.members_with_accounts(viewer=request.user)
    spec = members_list(scope_of(request.user).on)
    context = {"trail": [(spec.caption, "")], "may_add": request.user.may(Permission.CONFIGURE_TEAMS)}
    return respond(request, spec, rows, template="teams/list.html", context=context)
