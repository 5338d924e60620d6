"""The tree of regions as administrators draw it: as it stands on a day, or with the changes of their draft."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import formats
from core.errors import DomainError
from money.queries import business_date
from regions import draft_forms, draft_queries, draft_services, forms
from regions.drawing import drawing
from regions.models import RegionDraft, RegionDraftChange
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.CONFIGURE_REGIONS)
@require_safe
def regions(request: SignedIn) -> HttpResponse:
    """The tree, with countries and leads, and the draft beside it. A chosen day shows it as it stands then."""
    return render(request, "regions/list.html", _context(request))


def _context(request: SignedIn, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    today = business_date()
    draft = draft_queries.open_draft(viewer=request.user)
    before = draft.before if draft else draft_queries.estate()
    is_other_day = "on" in request.GET
    day = forms.DayForm(request.GET).day(today) if is_other_day else draft.on if draft else today
    shows_draft = draft is not None and not is_other_day
    offered = draft.after if draft else before
    bound = bound or {}
    return {
        "tree": drawing(offered if shows_draft else before, day, before=before),
        "today": today,
        "draft": draft,
        "shows_draft": shows_draft,
        "forms": draft_forms.forms_for(
            offered, sent=bound.get("sent"), do=bound.get("do", ""), asked=request.GET.dict()
        ),
        "asked": request.GET.get("do", "") or bound.get("do", ""),
        "day_form": bound.get("day_form") or draft_forms.DayForm(initial={"on": draft.on if draft else today}),
        "settled": draft_queries.settled_drafts(viewer=request.user, today=today),
        "trail": [(_("Regions and countries"), "")],
    }


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def change(request: SignedIn) -> HttpResponse:
    """A change is added to the draft; `do` names its kind."""
    context = _context(request, {"do": request.POST.get("do", ""), "sent": request.POST})
    form = next((form for form in context["forms"] if form.is_bound), None)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            draft_services.add_change(change=form.change(), by=request.user)
            return redirect("regions:list")
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    return render(request, "regions/list.html", context, status=422)


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def take_out(request: SignedIn) -> HttpResponse:
    """One change leaves the draft."""
    try:
        draft_services.remove_change(pk=int(request.POST.get("change", 0)), by=request.user)
    except (ValueError, RegionDraftChange.DoesNotExist) as error:
        raise Http404 from error
    return redirect("regions:list")


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def day(request: SignedIn) -> HttpResponse:
    """The draft takes effect on another day."""
    form = draft_forms.DayForm(request.POST)
    if not form.is_valid():
        return render(request, "regions/list.html", _context(request, {"day_form": form}), status=422)
    draft_services.choose_day(on=form.cleaned_data["on"], by=request.user)
    return redirect("regions:list")


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def discard(request: SignedIn) -> HttpResponse:
    draft_services.discard(by=request.user)
    messages.success(request, _("The draft is discarded. Nothing was changed."))
    return redirect("regions:list")


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def commit(request: SignedIn) -> HttpResponse:
    """The draft is carried out, as a whole or not at all, for the day that the page showed."""
    try:
        seen = dt.date.fromisoformat(request.POST.get("on", ""))
        draft = draft_services.commit(by=request.user, on=seen)
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("regions:list")
    day = formats.day(draft.on, style="long")
    is_ahead = draft.on > business_date()
    text = _("Planned: the changes take effect on %(day)s.") if is_ahead else _("The changes hold from %(day)s.")
    messages.success(request, text % {"day": day})
    return redirect("regions:list")


@permission_required(Permission.CONFIGURE_REGIONS)
@require_POST
def take_back(request: SignedIn, pk: int) -> HttpResponse:
    """What a draft changed is put back; what is planned is cancelled."""
    try:
        draft_services.take_back(pk=pk, by=request.user)
    except RegionDraft.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Everything stands as it did before these changes."))
    return redirect("regions:list")
