from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.queries import account_head
from core.htmx import vary_on_htmx
from coverage import team_queries
from users.requests import SignedIn


@login_required
@require_safe
def team(request: SignedIn, code: str) -> HttpResponseBase:
    """What each member of an account's team covers: the part that the team's page loads."""
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    found = team_queries.team_coverage(viewer=request.user, account=head.account, on=head.on)
    return vary_on_htmx(render(request, "coverage/team.html", {"found": found, "head": head}))
