"""The pages that belong to no domain: the gallery of components, and the reader's choice of theme."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import gallery as pieces
from core import lists
from core.context import THEMES
from core.htmx import wants_fragment

YEAR = 31_536_000


@require_safe
def gallery(request: HttpRequest) -> HttpResponseBase:
    """Every component in every state, for those who build pages."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    if request.GET.get("format") == "csv" or wants_fragment(request):
        return lists.respond(request, pieces.LIST, pieces.kinds(), template="core/gallery.html")
    return render(request, "core/gallery.html", pieces.shown(request))


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's theme in a cookie and return; anything but light and dark follows the device."""
    back = request.POST.get("next") or request.headers.get("referer") or "/"
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    theme = request.POST.get("theme", "")
    response.set_cookie(
        "theme", theme if theme in THEMES else "auto", max_age=YEAR, samesite="Lax", secure=request.is_secure()
    )
    return response
