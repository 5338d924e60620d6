"""The page of what was deleted lately."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.undeletion import KEPT_DAYS
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import deleted


@permission_required(Permission.EDIT_FACTS)
@require_safe
def deleted_lately(request: SignedIn) -> HttpResponse:
    """Entries and deals that can come back, for whoever could delete them."""
    found = deleted.deleted_lately(viewer=request.user)
    context = {"rows": found, "days": KEPT_DAYS, "trail": [(_("Deleted lately"), "")]}
    return render(request, "workspace/deleted.html", context)


@permission_required(Permission.EDIT_FACTS)
@require_POST
def restore(request: SignedIn, kind: str, event: int) -> HttpResponse:
    try:
        deleted.restore(kind=kind, event=event, by=request.user)
        messages.success(request, _("It is back, and so are its figures in a moment."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("workspace:deleted")
