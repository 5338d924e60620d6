"""Working calendars of countries, as administrators set them up: which days are worked where, and what was decided about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from money.queries import business_date
from regions import calendar_queries, calendar_services
from regions.calendar_forms import DayForm, ListForm, TakeBackForm, WeekForm, YearForm
from regions.models import CountryCalendar, CountryDay
from users.permissions import Permission
from users.requests import SignedIn, permission_required

Given = dict[str, Any]


@permission_required(Permission.CONFIGURE_REGIONS)
@require_safe
def calendars(request: SignedIn) -> HttpResponse:
    """Countries with their working week and holidays."""
    shown, search = ListForm(request.GET).chosen()
    on = business_date()
    context = {
        "rows": calendar_queries.country_rows(viewer=request.user, on=on, shown=shown, search=search),
        "shown": shown,
        "search": search,
        "choices": ListForm.SHOWN,
        "on": on,
        "trail": [(_("Regions and countries"), reverse("regions:list")), (_("Working calendars"), "")],
    }
    return render(request, "regions/calendars.html", context)


def _week(request: SignedIn, country: str, given: Given) -> str:
    calendar_services.decide_week(country=country, by=request.user, **given)
    return _("The week holds as decided.")


def _day(request: SignedIn, country: str, given: Given) -> str:
    works = given["works"] == "worked"
    calendar_services.decide_day(
        country=country, day=given["day"], works=works, name=given["name"].strip(), by=request.user
    )
    return _("The day holds as decided.")


def _take_back_week(request: SignedIn, country: str, given: Given) -> str:
    calendar_services.take_back_week(pk=given["pk"], country=country, by=request.user)
    return _("The decision is taken back.")


def _take_back_day(request: SignedIn, country: str, given: Given) -> str:
    calendar_services.take_back_day(pk=given["pk"], country=country, by=request.user)
    return _("The decision is taken back.")


DO: dict[str, Callable[[SignedIn, str, Given], str]] = {
    "week": _week,
    "day": _day,
    "take_back_week": _take_back_week,
    "take_back_day": _take_back_day,
}


@permission_required(Permission.CONFIGURE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: SignedIn, country: str) -> HttpResponse:
    """One country: its week, the days of a year, and forms (`do` names the one that was sent)."""
    today = business_date()
    year = YearForm(request.GET).chosen(today.year)
    do = request.POST.get("do", "")
    forms = _forms(country, do, request.POST if request.method == "POST" else None)
    if do in DO and forms[do].is_valid():
        try:
            messages.success(request, DO[do](request, country, forms[do].cleaned_data))
            return redirect(f"{request.path}?year={year}")
        except DomainError as error:
            forms[do].add_error(error.field if error.field in forms[do].fields else None, error.message)
        except (CountryCalendar.DoesNotExist, CountryDay.DoesNotExist) as error:
            raise Http404 from error
    try:
        view = calendar_queries.country_view(viewer=request.user, country=country, on=today, year=year)
    except KeyError as error:
        raise Http404 from error
    return render(request, "regions/calendar.html", _context(view, forms), status=422 if do else 200)


def _context(view: calendar_queries.CountryView, forms: dict[str, Form]) -> Given:
    trail = [
        (_("Regions and countries"), reverse("regions:list")),
        (_("Working calendars"), reverse("regions:calendars")),
        (view.name, ""),
    ]
    return {"view": view, "forms": forms, "trail": trail}


def _forms(country: str, do: str, data: Any) -> dict[str, Form]:
    """The forms of the page; only the one that was sent is bound."""
    sent = {name: (data if name == do else None) for name in DO}
    return {
        "week": WeekForm(sent["week"], country=country, auto_id="week-%s"),
        "day": DayForm(sent["day"], auto_id="day-%s"),
        "take_back_week": TakeBackForm(sent["take_back_week"]),
        "take_back_day": TakeBackForm(sent["take_back_day"]),
    }
