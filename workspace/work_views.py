"""The work list: read, acted on where a thing stands, put off, and all of that taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from accounts.work import Done, source_of
from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import work_services as services
from workspace.work_forms import RhythmForm, SnoozeForm
from workspace.work_screens import WorkScreen

UNDO: Final = "work_undo"
SNOOZED: Final = "snoozed"


@login_required
@require_safe
def work_list(request: SignedIn) -> HttpResponseBase:
    """Everything that waits for the reader, ranked; of it what the address chooses."""
    return _page(request)


@login_required
@require_POST
def snooze(request: SignedIn) -> HttpResponseBase:
    form = SnoozeForm(request.POST)
    if not form.is_valid() or form.until_day is None:
        return _said(request, _("Choose a day to put it off to."), level="error")
    given = form.cleaned_data
    try:
        done = services.snooze_item(source=given["source"], key=given["key"], until=form.until_day, by=request.user)
    except DomainError as error:
        return _said(request, error.message, level="error")
    return _done(request, SNOOZED, done)


@login_required
@require_POST
def wake(request: SignedIn) -> HttpResponseBase:
    """A thing that was put off waits again."""
    services.wake_item(source=request.POST.get("source", ""), key=request.POST.get("key", ""), by=request.user)
    return _said(request, _("It waits again."))


@login_required
@require_POST
def act(request: SignedIn) -> HttpResponseBase:
    """What a source offers about a thing. A form that can't be carried out stands open in its line and says why."""
    source, key = source_of(request.POST.get("source", "")), request.POST.get("key", "")
    if source is None or source.deed is None:
        raise Http404
    form = source.deed.form(request.POST, auto_id=f"{source.code}-{key}-%s")
    if not form.is_valid():
        return _page(request, sent={(source.code, key): form})
    try:
        done = services.act(source=source.code, key=key, values=form.cleaned_data, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _page(request, sent={(source.code, key): form})
    return _done(request, source.code, done)


@login_required
@require_POST
def undo(request: SignedIn) -> HttpResponseBase:
    """The last thing that was done here is as it was."""
    kept = request.session.pop(UNDO, None)
    if not kept:
        return _said(request, _("There is nothing to take back."), level="error")
    try:
        if kept["source"] == SNOOZED:
            services.wake_item(by=request.user, **kept["back"])
        else:
            services.take_back(source=kept["source"], back=kept["back"], by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        return _said(request, error.message, level="error")
    return _said(request, _("It is as it was."))


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(("GET", "HEAD", "POST"))
def rhythms(request: SignedIn) -> HttpResponseBase:
    """After how many days without a contact the people of each tier count as gone quiet."""
    form = RhythmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_rhythms(days=form.cleaned_data, by=request.user)
        messages.success(request, _("The rhythm of contacts is saved."))
        return redirect("work:rhythms")
    trail = [(_("Work list"), reverse("work:list")), (_("Rhythm of contacts"), "")]
    return render(request, "workspace/rhythms.html", {"form": form, "trail": trail}, status=422 if form.errors else 200)


def _page(
    request: SignedIn, *, sent: Mapping[tuple[str, str], forms.Form] | None = None, **said: Any
) -> HttpResponseBase:
    try:
        screen = WorkScreen(request.GET, request.user, sent=sent)
    except Account.DoesNotExist as error:
        raise Http404 from error
    context = {"screen": screen, "undo": request.session.get(UNDO), "trail": [(_("Work list"), "")], **said}
    context["may_set_rhythms"] = request.user.may(Permission.CONFIGURE_TEAMS)
    if wants_fragment(request, "work"):
        return vary_on_htmx(render(request, "workspace/_work.html", context))
    return vary_on_htmx(render(request, "workspace/work.html", context, status=422 if sent else 200))


def _done(request: SignedIn, source: str, done: Done) -> HttpResponseBase:
    """Back in the list, which says what was done until something else is."""
    request.session[UNDO] = {"source": source, "words": done.words, "back": dict(done.back)}
    return _page(request) if wants_fragment(request, "work") else _back(request)


def _said(request: SignedIn, words: str, *, level: str = "success") -> HttpResponseBase:
    if wants_fragment(request, "work"):
        return _page(request, said=words, level=level)
    messages.add_message(request, messages.ERROR if level == "error" else messages.SUCCESS, words)
    return _back(request)


def _back(request: SignedIn) -> HttpResponseBase:
    query = request.GET.urlencode()
    return redirect(f"{reverse('work:list')}?{query}" if query else "work:list")
