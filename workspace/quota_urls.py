from django.urls import path

from workspace import quota_grid_views, quota_views

app_name = "quotas"

urlpatterns = [
    path("quotas/", quota_views.quotas, name="list"),
    path("quotas/tiles/", quota_views.tiles, name="tiles"),
    path("quotas/grid/", quota_grid_views.grid, name="grid"),
    path("quotas/grid/<str:scope>/<str:measure>/undo/", quota_grid_views.undo, name="undo"),
    path("quotas/<int:pk>/", quota_views.quota, name="detail"),
]
