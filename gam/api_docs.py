"""The readable page of the API, drawn from the same schema that programs read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

_PREFIX = "/api/v1/"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Named:
    """A parameter or field: its name, what it holds, whether it must be given, and what it means."""

    name: str
    holds: str
    required: bool
    note: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    note: str
    parameters: list[Named]
    answers: list[tuple[str, str]]


@dataclass
class Section:
    """Everything under one collection or family of addresses."""

    name: str
    note: str = ""
    operations: list[Operation] = field(default_factory=list)
    fields: list[Named] = field(default_factory=list)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """What stands at which address, which parameters it takes and which fields a record has."""
    return render(request, "api/docs.html", {"sections": sections(translation.get_language() or "en")})


@lru_cache(maxsize=8)
def sections(language: str) -> list[Section]:
    """The sections of the page; drawn once for each language, since the schema does not change while the server runs."""
    generator: Any = SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    found: dict[str, Section] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                _add(found, path, method, methods[method], schema)
    return list(found.values())


def _add(found: dict[str, Section], path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]) -> None:
    name = (operation.get("tags") or [path.removeprefix(_PREFIX).split("/")[0]])[0]
    section = found.setdefault(name, Section(name))
    section.operations.append(_operation(path, method, operation))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if method == "post" and body and not section.fields:
        section.fields = _fields(body, schema)
    if operation["operationId"].startswith("list-"):
        section.note = _words(operation)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    note = operation.get("description", "")
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", "") or note.split("\n")[0],
        note=note.replace("`", ""),
        parameters=[
            Named(p["name"], _holds(p.get("schema", {})), p.get("required", False), _words(p))
            for p in operation.get("parameters", [])
        ],
        answers=[(code, _words(answer)) for code, answer in operation["responses"].items()],
    )


def _fields(body: dict[str, Any], schema: dict[str, Any]) -> list[Named]:
    shape = _resolved(body.get("oneOf", [body])[0], schema)
    required = set(shape.get("required", []))
    return [
        Named(name, _holds(holds), name in required, _words(holds))
        for name, holds in shape.get("properties", {}).items()
    ]


def _words(described: dict[str, Any]) -> str:
    """A description without the marks of code, which only a renderer of Markdown would draw."""
    return str(described.get("description", "")).replace("`", "")


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else shape
    return found


def _holds(shape: dict[str, Any]) -> str:
    if values := [str(value) for value in shape.get("enum", ()) if value is not None]:
        return " | ".join(values)
    if choices := shape.get("oneOf"):
        return _holds(choices[0])
    if shape.get("type") == "array":
        return f"[{_holds(shape.get('items', {}))}]"
    return str(shape.get("format") or shape.get("type") or "")
