from django.urls import path

from workspace import funnel_views

app_name = "funnel"

urlpatterns = [
    path("funnel/", funnel_views.page, name="page"),
    path("funnel/growth/", funnel_views.growth, name="growth"),
    path("funnel/growth/bar/", funnel_views.growth_bar, name="growth_bar"),
]
