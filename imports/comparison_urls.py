from django.urls import path

from imports import comparison_views as views

app_name = "comparisons"

urlpatterns = [
    path("accounts/<path:code>/lists/<int:pk>/decide/", views.decide, name="decide"),
    path("accounts/<path:code>/lists/<int:pk>/columns/", views.columns, name="columns"),
    path("accounts/<path:code>/lists/<int:pk>/carry-out/", views.carry_out, name="carry_out"),
    path("accounts/<path:code>/lists/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("accounts/<path:code>/lists/<int:pk>/again/", views.again, name="again"),
    path("accounts/<path:code>/lists/<int:pk>/", views.comparison, name="detail"),
    path("accounts/<path:code>/lists/", views.comparisons, name="list"),
]
