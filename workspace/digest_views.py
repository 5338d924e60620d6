"""The digest: as it would be sent, stopped by the link in it, and what became of everybody's."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.lists import respond
from rollups.job_lists import RUN
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import digest_mail, digest_queries
from workspace import digest_services as services
from workspace.digest_lists import digest_list
from workspace.models import Digest, DigestChoice


@login_required
@require_safe
def preview(request: SignedIn) -> HttpResponse:
    """The reader's digest as it would be sent now, or as the file that a mail program opens (`?format=eml`)."""
    day = digest_queries.local_day(viewer=request.user)
    letter = digest_mail.letter(viewer=request.user, day=day)
    message = digest_mail.message_of(letter, viewer=request.user, day=day)
    if request.GET.get("format") == "eml":
        response = HttpResponse(message.message().as_bytes(), content_type="message/rfc822")
        response.headers["Content-Disposition"] = 'attachment; filename="digest.eml"'
        return response
    context = {
        "letter": letter,
        "message": message,
        "choice": digest_queries.choice_of(viewer=request.user),
        "last": digest_queries.last_digest(viewer=request.user),
        "trail": [(_("Work list"), reverse("work:list")), (_("As an e-mail"), "")],
    }
    return render(request, "workspace/digest.html", context)


@csrf_exempt  # RFC 8058: the mail program posts without a cookie of ours; the signed link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: SignedIn, token: str) -> HttpResponse:
    """Without signing in: reading shows a button, posting stops the digests, or lets them come again."""
    try:
        choice = digest_queries.choice_named(token=token)
    except DigestChoice.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST":
        services.switch_digest(choice=choice, is_on=request.POST.get("do") == "resume")
        choice.refresh_from_db()
    with override(digest_mail.language_of(choice.user)):
        return render(request, "workspace/unsubscribe.html", {"choice": choice, "was_posted": request.method == "POST"})


@permission_required(Permission.SEE_JOBS)
@require_safe
def digests(request: SignedIn) -> HttpResponseBase:
    spec = digest_list(may_run=request.user.may(RUN))
    context = {"trail": [(spec.caption, "")], "may_run": request.user.may(RUN)}
    rows = digest_queries.digests(viewer=request.user)
    return respond(request, spec, rows, template="workspace/digests.html", context=context)


@permission_required(RUN)
@require_POST
def again(request: SignedIn, pk: int) -> HttpResponse:
    try:
        services.send_again(pk=pk, by=request.user)
        messages.success(request, _("It is sent with the next round, within five minutes."))
    except Digest.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("work:digests")
