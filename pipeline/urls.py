from django.urls import path

from pipeline import deal_views, enablement_views, form_views, move_views, views

app_name = "pipeline"

urlpatterns = [
    path("opportunities/", views.opportunities, name="list"),
    path("opportunities/add/", form_views.add, name="add"),
    path("opportunities/undo/", form_views.undo, name="undo"),
    path("opportunities/<int:pk>/", views.detail, name="detail"),
    path("opportunities/<int:pk>/plays/", enablement_views.deal_plays, name="plays"),
    path("opportunities/<int:pk>/edit/", form_views.edit, name="edit"),
    path("opportunities/<int:pk>/delete/", form_views.delete, name="delete"),
    path("opportunities/<int:pk>/move/", move_views.move, name="move"),
    path("opportunities/<int:pk>/move/undo/", move_views.take_back, name="take_back"),
    path("opportunities/<int:pk>/contacts/", deal_views.contacts, name="contacts"),
    path("opportunities/<int:pk>/competitors/", deal_views.competitors, name="competitors"),
    path("opportunities/<int:pk>/next-step/", deal_views.next_step, name="next_step"),
    path("opportunities/<int:pk>/criteria/", deal_views.tick, name="tick"),
    path("accounts/<path:code>/opportunities/", views.account_pipeline, name="account"),
]
