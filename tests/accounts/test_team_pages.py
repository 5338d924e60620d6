"""An account's team, changed from its page: from a day on, one global account manager, and what was done can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts import team_services as services
from accounts.team_queries import team_desk
from core.errors import DomainError, NotPermitted
from core.last_change import version_of
from money.services import pin_business_date
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember
from tests import factories as make
from tests.cast import Cast
from users.models import User

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 6, 1)
TEAM = "/accounts/ACME/team/"


@pytest.fixture(autouse=True)
def _on_a_day(db: None) -> None:
    pin_business_date(on=TODAY, by=None)


@pytest.fixture
def ana(db: None) -> Member:
    return make.MemberFactory(email="ana@example.org", given_name="Ana", family_name="Silva")


@pytest.fixture
def ben(db: None) -> Member:
    return make.MemberFactory(email="ben@example.org", given_name="Ben", family_name="Okoro")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def managers(cast: Cast) -> list[tuple[str, dt.date, dt.date | None]]:
    rows = TeamMember.objects.filter(team=cast.acme.team).in_role(GLOBAL_ACCOUNT_MANAGER).order_by("valid_from")
    return [(row.member.email, row.valid_from, row.valid_to) for row in rows]


def appoint(cast: Cast, member: Member, on: dt.date, by: User | None = None, **how: Any) -> None:
    how.setdefault("version", services.manager_version(account=cast.acme))
    services.appoint_manager(code="ACME", email=member.email, on=on, by=by or cast.owner, **how)


def test_a_member_comes_from_a_day_on(cast: Cast, ana: Member) -> None:
    fields = {"member": ana.email, "role": "legal", "on": "2026-07-01", "until": ""}
    assert signed_in(cast.owner).post(f"{TEAM}add/", fields).status_code == 302
    row = TeamMember.objects.get(member=ana)
    assert (row.team, row.role_id, row.valid_from, row.valid_to) == (
        cast.acme.team,
        "legal",
        dt.date(2026, 7, 1),
        None,
    )


def test_the_page_shows_who_serves_who_will_and_who_did(cast: Cast, ana: Member, ben: Member) -> None:
    make.TeamMemberFactory(team=cast.acme.team, member=ana, valid_from=dt.date(2026, 9, 1))
    make.TeamMemberFactory(team=cast.acme.team, member=ben, valid_to=TODAY)
    team = signed_in(cast.owner).get(TEAM).context["team"]
    assert [str(row.member) for row in team.now] == ["owner@example.org"]
    assert [str(row.member) for row in team.coming] == ["Ana Silva"]
    assert [str(row.member) for row in team.past] == ["Ben Okoro"]


def test_a_new_global_account_manager_replaces_the_other_from_the_day(cast: Cast, ana: Member, ben: Member) -> None:
    appoint(cast, ana, dt.date(2026, 1, 1))
    appoint(cast, ben, dt.date(2026, 7, 1))
    assert managers(cast) == [
        (ana.email, dt.date(2026, 1, 1), dt.date(2026, 7, 1)),
        (ben.email, dt.date(2026, 7, 1), None),
    ]


def test_the_one_role_is_not_given_by_adding(cast: Cast, ana: Member) -> None:
    with pytest.raises(DomainError, match="one at a time"):
        services.add_to_team(
            code="ACME", email=ana.email, role=GLOBAL_ACCOUNT_MANAGER, on=TODAY, until=None, by=cast.owner
        )


def test_a_planned_manager_stands_in_the_way_and_is_named(cast: Cast, ana: Member, ben: Member) -> None:
    appoint(cast, ana, dt.date(2027, 1, 1))
    with pytest.raises(DomainError, match="Ana Silva is global account manager from 1 January 2027"):
        appoint(cast, ben, TODAY)
    assert len(managers(cast)) == 1


def test_who_is_manager_already_is_not_appointed_again(cast: Cast, ana: Member) -> None:
    appoint(cast, ana, TODAY)
    with pytest.raises(DomainError, match="Ana Silva is so already"):
        appoint(cast, ana, dt.date(2026, 8, 1))


def test_a_manager_whose_end_is_set_is_followed_from_an_earlier_day(cast: Cast, ana: Member, ben: Member) -> None:
    appoint(cast, ana, dt.date(2026, 1, 1), until=dt.date(2026, 12, 1))
    appoint(cast, ben, dt.date(2026, 7, 1))
    assert managers(cast)[0] == (ana.email, dt.date(2026, 1, 1), dt.date(2026, 7, 1))


def test_an_appointment_after_somebody_elses_is_refused(cast: Cast, ana: Member, ben: Member) -> None:
    seen = services.manager_version(account=cast.acme)
    appoint(cast, ana, TODAY, version=seen)
    with pytest.raises(services.TeamChanged, match="Ana Silva is global account manager from 1 June 2026"):
        appoint(cast, ben, TODAY, by=cast.administrator, version=seen)
    assert managers(cast) == [(ana.email, TODAY, None)]


def test_a_membership_ends_on_a_day_or_is_taken_away_before_it_begins(cast: Cast) -> None:
    row = TeamMember.objects.get(team=cast.acme.team)
    client = signed_in(cast.administrator)
    version = services.membership_version(row=row)
    client.post(f"{TEAM}{row.pk}/end/", {"on": "2026-08-01", "version": version})
    row.refresh_from_db()
    assert row.valid_to == dt.date(2026, 8, 1)
    planned = make.TeamMemberFactory(team=cast.acme.team, valid_from=dt.date(2027, 1, 1))
    version = services.membership_version(row=planned)
    client.post(f"{TEAM}{planned.pk}/end/", {"on": "2026-08-01", "version": version})
    assert not TeamMember.objects.filter(pk=planned.pk).exists()


def test_a_correction_says_role_and_dates_anew_unless_somebody_was_first(cast: Cast) -> None:
    row = TeamMember.objects.get(team=cast.acme.team)
    client = signed_in(cast.owner)
    fields = {"role": "legal", "on": "2026-01-01", "until": "", "version": services.membership_version(row=row)}
    assert client.post(f"{TEAM}{row.pk}/", fields).status_code == 302
    row.refresh_from_db()
    assert (row.role_id, row.valid_from) == ("legal", dt.date(2026, 1, 1))
    answer = client.post(f"{TEAM}{row.pk}/", {**fields, "role": "finance"})
    assert answer.status_code == 422
    assert "Somebody changed this after you opened it" in answer.content.decode()


def test_the_last_change_is_taken_back_whole(cast: Cast, ana: Member, ben: Member) -> None:
    appoint(cast, ana, dt.date(2026, 1, 1))
    stood = managers(cast)
    appoint(cast, ben, dt.date(2026, 7, 1))
    after = managers(cast)
    desk = team_desk(viewer=cast.owner, account=cast.acme)
    assert desk.last is not None
    assert desk.last_by == "owner@example.org"
    signed_in(cast.owner).post(f"{TEAM}undo/", {"version": desk.last.version})
    assert managers(cast) == stood
    again = team_desk(viewer=cast.owner, account=cast.acme).last
    assert again is not None
    services.undo_team_change(code="ACME", version=again.version, by=cast.owner)
    assert managers(cast) == after


def test_what_was_ended_or_taken_away_comes_back(cast: Cast) -> None:
    row = TeamMember.objects.get(team=cast.acme.team)
    services.end_membership(
        code="ACME",
        pk=row.pk,
        on=dt.date(1, 1, 1),
        version=services.membership_version(row=row),
        by=cast.administrator,
    )
    assert not TeamMember.objects.filter(team=cast.acme.team).exists()
    version = version_of(TeamMember, team_id=cast.acme.team_id)
    services.undo_team_change(code="ACME", version=version, by=cast.administrator)
    assert TeamMember.objects.get(team=cast.acme.team).pk == row.pk


def test_an_undo_of_what_was_not_seen_is_refused(cast: Cast, ana: Member, ben: Member) -> None:
    appoint(cast, ana, dt.date(2026, 1, 1))
    seen = version_of(TeamMember, team_id=cast.acme.team_id)
    appoint(cast, ben, dt.date(2026, 7, 1))
    with pytest.raises(DomainError, match="Something else was changed since"):
        services.undo_team_change(code="ACME", version=seen, by=cast.owner)


def test_who_sees_only_a_part_reads_the_team_and_changes_nothing(cast: Cast, ana: Member) -> None:
    with pytest.raises(NotPermitted):
        appoint(cast, ana, TODAY, by=cast.europe_lead)
    client = signed_in(cast.europe_lead)
    assert client.get(TEAM).context["desk"].may_change is False
    assert client.get(f"{TEAM}add/").status_code == 403
    assert signed_in(cast.outsider).get(f"{TEAM}add/").status_code == 404


def test_a_sheet_is_answered_with_the_form_and_leads_on_when_done(cast: Cast, ana: Member) -> None:
    client = signed_in(cast.owner)
    sheet = {"HX-Request": "true", "HX-Target": "sheet-content"}
    answer = client.post(f"{TEAM}add/", {"member": ana.email, "role": ""}, headers=sheet)
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    answer = client.post(f"{TEAM}add/", {"member": ana.email, "role": "legal"}, headers=sheet)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, TEAM)


def test_the_panel_says_what_each_covers_and_who_is_not_in_the_team(cast: Cast, ana: Member) -> None:
    unit = cast.acme.org_units.get()
    make.CoverageFactory(org_unit=unit, member=ana, covers_descendants=True)
    found = signed_in(cast.owner).get(f"{TEAM}coverage/").context["found"]
    assert [(str(one.member), one.is_outside) for one in found.covering] == [("Ana Silva", True)]
    assert [str(member) for member in found.idle] == ["owner@example.org"]


def test_the_page_asks_as_much_of_the_database_for_many_members(
    cast: Cast, django_assert_num_queries: Any, ana: Member
) -> None:
    client = signed_in(cast.owner)
    client.get(TEAM)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(TEAM)
    for _n in range(20):
        make.TeamMemberFactory(team=cast.acme.team)
    with django_assert_num_queries(len(few)):
        client.get(TEAM)
