"""The coverage policies of a tier: edited as a grid, weighed before they are saved, taken back afterwards."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import scope_of
from accounts.models import Tier
from accounts.table_pages import set_up_tabs
from core.errors import DomainError
from coverage import policies, policy_services
from coverage.policy_forms import PolicyForm, digest
from money.queries import business_date, exponents
from users.permissions import Permission
from users.requests import SignedIn, permission_required

FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(FORM_METHODS)
def grid(request: SignedIn) -> HttpResponse:
    """A tier's grid. It is saved only as it was weighed: what was changed after the dry run is weighed again first."""
    desk = policies.policy_desk(viewer=request.user, tier=request.GET.get("tier", ""))
    context: dict[str, Any] = {**set_up_tabs("policies"), "desk": desk}
    if desk is None:
        return render(request, "coverage/policies.html", context)
    form = _form(request, desk.tier.pk)
    if request.method == "POST" and form.is_valid():
        cells = form.cells()
        if request.POST.get("do") == "save" and form.cleaned_data["seen"] == digest(cells):
            try:
                return _save(request, desk.tier, form)
            except DomainError as error:
                form.add_error(None, error.message)
        context |= _weighed(request, desk.tier.pk, form)
    context |= {"form": form, "address": f"{reverse('policies:grid')}?tier={desk.tier.pk}"}
    return render(request, "coverage/policies.html", context, status=422 if form.errors else 200)


def _form(request: SignedIn, tier: str) -> PolicyForm:
    stored = policies.cells_of(tier=tier)
    initial = {"version": policy_services.policy_version(tier=tier)}
    return PolicyForm(request.POST or None, cells=stored, initial=initial)


def _weighed(request: SignedIn, tier: str, form: PolicyForm) -> dict[str, Any]:
    cells = form.cells()
    effect = policies.policy_effect(viewer=request.user, tier=tier, cells=cells, on=business_date())
    return {
        "effect": effect,
        "seen": digest(cells),
        "is_same": cells == policies.cells_of(tier=tier),
        "exponent": exponents().get(effect.currency, 2),
        "is_part": not scope_of(request.user).is_everything,
    }


def _save(request: SignedIn, tier: Tier, form: PolicyForm) -> HttpResponse:
    version = form.cleaned_data["version"]
    policy_services.save_policies(tier=tier.pk, cells=form.cells(), version=version, by=request.user)
    messages.success(request, _("The policies of %(tier)s are saved.") % {"tier": tier})
    return redirect(f"{reverse('policies:grid')}?tier={tier.pk}")


@permission_required(Permission.CONFIGURE_TEAMS)
@require_POST
def undo(request: SignedIn, tier: str) -> HttpResponse:
    """The last change of a tier's policies is taken back."""
    try:
        version = int(request.POST.get("version", "0") or 0)
        policy_services.undo_policies(tier=tier, version=version, by=request.user)
        messages.success(request, _("The policies stand as they did before the last change."))
    except (ValueError, Tier.DoesNotExist) as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('policies:grid')}?tier={tier}")
