"""The tiles of alignment on the leading pages, loaded after the figures."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from users.requests import SignedIn
from workspace import aligned


@login_required
@require_safe
def tiles(request: SignedIn) -> HttpResponse:
    """The alignment of `?region=`, of `&country=` in it, or of the world."""
    code = request.GET.get("region", "")
    country = request.GET.get("country", "") if code else ""
    found = aligned.alignment(viewer=request.user, code=code, country=country)
    return render(request, "workspace/_alignment_tiles.html", {"found": found})
