"""JSON with exact decimals: `1.10` in a request is a decimal number, never a binary fraction."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MEDIA_TYPE = "application/json"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


class ExactJSONParser(BaseParser):
    media_type = MEDIA_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = codecs.getreader("utf-8")(stream).read()
            return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"JSON parse error - {error}") from error
