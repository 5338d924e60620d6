"""A time to meet: windows for members and contacts of an account, shared fairly over a series, and as a calendar file."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.tabs import account_context
from core.clock import now
from core.icalendar import calendar
from users.requests import SignedIn
from workspace import meeting_queries, meeting_screens
from workspace.meeting_forms import InvitationForm, MeetingForm
from workspace.together_screens import head_or_404


@login_required
@require_safe
def find(request: SignedIn, code: str) -> HttpResponse:
    """The form, and below it what was found. The address holds what was asked."""
    head = head_or_404(viewer=request.user, code=code)
    offered = meeting_queries.offered(viewer=request.user, account=head.account, on=head.on)
    was_asked = "since" in request.GET
    initial = meeting_screens.asked_again(request.GET, head.on)
    form = MeetingForm(request.GET if was_asked else None, offered=offered, initial=initial)
    context = {**account_context(head, "team"), "form": form, "offered": offered, "was_asked": was_asked}
    if was_asked and form.is_valid():
        asked = form.asked(request.user.time_zone or settings.GAM_TIME_ZONE)
        people = offered.named(asked.people)
        context |= meeting_screens.screen(meeting_queries.found(people, asked), asked, code, people)
    return render(request, "workspace/meetings.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def invitation(request: SignedIn, code: str) -> HttpResponse:
    """Chosen windows as an iCalendar file, with the people as far as the reader may see them."""
    head = head_or_404(viewer=request.user, code=code)
    form = InvitationForm(request.GET)
    if not form.is_valid():
        raise Http404
    offered = meeting_queries.offered(viewer=request.user, account=head.account, on=head.on)
    people = offered.named(request.GET.getlist("people"))
    events = meeting_screens.events(
        head.account.name, head.account.code, people, form.cleaned_data["at"], form.cleaned_data["minutes"]
    )
    answer = HttpResponse(calendar(events, made_at=now()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return answer
