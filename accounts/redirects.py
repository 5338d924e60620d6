"""Addresses of accounts that were merged: pages lead to the account they are part of now, the API says where that is."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from accounts.merge_preview import merged_into
from accounts.models import Account
from core.api.problems import MEDIA_TYPE

_PAGES = "accounts/<path:code>/"
_FIGURES = "api/v1/rollups/accounts/<path:code>/"
_RECORDS = "accounts-detail"


class MergedAccounts:
    """Looks a merged account up only when nothing was found: pages that are there cost no query more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or not request.user.is_authenticated:
            return response
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return response
        if match.url_name == _RECORDS and str(match.kwargs.get("pk", "")).isdigit():
            found = merged_into(viewer=request.user, pk=int(match.kwargs["pk"]))
            return _gone(request, found) if found else response
        if not match.route.startswith((_PAGES, _FIGURES)):
            return response
        found = merged_into(viewer=request.user, code=match.kwargs["code"])
        if found is None:
            return response
        if match.route.startswith(_FIGURES):
            return _gone(request, found)
        address = reverse(match.view_name, args=[], kwargs={**match.kwargs, "code": found.code})
        query = request.META.get("QUERY_STRING", "")
        # Not for ever: a merge can be taken back. A form that was sent is not sent again.
        return HttpResponseRedirect(f"{address}?{query}" if query else address)


def _gone(request: HttpRequest, found: Account) -> JsonResponse:
    """410 with the account's code and address."""
    text = _("This account was merged into “%(code)s”.") % {"code": found.code}
    body = {
        "type": "about:blank",
        "title": HTTPStatus.GONE.phrase,
        "status": int(HTTPStatus.GONE),
        "detail": text,
        "instance": quote(request.path),
        "merged_into": {"id": found.pk, "code": found.code},
    }
    return JsonResponse(body, status=HTTPStatus.GONE, content_type=MEDIA_TYPE)
