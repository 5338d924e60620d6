from django.urls import path

from workspace import digest_views, settings_views, work_views

app_name = "work"

urlpatterns = [
    path("work/", work_views.work_list, name="list"),
    path("work/snooze/", work_views.snooze, name="snooze"),
    path("work/wake/", work_views.wake, name="wake"),
    path("work/act/", work_views.act, name="act"),
    path("work/undo/", work_views.undo, name="undo"),
    path("work/digest/", digest_views.preview, name="digest"),
    path("digest/<str:token>/", digest_views.unsubscribe, name="unsubscribe"),
    path("you/settings/", settings_views.own_settings, name="settings"),
    path("set-up/rhythms/", work_views.rhythms, name="rhythms"),
    path("set-up/digests/", digest_views.digests, name="digests"),
    path("set-up/digests/<int:pk>/again/", digest_views.again, name="again"),
]
