from django.urls import path

from workspace import meeting_views, together_views

app_name = "together"

urlpatterns = [
    path("accounts/<path:code>/together/", together_views.together, name="page"),
    path("accounts/<path:code>/meetings/", meeting_views.find, name="meetings"),
    path("accounts/<path:code>/meetings/invitation.ics", meeting_views.invitation, name="invitation"),
]
