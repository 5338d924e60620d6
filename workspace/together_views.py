"""Working together at one account: what its team and its places share, as a part of the team's page and as a page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.tabs import account_context
from core.htmx import vary_on_htmx, wants_fragment
from users.requests import SignedIn
from workspace import together_queries, together_screens
from workspace.together_screens import head_or_404


@login_required
@require_safe
def together(request: SignedIn, code: str) -> HttpResponseBase:
    """Places as rows, members as columns, and the weeks ahead; `q` and `doubtful` narrow the rows, `brief` is the team's part."""
    head = head_or_404(viewer=request.user, code=code)
    search, doubtful = request.GET.get("q", "").strip()[:80], request.GET.get("doubtful") == "1"
    brief = request.GET.get("brief") == "1"
    found = together_queries.together(
        viewer=request.user,
        account=head.account,
        on=head.on,
        search=search,
        doubtful=doubtful,
        most=together_queries.BRIEF_PLACES if brief else together_queries.MOST_PLACES,
    )
    context = {"head": head, "search": search, "doubtful": doubtful, "brief": brief}
    context |= together_screens.screen(found)
    if wants_fragment(request, "together"):
        return vary_on_htmx(render(request, "workspace/_together.html", context))
    return vary_on_htmx(render(request, "workspace/together.html", {**account_context(head, "team"), **context}))
