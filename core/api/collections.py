"""The generic collection: list, read, create, update, delete of one kind of record, addressed by `id`.

A room's `api.py` subclasses `Collection` for each of its import files and says which columns there are, which rows a
viewer may see and change, and which permission a change needs. Reading is one query for any number of rows; writing
goes through the same set-based path as files (core/api/writing.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from core.api import etags, filters, pages
from core.api.columns import Column, Plan, plan
from core.api.filters import Filter
from core.api.kinds import storable
from core.api.schema import CollectionSchema

_OF_PAGES = ("page_size", "cursor", "fields")


class Reading(ViewSetMixin, APIView):
    """The reading half of a collection."""

    schema = CollectionSchema()
    lookup_value_regex = ".+"
    # A record addressed by its code may have a slash in it, percent-encoded or not: servers decode addresses.

    slug: ClassVar[str]
    """The collection's name in addresses, e.g. `org-units`."""
    noun: ClassVar[str]
    """One record in words, e.g. `org unit`."""
    about: ClassVar[str] = ""
    """What the schema says about the collection."""
    model: ClassVar[type[Model]]
    columns: ClassVar[tuple[Column, ...]]
    search: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[tuple[Filter, ...]] = ()
    day_decides: ClassVar[bool] = False
    """Whether `on` changes what a record shows (a link in force), not only which records there are."""

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        """The rows that `viewer` may see."""
        raise NotImplementedError

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        """The columns as `viewer` may read them, on a day where that matters (`day_decides`; None: the business date)."""
        return self.columns

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = {*_OF_PAGES, *(found.name for found in self.filters), *(("search",) if self.search else ())}
        self._refuse_unknown(known)
        rows = self.visible_to(request.user)
        for found in self.filters:
            for text in request.query_params.getlist(found.name):
                rows = found.applied_to(rows, text, request.user)
        if self.search and (words := request.query_params.get("search")):
            rows = filters.matching(rows, self.search, words)
        return Response(pages.page(request, rows, self._plan(extra=("pk",))))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._refuse_unknown({"fields"})
        key = self._key()
        record = self.record(request.user, key)
        tag = etags.tag_of(record)
        if etags.is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        chosen = self._chosen()
        shown = {name: value for name, value in record.items() if name in chosen} if chosen else record
        return Response(shown, headers={"ETag": tag})

    def record(self, viewer: Any, key: Any) -> dict[str, Any]:
        """The record with the primary key `key`. Http404 when there is none that `viewer` may see."""
        whole = plan((self.id_column(), *self.columns_for(viewer, None)))
        found = list(whole.records(self.visible_to(viewer).filter(pk=key)))
        if not found:
            raise Http404
        return found[0]

    @classmethod
    @cache
    def id_column(cls) -> Column:
        from core.api.kinds import Integer, Kind

        pk = cls.model._meta.pk
        is_text = pk is not None and pk.get_internal_type() == "CharField"
        kind = Kind() if is_text else Integer(least=1, most=2**63 - 1)
        return Column("id", "pk", kind, required=True)

    def _key(self) -> Any:
        text = self.kwargs["pk"]
        try:
            return self.model._meta.pk.to_python(storable(text))
        except (exceptions.ValidationError, ValidationError) as error:
            raise Http404 from error

    def _plan(self, extra: Iterable[str] = ()) -> Plan:
        day = None
        if self.day_decides and (text := self.request.query_params.get("on")):
            day = filters.day_of(text)
        columns = (self.id_column(), *self.columns_for(self.request.user, day))
        chosen = self._chosen()
        return plan([c for c in columns if not chosen or c.name in chosen], extra=tuple(extra))

    def _chosen(self) -> set[str]:
        given = self.request.query_params.get("fields")
        if given is None:
            return set()
        chosen = {name.strip() for name in given.split(",") if name.strip()}
        known = {"id", *(column.name for column in self.columns)}
        if not chosen or chosen - known:
            wrong = ", ".join(sorted(chosen - known)) or given
            raise exceptions.ValidationError(
                {"fields": [_("Unknown: %(wrong)s. There are: %(known)s.") % _lists(wrong, known)]}
            )
        return chosen

    def _refuse_unknown(self, known: set[str]) -> None:
        if wrong := set(self.request.query_params) - known:
            text = _("Unknown parameter. There are: %(known)s.") % _lists("", known)
            raise exceptions.ValidationError({name: [text] for name in sorted(wrong)})


def _lists(wrong: str, known: Iterable[str]) -> dict[str, str]:
    return {"wrong": wrong, "known": ", ".join(sorted(known))}
