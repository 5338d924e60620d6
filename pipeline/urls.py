from django.urls import path

from pipeline import form_views, views

app_name = "pipeline"

urlpatterns = [
    path("opportunities/", views.opportunities, name="list"),
    path("opportunities/add/", form_views.add, name="add"),
    path("opportunities/undo/", form_views.undo, name="undo"),
    path("opportunities/<int:pk>/", views.detail, name="detail"),
    path("opportunities/<int:pk>/edit/", form_views.edit, name="edit"),
    path("opportunities/<int:pk>/delete/", form_views.delete, name="delete"),
    path("accounts/<path:code>/opportunities/", views.account_pipeline, name="account"),
]
