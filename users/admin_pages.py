"""What every page of Django's admin has here: our permissions instead of Django's, and a read-only record of changes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from users.models import User
from users.permissions import Permission


class TableAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A code table that holders of `permission` edit. Rows in use are protected by the database."""

    permission: ClassVar[Permission] = Permission.MANAGE_USERS
    list_per_page = 50
    show_full_result_count = False

    def _may(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.may(self.permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class ReadAdmin(TableAdmin):
    """A table that is read here and changed elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(ReadAdmin):
    """The record that the database keeps of a table: who changed what, when and why."""

    list_filter = ("pgh_label", ("pgh_created_at", admin.DateFieldListFilter))
    date_hierarchy = "pgh_created_at"
    ordering = ("-pgh_id",)
    list_select_related = ("pgh_context",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """When, what, who, and the row's own first plain columns; names of other rows would be a query each."""
        skipped = ("pgh_", "id", "password")
        own = [f.name for f in self.model._meta.fields if not f.is_relation and not f.name.startswith(skipped)]
        return ("pgh_created_at", "pgh_label", "by", *own[:5])

    @admin.display(description=_("by"))
    def by(self, event: Any) -> str:
        found = (event.pgh_context.metadata or {}) if event.pgh_context else {}
        pk, reason = found.get("user"), found.get("reason") or ""
        return " · ".join(filter(None, (self._names.get(pk, "") if pk else "", reason))) or "–"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        self._names = {
            user.pk: str(user) for user in User.objects.get_queryset().only("given_name", "family_name", "email")
        }
        return super().get_queryset(request)


def register_history(model: type[models.Model], permission: Permission) -> None:
    """Show the record of changes of `model` to holders of `permission`."""
    events = model._meta.get_field("events").related_model
    name = model._meta.verbose_name_plural
    events._meta.verbose_name_plural = format_lazy(_("record of {name}"), name=name)  # type: ignore[union-attr]  # pghistory's own
    admin.site.register(events, type(f"{model.__name__}HistoryAdmin", (HistoryAdmin,), {"permission": permission}))  # type: ignore[arg-type]  # as above
