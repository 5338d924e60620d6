from django.urls import path

from regions import views

app_name = "regions"

urlpatterns = [
    path("set-up/regions/", views.regions, name="list"),
    path("set-up/regions/add/", views.add, name="add"),
    path("set-up/regions/of/<path:code>/", views.detail, name="detail"),
]
