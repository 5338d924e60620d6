"""Forecasts by region and by manager line: figures, and what people do to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError, NotPermitted
from rollups.forecast_categories import KEYS
from users.requests import SignedIn
from workspace import forecast_lens, forecast_places, forecast_screens, forecasting, lenses, queries, services
from workspace.forecast_forms import AdjustForm, NoteForm
from workspace.forecast_lens import AskedForecast

FORM_METHODS = ("GET", "HEAD", "POST")


def asked_of(request: SignedIn) -> AskedForecast:
    """The period and lens of the address; a lens chosen there is kept for the reader."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET) and request.method == "GET":
        services.keep_lens(by=request.user, choices=lens.kept)
    return forecast_lens.asked(request.GET.dict(), lens)


@login_required
@require_safe
def figures(request: SignedIn, kind: str, code: str = "") -> HttpResponse:
    """A node's forecast; `?category=` lists the lines under a figure of it."""
    asked = asked_of(request)
    figure = forecasting.shown(viewer=request.user, kind=kind, code=code, asked=asked)
    context = forecast_places.page(request.user, figure, asked, kind, "")
    context |= forecast_screens.page(figure, asked, kind)
    context |= {
        "state": forecasting.state(viewer=request.user, figure=figure),
        "adjustments": forecast_screens.adjustments(figure),
    }
    category = request.GET.get("category", "")
    if category in KEYS:
        context |= _lines(request, asked, kind, figure.scope.code, category)
    return render(request, "workspace/forecast.html", context)


def _lines(request: SignedIn, asked: AskedForecast, kind: str, code: str, category: str) -> dict[str, Any]:
    found = forecasting.lines(
        viewer=request.user, kind=kind, code=code, asked=asked, category=category, after=request.GET.get("after", "")
    )
    has_members = kind == "member" or asked.lens.is_overlay
    return forecast_screens.lines(found, category, asked, has_members=has_members)


@login_required
@require_http_methods(FORM_METHODS)
def adjust(request: SignedIn, kind: str, code: str) -> HttpResponse:
    """The form of an adjustment, with what is computed beside it."""
    asked = asked_of(request)
    figure = forecasting.forecast(viewer=request.user, kind=kind, code=code, asked=asked)
    if not forecasting.state(viewer=request.user, figure=figure).may_adjust or figure.exponent is None:
        raise Http404(code)
    form = AdjustForm(request.POST or None, currency=asked.figures.currency, exponent=figure.exponent)
    if request.method == "POST" and form.is_valid():
        try:
            forecasting.adjust(by=request.user, kind=kind, code=code, asked=asked, **form.cleaned_data)
            messages.success(request, _("The forecast is adjusted."))
            return redirect(_back(kind, code, asked))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = forecast_places.page(request.user, figure, asked, kind, "adjust")
    context |= {"form": form, **forecast_screens.page(figure, asked, kind)}
    return render(request, "workspace/forecast_adjust.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def take_back(request: SignedIn, kind: str, code: str) -> HttpResponse:
    asked, category = asked_of(request), request.POST.get("category", "")
    return _done(
        request, kind, code, asked, _("The computed figure counts again."),
        lambda: forecasting.take_back(by=request.user, kind=kind, code=code, asked=asked, category=category),
    )  # fmt: skip


@login_required
@require_POST
def submit(request: SignedIn, kind: str, code: str = "") -> HttpResponse:
    asked, note = asked_of(request), _note(request)
    return _done(
        request, kind, code, asked, _("The forecast is submitted: its figures are kept as they are now."),
        lambda: forecasting.submit(by=request.user, kind=kind, code=code, asked=asked, note=note),
    )  # fmt: skip


@login_required
@require_POST
def lock(request: SignedIn, kind: str, code: str = "") -> HttpResponse:
    """Lock the period, or with `do=unlock` open it again."""
    asked, note, is_locked = asked_of(request), _note(request), request.POST.get("do") != "unlock"
    words = _("The period is locked.") if is_locked else _("The period is open again.")
    return _done(
        request, kind, code, asked, words,
        lambda: forecasting.set_lock(
            by=request.user, kind=kind, code=code, asked=asked, is_locked=is_locked, note=note
        ),
    )  # fmt: skip


def _note(request: SignedIn) -> str:
    form = NoteForm(request.POST)
    return str(form.cleaned_data["note"]) if form.is_valid() else ""


def _done(request: SignedIn, kind: str, code: str, asked: AskedForecast, words: str, deed: Any) -> HttpResponse:
    """Do it and go back to the node, with a sentence that says what happened or why not."""
    try:
        deed()
        messages.success(request, words)
    except NotPermitted as error:
        raise Http404(code) from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(_back(kind, code, asked))


def _back(kind: str, code: str, asked: AskedForecast) -> str:
    return f"{forecast_screens.address(kind, code)}?{asked.query}"
