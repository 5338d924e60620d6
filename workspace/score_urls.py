from django.urls import path

from workspace import score_views as views

app_name = "scores"

urlpatterns = [
    path("set-up/scores/", views.weights, name="weights"),
    path("scores/tile/", views.tile, name="tile"),
    path("scores/<str:kind>/<path:code>/", views.score, name="score"),
]
