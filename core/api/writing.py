"""The writing half of a collection: create, update, replace and delete through the one write path (core/staging.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core import codes
from core.api import etags, pages
from core.api.collections import Reading
from core.api.columns import Column, plan
from core.api.kinds import EMAIL
from core.api.problems import Conflict
from core.removal import remove
from core.staging import FileSpec
from core.staging_rows import OUT_OF_SIGHT, RowsRejected, write_rows

_CHUNK = 200


class Collection(Reading):
    """A collection that can be read and written. `spec` is its import file: what a row must be and who may write it."""

    spec: ClassVar[FileSpec]
    fixed: ClassVar[tuple[str, ...]] = ()
    """Columns that a record keeps for life."""
    taken_by: ClassVar[tuple[str, ...]] = ()
    """The columns that no two records share; without them, the key."""
    link: ClassVar[tuple[str, ...]] = ()
    """Columns that together say the dated link in force (`parent_code`, `valid_from`)."""
    kind_of_code: ClassVar[str] = ""
    """What others call the first key column's codes when they name a record by it (core/codes.py)."""
    is_set: ClassVar[bool] = False
    """Whether a list sent to the collection replaces the sets that its records belong to."""

    def writable_by(self, viewer: Any) -> models.QuerySet[Any]:
        """The rows that a viewer with the permission may change."""
        return self.visible_to(viewer)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._refuse_unknown(set())
        self._demand_permission(request.user)
        given: Any = request.data
        many = isinstance(given, list)
        rows = self._cells(given) if many else [self._row(given)]
        replaces = many and self.is_set
        with transaction.atomic():
            if not replaces:
                self._refuse_taken(rows, many=many)
            ids = self._write(rows, request.user, many=many, replace_sets=replaces)
            found = self._records(request.user, ids)
        if many:
            return Response(found, status=201)
        address = reverse(f"api:{self.slug}-detail", args=[found[0]["id"]], request=request)
        return Response(found[0], status=201, headers={"Location": address, "ETag": etags.tag_of(found[0])})

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._change(request, partial=False)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._change(request, partial=True)

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._refuse_unknown(set())
        row, _record = self._locked(request)
        self.delete_row(row, by=request.user)
        return Response(status=204)

    def delete_row(self, row: Any, *, by: Any) -> None:
        """Delete a record. InUse when facts would be lost."""
        held = {}
        if self.kind_of_code:
            held = codes.held_by_code(self.kind_of_code, getattr(row, self._code_field))
        remove(row, by=by, also_held=held)

    @property
    def _code_field(self) -> str:
        return str(self.columns[0].source)

    @transaction.atomic
    def _change(self, request: Request, *, partial: bool) -> Response:
        self._refuse_unknown(set())
        _row, record = self._locked(request)
        stated = self._row(request.data, partial=partial, own=record["id"])
        if not partial and self.link and not stated[self.link[0]]:
            # As in a file, a whole record without a parent says nothing of the link in force.
            stated = {name: cell for name, cell in stated.items() if name not in self.link}
        changes = {name: cell for name, cell in stated.items() if not self._says(record, name, cell)}
        self._refuse_fixed(record, changes)
        if changes:
            key = record["id"]
            self._write([self._whole(record, changes)], request.user, ids=[key])
            self._follow_code(record, changes)
            record = self._records(request.user, [key])[0]
        return Response(record, headers={"ETag": etags.tag_of(record)})

    def _locked(self, request: Request) -> tuple[Any, dict[str, Any]]:
        """The row, held until the transaction ends, and its record; refused as permissions and `If-Match` demand."""
        key = self._key()
        if not self.visible_to(request.user).filter(pk=key).exists():
            raise Http404
        self._demand_permission(request.user)
        if not self.writable_by(request.user).filter(pk=key).exists():
            raise exceptions.PermissionDenied
        row = self._all().select_for_update(of=("self",)).filter(pk=key).first()
        record = self.record(request.user, key)
        etags.demand_unchanged(request, etags.tag_of(record))
        return row, record

    def _all(self) -> models.QuerySet[Any]:
        """Every row, seen or not."""
        rows: models.QuerySet[Any] = self.model._base_manager.all()  # noqa: SLF001  Django's documented name
        return rows

    def _demand_permission(self, viewer: Any) -> None:
        if not viewer.may(self.spec.permission):
            raise exceptions.PermissionDenied

    # -- from JSON to cells -----------------------------------------------------------------------------------------

    def _cells(self, given: list[Any]) -> list[dict[str, str]]:
        if not 1 <= len(given) <= pages.LARGEST:
            raise exceptions.ValidationError(
                {"": [_("A batch holds from 1 to %(most)d records.") % {"most": pages.LARGEST}]}
            )
        rows: list[dict[str, str]] = []
        wrong: list[Any] = []
        for one in given:
            try:
                rows.append(self._row(one))
                wrong.append({})
            except exceptions.ValidationError as error:
                wrong.append(error.detail)
        if any(wrong):
            raise exceptions.ValidationError(wrong)
        header = dict.fromkeys(name for row in rows for name in row)
        return [{name: row.get(name, "") for name in header} for row in rows]

    def _row(self, given: Any, *, partial: bool = False, own: Any = None) -> dict[str, str]:
        """The cells that a JSON object states. What is left out of a whole record is empty, or its default.

        A record may be sent back as it was read, with its id, which is `own`; a new one has none yet.
        """
        if not isinstance(given, Mapping):
            raise exceptions.ValidationError({"": [_("Must be an object.")]})
        known = {column.name for column in self.columns} | (set() if own is None else {"id"})
        wrong: dict[str, Any] = {str(name): [_("Unknown field.")] for name in given if name not in known}
        if "id" in given and "id" in known and given["id"] != own:
            wrong["id"] = [_("Can't be changed.")]
        row: dict[str, str] = {}
        for column in self.columns:
            if column.name in given or not partial:
                try:
                    row[column.name] = _cell(column, given.get(column.name))
                except exceptions.ValidationError as error:
                    wrong[column.name] = error.detail
        if wrong:
            raise exceptions.ValidationError(wrong)
        return row

    def _says(self, record: Mapping[str, Any], name: str, cell: str) -> bool:
        """Whether the record says already what the cell states."""
        return self._stands(record, name) == cell

    def _stands(self, record: Mapping[str, Any], name: str) -> str:
        value = record[name]
        column = next(column for column in self.columns if column.name == name)
        return "" if value is None else column.kind.cell(value)

    def _whole(self, record: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, str]:
        """The row to write: the changes, what names the record, and all of a period, which is written as one."""
        is_dated = any(column.name == "valid_to" for column in self.columns)
        names = {column.name for column in self.columns if column.is_key or is_dated} | set(changes)
        if names & set(self.link):
            names |= set(self.link)
        return {name: changes[name] if name in changes else self._stands(record, name) for name in sorted(names)}

    def _refuse_fixed(self, record: Mapping[str, Any], changes: Mapping[str, str]) -> None:
        wrong = {name: [_("Can't be changed.")] for name in self.fixed if name in changes}
        if self.link:
            parent, since = self.link
            if record[parent] is not None and changes.get(parent) == "":
                wrong[parent] = [_("An empty parent ends no link: end it in the links.")]
            elif since in changes and parent not in changes and record[since] is not None:
                wrong[since] = [_("Without another parent, this moves no link: move it in the links.")]
        if wrong:
            raise exceptions.ValidationError(wrong)

    # -- writing ----------------------------------------------------------------------------------------------------

    def _write(
        self,
        rows: list[dict[str, str]],
        viewer: Any,
        *,
        many: bool = False,
        ids: list[Any] | None = None,
        replace_sets: bool = False,
    ) -> list[Any]:
        create_only = ids is None and not replace_sets
        try:
            written = write_rows(
                self.spec, rows, by=viewer, ids=ids, create_only=create_only, replace_sets=replace_sets
            )
        except RowsRejected as refused:
            if all(problem.reason == str(OUT_OF_SIGHT) for problem in refused.problems):
                raise exceptions.PermissionDenied(
                    _("What this would make lies outside what you may change.")
                ) from refused
            raise exceptions.ValidationError(_by_field(refused, many=many)) from refused
        return written.ids

    def _records(self, viewer: Any, ids: list[Any]) -> list[dict[str, Any]]:
        """The records of `ids`, in that order. What the writer may not see after all is refused."""
        columns = (self.id_column(), *self.columns_for(viewer, None))
        rows = self.writable_by(viewer).filter(pk__in=[key for key in ids if key is not None])
        found = {record["id"]: record for record in plan(columns).records(rows)}
        if any(key not in found for key in ids):
            raise exceptions.PermissionDenied(_("What this would make lies outside what you may change."))
        return [found[key] for key in ids]

    def _refuse_taken(self, rows: list[dict[str, str]], *, many: bool) -> None:
        """409 when a record with the same key stands already."""
        names = self.taken_by or tuple(column.name for column in self.columns if column.is_key)
        columns = [column for column in self.columns if column.name in names]
        keys = [tuple(row[column.name] or column.default or "" for column in columns) for row in rows]
        for start in range(0, len(keys), _CHUNK):
            asked = models.Q()
            for key in keys[start : start + _CHUNK]:
                asked |= models.Q(**{_lookup(column): cell for column, cell in zip(columns, key, strict=True)})
            taken = self._all().filter(asked)
            if taken.exists():
                shown = {column.name: [_("A record with this key stands already.")] for column in columns}
                raise Conflict(_("A record with this key stands already."), errors=None if many else shown)

    def _follow_code(self, record: Mapping[str, Any], changes: Mapping[str, str]) -> None:
        name = self.columns[0].name
        if self.kind_of_code and name in changes:
            codes.rename_code(self.kind_of_code, record[name], changes[name])


def _lookup(column: Column) -> str:
    return f"{column.source}__iexact" if column.kind is EMAIL else str(column.source)


def _cell(column: Column, value: Any) -> str:
    stated = "" if value is None else value
    cell = column.kind.cell(stated).strip() if stated != "" else ""
    if not cell and column.required:
        raise exceptions.ValidationError([_("A value is required.")])
    return cell or column.default or ""


def _by_field(refused: RowsRejected, *, many: bool) -> dict[str, list[str]]:
    """The problems of rows, by field; of a list, by `INDEX.field`."""
    found: dict[str, list[str]] = {}
    for problem in refused.problems:
        name = f"{problem.line - 1}.{problem.column}".strip(".") if many else problem.column
        found.setdefault(name, []).append(problem.reason)
    return found
