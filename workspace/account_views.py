from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.queries import account_head
from accounts.tabs import account_context
from users.requests import SignedIn
from workspace import lenses, queries, screens, services
from workspace.account_figures import account_money


@login_required
@require_safe
def account(request: SignedIn, code: str) -> HttpResponse:
    """Revenue and pipeline of an account, by region and by month: a tab of its page."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET):
        services.keep_lens(by=request.user, choices=lens.kept)
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    money = account_money(viewer=request.user, account=head.account, lens=lens)
    context = {**account_context(head, "figures"), "money": money, "lens": lens, "sentence": lenses.sentence(lens)}
    context["native_tiles"] = screens.native_tiles(money.figure.measures, lens) if lens.is_native else ()
    context["bridge_url"] = f"{reverse('figures:bridge', args=[code])}?{lens.query}"
    context["quota_url"] = screens.quota_tiles_url("account", code, lens)
    context["growth"] = screens.growth(money.compared, money.figure.measures.revenue)
    return render(request, "workspace/account.html", context)
