"""The tiles of alignment on the leading pages, loaded after the figures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from users.requests import SignedIn
from workspace import aligned
from workspace.ground import UNALLOCATED
from workspace.later import for_all_at_once


@login_required
@require_safe
@for_all_at_once
def tiles(request: SignedIn) -> HttpResponse:
    """The alignment of `?region=`, of `&country=` in it, or of the world."""
    code = request.GET.get("region", "")
    country = request.GET.get("country", "") if code else ""
    found = aligned.alignment(viewer=request.user, code=code, country=country)
    place = {name: given for name, given in (("region", code), ("country", country)) if given and code != UNALLOCATED}
    ranking_url = f"{reverse('coverage:ranking')}?{urlencode(place)}" if place or not code else ""
    return render(request, "workspace/_alignment_tiles.html", {"found": found, "ranking_url": ranking_url})
