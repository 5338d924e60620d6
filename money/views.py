from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from money.queries import rate_sets
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.CONFIGURE_RATES)
@require_safe
def rates(request: SignedIn) -> HttpResponse:
    context = {"sets": rate_sets(), "most_days": settings.GAM_RATE_MAX_AGE_DAYS, "trail": [(_("Rates"), "")]}
    return render(request, "money/rates.html", context)
