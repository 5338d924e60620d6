from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from rollups.models import Run


@admin.register(Run)
class RunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django makes it no generic at run time
    """The record of the background work, to read."""

    list_display = ("id", "kind", "state", "bucket", "started_at", "finished_at", "keys", "facts", "cells", "drift")
    list_filter = ("kind", "state")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
