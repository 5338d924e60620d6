from django.urls import path

from accounts import member_views

app_name = "teams"

urlpatterns = [path("teams/", member_views.members, name="list")]
