from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from tests.cast import Cast, cast
from users.models import User

__all__ = ["Cast", "cast"]


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """A client that is signed in as a user."""

    def signed_in(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(User.objects.get(pk=user.pk))
        return client

    return signed_in


@pytest.fixture
def root(cast: Cast, api: Callable[[User], APIClient]) -> APIClient:
    return api(cast.superuser)
