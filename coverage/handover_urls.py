from django.urls import path

from coverage import handover_views as views

app_name = "handovers"

urlpatterns = [
    path("hand-overs/", views.hand_overs, name="list"),
    path("hand-overs/add/", views.add, name="add"),
    path("hand-overs/<int:pk>/", views.detail, name="detail"),
    path("hand-overs/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("hand-overs/<int:pk>/steps/", views.step, name="step"),
]
