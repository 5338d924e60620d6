from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.exports import streamed_csv
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import respond
from imports import queries, services
from imports.forms import UploadForm
from imports.lists import BATCHES, ERRORS
from imports.models import ImportBatch
from users.permissions import Permission
from users.requests import SignedIn, permission_required

SHOWN_ERRORS = 100


@permission_required(Permission.IMPORT_DATA)
@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: SignedIn) -> HttpResponseBase:
    """Choose files and preview them; below, what was imported before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            is_preview = request.POST.get("do") != "import"
            batch = services.queue_upload(files=form.chosen, by=request.user, dry_run=is_preview)
            return redirect("imports:detail", batch.pk)
        except DomainError as error:
            form.add_error("files", error.message)
    context = {"form": form, "files": queries.known_files(), "trail": [(_("Imports"), "")]}
    return respond(
        request, BATCHES, queries.batches_for(viewer=request.user), template="imports/list.html", context=context
    )


@permission_required(Permission.IMPORT_DATA)
@require_safe
def detail(request: SignedIn, pk: int) -> HttpResponseBase:
    """One import: its progress while it runs, then its result. The part with the progress asks for itself again."""
    batch = _batch(request, pk)
    errors = queries.errors_of(batch=batch)[:SHOWN_ERRORS]
    context: dict[str, Any] = {
        "batch": batch,
        "errors": errors,
        "shown": SHOWN_ERRORS,
        "files": queries.counts_of(batch=batch),
    }
    if wants_fragment(request, "import-result"):
        return vary_on_htmx(render(request, "imports/result.html", context))
    context["trail"] = [(_("Imports"), reverse("imports:list")), (_("Import %(id)s") % {"id": batch.pk}, "")]
    return vary_on_htmx(render(request, "imports/detail.html", context))


@permission_required(Permission.IMPORT_DATA)
@require_safe
def errors(request: SignedIn, pk: int) -> HttpResponseBase:
    """The rejected rows of an import as a file."""
    batch = _batch(request, pk)
    return streamed_csv(ERRORS, queries.errors_of(batch=batch), name=f"import-{batch.pk}-rejected")


@permission_required(Permission.IMPORT_DATA)
@require_POST
def start(request: SignedIn, pk: int) -> HttpResponse:
    """Import the files of a clean preview."""
    try:
        return redirect(
            "imports:detail", services.import_previewed(batch_id=_batch(request, pk).pk, by=request.user).pk
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("imports:detail", pk)
    except ImportBatch.DoesNotExist as error:
        raise Http404 from error


def _batch(request: SignedIn, pk: int) -> ImportBatch:
    try:
        return queries.batch_for(viewer=request.user, batch_id=pk)
    except ImportBatch.DoesNotExist as error:
        raise Http404 from error
