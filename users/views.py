from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from users import queries, services
from users.requests import SignedIn


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedIn) -> HttpResponse:
    """The reader's own API token: POST makes a new one and shows it this once."""
    made = services.renew_token(by=request.user) if request.method == "POST" else ""
    found = {"token": made, "made_at": queries.token_made_at(viewer=request.user)}
    return render(request, "users/tokens.html", found)


@login_required
@require_POST
def revoke_token(request: SignedIn) -> HttpResponse:
    services.revoke_token(by=request.user)
    messages.success(request, _("Your API token no longer works."))
    return redirect("users:tokens")
