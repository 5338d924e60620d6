from django.urls import path

from accounts import table_pages

app_name = "setup"

urlpatterns = [
    path("set-up/teams/", table_pages.table, {"name": "roles"}, name="teams"),
    path("set-up/teams/<str:name>/", table_pages.table, name="table"),
]
