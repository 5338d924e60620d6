from django.urls import path

from workspace import stage_views as views

app_name = "stages"

urlpatterns = [
    path("set-up/stages/", views.stages, name="list"),
    path("set-up/stages/add/", views.add, name="add"),
    path("set-up/stages/contacts/", views.category_contacts, name="contacts"),
    path("set-up/stages/tables/<str:name>/", views.table, name="table"),
    path("set-up/stages/of/<path:code>/criteria/", views.criteria, name="criteria"),
    path("set-up/stages/of/<path:code>/contacts/", views.stage_contacts, name="stage_contacts"),
    path("set-up/stages/of/<path:code>/", views.stage, name="detail"),
]
