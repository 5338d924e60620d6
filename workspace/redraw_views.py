from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from money.queries import business_date
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import lenses, queries, redraw, redraw_screens, services


@permission_required(Permission.CONFIGURE_REGIONS)
@require_safe
def preview(request: SignedIn) -> HttpResponse:
    """What the reader's draft would do: figures, quotas, sight and coverage, before and after."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET):
        services.keep_lens(by=request.user, choices=lens.kept)
    is_then = request.GET.get("structure") == lenses.THEN
    today = business_date()
    run = redraw.dry_run(viewer=request.user, lens=lens, is_then=is_then, today=today)
    context = {"trail": [(_("Regions and countries"), reverse("regions:list")), (_("Preview"), "")], "today": today}
    if run is not None:
        context |= redraw_screens.context(run, lens, is_then=is_then)
    return render(request, "workspace/redraw.html", context)
