"""A newer list of subsidiaries beside an account's tree, under the account's structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from accounts.queries import AccountHead, account_head, may_change_structure
from accounts.tabs import account_context
from core import formats
from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from imports import carrying_out, comparing, comparison_queries
from imports.compared import ComparedLine, Comparison, Stage
from imports.comparison_forms import ColumnsForm, ListForm
from imports.reorganisation import KINDS
from users.requests import SignedIn

SHOWN_PROBLEMS = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comparisons(request: SignedIn, code: str) -> HttpResponseBase:
    """Choose a newer list; below, those that were compared before."""
    head = _head(request, code)
    form = ListForm(request.POST or None, request.FILES or None, today=head.on)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            started = comparing.start_comparison(account=head.account, by=request.user, **given)
            return redirect("comparisons:detail", code, started.pk)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    past = comparison_queries.comparisons_of(viewer=request.user, account=head.account)[:50]
    context = {**_context(head), "form": form, "past": past}
    return render(request, "imports/comparisons.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def comparison(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """One comparison: its columns while they are asked for, its progress, then its lines."""
    head = _head(request, code)
    context = {**_context(head, pk), **_body(request, _found(request, head, pk))}
    if wants_fragment(request, "comparison"):
        return vary_on_htmx(render(request, "imports/comparison_body.html", context))
    return vary_on_htmx(render(request, "imports/comparison.html", context))


def _body(request: SignedIn, found: Comparison) -> dict[str, Any]:
    context: dict[str, Any] = {
        "comparison": found,
        "problems": found.problems[:SHOWN_PROBLEMS],
        "day": formats.day(found.on, style="long"),
    }
    if found.stage in (Stage.MAPPING, Stage.REFUSED):
        context["columns"] = ColumnsForm(header=found.header, initial=found.mapping)
        context["first_rows"] = comparison_queries.first_rows(comparison=found)
    if found.stage in (Stage.READY, Stage.APPLYING, Stage.APPLIED, Stage.UNDONE):
        summary = comparison_queries.summary_of(comparison=found)
        offered = [one.kind for one in summary.kinds]
        asked = request.GET.get("kind", "") or request.POST.get("kind", "")
        kind = asked if asked in KINDS else next(iter(offered), "")
        after = request.GET.get("after", "")
        lines = comparison_queries.lines_of(
            viewer=request.user, comparison=found, kind=kind, after=int(after) if after.isdecimal() else 0
        )
        context |= {"summary": summary, "kind": kind, "lines": lines, "after": after}
    return context


Deed = Callable[[SignedIn, int, int], str]


def _decide(decision: str) -> Deed:
    def deed(request: SignedIn, pk: int, line: int) -> str:
        comparing.decide(pk=pk, line=line, decision=decision, by=request.user)
        return ""

    return deed


def _choose(request: SignedIn, pk: int, line: int) -> str:
    unit = request.POST.get("unit", "")
    comparing.choose(pk=pk, line=line, unit=int(unit) if unit.isdecimal() else None, by=request.user)
    return ""


def _reopen(request: SignedIn, pk: int, line: int) -> str:
    comparing.take_choice_back(pk=pk, line=line, by=request.user)
    return ""


def _certain(request: SignedIn, pk: int, line: int) -> str:
    number = comparing.accept_certain(pk=pk, by=request.user)
    return ngettext("%(n)d line is accepted.", "%(n)d lines are accepted.", number) % {"n": number}


def _kind(request: SignedIn, pk: int, line: int) -> str:
    number = comparing.accept_kind(pk=pk, kind=request.POST.get("kind", ""), by=request.user)
    return ngettext("%(n)d line is accepted.", "%(n)d lines are accepted.", number) % {"n": number}


DO: dict[str, Deed] = {
    "accept": _decide("accepted"),
    "reject": _decide("rejected"),
    "open": _decide(""),
    "choose": _choose,
    "reopen": _reopen,
    "certain": _certain,
    "kind": _kind,
}


@login_required
@require_POST
def decide(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """One decision; `do` names it. Answers with the lines as they are then."""
    head = _head(request, code)
    found = _found(request, head, pk)
    line = request.POST.get("line", "")
    deed = DO.get(request.POST.get("do", ""))
    said, refused = "", ""
    try:
        said = deed(request, pk, int(line) if line.isdecimal() else 0) if deed else ""
    except DomainError as error:
        refused = error.message
    except ComparedLine.DoesNotExist as error:
        raise Http404 from error
    if not wants_fragment(request, "comparison"):
        if said or refused:
            messages.add_message(request, messages.ERROR if refused else messages.SUCCESS, refused or said)
        return redirect(f"{_address(code, pk)}?kind={request.POST.get('kind', '')}#line-{line}")
    found.refresh_from_db()
    context = {**_context(head, pk), **_body(request, found), "said": said, "refused": refused}
    return vary_on_htmx(render(request, "imports/comparison_body.html", context))


@login_required
@require_POST
def columns(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """Say what the columns of a list hold, and compare it."""
    found = _found(request, _head(request, code), pk)
    form = ColumnsForm(request.POST, header=found.header)
    kept = {"account": found.mapping["account"]} if "account" in found.mapping else {}
    mapping = {name: request.POST.get(name, "") for name in form.fields} | kept
    return _do(request, code, pk, lambda: comparing.map_columns(pk=pk, mapping=mapping, by=request.user))


@login_required
@require_POST
def carry_out(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    _found(request, _head(request, code), pk)
    return _do(request, code, pk, lambda: carrying_out.apply_comparison(pk=pk, by=request.user))


@login_required
@require_POST
def take_back(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    _found(request, _head(request, code), pk)
    said = _("Everything stands as it did before.")
    return _do(request, code, pk, lambda: carrying_out.take_comparison_back(pk=pk, by=request.user), said)


@login_required
@require_POST
def again(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """Compare the same file once more, beside the tree as it stands now."""
    found = _found(request, _head(request, code), pk)
    try:
        new = comparing.compare_again(pk=pk, on=found.on, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("comparisons:detail", code, pk)
    return redirect("comparisons:detail", code, new.pk)


def _do(request: SignedIn, code: str, pk: int, act: Callable[[], object], said: str = "") -> HttpResponse:
    try:
        act()
        if said:
            messages.success(request, said)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("comparisons:detail", code, pk)


def _head(request: SignedIn, code: str) -> AccountHead:
    """Of an account whose structure the reader may change; to others it is not there."""
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    if not may_change_structure(viewer=request.user, account=head.account):
        raise Http404
    return head


def _found(request: SignedIn, head: AccountHead, pk: int) -> Comparison:
    try:
        return comparison_queries.comparison_for(viewer=request.user, account=head.account, pk=pk)
    except Comparison.DoesNotExist as error:
        raise Http404 from error


def _context(head: AccountHead, pk: int | None = None) -> dict[str, Any]:
    context = account_context(head, "structure")
    here = [(_("Newer lists"), "" if pk is None else reverse("comparisons:list", args=[head.account.code]))]
    if pk is not None:
        here.append((_("List %(number)s") % {"number": pk}, ""))
    *way, (tab, _here) = context["trail"]
    context["trail"] = [*way, (tab, reverse("accounts:detail", args=[head.account.code])), *here]
    return context


def _address(code: str, pk: int) -> str:
    return reverse("comparisons:detail", args=[code, pk])
