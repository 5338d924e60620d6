"""How views describe themselves in the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.api import pages, problems
from core.api.parsing import MEDIA_TYPE as JSON

if TYPE_CHECKING:
    from core.api.columns import Column
    from core.api.filters import Filter

_SAFE = ("GET", "HEAD", "OPTIONS")
_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_WHY = {
    400: "The request is wrong; `errors` says where.",
    401: "No login, or one that is no longer valid.",
    403: "The caller may see this but not do it.",
    404: "There is no such thing, or the caller may not see it.",
    405: "Not offered here.",
    406: "Only JSON is offered.",
    409: "The request contradicts what stands: the key is taken, or a delete would lose facts (`counts`).",
    412: "The record has changed since it was read.",
    415: "Only JSON is taken.",
}


class ProblemSchema(AutoSchema):
    """Adds the problem documents that any view may answer. The default of every view."""

    problems: tuple[int, ...] = (400, 401, 404)

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            self.add_problems(operation, self.problems)
        return operation

    def get_operation_id(self) -> str:
        """The method and the words of the address: two addresses never share one."""
        words = [word for word in self.path.split("/")[3:] if word]
        return "-".join([_VERBS[self.method], *(word.strip("{}") for word in words)])

    def component(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """A reference to `schema`, kept once under `name`."""
        component: Any = ResolvedComponent
        found = component(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
        self.registry.register_on_missing(found)
        return dict(found.ref)

    def add_problems(self, operation: dict[str, Any], codes: tuple[int, ...]) -> None:
        body = {problems.MEDIA_TYPE: {"schema": self.component("Problem", problems.SCHEMA)}}
        for code in codes:
            operation["responses"].setdefault(str(code), {"content": body, "description": _WHY[code]})


class CollectionSchema(ProblemSchema):
    """Describes a `Collection` from its columns, filters and permissions."""

    view: Any

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        self.path, self.path_regex, self.path_prefix = path, path_regex, path_prefix
        self.method, self.registry = method.upper(), registry
        self.is_record = path.endswith("{id}/")
        operation: dict[str, Any] = {
            "operationId": f"{self._verb}-{self.view.slug}",
            "summary": f"{self._verb} {self.view.noun}".capitalize(),
            "description": self.view.about,
            "tags": [self.view.slug],
            "security": self.get_auth(),
            "parameters": self._parameters(),
            "responses": self._responses(),
        }
        if self.method in {"POST", "PUT", "PATCH"}:
            operation["requestBody"] = {"content": {JSON: {"schema": self._body()}}, "required": True}
        self.add_problems(operation, self._problem_codes())
        return operation

    @property
    def _verb(self) -> str:
        if self.method == "GET":
            return "read" if self.is_record else "list"
        return _VERBS[self.method]

    @property
    def _stem(self) -> str:
        return "".join(word.capitalize() for word in self.view.slug.split("-"))

    def _problem_codes(self) -> tuple[int, ...]:
        codes = [400, 401]
        if self.method not in _SAFE:
            codes += [403, 409]
        if self.is_record:
            codes.append(404)
            if self.method not in _SAFE:
                codes.append(412)
        if self.method in {"POST", "PUT", "PATCH"}:
            codes.append(415)
        return tuple(codes)

    def _parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if self.is_record:
            found.append(_parameter("id", "path", dict(self.view.id_column().kind.schema), "", required=True))
            if self.method == "GET":
                found += [self._fields(), _parameter("If-None-Match", "header", _TEXT, "A known `ETag`: answers 304.")]
            else:
                found.append(
                    _parameter("If-Match", "header", _TEXT, "The `ETag` that was read: answers 412 if changed.")
                )
        elif self.method == "GET":
            found += self._list_parameters()
        return found

    def _list_parameters(self) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": pages.LARGEST, "default": pages.DEFAULT_SIZE}
        found = [
            _parameter("page_size", "query", size, "Records a page."),
            _parameter("cursor", "query", _TEXT, "Where the page begins, as `next` and `previous` say."),
            self._fields(),
        ]
        if self.view.search:
            found.append(_parameter("search", "query", _TEXT, "Every word, in any case, somewhere in the record."))
        return found + [_filter(given) for given in self.view.filters]

    def _fields(self) -> dict[str, Any]:
        names = ["id", *(column.name for column in self.view.columns)]
        schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
        asked = _parameter("fields", "query", schema, "Only these fields, separated by commas.")
        return {**asked, "style": "form", "explode": False}

    def _record(self) -> dict[str, Any]:
        columns = (self.view.id_column(), *self.view.columns)
        properties = {column.name: column.shown_schema for column in columns}
        return self.component(self._stem, {"type": "object", "properties": properties})

    def _input(self, *, partial: bool) -> dict[str, Any]:
        return self.component(
            f"{self._stem}Patch" if partial else f"{self._stem}Input", input_schema(self.view.columns, partial=partial)
        )

    def _body(self) -> dict[str, Any]:
        if self.method != "POST":
            return self._input(partial=self.method == "PATCH")
        one = self._input(partial=False)
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": pages.LARGEST}
        return {"oneOf": [one, many]}

    def _responses(self) -> dict[str, Any]:
        if self.method == "DELETE":
            return {"204": {"description": "Deleted."}}
        record = self._record()
        if self.method == "POST":
            created = {"oneOf": [record, {"type": "array", "items": record}]}
            return {"201": _answer(created, "Created; a list of records answers a list.", self._tagged())}
        if self.is_record:
            found = {"200": _answer(record, "The record.", self._tagged())}
            return {**found, "304": {"description": "Unchanged."}} if self.method == "GET" else found
        return {"200": _answer(self._page(record), "A page of records.", {})}

    def _page(self, record: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": {"type": "array", "items": record}}
        schema = {"type": "object", "properties": properties, "required": ["next", "previous", "results"]}
        return self.component(f"{self._stem}Page", schema)

    @staticmethod
    def _tagged() -> dict[str, Any]:
        return {"headers": {"ETag": {"schema": {"type": "string"}, "description": "For `If-Match`."}}}


_TEXT = {"type": "string"}


def input_schema(columns: tuple[Column, ...], *, partial: bool) -> dict[str, Any]:
    """What a write takes: the columns and nothing else."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": {column.name: column.accepted_schema for column in columns},
        "additionalProperties": False,
    }
    required = [column.name for column in columns if column.required]
    if required and not partial:
        found["required"] = required
    return found


def _answer(schema: dict[str, Any], note: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"content": {JSON: {"schema": schema}}, "description": note, **more}


def _filter(given: Filter) -> dict[str, Any]:
    return _parameter(given.name, "query", dict(given.kind.schema), given.note)


def _parameter(name: str, place: str, schema: dict[str, Any], note: str, *, required: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "in": place, "schema": schema}
    if note:
        found["description"] = note
    if required:
        found["required"] = True
    return found
