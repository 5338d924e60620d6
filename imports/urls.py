from django.urls import path

from imports import views

app_name = "imports"

urlpatterns = [
    path("imports/", views.batches, name="list"),
    path("imports/<int:pk>/", views.detail, name="detail"),
    path("imports/<int:pk>/start/", views.start, name="start"),
    path("imports/<int:pk>/rejected.csv", views.errors, name="errors"),
]
