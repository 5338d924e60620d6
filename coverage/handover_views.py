"""The pages of hand-overs: planning one, reading what became of it, and its checklist."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from core.errors import DomainError, NotPermitted
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import respond
from coverage import handover_forms as forms
from coverage import handover_queries as queries
from coverage import handover_services as services
from coverage.handover_lists import HAND_OVERS
from coverage.handover_models import HandOver, HandOverTask
from money.queries import business_date
from users.permissions import Permission
from users.requests import SignedIn, permission_required

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_safe
def hand_overs(request: SignedIn) -> HttpResponseBase:
    context = {
        "trail": [(_("Teams"), reverse("teams:list")), (HAND_OVERS.caption, "")],
        "may_plan": request.user.may(Permission.EDIT_ACCOUNTS),
    }
    rows = queries.hand_overs(viewer=request.user)
    return respond(request, HAND_OVERS, rows, template="coverage/handovers.html", context=context)


@permission_required(Permission.EDIT_ACCOUNTS)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponseBase:
    """Who, where and when is asked first, by address; then which line goes to whom, with what it does to their loads."""
    who = _who(request)
    context: dict[str, Any] = {"who": who, "trail": _trail(_("Hand over"))}
    if not who.is_valid():
        return render(request, "coverage/handover_add.html", context, status=422 if request.method == "POST" else 200)
    what, context["loads"] = _what(request, who)
    if wants_fragment(request, "load-changes"):
        return vary_on_htmx(render(request, "coverage/handover_loads.html", context))
    if request.method == "POST" and what.is_valid():
        try:
            pk = _plan(request, who, what)
            return redirect("handovers:detail", pk)
        except (DomainError, Account.DoesNotExist) as error:
            what.add_error(None, str(error))
    context["what"] = what
    return vary_on_htmx(render(request, "coverage/handover_add.html", context, status=422 if what.errors else 200))


def _who(request: SignedIn) -> forms.WhoForm:
    is_asked = "member" in request.GET and "on" in request.GET
    initial = {"on": business_date(), "account": request.GET.get("account"), "member": request.GET.get("member")}
    return forms.WhoForm(request.GET if is_asked else None, viewer=request.user, initial=initial)


def _what(request: SignedIn, who: forms.WhoForm) -> tuple[forms.WhatForm, list[queries.LoadChange]]:
    """The second form, and what its choice does to the loads."""
    given, viewer = who.cleaned_data, request.user
    giver = queries.member_to_pass_on(viewer=viewer, email=given["member"])
    account = Account.objects.visible_to(viewer).filter(code=given["account"]).first()
    estate = queries.estate(viewer=viewer, giver=giver, account=account, on=given["on"])
    heirs = queries.successors(viewer=viewer, emails=given["heirs"])
    initial = {"steps": "\n".join(services.usual_steps()), "everything": given["heirs"][0]}
    form = forms.WhatForm(request.POST or None, estate=estate, heirs=heirs, initial=initial)
    named = {heir.email: heir for heir in heirs}
    chosen = (
        form.chosen() if form.is_valid() else {} if form.is_bound else dict.fromkeys(_keys(estate), given["heirs"][0])
    )
    loads = queries.load_changes(
        viewer=viewer,
        estate=estate,
        chosen={key: named[email] for key, email in chosen.items()},
        heirs=heirs,
        ends_relationships=not (form.is_bound and form.cleaned_data.get("keeps_relationships")),
    )
    return form, loads


def _keys(estate: queries.Estate) -> list[str]:
    return [item.key for item in estate.items]


def _plan(request: SignedIn, who: forms.WhoForm, what: forms.WhatForm) -> int:
    given, how = who.cleaned_data, what.cleaned_data
    pk = services.plan_hand_over(
        giver=given["member"],
        account=given["account"],
        on=given["on"],
        chosen=what.chosen(),
        note=how["note"],
        moves_splits=how["moves_splits"],
        ends_relationships=not how["keeps_relationships"],
        steps=what.steps_given(),
        by=request.user,
    )
    is_ahead = given["on"] > business_date()
    messages.success(request, _("The hand-over is planned.") if is_ahead else _("Everything chosen is handed over."))
    return pk


@login_required
@require_safe
def detail(request: SignedIn, pk: int) -> HttpResponse:
    page = _page(request, pk)
    trail = _trail(str(page.hand_over.giver))
    return render(request, "coverage/handover.html", {"page": page, "step_form": forms.StepForm(), "trail": trail})


@login_required
@require_POST
def cancel(request: SignedIn, pk: int) -> HttpResponse:
    """A plan is taken back before its day."""
    _page(request, pk)
    try:
        services.cancel_hand_over(pk=pk, by=request.user)
        messages.success(request, _("The hand-over is cancelled."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("handovers:detail", pk)


@login_required
@require_POST
def step(request: SignedIn, pk: int) -> HttpResponseBase:
    """A step is ticked off or opened again; with a text, one is added."""
    _page(request, pk)
    try:
        if "text" in request.POST:
            services.add_step(pk=pk, text=request.POST["text"], by=request.user)
        else:
            position = int(request.POST.get("position", "0"))
            services.mark_step(pk=pk, position=position, is_done="done" in request.POST, by=request.user)
    except (ValueError, HandOverTask.DoesNotExist) as error:
        raise Http404 from error
    except NotPermitted as error:
        messages.error(request, error.message)
    except DomainError as error:
        messages.error(request, error.message)
    if wants_fragment(request, "checklist"):
        return vary_on_htmx(render(request, "coverage/handover_steps.html", _steps(request, pk)))
    return redirect("handovers:detail", pk)


def _steps(request: SignedIn, pk: int) -> dict[str, Any]:
    return {"page": _page(request, pk), "step_form": forms.StepForm()}


def _page(request: SignedIn, pk: int) -> queries.HandOverPage:
    try:
        return queries.hand_over_page(viewer=request.user, pk=pk, today=business_date())
    except HandOver.DoesNotExist as error:
        raise Http404 from error


def _trail(last: str) -> list[tuple[str, str]]:
    return [(_("Teams"), reverse("teams:list")), (_("Hand-overs"), reverse("handovers:list")), (last, "")]
