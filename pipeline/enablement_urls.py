from django.urls import path

from pipeline import enablement_setup_views as views

app_name = "play_setup"

urlpatterns = [
    path("set-up/plays/", views.listed, name="list"),
    path("set-up/plays/add/", views.add, name="add"),
    # A code may hold slashes: the longer addresses come first.
    path("set-up/plays/<path:code>/close/", views.close, name="close"),
    path("set-up/plays/<path:code>/", views.edit, name="edit"),
]
