"""The job page: what ran, what waits, what failed, and the buttons that start work."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.htmx import vary_on_htmx, wants_fragment
from rollups import job_lists, queries
from rollups import workers as at_work
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.SEE_JOBS)
@require_safe
def jobs(request: SignedIn) -> HttpResponseBase:
    """The page, or the part of it that keeps itself current."""
    health = queries.job_health(viewer=request.user)
    assert health is not None, "the permission is the same"
    context = job_lists.context(health, may_run=request.user.may(job_lists.RUN), token=get_token(request))
    is_part = wants_fragment(request, "jobs-now")
    return vary_on_htmx(render(request, "rollups/_now.html" if is_part else "rollups/jobs.html", context))


@permission_required(Permission.SEE_JOBS)
@require_safe
def workers(request: SignedIn) -> HttpResponse:
    """Which workers answer; it takes as long as the slowest may take, so the page asks for it apart."""
    return render(request, "rollups/_workers.html", {"workers": at_work.alive()})


@permission_required(job_lists.RUN)
@require_POST
def run(request: SignedIn, kind: str) -> HttpResponse:
    """Have a worker start a check, a rebuild, or what failed once more."""
    if kind not in job_lists.TASKS:
        raise Http404
    return _start(request, kind)


@permission_required(job_lists.RUN)
@require_POST
def again(request: SignedIn, run: int) -> HttpResponse:
    """Have a worker do what a failed run was to do."""
    failed = queries.failed_run(viewer=request.user, run=run)
    if failed is None:
        raise Http404
    return _start(request, job_lists.AGAIN[failed.kind])


def _start(request: SignedIn, kind: str) -> HttpResponse:
    task, words = job_lists.TASKS[kind]
    transaction.on_commit(lambda: at_work.start(task))
    messages.success(request, str(words))
    return redirect("rollups:jobs")
