from django.urls import path

from coverage import head_views, team_views, views

app_name = "coverage"

urlpatterns = [
    path("accounts/<path:code>/alignment/line/", head_views.alignment, name="alignment_line"),
    path("accounts/<path:code>/structure/", views.structure, name="structure"),
    path("accounts/<path:code>/unit/", views.unit, name="unit"),
    path("accounts/<path:code>/team/coverage/", team_views.team, name="team"),
    path("accounts/<path:code>/coverage/", views.units, name="units"),
]
