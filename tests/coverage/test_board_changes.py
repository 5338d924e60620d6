"""Changing who covers what on the board: previewed, dated, refused when somebody else was faster, and taken back."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.errors import DomainError, NotPermitted
from coverage import board_services
from coverage.board_services import CoverageChanged, slot_version
from coverage.models import Coverage
from tests.boards import LOCAL, REGIONAL, TODAY, Acme
from users.models import User

ADDRESS = "/accounts/ACME/alignment"
NEXT = dt.date(2026, 12, 1)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cover(acme: Acme, **changes: Any) -> None:
    given: dict[str, Any] = {
        "code": "ACME",
        "unit": "ACME-DE",
        "role": LOCAL,
        "email": "bea@example.org",
        "on": NEXT,
        "version": slot_version(unit=acme.german.pk, role=LOCAL),
        "by": acme.cast.owner,
    }
    board_services.cover_slot(**{**given, **changes})


def held(role: str = LOCAL) -> list[tuple[str, dt.date, dt.date | None]]:
    rows = Coverage.objects.filter(role=role).order_by("valid_from", "member__email")
    return [(row.member.email, row.valid_from, row.valid_to) for row in rows]


@pytest.mark.django_db
def test_somebody_comes_beside_who_is_there(acme: Acme) -> None:
    cover(acme)
    assert held() == [("owner@example.org", dt.date.min, None), ("bea@example.org", NEXT, None)]


@pytest.mark.django_db
def test_somebody_takes_over_on_a_day(acme: Acme) -> None:
    cover(acme, instead=True)
    assert held() == [("owner@example.org", dt.date.min, NEXT), ("bea@example.org", NEXT, None)]


@pytest.mark.django_db
def test_the_units_below_from_a_day_on_is_a_period_of_its_own(acme: Acme) -> None:
    cover(acme, email="owner@example.org", covers_descendants=True)
    rows = Coverage.objects.filter(member=acme.owner).order_by("valid_from")
    assert [(row.valid_from, row.valid_to, row.covers_descendants) for row in rows] == [
        (dt.date.min, NEXT, False),
        (NEXT, None, True),
    ]


@pytest.mark.django_db
def test_what_is_so_already_is_said(acme: Acme) -> None:
    with pytest.raises(DomainError, match="covers it so already"):
        cover(acme, email="owner@example.org")


@pytest.mark.django_db
def test_coverage_ends_on_a_day_and_what_had_not_begun_is_gone(acme: Acme) -> None:
    cover(acme)
    coming = Coverage.objects.get(member=acme.colleague)
    for row, day in ((acme.held, NEXT), (coming, TODAY)):
        version = slot_version(unit=acme.german.pk, role=LOCAL)
        board_services.end_coverage(code="ACME", pk=row.pk, on=day, version=version, by=acme.cast.owner)
    assert held() == [("owner@example.org", dt.date.min, NEXT)]
    version = slot_version(unit=acme.german.pk, role=LOCAL)
    with pytest.raises(DomainError, match="already"):
        board_services.end_coverage(code="ACME", pk=acme.held.pk, on=NEXT, version=version, by=acme.cast.owner)


@pytest.mark.django_db
def test_of_two_who_change_a_slot_the_second_is_told_by_whom(acme: Acme) -> None:
    seen = slot_version(unit=acme.german.pk, role=LOCAL)
    cover(acme, by=acme.cast.superuser, version=seen)
    with pytest.raises(CoverageChanged, match=r"root@example\.org changed this slot"):
        cover(acme, email="owner@example.org", covers_descendants=True, version=seen)
    assert len(held()) == 2


@pytest.mark.django_db
def test_another_slot_of_the_same_unit_is_not_in_the_way(acme: Acme) -> None:
    seen = slot_version(unit=acme.german.pk, role=REGIONAL)
    cover(acme)
    cover(acme, role=REGIONAL, version=seen)
    assert held(REGIONAL) == [("bea@example.org", NEXT, None)]


@pytest.mark.django_db
def test_a_change_of_two_rows_is_taken_back_whole(acme: Acme) -> None:
    before = held()
    client = signed_in(acme.cast.owner)
    client.post(f"{ADDRESS}/cover/", {**form_of(acme), "instead": "yes"})
    assert len(held()) == 2
    undo = client.get(f"{ADDRESS}/").context["undo"][0]
    assert client.post(f"{ADDRESS}/undo/", {"version": undo.version}).status_code == 302
    assert held() == before
    # Somebody else's later change is not taken back unseen.
    cover(acme)
    client.post(f"{ADDRESS}/undo/", {"version": undo.version})
    assert len(held()) == 2


@pytest.mark.django_db
def test_only_who_may_edit_and_sees_the_whole_account_changes_it(acme: Acme) -> None:
    for user in (acme.cast.europe_lead, acme.cast.administrator):
        with pytest.raises(NotPermitted):
            cover(acme, by=user)
        for place in ("cover/", "undo/", f"coverage/{acme.held.pk}/end/"):
            assert signed_in(user).post(f"{ADDRESS}/{place}", form_of(acme)).status_code == 403, place
    for place in ("cover/", "undo/", f"coverage/{acme.held.pk}/end/"):
        assert signed_in(acme.cast.outsider).post(f"{ADDRESS}/{place}", form_of(acme)).status_code == 404, place
    assert len(held()) == 1


# -- the forms


def form_of(acme: Acme, **changes: str) -> dict[str, str]:
    return {
        "unit": "ACME-DE",
        "role": LOCAL,
        "member": "bea@example.org",
        "on": NEXT.isoformat(),
        "instead": "no",
        "version": str(slot_version(unit=acme.german.pk, role=LOCAL)),
        **changes,
    }


@pytest.mark.django_db
def test_the_plain_form_leads_back_to_the_board(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    form = client.get(f"{ADDRESS}/cover/?unit=ACME-DE&role={LOCAL}&member=bea@example.org")
    assert form.context["form"].initial["member"] == "bea@example.org"
    done = client.post(f"{ADDRESS}/cover/", form_of(acme))
    assert (done.status_code, done["Location"]) == (302, f"{ADDRESS}/")
    assert len(held()) == 2


@pytest.mark.django_db
def test_in_the_sheet_the_board_is_told_to_draw_itself_anew(acme: Acme) -> None:
    headers = {"HX-Request": "true", "HX-Target": "sheet-content"}
    done = signed_in(acme.cast.owner).post(f"{ADDRESS}/cover/", form_of(acme), headers=headers)
    assert done.status_code == 204
    assert set(json.loads(done["HX-Trigger"])) == {"coverage-changed", "toast"}


@pytest.mark.django_db
def test_a_form_that_came_too_late_may_be_sent_once_more(acme: Acme) -> None:
    client, late = signed_in(acme.cast.owner), form_of(acme)
    cover(acme, by=acme.cast.superuser, email="owner@example.org", covers_descendants=True)
    told = client.post(f"{ADDRESS}/cover/", late)
    assert told.status_code == 422
    assert "changed this slot" in told.content.decode()
    assert (
        client.post(f"{ADDRESS}/cover/", {**late, "version": told.context["form"]["version"].value()}).status_code
        == 302
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"member": "nobody@example.org"}, {"on": "soon"}, {"until": "2026-11-01"}, {"version": "x"}, {"member": ""}],
)
def test_bad_input_is_said_at_its_field_and_writes_nothing(acme: Acme, wrong: dict[str, str]) -> None:
    told = signed_in(acme.cast.owner).post(f"{ADDRESS}/cover/", form_of(acme, **wrong))
    assert told.status_code == 422
    assert set(told.context["form"].errors) == set(wrong)
    assert len(held()) == 1


@pytest.mark.django_db
def test_coverage_is_ended_by_its_form(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    address = f"{ADDRESS}/coverage/{acme.held.pk}/end/"
    version = client.get(address).context["form"].initial["version"]
    assert client.post(address, {"on": "2026-12-01", "version": version}).status_code == 302
    assert held() == [("owner@example.org", dt.date.min, NEXT)]
    assert client.get(f"{ADDRESS}/coverage/0/end/").status_code == 404


# -- the preview


@pytest.mark.django_db
def test_a_preview_says_what_the_change_then_does_and_writes_nothing(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    chosen = f"unit=ACME-FR&role={LOCAL}&member=bea@example.org&on={TODAY}"
    told = client.get(f"{ADDRESS}/cover/preview/?{chosen}").context["preview"]
    assert len(held()) == 1
    assert told.before.gap - told.after.gap == 20000  # two thirds of 300.00
    version = str(slot_version(unit=acme.french.pk, role=LOCAL))
    client.post(f"{ADDRESS}/cover/", form_of(acme, unit="ACME-FR", on=TODAY.isoformat(), version=version))
    now = client.get(f"{ADDRESS}/").context["screen"].sums
    assert (now.gap, now.score) == (told.after.gap, told.after.score)


@pytest.mark.django_db
def test_a_preview_knows_who_would_cease(acme: Acme) -> None:
    client = signed_in(acme.cast.owner)
    chosen = f"unit=ACME-DE&role={LOCAL}&member=bea@example.org&on={TODAY}"
    beside = client.get(f"{ADDRESS}/cover/preview/?{chosen}&instead=no").context["preview"]
    instead = client.get(f"{ADDRESS}/cover/preview/?{chosen}&instead=yes").context["preview"]
    # Bea speaks no German: half.
    assert beside.after.gap == beside.before.gap
    assert Decimal(instead.after.gap - instead.before.gap) == 20000


@pytest.mark.django_db
def test_a_preview_of_nobody_asks_for_somebody(acme: Acme) -> None:
    told = signed_in(acme.cast.owner).get(f"{ADDRESS}/cover/preview/?unit=ACME-DE&role={LOCAL}&member=")
    assert "Choose a member" in told.content.decode()


@pytest.mark.django_db
def test_the_best_fit_of_the_team_comes_first_with_its_reasons(acme: Acme) -> None:
    panel = signed_in(acme.cast.owner).get(f"{ADDRESS}/slot/?unit=ACME-FR&role={LOCAL}").context["panel"]
    assert [one.member.email for one in panel.candidates] == ["bea@example.org", "owner@example.org"]
    assert [one.fill for one in panel.candidates] == [1, Decimal("0.5")]
    assert panel.candidates[1].reasons == ["No shared language at B2 or better: half."]


@pytest.mark.django_db
def test_a_preview_says_what_both_would_carry(acme: Acme) -> None:
    acme.owner.weekly_hours = Decimal(40)
    acme.owner.save()
    chosen = f"unit=ACME-DE&role={LOCAL}&member=bea@example.org&on={TODAY}&instead=yes"
    page = signed_in(acme.cast.owner).get(f"{ADDRESS}/cover/preview/?{chosen}")
    coming, leaving = page.context["preview"].loads
    assert (coming.member, leaving.member) == (acme.colleague, acme.owner)
    assert (coming.before.units, coming.after.units) == (0, 1)
    assert (leaving.before.units, leaving.after.units) == (1, 0)
    assert coming.after.hours == leaving.before.hours > 0
    text = page.content.decode()
    assert "of unknown capacity" in text
    assert "of 40" in text
