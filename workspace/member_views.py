from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from users.requests import SignedIn
from workspace import lenses, queries, screens, services
from workspace.member_figures import member_books


@login_required
@require_safe
def member(request: SignedIn, email: str) -> HttpResponse:
    """What a member, or nobody, has of deals: the prime book and the overlay book, never added up."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET):
        services.keep_lens(by=request.user, choices=lens.kept)
    books = member_books(viewer=request.user, email=email, lens=lens)
    name = books[0].figure.scope.name
    trail = [(_("Teams"), reverse("teams:list")), (name, "")]
    context = {"books": books, "name": name, "lens": lens, "trail": trail, "sentence": lenses.deals_sentence(lens)}
    context["quota_url"] = screens.quota_tiles_url("member", books[0].figure.scope.code, lens)
    return render(request, "workspace/member.html", context)
