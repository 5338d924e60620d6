"""Proposals: a job that survives its worker, what it proposes, and what of it is accepted."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from django.test import Client

from core import formats
from core.errors import DomainError, NotPermitted
from coverage import proposal_services, proposals
from coverage.models import Coverage, CoveragePolicy
from coverage.proposal_models import Proposal, ProposalState, ProposedPost
from coverage.proposals import offered
from teams.models import Member
from tests import factories as make
from tests.cast import Cast
from users.models import User

LOCAL = "local_account_manager"
FROM = dt.date(2024, 6, 1)


@pytest.fixture
def staffed(cast: Cast) -> Cast:
    """ACME needs a local manager at each legal entity and has none; Anna speaks German and is free, Ben speaks no German."""
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id=LOCAL)
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    make.OrgUnitFactory(account=cast.acme, code="ACME-FR", country="FR")
    for name, languages, hours in (("anna", ["de:C1"], 20), ("ben", ["en:C2"], 20), ("cleo", ["de:C2", "fr:C2"], None)):
        make.MemberFactory(
            email=f"{name}@example.org",
            languages=languages,
            weekly_hours=hours,
            country="DE",
            time_zone="Europe/Berlin",
        )
    return cast


def solved(by: User, **asked: object) -> Proposal:
    asked = asked or {"account": "ACME"}
    found = proposal_services.queue_proposal(by=by, on=FROM, **asked)  # type: ignore[arg-type]  # drawn together
    proposal_services.run_proposal(pk=found.pk)
    found.refresh_from_db()
    return found


def lines(proposal: Proposal) -> dict[str, str]:
    rows = ProposedPost.objects.filter(proposal=proposal).values_list("org_unit__code", "member__email")
    return {unit: email.partition("@")[0] for unit, email in rows}


def accept(by: User, proposal: Proposal, units: list[str] | None = None, on: dt.date = FROM) -> int:
    posts = ProposedPost.objects.filter(proposal=proposal, accepted_at__isnull=True)
    posts = posts if units is None else posts.filter(org_unit__code__in=units)
    ids = list(posts.values_list("pk", flat=True))
    return proposal_services.accept_posts(by=by, pk=proposal.pk, post_ids=ids, valid_from=on)


@pytest.mark.django_db
def test_who_fits_is_proposed_and_who_is_not_known_is_counted(staffed: Cast) -> None:
    found = solved(staffed.superuser)
    assert found.state == ProposalState.DONE
    # Anna and Ben fill France by half each; the owner and the outsider have no languages and no hours, Cleo no hours.
    assert lines(found) == {"ACME-DE": "anna", "ACME-FR": lines(found)["ACME-FR"]}
    assert lines(found)["ACME-FR"] in {"anna", "ben"}
    assert found.outcome["unknown_capacity"] == 3
    assert (found.outcome["score_before"], found.outcome["score_after"]) == ("0.000000", "0.750000")
    assert found.outcome["is_proved"]
    assert lines(solved(staffed.superuser, account="ACME", takes_unknown=True))["ACME-FR"] == "cleo"


@pytest.mark.django_db
def test_hours_limit_what_a_member_is_given(staffed: Cast) -> None:
    Member.objects.filter(email="anna@example.org").update(weekly_hours=1)
    Member.objects.exclude(email="anna@example.org").update(weekly_hours=0)
    assert lines(solved(staffed.superuser)) == {"ACME-DE": "anna"}
    make.CoverageFactory(org_unit=staffed.other.org_units.get(), member=Member.objects.get(email="anna@example.org"))
    assert lines(solved(staffed.superuser)) == {}


@pytest.mark.django_db
def test_what_a_reader_does_not_see_limits_all_the_same(staffed: Cast) -> None:
    """Anna's hour is taken at a customer whom the owner does not see: he is not told, and she is not overloaded."""
    Member.objects.filter(email="anna@example.org").update(weekly_hours=1)
    Member.objects.exclude(email="anna@example.org").update(weekly_hours=0)
    make.CoverageFactory(org_unit=staffed.other.org_units.get(), member=Member.objects.get(email="anna@example.org"))
    assert lines(solved(staffed.owner)) == {}


@pytest.mark.django_db
def test_a_lead_is_offered_her_regions_and_those_below_them(staffed: Cast) -> None:
    make.RegionLinkFactory(child=make.RegionFactory(code="NORTH"), parent=staffed.europe)
    assert {code for code, _name in offered(viewer=staffed.europe_lead).regions} == {"EUROPE", "NORTH"}
    assert [code for code, _name in offered(viewer=staffed.owner).regions] == []


@pytest.mark.django_db
def test_a_region_is_solved_for_its_own_countries(staffed: Cast) -> None:
    make.OrgUnitFactory(account=staffed.acme, code="ACME-JP", country="JP")
    assert set(lines(solved(staffed.superuser, region="EUROPE"))) == {"ACME-DE", "ACME-FR"}
    assert set(lines(solved(staffed.superuser, region="ASIA"))) == {"ACME-JP"}


@pytest.mark.django_db
def test_only_the_team_is_asked_where_that_is_wanted(staffed: Cast) -> None:
    assert lines(solved(staffed.superuser, account="ACME", team_only=True)) == {}
    make.TeamMemberFactory(team=staffed.acme.team, member=Member.objects.get(email="ben@example.org"))
    assert set(lines(solved(staffed.superuser, account="ACME", team_only=True)).values()) == {"ben"}


@pytest.mark.django_db
def test_slots_covered_in_part_are_open_where_that_is_wanted(staffed: Cast) -> None:
    ben = Member.objects.get(email="ben@example.org")
    make.CoverageFactory(org_unit=staffed.acme.org_units.get(code="ACME-DE"), member=ben)
    assert "ACME-DE" not in lines(solved(staffed.superuser))
    found = solved(staffed.superuser, account="ACME", improves=True)
    assert lines(found)["ACME-DE"] == "anna"
    assert Coverage.objects.count() == 1


@pytest.mark.django_db
def test_a_part_is_accepted_and_the_rest_stays_open(staffed: Cast) -> None:
    found = solved(staffed.superuser)
    assert accept(staffed.superuser, found, ["ACME-DE"]) == 1
    row = Coverage.objects.get()
    assert (row.member.email, row.org_unit.code, row.valid_from) == ("anna@example.org", "ACME-DE", FROM)
    assert staffed.acme.team.memberships.filter(member=row.member, valid_from=FROM).exists()
    view = proposals.proposal_view(viewer=staffed.superuser, pk=found.pk)
    assert [line.post.org_unit.code for line in view.open_lines] == ["ACME-FR"]
    assert view.changed == []  # its own acceptance is no surprise
    assert accept(staffed.superuser, found) == 1
    assert Coverage.objects.count() == 2
    with pytest.raises(DomainError, match="not accepted yet"):
        accept(staffed.superuser, found)


@pytest.mark.django_db
def test_a_changed_ground_is_said_and_a_line_that_no_longer_holds_is_refused_with_all(staffed: Cast) -> None:
    found = solved(staffed.superuser)
    make.CoverageFactory(org_unit=staffed.acme.org_units.get(code="ACME-DE"), member=staffed.owner.member)
    assert proposals.proposal_view(viewer=staffed.superuser, pk=found.pk).changed == ["coverage"]
    with pytest.raises(DomainError, match="has somebody"):
        accept(staffed.superuser, found)
    assert Coverage.objects.count() == 1
    Member.objects.update(weekly_hours=Decimal("0.5"))
    with pytest.raises(DomainError, match="no hours left"):
        accept(staffed.superuser, found, ["ACME-FR"])
    assert proposals.proposal_view(viewer=staffed.superuser, pk=found.pk).changed == ["coverage", "members"]


@pytest.mark.django_db
def test_who_may_not_edit_neither_asks_nor_accepts(staffed: Cast) -> None:
    with pytest.raises(NotPermitted):
        solved(staffed.executive)
    found = solved(staffed.superuser)
    with pytest.raises(NotPermitted):
        accept(staffed.executive, found)
    with pytest.raises(Proposal.DoesNotExist):
        accept(staffed.outsider, found)


@pytest.mark.django_db
def test_a_proposal_is_seen_by_who_sees_as_much_as_the_one_who_asked(staffed: Cast) -> None:
    whole, part = solved(staffed.owner), solved(staffed.europe_lead)
    for viewer, seen in (
        (staffed.owner, {whole.pk}),
        (staffed.europe_lead, {part.pk}),
        (staffed.executive, {whole.pk, part.pk}),
        (staffed.outsider, set()),
        (staffed.administrator, set()),
    ):
        assert set(proposals.proposals(viewer=viewer).values_list("pk", flat=True)) == seen, viewer


@pytest.mark.django_db
def test_the_pages_ask_show_progress_and_accept(staffed: Cast) -> None:
    client = Client()
    client.force_login(staffed.superuser)
    assert "choose" in client.post("/proposals/new/", {"on": "2024-06-01"}).content.decode().lower()
    answer = client.post("/proposals/new/", {"account": "ACME", "on": "2024-06-01"})
    found = Proposal.objects.get()
    assert answer.headers["Location"] == f"/proposals/{found.pk}/"
    assert "Waiting for a worker" in client.get(f"/proposals/{found.pk}/").content.decode()
    proposal_services.run_proposal(pk=found.pk)
    page = client.get(f"/proposals/{found.pk}/").content.decode()
    assert "anna@example.org" in page
    assert "No assignment within these hours" in page
    ids = [str(pk) for pk in ProposedPost.objects.values_list("pk", flat=True)]
    url = f"/proposals/{found.pk}/accept/"
    assert client.post(url, {"post": ids}).status_code == 200  # without a day
    assert Coverage.objects.count() == 0
    assert client.post(url, {"post": ids, "valid_from": "2024-06-01"}).status_code == 302
    assert Coverage.objects.count() == 2
    assert client.get("/proposals/").status_code == 200


@pytest.mark.django_db
def test_one_worker_at_a_time_and_a_finished_one_is_left_alone(staffed: Cast) -> None:
    found = solved(staffed.superuser)
    at = found.finished_at
    proposal_services.run_proposal(pk=found.pk)
    found.refresh_from_db()
    assert found.finished_at == at
    assert proposal_services.resume_interrupted() == []


_WORKER = """
import sys, time, django
django.setup()
from coverage import proposal_services
def stuck(*args, **kwargs):
    print("solving", flush=True)
    time.sleep(60)
proposal_services.assign = stuck
proposal_services.run_proposal(pk=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_proposal_whose_worker_was_killed_is_found_and_solved(staffed: Cast) -> None:
    found = proposal_services.queue_proposal(by=staffed.superuser, account="ACME", on=FROM)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
    command = [sys.executable, "-c", _WORKER, str(found.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "solving\n"
        assert proposal_services.resume_interrupted() == []  # somebody is at it
        worker.kill()
    until = time.monotonic() + 10
    while not (taken := proposal_services.resume_interrupted()) and time.monotonic() < until:
        time.sleep(0.1)
    assert taken == [found.pk]
    proposal_services.run_proposal(pk=found.pk)
    found.refresh_from_db()
    assert found.state == ProposalState.DONE
    assert lines(found)["ACME-DE"] == "anna"


@pytest.mark.django_db
def test_lines_add_up_to_what_the_gap_loses(staffed: Cast) -> None:
    """A unit whose two roles weigh 3 and 1 is not worth four times its value: each line closes its part of it."""
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="legal", weight=3)
    found = proposals.proposal_view(viewer=staffed.superuser, pk=solved(staffed.superuser).pk)
    assert len(found.lines) > 2
    closed = [line.closes for line in found.lines if isinstance(line.closes, Decimal)]
    before, after = found.amounts["gap_before"], found.amounts["gap_after"]
    assert isinstance(before, Decimal)
    assert isinstance(after, Decimal)
    assert sum(closed) == before - after > 0
    assert closed == sorted(closed, reverse=True)


@pytest.mark.django_db
def test_who_sees_no_figures_reads_that_amounts_are_not_shown(staffed: Cast) -> None:
    found = solved(staffed.administrator)
    view = proposals.proposal_view(viewer=staffed.administrator, pk=found.pk)
    assert view.lines
    assert {line.closes for line in view.lines} == {*view.amounts.values()} == {formats.NOT_SHOWN}
    client = Client()
    client.force_login(staffed.administrator)
    html = client.get(f"/proposals/{found.pk}/").content.decode()
    assert html.count("not shown") >= len(view.lines)


@pytest.mark.django_db
def test_a_long_proposal_is_read_and_accepted_in_pages(staffed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "LINES", 1)
    found = solved(staffed.superuser)
    client = Client()
    client.force_login(staffed.superuser)
    first = client.get(f"/proposals/{found.pk}/").context
    assert len(first["lines"]) == 1
    second = client.get(f"/proposals/{found.pk}/?after={first['next']}&chosen=none").context
    assert second["lines"][0].post.pk != first["lines"][0].post.pk
    assert (second["next"], second["chosen"]) == (None, set())
