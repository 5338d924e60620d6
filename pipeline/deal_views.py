"""What is done beside a deal: each is one small form on its page, and leads back to where it stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.errors import DomainError
from pipeline import deal_services as services
from pipeline.deal_forms import CompetitorForm, ContactForm, NextStepForm
from pipeline.models import Opportunity
from pipeline.queries import opportunity
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.EDIT_FACTS)
@require_POST
def contacts(request: SignedIn, pk: int) -> HttpResponse:
    """A contact comes into the deal, or goes."""

    def carry_out() -> None:
        if request.POST.get("do") == "remove":
            services.remove_contact(pk=pk, row=_row(request), by=request.user)
            return
        deal = opportunity(viewer=request.user, pk=pk).deal
        given = _given(ContactForm(request.POST, viewer=request.user, account_id=deal.account_id))
        services.add_contact(pk=pk, contact=int(given["contact"]), buying_role=given["buying_role"], by=request.user)

    return _done(request, pk, carry_out, "contacts")


@permission_required(Permission.EDIT_FACTS)
@require_POST
def competitors(request: SignedIn, pk: int) -> HttpResponse:
    """A competitor is noted, noted anew, or taken out."""

    def carry_out() -> None:
        if request.POST.get("do") == "remove":
            services.remove_competitor(pk=pk, row=_row(request), by=request.user)
        else:
            services.note_competitor(pk=pk, by=request.user, **_given(CompetitorForm(request.POST)))

    return _done(request, pk, carry_out, "competitors")


@permission_required(Permission.EDIT_FACTS)
@require_POST
def next_step(request: SignedIn, pk: int) -> HttpResponse:
    """The next step is set, or done."""

    def carry_out() -> None:
        if request.POST.get("do") == "done":
            services.finish_next_step(pk=pk, by=request.user)
        else:
            services.set_next_step(pk=pk, by=request.user, **_given(NextStepForm(request.POST, viewer=request.user)))

    return _done(request, pk, carry_out, "next-step")


@permission_required(Permission.EDIT_FACTS)
@require_POST
def tick(request: SignedIn, pk: int) -> HttpResponse:
    """A criterion is met, or is not after all."""
    is_met = request.POST.get("met") == "yes"
    return _done(
        request,
        pk,
        lambda: services.tick_criterion(pk=pk, criterion=_row(request), is_met=is_met, by=request.user),
        "checklist",
    )


def _row(request: SignedIn) -> int:
    row = request.POST.get("row", "")
    return int(row) if row.isdecimal() and len(row) < 18 else 0


def _given(form: Form) -> dict[str, Any]:
    """What was filled in. DomainError in words where something is wrong."""
    if not form.is_valid():
        said = [f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        raise DomainError(" ".join(said))
    return dict(form.cleaned_data)


def _done(request: SignedIn, pk: int, carry_out: Callable[[], None], part: str) -> HttpResponse:
    """Do it, and show that part of the page again."""
    try:
        opportunity(viewer=request.user, pk=pk)
        carry_out()
    except (Opportunity.DoesNotExist, ObjectDoesNotExist) as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('pipeline:detail', args=[pk])}#{part}")
