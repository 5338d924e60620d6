from django.urls import path

from workspace import play_views

app_name = "plays"

urlpatterns = [
    path("plays/", play_views.listed, name="list"),
    # A code may hold slashes: the longer address comes first.
    path("plays/<path:code>/deals/", play_views.deals, name="deals"),
    path("plays/<path:code>/", play_views.detail, name="detail"),
]
