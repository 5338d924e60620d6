"""What views need of htmx: whether a fragment is asked for, and caches told so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest, target: str | None = None) -> bool:
    """Whether the page asks for a part only (of the element with the id `target`, if given).

    A page restored from the browser's history is asked for whole.
    """
    details = getattr(request, "htmx", None)
    if not details or details.boosted or details.history_restore_request:
        return False
    return target is None or details.target == target


def vary_on_htmx(response: HttpResponseBase) -> HttpResponseBase:
    """Keep caches from serving a fragment where a page is meant, or the other way round."""
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """After a form was carried out: on to `url`, as a whole page, also where htmx had sent the form from a sheet."""
    if not wants_fragment(request):
        return redirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})
