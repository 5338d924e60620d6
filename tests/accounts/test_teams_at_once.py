"""Two people change a team at the same moment, each on a connection of her own."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import DatabaseError, connection

from accounts import team_services as services
from core.errors import DomainError
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamMember
from tests import factories as make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_of_two_appointments_at_once_one_counts_and_the_other_is_told(cast: Cast) -> None:
    names = [make.MemberFactory(given_name=name).email for name in ("Ana", "Ben", "Cleo", "Dora")]
    version = services.manager_version(account=cast.acme)
    start = threading.Barrier(len(names))
    refused: list[Exception] = []

    def appoint(email: str) -> None:
        try:
            start.wait(30)
            services.appoint_manager(
                code="ACME", email=email, on=dt.date(2026, 7, 1), version=version, by=cast.superuser
            )
        except (DomainError, DatabaseError) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=appoint, args=[email]) for email in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (row,) = TeamMember.objects.filter(team=cast.acme.team, role=GLOBAL_ACCOUNT_MANAGER).select_related("member")
    assert [type(error) for error in refused] == [services.TeamChanged] * 3
    assert {str(error) for error in refused} == {f"{row.member} is global account manager from 1 July 2026."}
