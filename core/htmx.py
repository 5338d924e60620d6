"""What views need of htmx: whether a fragment is asked for, and notes that travel with a response."""

from __future__ import annotations

import json
from typing import Literal

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

Level = Literal["info", "success", "warning", "error"]


class HtmxRequest(HttpRequest):
    """A request that passed django-htmx's middleware."""

    htmx: HtmxDetails


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


def with_toast(response: HttpResponse, text: str, *, level: Level = "success") -> HttpResponse:
    """Show a short note in the corner when the page receives `response`."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers["toast"] = {"text": str(text), "level": level}
    # ASCII only: a header does not carry other characters.
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


def go_to(url: str) -> HttpResponse:
    """Answer an htmx request by opening `url` as a page."""
    return HttpResponse(status=204, headers={"HX-Redirect": url})
