"""The request of somebody who has signed in, and what a view asks of her before it does anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.http.response import Http404

from users.models import User
from users.permissions import Permission


class SignedIn(HttpRequest):
    """A request behind `login_required`."""

    user: User


View = Callable[..., HttpResponseBase]


def permission_required(permission: Permission, *, hidden: bool = False) -> Callable[[View], View]:
    """Let in who has signed in and holds `permission`; others are refused, or told nothing is there (`hidden`)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.may(permission):
                return view(request, *args, **kwargs)
            if hidden:
                raise Http404
            raise PermissionDenied(str(permission.label))

        return login_required(inner)

    return decorate
