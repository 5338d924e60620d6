from django.urls import path

from workspace import account_views, bridge_views, member_views

app_name = "figures"

urlpatterns = [
    path("accounts/<path:code>/figures/bridge/", bridge_views.account, name="bridge"),
    path("accounts/<path:code>/figures/", account_views.account, name="account"),
    path("members/<path:email>/figures/", member_views.member, name="member"),
]
