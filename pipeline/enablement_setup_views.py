"""Plays as administrators keep them: listed, added, changed and closed, with the number of open deals they would be offered on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import scope_of
from core.errors import DomainError
from core.lists import respond
from core.staging_rows import RowsRejected
from pipeline import enablement_queries as queries
from pipeline import enablement_services as services
from pipeline.enablement_forms import CloseForm, PlayForm, initial_of
from pipeline.enablement_lists import set_up_list
from pipeline.enablement_models import Play
from pipeline.enablement_reach import open_deals
from users.permissions import Permission
from users.requests import SignedIn, permission_required

FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_safe
def listed(request: SignedIn) -> HttpResponseBase:
    spec = set_up_list(scope_of(request.user).on)
    rows = queries.plays(viewer=request.user)
    return respond(request, spec, rows, template="pipeline/plays_set_up.html", context={"trail": [(_("Plays"), "")]})


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponseBase:
    form = PlayForm(request.POST or None, viewer=request.user)

    def save(row: dict[str, Any]) -> None:
        services.add_play(row=row, by=request.user)

    return _respond(request, form, save, title=_("Add a play"))


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def edit(request: SignedIn, code: str) -> HttpResponseBase:
    play = _play(request, code)
    form = PlayForm(request.POST or None, viewer=request.user, play=play, initial=initial_of(play))

    def save(row: dict[str, Any]) -> None:
        services.change_play(pk=play.pk, row={**row, "code": play.code}, by=request.user)

    return _respond(request, form, save, title=play.title, play=play)


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def close(request: SignedIn, code: str) -> HttpResponseBase:
    """From a day on it is offered no more; what was noted of it stays."""
    play = _play(request, code)
    form = CloseForm(request.POST or None, on=scope_of(request.user).on)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_play(pk=play.pk, on=form.cleaned_data["valid_to"], by=request.user)
        except DomainError as error:
            form.add_error("valid_to", error.message)
        else:
            messages.success(request, _("%(name)s is closed.") % {"name": play.title})
            return redirect("play_setup:list")
    context = {"form": form, "play": play, "title": _("Close %(name)s") % {"name": play.title}, "is_close": True}
    return _page(request, context)


def _respond(
    request: SignedIn,
    form: PlayForm,
    save: Callable[[dict[str, Any]], None],
    *,
    title: str,
    play: Play | None = None,
) -> HttpResponseBase:
    """The form; asked to weigh, with how many open deals the play would be offered on; asked to save, the list."""
    context: dict[str, Any] = {"form": form, "title": title, "play": play}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "weigh":
            context["reached"] = open_deals(form.reach(), viewer=request.user).count()
            return _page(request, context)
        try:
            save(form.row())
        except RowsRejected as error:
            _show(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["title"]})
            return redirect("play_setup:list")
    return _page(request, context)


def _show(form: PlayForm, error: RowsRejected) -> None:
    """Put what the write path refused beside the fields that it is about."""
    for problem in error.problems:
        form.add_error(problem.column if problem.column in form.fields else None, problem.reason)


def _page(request: SignedIn, context: dict[str, Any]) -> HttpResponse:
    trail = [(_("Plays"), reverse("play_setup:list")), (context["title"], "")]
    status = 422 if context["form"].errors else 200
    return render(request, "pipeline/play_form.html", {**context, "trail": trail}, status=status)


def _play(request: SignedIn, code: str) -> Play:
    try:
        return queries.play(viewer=request.user, code=code)
    except Play.DoesNotExist as error:
        raise Http404 from error
