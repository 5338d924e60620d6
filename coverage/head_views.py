"""Alignment in a line of an account's head and in a tile of a member's page, loaded after the page's own part."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account
from coverage import weighing
from teams.queries import member_named
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


@login_required
@require_safe
def member_alignment(request: SignedIn, email: str) -> HttpResponse:
    """How well a member fills the slots that she covers today, at the accounts that the reader sees."""
    member = member_named(viewer=request.user, email=email)
    if member is None:
        raise Http404
    found = weighing.member_alignment(viewer=request.user, member=member.pk)
    return render(request, "coverage/_member_alignment.html", {"found": found, "member": member})
