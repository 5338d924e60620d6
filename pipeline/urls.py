from django.urls import path

from pipeline import views

app_name = "pipeline"

urlpatterns = [
    path("opportunities/", views.opportunities, name="list"),
    path("opportunities/<int:pk>/", views.detail, name="detail"),
    path("accounts/<path:code>/opportunities/", views.account_pipeline, name="account"),
]
