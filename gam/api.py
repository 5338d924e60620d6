"""The REST API put together: every room's collections, the roll-ups, the schema and its readable page."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

import accounts.api
import coverage.api
import coverage.api_alignment
import coverage.api_suggestions
import money.api
import pipeline.api
import pipeline.api_deals
import pipeline.enablement_api
import regions.api
import regions.calendar_api
import revenue.api
import rollups.api
import rollups.api_attainments
import rollups.api_bridge
import rollups.api_forecast
import rollups.api_proof
import teams.api
import workspace.api_funnel
from gam.api_docs import docs

ROOMS = (
    regions.api,
    regions.calendar_api,
    money.api,
    teams.api,
    accounts.api,
    coverage.api,
    revenue.api,
    pipeline.api,
    pipeline.api_deals,
    pipeline.enablement_api,
)
COLLECTIONS = tuple(collection for room in ROOMS for collection in room.COLLECTIONS)


class Nothing(APIView):
    """The answer of addresses that do not exist: a problem document, as of every other error."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


def _router() -> SimpleRouter:
    router = SimpleRouter()
    for collection in COLLECTIONS:
        router.register(collection.slug, collection, basename=collection.slug)
    return router


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    *coverage.api_alignment.urlpatterns,
    *coverage.api_suggestions.urlpatterns,
    *rollups.api_attainments.urlpatterns,
    *rollups.api_bridge.urlpatterns,
    *rollups.api_forecast.urlpatterns,
    *rollups.api_proof.urlpatterns,
    *rollups.api.urlpatterns,
    *workspace.api_funnel.urlpatterns,
    *_router().urls,
    re_path("", Nothing.as_view(), name="nothing"),
]
