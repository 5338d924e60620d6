from django.urls import path

from regions import calendar_views, draft_views, views

app_name = "regions"

urlpatterns = [
    path("set-up/regions/", draft_views.regions, name="list"),
    path("set-up/regions/draft/", draft_views.change, name="change"),
    path("set-up/regions/draft/take-out/", draft_views.take_out, name="take_out"),
    path("set-up/regions/draft/day/", draft_views.day, name="day"),
    path("set-up/regions/draft/discard/", draft_views.discard, name="discard"),
    path("set-up/regions/draft/commit/", draft_views.commit, name="commit"),
    path("set-up/regions/drafts/<int:pk>/take-back/", draft_views.take_back, name="take_back"),
    path("set-up/regions/calendars/", calendar_views.calendars, name="calendars"),
    path("set-up/regions/calendars/<str:country>/", calendar_views.calendar, name="calendar"),
    path("set-up/regions/add/", views.add, name="add"),
    path("set-up/regions/of/<path:code>/", views.detail, name="detail"),
]
