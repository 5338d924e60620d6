from django.urls import path

from accounts import people_views

app_name = "people"

urlpatterns = [
    path("set-up/people/invite/", people_views.invite, name="invite"),
    path("set-up/people/<int:pk>/accounts/", people_views.granted, name="grants"),
]
