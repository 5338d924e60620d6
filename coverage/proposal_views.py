from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import scope_of
from accounts.models import Account
from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import respond
from coverage import proposal_services, proposals
from coverage.proposal_forms import AcceptForm, ProposalForm
from coverage.proposal_lists import PROPOSALS
from coverage.proposal_models import Proposal
from coverage.proposals import ProposalView
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@login_required
@require_safe
def history(request: SignedIn) -> HttpResponseBase:
    """Every proposal that the reader may see."""
    found = proposals.proposals(viewer=request.user)
    trail = [(_("Teams"), reverse("teams:list")), (_("Proposals"), "")]
    return respond(request, PROPOSALS, found, template="coverage/proposals.html", context={"trail": trail})


@permission_required(Permission.EDIT_ACCOUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedIn) -> HttpResponseBase:
    """Ask for the best assignment for an account or a region."""
    asked = {name: request.GET.get(name, "") for name in ("account", "region")}
    initial = {**asked, "on": scope_of(request.user).on}
    form = ProposalForm(request.POST or None, initial=initial, offered=proposals.offered(viewer=request.user))
    if request.method == "POST" and form.is_valid():
        try:
            found = proposal_services.queue_proposal(by=request.user, **form.cleaned_data)
            return redirect("coverage:proposal", found.pk)
        except Account.DoesNotExist:
            form.add_error("account", _("There is no account with this code."))
        except DomainError as error:
            form.add_error(error.field, error.message)
    trail = [(_("Teams"), reverse("teams:list")), (_("Proposals"), reverse("coverage:proposals")), (_("New"), "")]
    return render(request, "coverage/proposal_ask.html", {"form": form, "trail": trail})


@login_required
@require_safe
def proposal(request: SignedIn, pk: int) -> HttpResponseBase:
    """One proposal: its progress while the worker is at it, then its lines to accept."""
    return _shown(request, _view(request, pk), None)


@permission_required(Permission.EDIT_ACCOUNTS)
@require_POST
def accept(request: SignedIn, pk: int) -> HttpResponseBase:
    """Accept some lines of a proposal from a day on."""
    form = AcceptForm(request.POST)
    if form.is_valid():
        try:
            many = proposal_services.accept_posts(by=request.user, pk=pk, post_ids=form.chosen, valid_from=form.day)
        except Proposal.DoesNotExist as error:
            raise Http404 from error
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            words = ngettext("%(n)d line is coverage now.", "%(n)d lines are coverage now.", many)
            messages.success(request, words % {"n": many})
            return redirect("coverage:proposal", pk)
    return _shown(request, _view(request, pk), form)


def _shown(request: SignedIn, view: ProposalView, form: AcceptForm | None) -> HttpResponseBase:
    context: dict[str, Any] = {
        "view": view,
        "proposal": view.proposal,
        "form": form or AcceptForm(initial={"valid_from": view.proposal.on}),
        "may_accept": request.user.may(Permission.EDIT_ACCOUNTS),
        **_lines(request, view),
    }
    if wants_fragment(request, "proposal-result"):
        return vary_on_htmx(render(request, "coverage/proposal_result.html", context))
    name = _("Proposal %(id)s") % {"id": view.proposal.pk}
    context["trail"] = [
        (_("Teams"), reverse("teams:list")),
        (_("Proposals"), reverse("coverage:proposals")),
        (name, ""),
    ]
    return vary_on_htmx(render(request, "coverage/proposal.html", context))


def _lines(request: SignedIn, view: ProposalView) -> dict[str, Any]:
    """A page of lines, all of them chosen unless the reader wants none or has chosen already."""
    after = request.GET.get("after", "")
    shown = view.page(int(after) if after.isdecimal() else None)
    chosen = {line.post.pk for line in shown} if request.GET.get("chosen") != "none" else set()
    if request.method == "POST":
        chosen = {int(pk) for pk in request.POST.getlist("post") if pk.isdecimal()}
    more = bool(shown) and shown[-1].post.pk != view.lines[-1].post.pk
    return {"lines": shown, "chosen": chosen, "after": after, "next": shown[-1].post.pk if more else None}


def _view(request: SignedIn, pk: int) -> ProposalView:
    try:
        return proposals.proposal_view(viewer=request.user, pk=pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error
