"""Errors of the API as RFC 9457 problem documents (`application/problem+json`).

Every error that a view raises ends here: wrong input (400, with `errors` by field), no login (401), a thing that the
caller may see but not do this to (403), one she may not see (404), a conflict (409, with `counts` where a delete
would lose facts), a record that has changed since it was read (412).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError, InUse, NotPermitted

MEDIA_TYPE = "application/problem+json"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "object",
            "description": "What is wrong, by field or parameter; of a list, by `INDEX.field`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "counts": {
            "type": "object",
            "description": "What a refused delete would lose.",
            "additionalProperties": {"type": "integer"},
        },
    },
    "required": ["type", "title", "status"],
}


class Conflict(exceptions.APIException):
    """409: the request contradicts what stands."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"

    def __init__(self, detail: str, *, counts: dict[str, int] | None = None, errors: Any = None) -> None:
        super().__init__(detail)
        self.counts = counts
        self.errors = errors


class PreconditionFailed(exceptions.APIException):
    """412: the record is no longer the one that `If-Match` names."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__(_("The record has changed since it was read. Read it again, then repeat the change."))


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the answer to `error`, or None for a fault of ours."""
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    request = context.get("request")
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(known.status_code).phrase,
        "status": int(known.status_code),
        "detail": _detail(known),
    }
    if request is not None:
        body["instance"] = request.path
    if errors := _errors(known):
        body["errors"] = errors
    if counts := getattr(known, "counts", None):
        body["counts"] = counts
    response = Response(body, status=known.status_code, content_type=MEDIA_TYPE)
    if header := getattr(known, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(known, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, NotPermitted):
        return exceptions.PermissionDenied(error.message)
    if isinstance(error, InUse):
        return Conflict(error.message, counts=error.counts)
    if isinstance(error, DomainError):
        return exceptions.ValidationError({error.field or "": [error.message]})
    return None


def _detail(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        said = [f"{name}: {text}" if name else text for name, texts in flat(error.detail).items() for text in texts]
        return " ".join(said[:3])
    return force_str(error.detail)


def _errors(error: exceptions.APIException) -> dict[str, list[str]]:
    if isinstance(error, exceptions.ValidationError):
        return flat(error.detail)
    return flat(getattr(error, "errors", None) or {})


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors as `{"path.to.field": [texts]}`; an item of a list is named by its index."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found.update(flat(inner, f"{path}.{name}".strip(".") if name else path))
        return found
    if isinstance(detail, list | tuple) and any(isinstance(item, dict) for item in detail):
        return flat({str(index): item for index, item in enumerate(detail) if item}, path)
    texts = detail if isinstance(detail, list | tuple) else [detail]
    return {_sayable(path): [_sayable(force_str(text)) for text in texts]} if texts else {}


def _sayable(text: str) -> str:
    """What a request said may come back in an error: half a surrogate pair can't be sent."""
    return text.encode(errors="replace").decode()
