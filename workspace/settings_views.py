"""A reader's own settings: her language, her time zone, and the digest."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from users.requests import SignedIn
from workspace import digest_queries
from workspace.digest_services import keep_settings

YEAR = 31_536_000


class SettingsForm(forms.Form):
    """Her language and clock, and whether and when she gets the digest."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), required=False, widget=forms.Select(attrs={"data-search": ""})
    )
    is_on = forms.BooleanField(label=gettext_lazy("Send me what waits by e-mail, on my working days"), required=False)
    hour = forms.TypedChoiceField(
        label=gettext_lazy("From this hour of my clock on"), coerce=int, choices=[(n, f"{n:02d}:00") for n in range(24)]
    )
    even_when_empty = forms.BooleanField(label=gettext_lazy("Also when nothing waits"), required=False)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        self._offer("language", [("", _("As the browser asks")), *names])
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        self._offer("time_zone", [("", _("As for my country: %(zone)s") % {"zone": zone}), *((z, z) for z in zones)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: SignedIn) -> HttpResponse:
    reader = digest_queries.reader(viewer=request.user)
    choice = digest_queries.choice_of(viewer=request.user)
    initial = {
        "language": request.user.language,
        "time_zone": request.user.time_zone,
        "is_on": choice.is_on,
        "hour": choice.hour,
        "even_when_empty": choice.even_when_empty,
    }
    form = SettingsForm(request.POST or None, initial=initial, zone=str(reader.zone))
    if request.method == "POST" and form.is_valid():
        try:
            keep_settings(by=request.user, **form.cleaned_data)
            return _kept(request, form.cleaned_data["language"])
        except DomainError as error:
            form.add_error(error.field, error.message)
    context = {"form": form, "reader": reader, "trail": [(_("Your settings"), "")]}
    return render(request, "workspace/settings.html", context, status=422 if form.errors else 200)


def _kept(request: SignedIn, language: str) -> HttpResponse:
    """Pages speak the language that was chosen from now on, as the menu of languages does it."""
    response = redirect("work:settings")
    with override(language or get_language()):
        messages.success(request, _("Your settings are saved."))
    if language:
        secure = settings.LANGUAGE_COOKIE_SECURE
        name = settings.LANGUAGE_COOKIE_NAME
        response.set_cookie(name, language, max_age=YEAR, samesite="Lax", secure=secure)
    return response
