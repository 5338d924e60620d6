"""The opportunity list and form: what is shown, what is kept, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from money.queries import exponents
from pipeline.models import Opportunity, StageHistory
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ids(text: str) -> set[int]:
    """The deals that a page or fragment links to."""
    import re

    return {int(found) for found in re.findall(r'href="/opportunities/(\d+)/"', text)}


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    text = b"".join(client.get(f"/opportunities/?format=csv{query}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")))


@pytest.fixture
def deals(cast: Cast) -> list[Opportunity]:
    make.OpportunityFactory(account=cast.other, country="JP", name="Elsewhere")
    return [
        make.OpportunityFactory(account=cast.acme, name="Old and open", close_date=dt.date(2020, 1, 1)),
        make.OpportunityFactory(account=cast.acme, name="Yen", currency_id="JPY", amount=Decimal(5000), country="FR"),
        make.OpportunityFactory(account=cast.acme, name="Unknown", amount=None, stage_id="won"),
    ]


def test_page_fragment_export_and_api_hold_the_same_deals(cast: Cast, deals: list[Opportunity]) -> None:
    client = signed_in(cast.owner)
    for query in ("", "&region=EUROPE", "&country=FR", "&stage=won", "&outcome=open", "&search=yen", "&account=ACME"):
        page = ids(client.get(f"/opportunities/?{query}").content.decode())
        fragment = client.get(
            f"/opportunities/?{query}", headers={"HX-Request": "true", "HX-Target": "list-opportunities"}
        )
        assert ids(fragment.content.decode()) == page
        named = {row["Opportunity"] for row in exported(client, query)}
        assert named == set(Opportunity.objects.filter(pk__in=page).values_list("name", flat=True))
        answer = client.get(f"/api/v1/opportunities/?fields=id{query}")
        assert {row["id"] for row in answer.json()["results"]} == page


def test_the_fragment_is_the_page_without_its_frame(cast: Cast, deals: list[Opportunity]) -> None:
    client = signed_in(cast.owner)
    fragment = client.get(
        "/opportunities/", headers={"HX-Request": "true", "HX-Target": "list-opportunities"}
    ).content.decode()
    assert fragment.strip() in client.get("/opportunities/").content.decode()


def test_the_list_adds_up_by_currency_and_never_across(cast: Cast, deals: list[Opportunity]) -> None:
    text = signed_in(cast.owner).get("/opportunities/").content.decode()
    summary = text[text.index("list-summary") :]
    assert "5,000" in summary
    assert "1 without an amount" in summary


def test_a_lead_sees_of_a_deal_the_lines_in_her_countries(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.other, country="JP", name="Both")
    make.OpportunityLineFactory(opportunity=deal, country="DE", amount=Decimal(300))
    make.OpportunityLineFactory(opportunity=deal, country="JP", amount=Decimal(900))
    client = signed_in(cast.europe_lead)
    assert [row["Amount"] for row in exported(client)] == ["300.00"]
    page = client.get(f"/opportunities/{deal.pk}/")
    assert "900" not in page.content.decode()
    assert client.get(f"/opportunities/{deal.pk}/edit/").status_code == 404


@pytest.mark.parametrize("rows", [3, 40])
def test_the_list_takes_few_statements_whatever_the_rows(
    cast: Cast, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        make.OpportunityFactory(account=cast.acme)
    client = signed_in(cast.europe_lead)
    exponents()  # a process reads them once
    with django_assert_max_num_queries(12):
        client.get("/opportunities/")


def test_outsiders_find_nothing(cast: Cast, deals: list[Opportunity]) -> None:
    client = signed_in(cast.outsider)
    assert client.get(f"/opportunities/{deals[0].pk}/").status_code == 404
    assert client.get(f"/opportunities/{deals[0].pk}/edit/").status_code == 404
    assert client.post(f"/opportunities/{deals[0].pk}/delete/").status_code == 404
    assert client.get("/opportunities/add/?account=ACME").status_code == 404
    assert Opportunity.objects.filter(pk=deals[0].pk).exists()


def form(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a deal without lines and splits."""
    counts = {f"{prefix}-{name}": "0" for prefix in ("lines", "splits") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    stated = {"name": "New", "stage": "proposal", "amount": "120.50", "currency": "EUR", "close_date": "2026-03-01"}
    return {**counts, **stated, **changes}


def test_a_deal_is_added_with_its_first_stage(cast: Cast) -> None:
    answer = signed_in(cast.owner).post("/opportunities/add/?account=ACME", form(org_unit_code="ACME-DE"))
    deal = Opportunity.objects.get(name="New")
    assert answer["Location"] == reverse("pipeline:detail", args=[deal.pk])
    assert (deal.account, deal.amount, deal.country.code) == (cast.acme, Decimal("120.5000"), "DE")
    assert [change.stage_id for change in deal.stage_history.all()] == ["proposal"]


def test_lines_make_the_amount_and_splits_share_it(cast: Cast) -> None:
    lines = {"lines-TOTAL_FORMS": "2", "lines-0-amount": "100", "lines-0-country": "DE", "lines-1-amount": "11.50"}
    splits = {
        "splits-TOTAL_FORMS": "1",
        "splits-0-member_email": cast.owner.email,
        "splits-0-type": "prime",
        "splits-0-percent": "100",
    }
    signed_in(cast.owner).post("/opportunities/add/?account=ACME", form(amount="", country="FR", **lines, **splits))
    deal = Opportunity.objects.get(name="New")
    assert deal.amount == Decimal("111.5")
    assert [line.country.code for line in deal.lines.order_by("line")] == ["DE", "FR"]
    assert deal.splits.count() == 1


def test_wrong_fields_are_told_beside_them_and_nothing_is_written(cast: Cast) -> None:
    answer = signed_in(cast.owner).post("/opportunities/add/?account=ACME", form(amount="12,3x", close_date=""))
    assert answer.status_code == 422
    assert set(answer.context["forms"].form.errors) == {"amount", "close_date"}
    assert not Opportunity.objects.exists()


def test_prime_shares_that_are_not_100_are_refused_in_words(cast: Cast) -> None:
    splits = {"splits-TOTAL_FORMS": "1", "splits-0-member_email": cast.owner.email, "splits-0-type": "prime"}
    answer = signed_in(cast.owner).post(
        "/opportunities/add/?account=ACME", form(**splits, **{"splits-0-percent": "90"})
    )
    assert "Prime shares add up to 90 %." in answer.content.decode()
    assert not Opportunity.objects.exists()


def test_rows_left_empty_are_left_out_though_a_browser_sends_their_lists(cast: Cast) -> None:
    empty = {"lines-TOTAL_FORMS": "1", "lines-0-product_code": "", "lines-0-amount": "", "splits-TOTAL_FORMS": "1"}
    splits = {"splits-0-member_email": "", "splits-0-type": "prime", "splits-0-percent": ""}
    signed_in(cast.owner).post("/opportunities/add/?account=ACME", form(**empty, **splits))
    assert Opportunity.objects.get(name="New").splits.count() == 0


def opened(client: Client, deal: Opportunity) -> dict[str, Any]:
    """The version that the form carries."""
    page = client.get(f"/opportunities/{deal.pk}/edit/")
    return {"version": page.context["forms"].form.initial["version"]}


def test_a_change_of_stage_goes_into_the_history(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme)
    client = signed_in(cast.owner)
    client.post(f"/opportunities/{deal.pk}/edit/", form(stage="qualification", **opened(client, deal)))
    deal.refresh_from_db()
    assert (deal.stage_id, deal.name) == ("qualification", "New")
    assert [change.stage_id for change in StageHistory.objects.filter(opportunity=deal)] == ["qualification"]


def test_a_form_opened_before_somebody_elses_change_is_refused(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme, name="Before")
    client = signed_in(cast.owner)
    version = opened(client, deal)
    Opportunity.objects.filter(pk=deal.pk).update(name="Meanwhile")
    answer = client.post(f"/opportunities/{deal.pk}/edit/", form(**version))
    assert "Somebody changed this opportunity" in answer.content.decode()
    deal.refresh_from_db()
    assert deal.name == "Meanwhile"


def test_struck_out_lines_go_and_the_stated_amount_stands(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme)
    make.OpportunityLineFactory(opportunity=deal, amount=Decimal(500))
    client = signed_in(cast.owner)
    lines = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "1", "lines-0-amount": "500", "lines-0-DELETE": "on"}
    client.post(f"/opportunities/{deal.pk}/edit/", form(amount="42", **lines, **opened(client, deal)))
    deal.refresh_from_db()
    assert (deal.amount, deal.lines.count()) == (Decimal("42.0000"), 0)


def test_a_deleted_deal_comes_back_whole(cast: Cast) -> None:
    deal = make.OpportunityFactory(account=cast.acme, external_id="keep", name="Back")
    make.OpportunityLineFactory(opportunity=deal, amount=Decimal("12.3456"), country="FR")
    make.OpportunitySplitFactory(opportunity=deal, member=cast.owner.member)
    at = dt.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=dt.UTC)
    StageHistory.objects.create(opportunity=deal, changed_at=at, stage_id="proposal", amount=Decimal(7))
    client = signed_in(cast.owner)
    client.post(f"/opportunities/{deal.pk}/delete/")
    assert not Opportunity.objects.exists()
    page = client.get("/opportunities/")
    assert "was deleted" in page.content.decode()
    client.post("/opportunities/undo/")
    back = Opportunity.objects.get(external_id="keep")
    assert (back.name, back.amount) == ("Back", Decimal("12.3456"))
    assert [line.country.code for line in back.lines.all()] == ["FR"]
    assert back.splits.get().percent == 100
    assert back.stage_history.get().changed_at == at


def test_viewers_read_and_do_not_write(cast: Cast) -> None:
    from accounts.models import AccountGrant

    deal = make.OpportunityFactory(account=cast.acme)
    AccountGrant.objects.create(account=Account.objects.get(code="ACME"), user=cast.viewer)
    client = signed_in(cast.viewer)
    assert client.get(f"/opportunities/{deal.pk}/").status_code == 200
    assert client.get(f"/opportunities/{deal.pk}/edit/").status_code == 403
    assert client.post(f"/opportunities/{deal.pk}/delete/").status_code == 403
