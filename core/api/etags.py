"""Entity tags of records: the same record shown to the same reader has the same tag until something in it changes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from rest_framework.request import Request

from core.api.problems import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"[^"]*"')


def tag_of(record: dict[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` names the record as it is: the reader has it already."""
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or tag in (found.removeprefix("W/") for found in _TAG.findall(given))


def demand_unchanged(request: Request, tag: str) -> None:
    """Refuse a change of a record that is no longer the one named by `If-Match`; without it every change is fine."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    # A weak tag never matches here (RFC 9110): it does not promise the very same record.
    if tag not in (found for found in _TAG.findall(given) if not found.startswith("W/")):
        raise PreconditionFailed
