"""Members: a directory to search, a page that shows what its reader may see, and forms for administrators."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Relationship
from core.errors import DomainError
from coverage.member_queries import member_page
from money.services import pin_business_date
from regions.queries import calendars
from teams import services
from teams.models import Member
from teams.week import week_of
from tests import factories as make
from tests.cast import Cast
from users.models import User

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 20)


@pytest.fixture
def world(cast: Cast) -> Cast:
    """The owner serves ACME and OTHER, and covers and knows somebody at both."""
    pin_business_date(on=TODAY, by=None)
    owner = cast.owner.member
    make.TeamMemberFactory(team=cast.other.team, member=owner)
    for account in (cast.acme, cast.other):
        make.CoverageFactory(org_unit=account.org_units.get(), member=owner)
        Relationship.objects.create(contact=make.ContactFactory(account=account), member=owner, strength=Decimal("0.5"))
    return cast


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(user: User, query: str) -> list[str]:
    """The addresses of those whose pages the list leads to."""
    text = signed_in(user).get(f"/teams/?{query}").content.decode()
    return sorted(one.email for one in Member.objects.all() if f"/members/{one.email}/" in text)


def member(email: str, **how: Any) -> Member:
    found: Member = make.MemberFactory(email=f"{email}@example.org", **how)
    return found


def test_the_directory_finds_by_language_at_a_level_skill_and_region(world: Cast) -> None:
    member("ana", languages=["de:C1"], skills=["fleet"], country="DE")
    member("ben", languages=["de:A2"], skills=["fleet", "tax"], country="JP")
    member("cleo", languages=["de"], country="FR")
    ana, ben, cleo = (f"{name}@example.org" for name in ("ana", "ben", "cleo"))
    assert listed(world.owner, "language=de") == [ana, ben, cleo]
    assert listed(world.owner, "language=de&mastery=B2") == [ana]
    assert listed(world.owner, "language=de&mastery=A1") == [ana, ben]
    assert listed(world.owner, "skill=tax") == [ben]
    assert listed(world.owner, "region=EUROPE") == [ana, cleo]
    assert listed(world.owner, "search=cleo") == [cleo]


def test_the_directory_asks_as_much_of_the_database_for_many_members(world: Cast) -> None:
    client = signed_in(world.owner)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/teams/?columns=name,week,hours,accounts,skills,holiday")
        return len(found)

    asked()
    few = asked()
    for n in range(15):
        make.TeamMemberFactory(team=world.acme.team, member=member(f"m{n}", country="DE"))
    assert asked() == few


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"country": "DE"}, "Mon – Fri, 09:00–17:00"),
        ({"country": "SA"}, "Sun – Thu, 09:00–17:00"),
        ({"country": "DE", "working_days": ["mon", "wed"], "works_from": dt.time(8)}, "Mon, Wed, 08:00–17:00"),
        ({}, ""),
    ],
)
def test_a_week_is_her_own_or_her_countrys_or_unknown(world: Cast, how: dict[str, Any], words: str) -> None:
    assert week_of(Member(**how), calendars(), TODAY).words.replace(" – ", "–") == words.replace(" – ", "–")


def test_the_page_shows_what_its_reader_sees_and_nothing_of_other_accounts(world: Cast) -> None:
    for user, accounts, known in (
        (world.superuser, {"ACME", "OTHER"}, 2),
        (world.outsider, {"OTHER"}, 1),
        (world.europe_lead, {"ACME"}, 0),
    ):
        page = member_page(viewer=User.objects.get(pk=user.pk), email=world.owner.email)
        assert {row.team.account.code for row in page.serving} == accounts
        assert {row.account.code for row in page.coverage} == accounts
        assert (page.accounts, page.known) == (len(accounts), known)


def test_viewers_look_up_nobody(world: Cast) -> None:
    assert signed_in(world.viewer).get(f"/members/{world.owner.email}/").status_code == 404


def test_the_next_holidays_are_those_she_would_have_worked_on(world: Cast) -> None:
    anna = member("anna", country="DE")
    names = [one.day for one in member_page(viewer=world.owner, email=anna.email).holidays or []]
    assert names[:2] == [dt.date(2026, 12, 25), dt.date(2027, 1, 1)]
    anna.working_days = ["mon"]
    anna.save()
    only = member_page(viewer=world.owner, email=anna.email).holidays or []
    assert {one.day.weekday() for one in only} == {0}
    nobody = member("nobody")
    assert member_page(viewer=world.owner, email=nobody.email).holidays is None


def form_of(client: Client, email: str, **changes: Any) -> dict[str, Any]:
    form = client.get(f"/members/{email}/edit/").context["form"]
    told = {bound.name: bound.value() for bound in form if bound.value() not in (None, "", [])}
    return {**told, **changes}


def test_an_administrator_adds_and_edits_a_member_whole(world: Cast) -> None:
    client = signed_in(world.administrator)
    fields = {
        "email": "Ana.Silva@Example.org",
        "given_name": "Ana",
        "family_name": "Silva",
        "level": "manager",
        "country": "PT",
        "time_zone": "Europe/Lisbon",
        "languages": "pt:C2; en:b2",
        "skills": "fleet; tax",
        "weekly_hours": "37.5",
        "manager_email": world.owner.email,
        "works_from": "08:30",
        "works_to": "16:30",
        "working_days": ["mon", "tue"],
    }
    answer = client.post("/members/add/", fields)
    assert answer.status_code == 302
    ana = Member.objects.get(email__iexact="ana.silva@example.org")
    assert (ana.languages, ana.skills, ana.working_days) == (["pt:C2", "en:B2"], ["fleet", "tax"], ["mon", "tue"])
    assert (ana.manager, ana.weekly_hours, ana.works_from) == (world.owner.member, Decimal("37.5"), dt.time(8, 30))
    sent = form_of(client, ana.email, family_name="Souza", works_from="")
    assert client.post(f"/members/{ana.email}/edit/", sent).status_code == 302
    ana.refresh_from_db()
    assert (ana.family_name, ana.works_from, ana.works_to) == ("Souza", None, dt.time(16, 30))


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(world: Cast) -> None:
    client = signed_in(world.administrator)
    for field, value in (("languages", "klingonisch"), ("time_zone", "Mars/Base"), ("weekly_hours", "200")):
        answer = client.post(
            f"/members/{world.owner.email}/edit/", form_of(client, world.owner.email, **{field: value})
        )
        assert answer.status_code == 422
        assert answer.context["form"][field].errors, field
    answer = client.post("/members/add/", {"email": world.owner.email})
    assert answer.context["form"]["email"].errors


def test_a_form_opened_before_somebody_elses_change_is_refused(world: Cast) -> None:
    client = signed_in(world.administrator)
    sent = form_of(client, world.owner.email, given_name="Mine")
    Member.objects.filter(user=world.owner).update(given_name="Theirs")
    answer = client.post(f"/members/{world.owner.email}/edit/", sent)
    assert answer.status_code == 422
    assert Member.objects.get(user=world.owner).given_name == "Theirs"


def test_only_who_was_made_by_mistake_is_deleted(world: Cast) -> None:
    with pytest.raises(DomainError, match="team members"):
        services.remove_member(pk=world.owner.member.pk, by=world.administrator)
    mistake = member("mistake")
    signed_in(world.administrator).post(f"/members/{mistake.email}/delete/")
    assert not Member.objects.filter(pk=mistake.pk).exists()


def test_only_who_configures_teams_edits(world: Cast) -> None:
    for user in (world.owner, world.executive, world.europe_lead):
        assert signed_in(user).get(f"/members/{world.owner.email}/edit/").status_code == 403
        assert signed_in(user).get("/members/add/").status_code == 403


def test_the_page_asks_as_much_of_the_database_for_much_coverage(world: Cast) -> None:
    client = signed_in(world.superuser)
    address = f"/members/{world.owner.email}/"

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        return len(found)

    asked()
    few = asked()
    for _n in range(8):
        unit = make.OrgUnitFactory(account=world.acme)
        make.CoverageFactory(org_unit=unit, member=world.owner.member)
        Relationship.objects.create(contact=make.ContactFactory(account=world.acme), member=world.owner.member)
    assert asked() == few
