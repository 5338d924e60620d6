"""Plays for those who sell and lead: browsed with what came of them, one by one, and the deals behind each number."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import scope_of
from accounts.figures import part_words
from core.lists import respond
from pipeline import enablement_queries as plays
from pipeline.enablement_models import Play, PlayUse
from pipeline.lists import opportunity_list
from pipeline.models import Opportunity
from users.permissions import Permission
from users.requests import SignedIn
from workspace import lenses, play_screens, queries, services
from workspace.lenses import PageLens
from workspace.play_cuts import cut_of, deals_of, words


@login_required
@require_safe
def listed(request: SignedIn) -> HttpResponseBase:
    lens = _lens(request)
    figures = play_screens.PlayFigures(viewer=request.user, lens=lens)
    spec = play_screens.play_list(scope_of(request.user).on, figures)
    context = {**_bar(request, lens), "trail": [(spec.caption, "")]}
    rows = _with_uses(plays.plays(viewer=request.user), request, lens)
    return respond(
        request, spec, rows, template="workspace/plays.html", context=context, export_head=[lens.period_words]
    )


def _with_uses(rows: QuerySet[Play], request: SignedIn, lens: PageLens) -> QuerySet[Play]:
    """`used_deals`: on how many deals in sight each was used, so that the list can be put in that order."""
    deals = Opportunity.objects.visible_to(request.user).filter(month__range=(lens.period.first, lens.period.last))
    uses = PlayUse.objects.standing().filter(play=OuterRef("pk"), opportunity__in=deals.values("pk")).order_by()
    number = uses.values("play").annotate(number=Count("opportunity", distinct=True)).values("number")
    return rows.annotate(used_deals=Coalesce(Subquery(number, output_field=IntegerField()), 0))


@login_required
@require_safe
def detail(request: SignedIn, code: str) -> HttpResponse:
    """A play with its figures; every number opens the deals that it counts."""
    play, lens = _play(request, code), _lens(request)
    context = {
        **_bar(request, lens),
        **play_screens.play_page(play, viewer=request.user, lens=lens),
        "trail": [(_("Plays"), reverse("plays:list")), (play.title, "")],
    }
    return render(request, "workspace/play.html", context)


@login_required
@require_safe
def deals(request: SignedIn, code: str) -> HttpResponseBase:
    """The deals behind one number of a play."""
    play, lens, cut = _play(request, code), _lens(request), cut_of(request.GET.dict())
    rows = deals_of(cut, play, viewer=request.user, lens=lens)
    address = f"{reverse('plays:detail', args=[code])}?{lens.query}"
    title = words(cut)
    context = {
        **_bar(request, lens),
        "title": title,
        "play": play,
        "trail": [(_("Plays"), reverse("plays:list")), (play.title, address), (title, "")],
    }
    spec = opportunity_list(on=scope_of(request.user).on)
    head = [play.title, title, lens.period_words]
    return respond(request, spec, rows, template="workspace/play_deals.html", context=context, export_head=head)


def _lens(request: SignedIn) -> PageLens:
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET):
        services.keep_lens(by=request.user, choices=lens.kept)
    return lens


def _bar(request: SignedIn, lens: PageLens) -> dict[str, Any]:
    """The lens and what is to be said of the reader's part."""
    return {
        "lens": lens,
        "sentence": lenses.plays_sentence(lens),
        "part_words": part_words(viewer=request.user),
        "may_configure": request.user.may(Permission.CONFIGURE_PIPELINE),
    }


def _play(request: SignedIn, code: str) -> Play:
    try:
        return plays.play(viewer=request.user, code=code)
    except Play.DoesNotExist as error:
        raise Http404 from error
