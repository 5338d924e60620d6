"""`load_demo` goes through the same import as any folder, and its people can sign in."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account
from imports.demo import rates
from imports.demo.logins import LOGINS, PASSWORD
from money.queries import business_date
from revenue.models import RevenueEntry
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_the_demo_loads_whole_and_loading_it_again_changes_nothing(client: Client) -> None:
    first = StringIO()
    call_command("load_demo", stdout=first)
    entries = RevenueEntry.objects.count()
    assert Account.objects.count() == 38
    assert business_date() == rates.last_day()
    assert all(" rejected 0" in line for line in first.getvalue().splitlines() if ".csv: " in line)

    passwords = dict(User.objects.values_list("email", "password"))
    second = StringIO()
    call_command("load_demo", stdout=second)
    counts = [line for line in second.getvalue().splitlines() if ".csv: " in line]
    assert all("created 0, updated 0, " in line for line in counts)
    assert RevenueEntry.objects.count() == entries
    assert dict(User.objects.values_list("email", "password")) == passwords

    assert second.getvalue().splitlines()[-len(LOGINS)].split()[1:3] == [LOGINS[0].email, PASSWORD]
    for login in LOGINS:
        assert client.login(username=login.email, password=PASSWORD), login.email
        assert User.objects.get(email=login.email).access == login.access


@pytest.mark.parametrize("scale", ["0", "-1", "two"])
def test_a_scale_is_a_whole_number_from_one_up(scale: str) -> None:
    with pytest.raises(CommandError):
        call_command("load_demo", "--scale", scale)
    assert not Account.objects.exists()
