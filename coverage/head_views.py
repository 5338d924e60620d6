"""The line about alignment in the head of an account's pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account
from coverage import weighing
from users.requests import SignedIn


@login_required
@require_safe
def alignment(request: SignedIn, code: str) -> HttpResponse:
    """Score, known weight and gap of an account today."""
    try:
        found = weighing.account_alignment(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    return render(request, "coverage/_alignment_line.html", {"found": found, "code": code})
