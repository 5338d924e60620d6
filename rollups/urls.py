from django.urls import path

from rollups import views

app_name = "rollups"

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("workers/", views.workers, name="workers"),
    path("run/<str:kind>/", views.run, name="run"),
    path("runs/<int:run>/again/", views.again, name="again"),
]
