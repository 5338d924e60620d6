from django.urls import path

from users import views

app_name = "users"

urlpatterns = [
    path("you/tokens/", views.tokens, name="tokens"),
    path("you/tokens/revoke/", views.revoke_token, name="revoke_token"),
]
