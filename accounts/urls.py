from django.urls import path

from accounts import views

app_name = "accounts"

# A code may hold slashes: the longer addresses come first.
urlpatterns = [
    path("accounts/", views.account_list, name="list"),
    path("accounts/<path:code>/team/", views.account_team, name="team"),
    path("accounts/<path:code>/people/", views.account_people, name="people"),
    path("accounts/<path:code>/", views.account_detail, name="detail"),
]
