from django.urls import path

from pipeline import conversion_views, lead_score_views, lead_set_up_views, lead_views

app_name = "leads"

urlpatterns = [
    path("leads/", lead_views.leads, name="list"),
    path("leads/add/", lead_views.add, name="add"),
    path("leads/undo/", conversion_views.undo, name="undo"),
    path("leads/<int:pk>/", lead_views.detail, name="detail"),
    path("leads/<int:pk>/edit/", lead_views.edit, name="edit"),
    path("leads/<int:pk>/move/", lead_views.move, name="move"),
    path("leads/<int:pk>/convert/", conversion_views.convert, name="convert"),
    path("set-up/leads/", lead_set_up_views.limits, name="set_up"),
    path("set-up/leads/score/", lead_score_views.weights, name="score"),
    path("set-up/leads/campaigns/", lead_set_up_views.campaigns, name="campaigns"),
    path("set-up/leads/campaigns/<str:code>/", lead_set_up_views.campaign, name="campaign"),
    path("set-up/leads/reasons/", lead_set_up_views.reasons, name="reasons"),
]
