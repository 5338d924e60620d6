from django.urls import path

from coverage import (
    board_edit_views,
    board_views,
    head_views,
    load_urls,
    ranking_views,
    restructuring_views,
    structure_views,
    team_views,
    views,
)

app_name = "coverage"

# A code may hold slashes: the longer addresses come first.
urlpatterns = [
    *load_urls.urlpatterns,
    path("alignment/", ranking_views.region, name="ranking"),
    path("alignment/members/<path:email>/tile/", head_views.member_alignment, name="member_alignment"),
    path("alignment/members/<path:email>/", ranking_views.member, name="member_ranking"),
    path("accounts/<path:code>/alignment/line/", head_views.alignment, name="alignment_line"),
    path("accounts/<path:code>/structure/branch/", structure_views.branch, name="branch"),
    path("accounts/<path:code>/structure/search/", structure_views.search, name="search"),
    path("accounts/<path:code>/structure/outline/", structure_views.outline_page, name="outline"),
    path("accounts/<path:code>/structure/csv/", structure_views.export, {"kind": "csv"}, name="csv"),
    path("accounts/<path:code>/structure/svg/", structure_views.export, {"kind": "svg"}, name="svg"),
    path("accounts/<path:code>/structure/units/", restructuring_views.options, name="unit_options"),
    path("accounts/<path:code>/structure/steps/<int:pk>/undo/", restructuring_views.undo, name="undo_step"),
    path("accounts/<path:code>/structure/<slug:deed>/preview/", restructuring_views.preview, name="preview"),
    path("accounts/<path:code>/structure/<slug:deed>/", restructuring_views.restructure, name="restructure"),
    path("accounts/<path:code>/structure/", views.structure, name="structure"),
    path("accounts/<path:code>/unit/", views.unit, name="unit"),
    path("accounts/<path:code>/team/coverage/", team_views.team, name="team"),
    path("accounts/<path:code>/alignment/slot/", board_views.slot, name="board_slot"),
    path("accounts/<path:code>/alignment/cover/preview/", board_edit_views.preview, name="board_preview"),
    path("accounts/<path:code>/alignment/cover/", board_edit_views.cover, name="board_cover"),
    path("accounts/<path:code>/alignment/coverage/<int:pk>/end/", board_edit_views.end, name="board_end"),
    path("accounts/<path:code>/alignment/undo/", board_edit_views.undo, name="board_undo"),
    path("accounts/<path:code>/alignment/", board_views.board, name="board"),
]
