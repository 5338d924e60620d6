from django.urls import path

from users import people_views, views

app_name = "users"

urlpatterns = [
    path("set-up/people/", people_views.people, name="list"),
    path("set-up/people/<int:pk>/", people_views.person, name="detail"),
    path("set-up/people/<int:pk>/invitation/", people_views.invitation, name="invitation"),
    path("you/tokens/", views.tokens, name="tokens"),
    path("you/tokens/revoke/", views.revoke_token, name="revoke_token"),
]
