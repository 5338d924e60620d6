from django.urls import path

from coverage import member_views as views

app_name = "members"

urlpatterns = [
    path("members/add/", views.add, name="add"),
    path("members/<path:email>/edit/", views.edit, name="edit"),
    path("members/<path:email>/delete/", views.delete, name="delete"),
    path("members/<path:email>/", views.detail, name="detail"),
]
