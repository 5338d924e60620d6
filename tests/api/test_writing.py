"""Creating, correcting and deleting records, one and many, by whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pghistory.models import Events
from rest_framework.test import APIClient

from accounts.models import Account, OrgLink
from gam.api import COLLECTIONS
from pipeline.models import Opportunity, OpportunitySplit
from regions.models import RegionCountry
from revenue.models import Quota, RevenueEntry
from teams.models import AccountTeam
from tests import factories as make
from tests.api.bodies import NEW, furnish
from tests.cast import MOVED_ON, Cast
from users.models import User

Api = Callable[[User], APIClient]
SLUGS = [collection.slug for collection in COLLECTIONS]


@pytest.fixture
def furnished(cast: Cast) -> Cast:
    furnish(cast.acme)
    return cast


def _post(client: APIClient, slug: str, body: Any) -> Any:
    return client.post(f"/api/v1/{slug}/", body, format="json")


def _made(client: APIClient, slug: str) -> dict[str, Any]:
    answer = _post(client, slug, NEW[slug][0])
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


@pytest.mark.parametrize("slug", SLUGS)
def test_a_record_lives_from_create_to_delete(slug: str, furnished: Cast, root: APIClient) -> None:
    body, change = NEW[slug]
    answer = _post(root, slug, body)
    assert answer.status_code == 201, answer.content
    record = answer.json()
    address = f"/api/v1/{slug}/{record['id']}/"
    assert answer["Location"].endswith(address)
    assert record == {"id": record["id"], **body}
    read = root.get(address)
    assert (read.json(), read["ETag"]) == (record, answer["ETag"])

    changed = root.patch(address, change, format="json")
    assert changed.status_code == 200, changed.content
    assert changed.json() == {**record, **{k: _shown(v) for k, v in change.items()}}
    assert changed["ETag"] != answer["ETag"]
    replaced = root.put(address, body, format="json")
    assert (replaced.status_code, replaced.json()) == (200, record), replaced.content

    sent_back = root.put(address, record, format="json")
    assert (sent_back.status_code, sent_back.json()) == (200, record), sent_back.content
    another = root.patch(address, {"id": "another"}, format="json")
    assert (another.status_code, set(another.json()["errors"])) == (400, {"id"})

    assert root.delete(address).status_code == 204
    assert root.get(address).status_code == 404


def _shown(value: Any) -> Any:
    return value


@pytest.mark.parametrize("slug", SLUGS)
def test_a_key_that_is_taken_is_a_conflict(slug: str, furnished: Cast, root: APIClient) -> None:
    made = _made(root, slug)
    again = _post(root, slug, NEW[slug][0])
    assert again.status_code == 409, again.content
    assert again["Content-Type"] == "application/problem+json"
    assert root.get(f"/api/v1/{slug}/{made['id']}/").json() == made


_FACTS = (
    "opportunity-competitors",
    "opportunities",
    "opportunity-lines",
    "opportunity-splits",
    "stage-history",
    "revenue",
    "leads",
    "play-uses",
    "lead-history",
)
MAY_WRITE = {
    **{
        key: {"administrator"}
        for key in (
            "regions",
            "region-links",
            "region-countries",
            "region-leads",
            "country-calendars",
            "country-days",
            "exchange-rates",
        )
    },
    **{
        key: {"administrator"}
        for key in ("members", "coverage-policies", "products", "stages", "quotas", "competitors", "plays", "campaigns")
    },
    "accounts": {"administrator"},
    **{key: {"owner", "europe_lead", "administrator"} for key in ("org-units", "org-links", "coverage")},
    "team-members": {"owner", "administrator"},
    **{key: {"owner"} for key in ("contacts", "posts", "relationships", "potentials", "opportunity-contacts")},
    **{key: {"owner", "europe_lead"} for key in _FACTS},
}
ROLES = ("owner", "outsider", "europe_lead", "asia_lead", "administrator", "executive", "viewer")


@pytest.mark.parametrize("slug", SLUGS)
def test_only_those_who_may_can_create(slug: str, furnished: Cast, api: Api) -> None:
    for role in ROLES:
        answer = _post(api(getattr(furnished, role)), slug, NEW[slug][0])
        if role in MAY_WRITE[slug]:
            assert answer.status_code == 201, (role, answer.content)
            api(furnished.superuser).delete(f"/api/v1/{slug}/{answer.json()['id']}/")
        else:
            assert answer.status_code in {400, 403}, (role, answer.content)
            assert b"Acme" not in answer.content


@pytest.mark.parametrize("slug", SLUGS)
def test_only_those_who_may_can_change_and_delete(slug: str, furnished: Cast, api: Api, root: APIClient) -> None:
    made = _made(root, slug)
    address = f"/api/v1/{slug}/{made['id']}/"
    for role in ROLES:
        client = api(getattr(furnished, role))
        if role in MAY_WRITE[slug]:
            assert client.patch(address, NEW[slug][1], format="json").status_code == 200, role
            continue
        hidden = client.get(address).status_code == 404
        for answer in (client.patch(address, NEW[slug][1], format="json"), client.delete(address)):
            assert answer.status_code == (404 if hidden else 403), (role, answer.content)


def test_a_change_says_who_made_it(furnished: Cast, api: Api) -> None:
    address = f"/api/v1/accounts/{furnished.acme.pk}/"
    assert api(furnished.owner).patch(address, {"name": "Acme AG"}, format="json").status_code == 200
    event = Events.objects.tracks(Account.objects.get(pk=furnished.acme.pk)).get(pgh_label="update")
    assert event.pgh_context["user"] == furnished.owner.pk


def test_a_record_that_changed_meanwhile_is_left_alone(furnished: Cast, root: APIClient) -> None:
    address = f"/api/v1/accounts/{furnished.acme.pk}/"
    tag = root.get(address)["ETag"]
    fresh = root.patch(address, {"name": "Acme AG"}, format="json", headers={"If-Match": tag})["ETag"]
    late = root.patch(address, {"name": "Acme SE"}, format="json", headers={"If-Match": tag})
    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert root.delete(address, headers={"If-Match": tag}).status_code == 412
    assert root.patch(address, {"name": "Acme SE"}, format="json", headers={"If-Match": fresh}).status_code == 200
    assert root.get(address).json()["name"] == "Acme SE"


def test_wrong_fields_are_named_one_by_one(root: APIClient, furnished: Cast) -> None:
    answer = _post(root, "revenue", {"external_id": "x", "amount": "1.23456", "date": "2024-02-30", "colour": "red"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"amount", "date", "colour", "account_code", "currency"}
    unknown = _post(root, "revenue", {**NEW["revenue"][0], "account_code": "NOBODY", "currency": "XXQ"})
    assert set(unknown.json()["errors"]) >= {"account_code", "currency"}


def test_the_last_month_that_is_counted(root: APIClient, furnished: Cast) -> None:
    made = _made(root, "revenue")
    address = f"/api/v1/revenue/{made['id']}/"
    assert root.patch(address, {"date": "2730-08-31"}, format="json").status_code == 200
    later = root.patch(address, {"date": "2730-09-01"}, format="json")
    assert (later.status_code, set(later.json()["errors"])) == (400, {"date"})


@pytest.mark.parametrize("blank", [None, "", " ", "\n"])
def test_a_blank_is_no_value(blank: str | None, root: APIClient, furnished: Cast) -> None:
    answer = _post(root, "leads", {**NEW["leads"][0], "name": blank})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"name"})


def test_a_list_is_one_batch_all_or_nothing(root: APIClient, furnished: Cast) -> None:
    good = NEW["revenue"][0]
    batch = [{**good, "external_id": f"r-{n}"} for n in range(3)]
    refused = _post(root, "revenue", [*batch, {**good, "external_id": "bad", "org_unit_code": "NOWHERE"}])
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"3.org_unit_code"}
    assert not RevenueEntry.objects.exists()
    made = _post(root, "revenue", batch)
    assert made.status_code == 201
    assert [record["external_id"] for record in made.json()] == ["r-0", "r-1", "r-2"]
    assert _post(root, "revenue", [{**good, "external_id": "r-9"}, batch[0]]).status_code == 409
    assert RevenueEntry.objects.count() == 3
    for wrong in ([], [1], ["x"], [good, None]):
        assert _post(root, "revenue", wrong).status_code == 400


def test_exact_numbers_are_taken_as_text_and_as_numbers(root: APIClient, furnished: Cast) -> None:
    raw = b'{"external_id":"n","account_code":"ACME","date":"2024-01-01","amount":0.1000,"currency":"EUR"}'
    made = root.post("/api/v1/revenue/", raw, content_type="application/json")
    assert made.json()["amount"] == "0.10"
    for wrong in (b"NaN", b"1e400", b"true", b'"1,5"', b'"1e3"', b"[]", b"0.12345", b"12345678901234567.00"):
        answer = root.post("/api/v1/revenue/", raw.replace(b"0.1000", wrong), content_type="application/json")
        assert answer.status_code == 400, wrong


def test_facts_keep_what_they_stand_on(root: APIClient, furnished: Cast) -> None:
    entry = make.RevenueEntryFactory(account=furnished.acme, org_unit=furnished.acme.org_units.first())
    for slug, key in (("accounts", furnished.acme.pk), ("org-units", entry.org_unit_id), ("stages", "proposal")):
        answer = root.delete(f"/api/v1/{slug}/{key}/")
        assert answer.status_code == 409, slug
        assert sum(answer.json()["counts"].values()) >= 1
    assert root.delete(f"/api/v1/accounts/{furnished.acme.pk}/").json()["counts"]["revenue entries"] == 1
    assert root.delete(f"/api/v1/regions/{furnished.europe.pk}/").status_code == 409


def test_an_account_without_facts_goes_with_its_team(root: APIClient, cast: Cast) -> None:
    assert root.delete(f"/api/v1/accounts/{cast.acme.pk}/").status_code == 204
    assert not AccountTeam.objects.filter(pk=cast.acme.team_id).exists()


def test_a_new_code_takes_its_quotas_along(root: APIClient, cast: Cast) -> None:
    _made(root, "quotas")
    renamed = root.patch(f"/api/v1/regions/{cast.europe.pk}/", {"code": "EMEA"}, format="json")
    assert (renamed.status_code, renamed.json()["code"]) == (200, "EMEA")
    assert Quota.objects.get().scope_code == "EMEA"
    taken = root.patch(f"/api/v1/regions/{cast.europe.pk}/", {"code": "ASIA"}, format="json")
    assert taken.status_code == 400
    assert "code" in taken.json()["errors"]


def test_a_region_with_quotas_stays(root: APIClient, cast: Cast) -> None:
    lone = make.RegionFactory(code="LONE")
    _post(root, "quotas", {**NEW["quotas"][0], "scope_code": "LONE"})
    answer = root.delete(f"/api/v1/regions/{lone.pk}/")
    assert (answer.status_code, answer.json()["counts"]) == (409, {"quotas": 1})


def test_a_correction_of_a_period_moves_no_other(root: APIClient, cast: Cast) -> None:
    old = RegionCountry.objects.get(country="FR", valid_to=MOVED_ON)
    new = RegionCountry.objects.get(country="FR", valid_from=MOVED_ON)
    overlapping = root.patch(f"/api/v1/region-countries/{old.pk}/", {"valid_to": "2024-05-01"}, format="json")
    assert overlapping.status_code == 400
    assert (
        root.patch(f"/api/v1/region-countries/{old.pk}/", {"valid_to": "2024-03-01"}, format="json").status_code == 200
    )
    new.refresh_from_db()
    assert (new.valid_from, new.valid_to) == (MOVED_ON, None)
    moved = root.patch(f"/api/v1/region-countries/{new.pk}/", {"valid_from": "2024-03-01"}, format="json")
    assert (moved.status_code, moved.json()["id"]) == (200, new.pk)


def test_a_later_value_closes_the_open_one_as_in_a_file(root: APIClient, cast: Cast) -> None:
    later = {"region_code": "ASIA", "country": "FR", "valid_from": "2025-01-01"}
    assert _post(root, "region-countries", later).status_code == 201
    assert RegionCountry.objects.filter(country="FR", valid_from=MOVED_ON, valid_to="2025-01-01").exists()


def test_a_cycle_is_refused(root: APIClient, furnished: Cast) -> None:
    link = {"account_code": "ACME", "structure": "legal", "valid_from": "2020-01-01"}
    assert _post(root, "org-links", {**link, "child_code": "ACME-2", "parent_code": "ACME-DE"}).status_code == 201
    cycle = _post(root, "org-links", {**link, "child_code": "ACME-DE", "parent_code": "ACME-2"})
    assert (cycle.status_code, list(cycle.json()["errors"])) == (400, ["parent_code"])
    assert OrgLink.objects.count() == 1


def test_the_link_in_force_moves_only_with_its_parent(root: APIClient, furnished: Cast) -> None:
    made = _made(root, "org-units")
    address = f"/api/v1/org-units/{made['id']}/"
    moved = root.patch(address, {"parent_code": "ACME-2"}, format="json").json()
    assert (moved["parent_code"], moved["valid_from"]) == ("ACME-2", "2020-01-01")
    for wrong in ({"valid_from": "2021-01-01"}, {"parent_code": None}):
        assert root.patch(address, wrong, format="json").status_code == 400
    later = root.patch(address, {"parent_code": "ACME-DE", "valid_from": "2022-01-01"}, format="json").json()
    assert (later["parent_code"], later["valid_from"]) == ("ACME-DE", "2022-01-01")
    assert OrgLink.objects.filter(child_id=made["id"]).count() == 2


def test_a_whole_record_without_a_parent_leaves_the_link_in_force(root: APIClient, furnished: Cast) -> None:
    made = _made(root, "org-units")
    body = {"account_code": "ACME", "code": made["code"], "name": "Renamed"}
    stored = root.put(f"/api/v1/org-units/{made['id']}/", body, format="json").json()
    assert stored["name"] == "Renamed"
    assert (stored["parent_code"], stored["valid_from"]) == (made["parent_code"], made["valid_from"])


def test_a_record_named_by_a_code_with_a_slash_is_found(root: APIClient, cast: Cast) -> None:
    body = {"code": "won/paid", "name": "Paid", "probability": "100", "forecast_category": "closed", "outcome": "won"}
    made = _post(root, "stages", body)
    assert made.status_code == 201, made.content
    for address in ("/api/v1/stages/won/paid/", "/api/v1/stages/won%2Fpaid/"):
        assert root.get(address).json()["code"] == "won/paid"
    assert root.delete("/api/v1/stages/won/paid/").status_code == 204
    assert root.get("/api/v1/accounts/1/2/").status_code == 404


def test_a_code_that_others_keep_stays(root: APIClient, furnished: Cast) -> None:
    answer = root.patch("/api/v1/stages/proposal/", {"code": "offer"}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["code"])


def test_lines_make_the_amount(root: APIClient, furnished: Cast) -> None:
    deal = Opportunity.objects.get()
    first = _made(root, "opportunity-lines")
    second = _post(root, "opportunity-lines", {**NEW["opportunity-lines"][0], "line": 8, "amount": "50.00"}).json()
    address = f"/api/v1/opportunities/{deal.pk}/"
    assert root.get(address).json()["amount"] == "300.00"
    assert root.patch(address, {"amount": "999.00"}, format="json").status_code == 400
    assert root.patch(f"/api/v1/opportunity-lines/{second['id']}/", {"line": 9}, format="json").json()["line"] == 9
    root.delete(f"/api/v1/opportunity-lines/{first['id']}/")
    assert root.get(address).json()["amount"] == "50.00"


def test_a_line_without_a_unit_is_the_deals_when_the_deal_has_got_one(root: APIClient, furnished: Cast) -> None:
    deal = Opportunity.objects.get()
    address = f"/api/v1/opportunities/{deal.pk}/"
    root.patch(address, {"org_unit_code": None}, format="json")
    body = {"opportunity_external_id": "o-old", "amount": "1.00", "country": "JP"}
    own = _post(root, "opportunity-lines", {**body, "line": 1, "org_unit_code": "ACME-2"}).json()
    bare = _post(root, "opportunity-lines", {**body, "line": 2}).json()
    assert bare["org_unit_code"] is None
    assert root.patch(address, {"org_unit_code": "ACME-DE"}, format="json").status_code == 200
    assert root.get(f"/api/v1/opportunity-lines/{bare['id']}/").json() == {**bare, "org_unit_code": "ACME-DE"}
    assert root.get(f"/api/v1/opportunity-lines/{own['id']}/").json() == own


def test_prime_shares_change_together(root: APIClient, furnished: Cast) -> None:
    share = {"opportunity_external_id": "o-old", "type": "prime"}
    owner, outsider = "owner@example.org", "outsider@example.org"
    assert _post(root, "opportunity-splits", {**share, "member_email": owner, "percent": "60"}).status_code == 400
    whole = [{**share, "member_email": owner, "percent": "60"}, {**share, "member_email": outsider, "percent": 40}]
    made = _post(root, "opportunity-splits", whole)
    assert made.status_code == 201, made.content
    one = f"/api/v1/opportunity-splits/{made.json()[0]['id']}/"
    assert root.patch(one, {"percent": "50"}, format="json").status_code == 400
    assert root.delete(one).status_code == 409
    anew = _post(root, "opportunity-splits", [{**share, "member_email": owner, "percent": "100"}])
    assert anew.status_code == 201, anew.content
    assert [split.percent for split in OpportunitySplit.objects.all()] == [Decimal(100)]


def test_the_console_of_errors_is_json_even_for_broken_requests(root: APIClient, cast: Cast) -> None:
    for raw, kind, status in (
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"a,b", "text/csv", 415),
        (b'{"name": "a\\u0000b", "code": "c"}', "application/json", 400),
        (b'{"name": "\\ud800", "code": "c"}', "application/json", 400),
        (b'{"name": "n", "\\ud800": 1}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
    ):
        answer = root.post("/api/v1/regions/", raw, content_type=kind)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), raw[:20]
    assert root.put("/api/v1/regions/", {}, format="json").status_code == 405


@pytest.mark.parametrize("half", ["\ud800", "D\udfff"])
def test_half_a_character_is_refused_by_the_field_it_stands_in(half: str, root: APIClient, furnished: Cast) -> None:
    for slug, field in (
        ("accounts", "hq_country"),
        ("revenue", "currency"),
        ("products", "name"),
        ("members", "level"),
    ):
        raw = json.dumps({**NEW[slug][0], field: half})
        answer = root.post(f"/api/v1/{slug}/", raw, content_type="application/json")
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
