"""What a record names in other collections, by code: a caller may name only what she may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError


@dataclass(frozen=True)
class Reference:
    """Column `column` holds the value of `path` of one of `rows(viewer)`; e-mail addresses in any case."""

    column: str
    rows: Callable[[Any], QuerySet[Any]]
    path: str
    any_case: bool = False

    def seen(self, viewer: Any, values: set[str]) -> set[str]:
        """Those of `values` that name something the viewer may see."""
        rows = self.rows(viewer)
        if self.any_case:
            rows = rows.annotate(key=Lower(self.path)).filter(key__in={value.lower() for value in values})
            return set(rows.values_list("key", flat=True))
        return set(rows.filter(**{f"{self.path}__in": values}).values_list(self.path, flat=True))


def refuse_unseen(references: Iterable[Reference], rows: list[Mapping[str, str]], viewer: Any) -> None:
    """ValidationError where a row names what the viewer may not see, in the words for what does not exist."""
    wrong: dict[int, dict[str, list[str]]] = {}
    for reference in references:
        values = {row[reference.column] for row in rows if row.get(reference.column)}
        seen = reference.seen(viewer, values) if values else set()
        for index, row in enumerate(rows):
            value = row.get(reference.column) or ""
            if value and (value.lower() if reference.any_case else value) not in seen:
                text = _("There is no “%(value)s”.") % {"value": value}
                wrong.setdefault(index, {})[reference.column] = [text]
    if wrong:
        raise ValidationError([wrong.get(index, {}) for index in range(len(rows))])
