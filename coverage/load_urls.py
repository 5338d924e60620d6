"""Addresses of load, suggestions and proposals; they belong to this room's own namespace (urls.py)."""

from django.urls import path

from coverage import load_views, proposal_views, reassigning_views, suggestion_views

urlpatterns = [
    path("load/", load_views.loads, name="load"),
    path("load/settings/", load_views.load_settings, name="load_settings"),
    path("load/what-if/", reassigning_views.reassign, name="reassign"),
    path("proposals/", proposal_views.history, name="proposals"),
    path("proposals/new/", proposal_views.ask, name="ask"),
    path("proposals/<int:pk>/", proposal_views.proposal, name="proposal"),
    path("proposals/<int:pk>/accept/", proposal_views.accept, name="accept"),
    path("accounts/<path:code>/suggestions/", suggestion_views.suggestions, name="suggestions"),
    path("accounts/<path:code>/suggestions/fill/", suggestion_views.fill, name="fill"),
]
