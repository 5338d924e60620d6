from django.urls import path

from workspace import aligned_views, bridge_views, deleted_views, proof_views, views

app_name = "workspace"

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("live/", views.news, name="news"),
    path("deleted/", deleted_views.deleted_lately, name="deleted"),
    path("deleted/<str:kind>/<int:event>/restore/", deleted_views.restore, name="restore"),
    path("figures/customers/", views.customers, name="customers"),
    path("figures/check/", views.check, name="check"),
    path("figures/proof/", proof_views.proof, name="proof"),
    path("figures/unpriced/", views.unpriced, name="unpriced"),
    path("figures/bridge/", bridge_views.region, name="bridge"),
    path("figures/bridge/bar/", bridge_views.bar, name="bridge_bar"),
    path("figures/alignment/", aligned_views.tiles, name="alignment"),
    path("regions/", views.regions, name="regions"),
    # A code may hold slashes: the longer address comes first.
    path("regions/<path:code>/countries/<str:country>/", views.country, name="country"),
    path("regions/<path:code>/", views.region, name="region"),
]
