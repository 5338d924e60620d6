from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.lists import respond
from users import queries, services
from users.forms import AccessForm, granted_words
from users.lists import USERS
from users.models import User
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.MANAGE_USERS)
@require_safe
def people(request: SignedIn) -> HttpResponseBase:
    context = {"trail": [(USERS.caption, "")], "granted": granted_words()}
    return respond(request, USERS, queries.users(viewer=request.user), template="users/list.html", context=context)


@permission_required(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedIn, pk: int) -> HttpResponse:
    """What one user may do; the accounts granted to her are a panel of the room that knows accounts."""
    user = _user(request, pk)
    form = AccessForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_access(pk=pk, by=request.user, **form.cleaned_data)
            messages.success(request, _("%(name)s has her new access.") % {"name": user})
            return redirect("users:detail", pk)
        except DomainError as error:
            form.add_error(error.field, error.message)
    trail = [(_("People and access"), reverse("users:list")), (str(user), "")]
    status = 422 if form.errors else 200
    return render(request, "users/person.html", {"person": user, "form": form, "trail": trail}, status=status)


@permission_required(Permission.MANAGE_USERS)
@never_cache
@require_POST
def invitation(request: SignedIn, pk: int) -> HttpResponse:
    """A link by which a user sets her password: shown this once, to be handed over."""
    user = _user(request, pk)
    try:
        path = services.invitation_path(pk=pk, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("users:detail", pk)
    except User.DoesNotExist as error:
        raise Http404 from error
    trail = [(_("People and access"), reverse("users:list")), (str(user), "")]
    link = request.build_absolute_uri(path)
    return render(request, "users/invitation.html", {"person": user, "link": link, "trail": trail})


def _user(request: SignedIn, pk: int) -> User:
    try:
        return queries.users(viewer=request.user).get(pk=pk)
    except User.DoesNotExist as error:
        raise Http404 from error
