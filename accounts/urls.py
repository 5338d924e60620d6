from django.urls import path

from accounts import merge_views, views

app_name = "accounts"

# A code may hold slashes: the longer addresses come first.
urlpatterns = [
    path("accounts/", views.account_list, name="list"),
    path("merged-accounts/", merge_views.merged, name="merged"),
    path("merged-accounts/<int:pk>/undo/", merge_views.undo, name="unmerge"),
    path("accounts/<path:code>/merge/", merge_views.merge, name="merge"),
    path("accounts/<path:code>/team/", views.account_team, name="team"),
    path("accounts/<path:code>/people/", views.account_people, name="people"),
    path("accounts/<path:code>/", views.account_detail, name="detail"),
]
