"""People and access: nobody hands out a right that she doesn't hold herself."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AccountGrant
from tests.cast import Cast
from users.models import User
from users.permissions import Access, Permission

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_administrator_changes_what_others_may_do(cast: Cast) -> None:
    signed_in(cast.administrator).post(
        f"/set-up/people/{cast.viewer.pk}/",
        {"access": "account_manager", "is_active": "on", "extra_permissions": ["see_jobs"]},
    )
    user = User.objects.get(pk=cast.viewer.pk)
    assert (user.access, user.extra_permissions, user.is_active) == (Access.ACCOUNT_MANAGER, ["see_jobs"], True)


def test_nobody_gives_what_she_does_not_have(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    for fields in (
        {"access": "executive"},
        {"access": "viewer", "extra_permissions": [Permission.SEE_ALL_FIGURES.value]},
    ):
        answer = client.post(f"/set-up/people/{cast.viewer.pk}/", {"is_active": "on", **fields})
        assert answer.status_code == 422
    user = User.objects.get(pk=cast.viewer.pk)
    assert (user.access, user.extra_permissions) == (Access.VIEWER, [])


def test_nobody_becomes_an_executive_by_a_new_password(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    for user in (cast.executive, cast.superuser):
        assert client.post(f"/set-up/people/{user.pk}/invitation/")["Location"] == f"/set-up/people/{user.pk}/"


def test_one_does_not_change_ones_own_access(cast: Cast) -> None:
    answer = signed_in(cast.administrator).post(f"/set-up/people/{cast.administrator.pk}/", {"access": "viewer"})
    assert "Somebody else has to change your own access." in answer.content.decode()


def test_an_invitation_makes_a_login_and_a_link_that_sets_the_password(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    fields = {"email": "new@example.org", "given_name": "New", "family_name": "Comer", "access": "viewer"}
    page = client.post("/set-up/people/invite/", fields)
    user = User.objects.get(email="new@example.org")
    assert page["Location"] == f"/set-up/people/{user.pk}/"
    link = client.post(f"/set-up/people/{user.pk}/invitation/").context["link"]
    visitor = Client()
    form = visitor.get(link.removeprefix("http://testserver"), follow=True)
    visitor.post(form.request["PATH_INFO"], {"password1": "a new long password", "password2": "a new long password"})
    assert User.objects.get(pk=user.pk).check_password("a new long password")


def test_a_viewer_sees_what_was_granted_until_it_is_taken_back(cast: Cast) -> None:
    client, address = signed_in(cast.administrator), f"/set-up/people/{cast.viewer.pk}/accounts/"
    client.post(address, {"account": "ACME"})
    assert signed_in(cast.viewer).get("/accounts/ACME/").status_code == 200
    client.post(address, {"revoke": "ACME"})
    assert not AccountGrant.objects.exists()
    assert signed_in(cast.viewer).get("/accounts/ACME/").status_code == 404


def test_others_do_not_open_the_pages(cast: Cast) -> None:
    for user in (cast.owner, cast.executive, cast.viewer):
        for address in ("", f"{cast.viewer.pk}/", "invite/", f"{cast.viewer.pk}/accounts/"):
            assert signed_in(user).get(f"/set-up/people/{address}").status_code == 403
