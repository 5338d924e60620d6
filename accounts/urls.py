from django.urls import path

from accounts import merge_views, team_views, views

app_name = "accounts"

# A code may hold slashes: the longer addresses come first.
urlpatterns = [
    path("accounts/", views.account_list, name="list"),
    path("merged-accounts/", merge_views.merged, name="merged"),
    path("merged-accounts/<int:pk>/undo/", merge_views.undo, name="unmerge"),
    path("accounts/<path:code>/merge/", merge_views.merge, name="merge"),
    path("accounts/<path:code>/team/add/", team_views.add, name="team_add"),
    path("accounts/<path:code>/team/manager/", team_views.appoint, name="team_appoint"),
    path("accounts/<path:code>/team/undo/", team_views.undo, name="team_undo"),
    path("accounts/<path:code>/team/<int:pk>/end/", team_views.end, name="team_end"),
    path("accounts/<path:code>/team/<int:pk>/", team_views.correct, name="team_correct"),
    path("accounts/<path:code>/team/", team_views.team, name="team"),
    path("accounts/<path:code>/people/", views.account_people, name="people"),
    path("accounts/<path:code>/", views.account_detail, name="detail"),
]
