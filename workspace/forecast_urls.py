"""Addresses of forecasts. Words come before codes, and a node's parts before the node: a code may hold slashes."""

from django.urls import URLPattern, path

from workspace import forecast_flow_views
from workspace import forecast_views as views

app_name = "forecast"

_DEEDS = {"adjust": views.adjust, "take_back": views.take_back}
_ALL = {
    "flow": forecast_flow_views.flow,
    "accuracy": forecast_flow_views.accuracy,
    "submit": views.submit,
    "lock": views.lock,
}


def _of(kind: str, prefix: str, code: str) -> list[URLPattern]:
    """The addresses of one kind of node: of everything first, then of one."""
    given = {"kind": kind}
    everything = [
        path(f"{prefix}{what.replace('_', '-')}/", view, given, name=f"every_{kind}_{what}")
        for what, view in _ALL.items()
    ]
    one = [
        path(f"{prefix}<path:{code}>/{what.replace('_', '-')}/", view, given, name=f"{kind}_{what}")
        for what, view in {**_ALL, **_DEEDS}.items()
    ]
    return [
        path(prefix, views.figures, given, name=f"every_{kind}"),
        *everything,
        *one,
        path(f"{prefix}<path:{code}>/", views.figures, given, name=kind),
    ]


urlpatterns = [*_of("member", "forecast/members/", "code"), *_of("region", "forecast/", "code")]
