"""Leads: who finds them, how they go from MQL to opportunity and back, what is kept of it, and what is overdue."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from money.services import pin_business_date
from pipeline import lead_services, lead_set_up
from pipeline.deals import DealRows
from pipeline.lead_models import LeadChange
from pipeline.models import Lead, Opportunity
from tests import factories as make
from tests.cast import Cast
from tests.imports.world import load, refusals

pytestmark = pytest.mark.django_db

ON = dt.date(2024, 6, 14)
DEAL = {"account_code": "ACME", "name": "Made", "stage": "prospecting", "amount": "900", "currency": "EUR"}
DEAL |= {"close_date": "2024-12-31", "country": "DE"}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ids(text: str) -> set[int]:
    """The leads that a page or fragment links to."""
    return {int(found) for found in re.findall(r'href="/leads/(\d+)/"', text)}


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    text = b"".join(client.get(f"/leads/?format=csv{query}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def statuses(lead: Lead) -> list[str]:
    return list(lead.changes.order_by("changed_at", "id").values_list("status", flat=True))


def handed_over(on: dt.date, **columns: Any) -> Lead:
    """A lead that was handed over to sales on a day."""
    lead: Lead = make.LeadFactory(status="marketing_qualified", created_on=on, **columns)
    instant = dt.datetime.combine(on, dt.time(10), dt.UTC)
    LeadChange.objects.create(lead=lead, changed_at=instant, status="marketing_qualified")
    return lead


@pytest.fixture
def lead(cast: Cast) -> Lead:
    """The owner's, of a German company that is no customer yet."""
    pin_business_date(on=ON, by=None)
    found: Lead = make.LeadFactory(
        name="Ann Chu", company="Helvion", country="DE", source="fair", owner=cast.owner.member, created_on=ON
    )
    return found


def accepted(lead: Lead, by: Any) -> Lead:
    lead_services.move_lead(pk=lead.pk, was="new", to="marketing_qualified", by=by)
    lead_services.move_lead(pk=lead.pk, was="marketing_qualified", to="sales_qualified", by=by)
    lead.refresh_from_db()
    return lead


def test_a_lead_is_found_by_its_owner_its_accounts_team_its_regions_lead_and_executives(cast: Cast, lead: Lead) -> None:
    of_acme = make.LeadFactory(account=cast.acme, country="US")
    nobodys = make.LeadFactory(country="US")
    found = {
        name: ids(signed_in(getattr(cast, name)).get("/leads/").content.decode())
        for name in ("owner", "europe_lead", "outsider", "asia_lead", "administrator", "executive")
    }
    assert found == {
        "owner": {lead.pk, of_acme.pk},
        "europe_lead": {lead.pk},
        "outsider": set(),
        "asia_lead": set(),
        "administrator": set(),
        "executive": {lead.pk, of_acme.pk, nobodys.pk},
    }
    assert signed_in(cast.outsider).get(f"/leads/{lead.pk}/").status_code == 404


def test_an_account_out_of_sight_is_not_named(cast: Cast) -> None:
    lead = make.LeadFactory(account=cast.other, country="DE")
    client = signed_in(cast.europe_lead)
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "OTHER" not in page
    form = client.get(f"/leads/{lead.pk}/edit/").content.decode()
    assert "account_code" not in form
    assert exported(client, "&columns=account,name")[0]["Account"] == ""


def test_page_fragment_and_export_hold_the_same_leads(cast: Cast, lead: Lead) -> None:
    make.CampaignFactory(code="spring")
    make.LeadFactory(country="JP", status="rejected", account=cast.acme, campaign_id="spring", created_on=ON)
    handed_over(dt.date(2024, 1, 2), owner=cast.owner.member, country="")
    client = signed_in(cast.owner)
    for query in (
        "", "&search=helv", "&status=rejected", "&region=EUROPE", "&region=unallocated", "&country=none", "&source=fair",
        "&source=none", "&campaign=spring", "&campaign=none", "&overdue=yes", "&reached=marketing_qualified",
        "&waits=older", "&created_from=2024-06-01", "&account=ACME", "&owner=owner",
    ):  # fmt: skip
        page = ids(client.get(f"/leads/?{query}").content.decode())
        fragment = client.get(f"/leads/?{query}", headers={"HX-Request": "true", "HX-Target": "list-leads"})
        assert ids(fragment.content.decode()) == page, query
        assert len(exported(client, query)) == len(page), query
    assert ids(client.get("/leads/?overdue=yes").content.decode()) == ids(
        client.get("/leads/?waits=older").content.decode()
    )


@pytest.mark.parametrize("rows", [2, 40])
def test_the_list_takes_few_statements_whatever_the_rows(
    cast: Cast, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        handed_over(ON, owner=cast.owner.member)
    client = signed_in(cast.europe_lead)
    with django_assert_max_num_queries(18):
        client.get("/leads/")
    client = signed_in(cast.owner)
    with django_assert_max_num_queries(18):
        client.get("/leads/")


def test_every_sort_and_the_second_page_work(cast: Cast) -> None:
    for number in range(5):
        handed_over(ON - dt.timedelta(days=number), owner=cast.owner.member)
    client = signed_in(cast.owner)
    for column in ("name", "status", "since_on", "score", "known_weight", "owner", "country", "began_on", "campaign"):
        for sort in (column, f"-{column}"):
            first = client.get(f"/leads/?sort={sort}&size=3").content.decode()
            following = re.search(r'rel="next" href="([^"]+)"', first)
            assert following, sort
            second = client.get(following[1].replace("&amp;", "&")).content.decode()
            assert len(ids(first) | ids(second)) == 5, sort


def test_a_form_adds_a_lead_and_its_first_status_is_noted(cast: Cast) -> None:
    given = {"name": "Bo", "country": "DE", "owner_email": "owner@example.org", "amount": "12.5", "currency": "EUR"}
    answer = signed_in(cast.owner).post("/leads/add/", given)
    lead = Lead.objects.get(name="Bo")
    assert answer["Location"] == f"/leads/{lead.pk}/"
    assert (lead.amount, lead.currency_id, lead.status) == (Decimal("12.5"), "EUR", "new")
    change = lead.changes.get()
    assert (change.status, change.by) == ("new", cast.owner)


def test_an_amount_needs_its_currency_and_nothing_is_written(cast: Cast, lead: Lead) -> None:
    client = signed_in(cast.owner)
    answer = client.post("/leads/add/", {"name": "Bo", "amount": "5", "owner_email": "owner@example.org"})
    assert answer.status_code == 422
    assert not Lead.objects.filter(name="Bo").exists()


def test_a_form_opened_before_somebody_elses_change_is_refused(cast: Cast, lead: Lead) -> None:
    client = signed_in(cast.owner)
    page = client.get(f"/leads/{lead.pk}/edit/").content.decode()
    version = re.search(r'name="version" value="([^"]+)"', page)
    assert version
    Lead.objects.filter(pk=lead.pk).update(company="Somebody’s change")
    given = {"name": "Mine", "owner_email": "owner@example.org", "version": version[1]}
    assert client.post(f"/leads/{lead.pk}/edit/", given).status_code == 422
    lead.refresh_from_db()
    assert lead.name == "Ann Chu"


def test_a_lead_is_handed_over_accepted_and_rejected_with_who_and_why(cast: Cast, lead: Lead) -> None:
    client = signed_in(cast.owner)
    client.post(f"/leads/{lead.pk}/move/", {"was": "new", "to": "marketing_qualified"})
    client.post(f"/leads/{lead.pk}/move/", {"was": "marketing_qualified", "to": "sales_qualified"})
    rejected = {"was": "sales_qualified", "to": "rejected", "reason": "no_budget", "note": "next year"}
    client.post(f"/leads/{lead.pk}/move/", rejected)
    assert statuses(lead) == ["marketing_qualified", "sales_qualified", "rejected"]
    last = lead.changes.latest("changed_at")
    assert (last.reason_id, last.note, last.by) == ("no_budget", "next year", cast.owner)
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "next year" in page


def test_steps_that_a_lead_does_not_take_are_refused(cast: Cast, lead: Lead) -> None:
    client = signed_in(cast.owner)
    for given in (
        {"was": "new", "to": "sales_qualified"},
        {"was": "new", "to": "converted"},
        {"was": "new", "to": "rejected"},
        {"was": "new", "to": "rejected", "reason": "unheard-of"},
        {"was": "marketing_qualified", "to": "sales_qualified"},
        {"was": "new", "to": "nonsense"},
    ):
        client.post(f"/leads/{lead.pk}/move/", given)
    lead.refresh_from_db()
    assert lead.status == "new"
    assert statuses(lead) == []
    assert signed_in(cast.outsider).post(f"/leads/{lead.pk}/move/", {}).status_code == 404


def test_a_lead_becomes_an_opportunity_and_each_names_the_other(cast: Cast, lead: Lead) -> None:
    accepted(lead, cast.owner)
    client = signed_in(cast.owner)
    form = client.get(f"/leads/{lead.pk}/convert/?account=ACME").content.decode()
    assert 'value="Helvion"' in form
    counts = {f"{prefix}-{name}": "0" for prefix in ("lines", "splits") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    made = client.post(f"/leads/{lead.pk}/convert/?account=ACME", {**counts, **DEAL, "org_unit_code": "ACME-DE"})
    deal = Opportunity.objects.get(name="Made")
    assert made["Location"] == f"/opportunities/{deal.pk}/"
    lead.refresh_from_db()
    assert (deal.lead, lead.status) == (lead, "converted")
    assert f"/leads/{lead.pk}/" in client.get(f"/opportunities/{deal.pk}/").content.decode()
    assert f"/opportunities/{deal.pk}/" in client.get(f"/leads/{lead.pk}/").content.decode()

    client.post("/leads/undo/")
    lead.refresh_from_db()
    assert not Opportunity.objects.filter(name="Made").exists()
    assert lead.status == "sales_qualified"
    assert statuses(lead) == ["marketing_qualified", "sales_qualified", "converted", "sales_qualified"]


def test_a_conversion_that_fails_writes_nothing(cast: Cast, lead: Lead) -> None:
    accepted(lead, cast.owner)
    with pytest.raises(Exception, match="stage"):
        lead_services.convert_lead(pk=lead.pk, rows=DealRows({**DEAL, "stage": "nowhere"}), by=cast.owner)
    lead.refresh_from_db()
    assert lead.status == "sales_qualified"
    assert not Opportunity.objects.exists()


def test_only_what_sales_accepted_becomes_an_opportunity_and_once(cast: Cast, lead: Lead) -> None:
    with pytest.raises(Exception, match="SQL"):
        lead_services.convert_lead(pk=lead.pk, rows=DealRows(DEAL), by=cast.owner)
    accepted(lead, cast.owner)
    lead_services.convert_lead(pk=lead.pk, rows=DealRows(DEAL), by=cast.owner)
    with pytest.raises(Exception, match="SQL"):
        lead_services.convert_lead(pk=lead.pk, rows=DealRows(DEAL), by=cast.owner)
    assert Opportunity.objects.count() == 1


def test_a_conversion_is_not_undone_over_a_later_change_or_after_the_hour(cast: Cast, lead: Lead) -> None:
    accepted(lead, cast.owner)
    deal, token = lead_services.convert_lead(pk=lead.pk, rows=DealRows(DEAL), by=cast.owner)
    Opportunity.objects.filter(pk=deal).update(amount=901)
    with pytest.raises(Exception, match="changed since"):
        lead_services.undo_conversion(token=token, by=cast.owner)
    cache.clear()
    with pytest.raises(Exception, match="too late"):
        lead_services.undo_conversion(token=token, by=cast.owner)
    assert Opportunity.objects.filter(pk=deal).exists()


def test_a_deal_that_comes_back_has_its_lead_again(cast: Cast, lead: Lead) -> None:
    from pipeline import services

    accepted(lead, cast.owner)
    deal, _token = lead_services.convert_lead(pk=lead.pk, rows=DealRows(DEAL), by=cast.owner)
    token = services.delete_opportunity(pk=deal, by=cast.owner)
    back = services.restore_opportunity(token=token, by=cast.owner)
    assert Opportunity.objects.get(pk=back).lead == lead


def test_overdue_leads_are_marked_by_the_receivers_working_days(cast: Cast) -> None:
    """Friday 14 June 2024: what a German got on Tuesday was due on Thursday; whoever works on week-ends has time."""
    pin_business_date(on=ON, by=None)
    german = make.MemberFactory(email="g@example.org", country="DE")
    weekender = make.MemberFactory(email="w@example.org", country="DE", working_days=["sat", "sun"])
    tuesday = dt.date(2024, 6, 11)
    late = handed_over(tuesday, owner=german, account=cast.acme)
    handed_over(tuesday, owner=weekender, account=cast.acme)
    handed_over(dt.date(2024, 6, 12), owner=german, account=cast.acme)
    nobodys = handed_over(tuesday, country="DE", account=cast.acme)
    client = signed_in(cast.owner)
    assert ids(client.get("/leads/?overdue=yes").content.decode()) == {late.pk, nobodys.pk}
    assert "overdue" in client.get(f"/leads/{late.pk}/").content.decode()
    lead_set_up.change_limit(days=3, by=cast.administrator)
    assert ids(client.get("/leads/?overdue=yes").content.decode()) == set()


def test_files_and_the_api_write_statuses_and_they_are_noted(cast: Cast, lead: Lead, tmp_path: Path) -> None:
    text = "external_id,name,status\nF1,From a file,sales_qualified\n"
    assert load(tmp_path, leads=text).is_clean
    assert statuses(Lead.objects.get(external_id="F1")) == ["sales_qualified"]
    assert load(tmp_path, leads=text).counts["leads.csv"]["unchanged"] == 1
    assert load(tmp_path, leads="external_id,status\nF1,rejected\n").is_clean
    assert statuses(Lead.objects.get(external_id="F1")) == ["sales_qualified", "rejected"]
    answer = signed_in(cast.owner).patch(
        f"/api/v1/leads/{lead.pk}/", {"status": "converted"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert statuses(lead) == ["converted"]


def test_a_file_of_the_past_is_kept_as_it_says_and_changes_nothing_twice(tmp_path: Path, cast: Cast) -> None:
    files = {
        "leads": "external_id,name,status\nF1,From a file,marketing_qualified\n",
        "lead_history": "lead_external_id,changed_at,status,reason\nF1,2024-01-05,new,\nF1,2024-02-05,marketing_qualified,\n",
    }
    assert load(tmp_path, files).is_clean
    assert statuses(Lead.objects.get(external_id="F1")) == ["new", "marketing_qualified"]
    again = load(tmp_path, files)
    assert again.counts["lead_history.csv"] == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    wrong = load(
        tmp_path, lead_history="lead_external_id,changed_at,status,reason\nF2,2024-01-05,new,\nF1,2024-01-06,x,y\n"
    )
    assert refusals(wrong) == [("lead_history", 2, "lead_external_id"), ("lead_history", 3, "status")]


def test_campaigns_are_kept_by_administrators_and_stay_while_leads_name_them(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    given = {"code": "spring", "name": "Spring", "starts_on": "2024-03-01", "ends_on": "2024-02-01"}
    assert client.post("/set-up/leads/campaigns/", given).status_code == 422
    client.post("/set-up/leads/campaigns/", {**given, "ends_on": "2024-04-01", "cost": "10", "currency": "EUR"})
    lead = make.LeadFactory(campaign_id="spring")
    answer = client.post("/set-up/leads/campaigns/spring/", {"do": "delete", "name": "x"})
    assert answer.status_code == 422
    lead.delete()
    assert client.post("/set-up/leads/campaigns/spring/", {"do": "delete"}).status_code == 302
    assert signed_in(cast.owner).get("/set-up/leads/campaigns/").status_code == 403


def test_reasons_are_an_administrators_table(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    client.post("/set-up/leads/reasons/", {"do": "add", "code": "too_small", "name": "Too small"})
    assert "Too small" in client.get("/set-up/leads/reasons/").content.decode()
    assert "no_need" in client.get("/set-up/leads/reasons/").content.decode()
