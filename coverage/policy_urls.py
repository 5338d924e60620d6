from django.urls import path

from coverage import policy_views as views

app_name = "policies"

urlpatterns = [
    path("set-up/policies/", views.grid, name="grid"),
    path("set-up/policies/<str:tier>/undo/", views.undo, name="undo"),
]
