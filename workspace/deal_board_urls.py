from django.urls import path

from workspace import deal_board_views as views

app_name = "deals"

urlpatterns = [
    path("opportunities/board/", views.board, name="board"),
    path("opportunities/board/cards/", views.column, name="column"),
]
