from django.urls import path

from workspace import redraw_views

app_name = "redraw"

urlpatterns = [path("set-up/regions/preview/", redraw_views.preview, name="preview")]
