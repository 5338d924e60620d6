"""What views need of htmx: whether a fragment is asked for, and caches told so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

#: The element that holds a form over the page.
SHEET: Final = "sheet-content"


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


def sheet_or_page(
    request: HttpRequest, form: BaseForm, context: Mapping[str, Any], *, sheet: str, page: str
) -> HttpResponseBase:
    """A form that is not carried out (yet): `sheet` over the page that asked for it, else a `page` of its own; both are
    templates, and the sheet is told that it is `in_sheet`."""
    context = {**context, "form": form}
    if wants_fragment(request, SHEET):
        return vary_on_htmx(render(request, sheet, {**context, "in_sheet": True}))
    return vary_on_htmx(render(request, page, context, status=422 if form.errors else 200))
