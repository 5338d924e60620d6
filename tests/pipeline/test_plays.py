"""Plays on a deal: which are offered, in which order and why; used, taken back, put aside; and how administrators keep them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.errors import DomainError, NotPermitted
from core.staging_rows import RowsRejected, write_rows
from pipeline import enablement_queries as queries
from pipeline import enablement_services as services
from pipeline.deal_models import DealContact
from pipeline.enablement_loading import PLAY_USES, PLAYS
from pipeline.enablement_models import Play, PlayDismissal, PlayStage, PlayUse
from pipeline.enablement_words import reasons
from pipeline.models import Opportunity
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def play(code: str, *, stages: tuple[str, ...] = (), **columns: Any) -> Play:
    made: Play = make.PlayFactory(code=code, **columns)
    for stage in stages:
        PlayStage.objects.create(play=made, stage_id=stage)
    return made


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    """A proposal to ACME's German unit, whose buyer Anna speaks German; the owner works in French."""
    unit = cast.acme.org_units.get(code="ACME-DE")
    make.ContactFactory(
        account=cast.acme, org_unit=unit, given_name="Anna", family_name="Meyer", buying_role="economic_buyer",
        languages=["de"],
    )  # fmt: skip
    owner = make.MemberFactory(given_name="Odile", languages=["fr:C2", "it:A1"])
    made: Opportunity = make.OpportunityFactory(account=cast.acme, org_unit=unit, name="Robots", owner=owner)
    return made


def offered(cast: Cast, deal: Opportunity, who: str = "owner") -> list[str]:
    return [offer.play.code for offer in queries.shelf(viewer=getattr(cast, who), pk=deal.pk, shows_all=True).offers]


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_stage_comes_before_the_role_and_the_role_before_the_language(cast: Cast, deal: Opportunity) -> None:
    play("A-ANY")
    play("B-GERMAN", languages=["de"])
    play("C-BUYER", buying_roles=["economic_buyer"], languages=["ja"])
    play("D-STAGE", stages=("proposal",), buying_roles=["blocker"])
    play("E-STAGE-BUYER", stages=("proposal", "won"), buying_roles=["economic_buyer", "user"])
    play("F-FRENCH", languages=["fr"])
    play("G-ITALIAN", languages=["it"])
    assert offered(cast, deal) == [
        "E-STAGE-BUYER", "D-STAGE", "C-BUYER", "B-GERMAN", "F-FRENCH", "A-ANY", "G-ITALIAN",
    ]  # fmt: skip


def test_each_offer_says_why(cast: Cast, deal: Opportunity) -> None:
    play("A", stages=("proposal",), buying_roles=["economic_buyer"], languages=["de", "en"])
    play("B", buying_roles=["blocker"], languages=["fr"])
    first, second = (reasons(offer) for offer in queries.shelf(viewer=cast.owner, pk=deal.pk).offers)
    assert first == ["for the stage of this deal", "Economic buyer: Anna Meyer", "in German, spoken by Anna Meyer"]
    assert second == [
        "for any stage", "Blocker: nobody known here", "in French, which Odile works in",
    ]  # fmt: skip


def test_without_contacts_the_languages_of_the_country_count(cast: Cast, deal: Opportunity) -> None:
    play("GERMAN", languages=["de"])
    play("NONE")
    deal.account.contacts.update(languages=[])
    found = queries.shelf(viewer=cast.owner, pk=deal.pk).offers
    assert [offer.play.code for offer in found] == ["GERMAN", "NONE"]
    assert "in German, spoken where the deal is" in reasons(found[0])


def test_the_contacts_of_the_deal_come_before_those_of_its_unit(cast: Cast, deal: Opportunity) -> None:
    boss = make.ContactFactory(account=cast.acme, given_name="Bo", languages=["ja"])
    DealContact.objects.create(account=cast.acme, opportunity=deal, contact=boss, buying_role="decision_maker")
    play("BUYER", buying_roles=["economic_buyer"])
    play("BOSS", buying_roles=["decision_maker"], languages=["ja"])
    found = queries.shelf(viewer=cast.owner, pk=deal.pk).offers
    assert [offer.play.code for offer in found] == ["BOSS", "BUYER"]
    assert reasons(found[0])[1:] == ["Decision maker: Bo", "in Japanese, spoken by Bo"]


def test_what_is_for_another_stage_product_place_industry_or_day_is_not_offered(cast: Cast, deal: Opportunity) -> None:
    family = make.ProductFactory(code="FAMILY")
    robots = make.ProductFactory(code="ROBOTS", parent=family)
    filters = make.ProductFactory(code="FILTERS", parent=family)
    Opportunity.objects.filter(pk=deal.pk).update(product=robots)
    type(cast.acme).objects.filter(pk=cast.acme.pk).update(industry="Chemicals")
    play("FAMILY", product=family)
    play("EUROPE", region=cast.europe)
    play("GERMANY", country="DE")
    play("CHEMICALS", industry="chemicals")
    play("STAGE", stages=("negotiation",))
    play("FILTERS", product=filters)
    play("ASIA", region=cast.asia)
    play("FRANCE", country="FR")
    play("PHARMA", industry="Pharmaceuticals")
    play("ENDED", valid_to=dt.date(2020, 1, 1))
    play("AHEAD", valid_from=dt.date(2099, 1, 1))
    assert set(offered(cast, deal)) == {"FAMILY", "EUROPE", "GERMANY", "CHEMICALS"}


def test_a_line_brings_what_is_made_for_its_product_and_country(cast: Cast, deal: Opportunity) -> None:
    filters = make.ProductFactory()
    make.OpportunityLineFactory(opportunity=deal, country="FR", product=filters)
    play("FILTERS", product=filters)
    play("FRANCE", country="FR")
    assert set(offered(cast, deal)) == {"FILTERS", "FRANCE"}


def test_a_closed_deal_is_offered_nothing_and_keeps_what_was_used(cast: Cast, deal: Opportunity) -> None:
    used = play("USED")
    play("OTHER")
    services.note_use(pk=deal.pk, play="USED", by=cast.owner)
    Opportunity.objects.filter(pk=deal.pk).update(stage_id="won")
    found = queries.shelf(viewer=cast.owner, pk=deal.pk)
    assert (found.offers, [use.play for use in found.used]) == ([], [used])
    with pytest.raises(DomainError):
        services.note_use(pk=deal.pk, play="OTHER", by=cast.owner)


def test_a_reference_is_named_to_those_who_see_its_customer_until_it_is_released(cast: Cast, deal: Opportunity) -> None:
    other = make.OpportunityFactory(account=cast.other, country="JP")
    reference = play("REF", kind="reference", account=cast.acme, title="What Acme did")
    assert offered(cast, deal) == ["REF"]
    assert offered(cast, other, "outsider") == []
    page = signed_in(cast.outsider).get(f"/opportunities/{other.pk}/plays/").content.decode()
    assert "Acme" not in page
    assert signed_in(cast.outsider).get("/plays/REF/").status_code == 404
    with pytest.raises(Play.DoesNotExist):
        services.note_use(pk=other.pk, play="REF", by=cast.outsider)
    Play.objects.filter(pk=reference.pk).update(is_released=True)
    assert offered(cast, other, "outsider") == ["REF"]
    page = signed_in(cast.outsider).get(f"/opportunities/{other.pk}/plays/").content.decode()
    assert "Acme" in page
    assert "/accounts/ACME/" not in page


def test_a_use_says_who_when_where_and_for_whom(cast: Cast, deal: Opportunity) -> None:
    anna = deal.account.contacts.get()
    play("P", buying_roles=["user", "economic_buyer"], languages=["en", "de"])
    services.note_use(pk=deal.pk, play="P", contact=anna.pk, by=cast.owner)
    use = PlayUse.objects.get()
    assert (use.stage_id, use.contact, use.buying_role, use.language) == ("proposal", anna, "economic_buyer", "de")
    assert (use.noted_by, use.member and use.member.email) == (cast.owner, "owner@example.org")
    assert offered(cast, deal) == []


def test_a_use_is_noted_once_and_again_after_it_was_taken_back(cast: Cast, deal: Opportunity) -> None:
    play("P")
    first = services.note_use(pk=deal.pk, play="P", by=cast.owner)
    with pytest.raises(DomainError):
        services.note_use(pk=deal.pk, play="P", by=cast.owner)
    services.take_back_use(pk=first, by=cast.owner)
    assert queries.shelf(viewer=cast.owner, pk=deal.pk).used == []
    assert offered(cast, deal) == ["P"]
    services.note_use(pk=deal.pk, play="P", by=cast.owner)
    assert PlayUse.objects.count() == 2
    with pytest.raises(PlayUse.DoesNotExist):
        services.take_back_use(pk=first, by=cast.owner)


def test_the_database_keeps_a_use_from_standing_twice(cast: Cast, deal: Opportunity) -> None:
    made = play("P")
    make.PlayUseFactory(opportunity=deal, play=made)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.PlayUseFactory(opportunity=deal, play=made)
    make.PlayUseFactory(opportunity=deal, play=made, contact=deal.account.contacts.get())


def test_what_is_put_aside_is_offered_on_other_deals_still(cast: Cast, deal: Opportunity) -> None:
    play("P")
    other = make.OpportunityFactory(account=cast.acme)
    with pytest.raises(DomainError):
        services.put_aside(pk=deal.pk, play="P", reason="  ", by=cast.owner)
    services.put_aside(pk=deal.pk, play="P", reason="They wrote\nit themselves", by=cast.owner)
    assert (offered(cast, deal), offered(cast, other)) == ([], ["P"])
    dismissal = PlayDismissal.objects.get()
    assert dismissal.reason == "They wrote it themselves"
    services.offer_again(pk=dismissal.pk, by=cast.owner)
    assert offered(cast, deal) == ["P"]


def test_who_may_not_edit_or_does_not_see_a_deal_notes_nothing(cast: Cast, deal: Opportunity) -> None:
    play("P")
    with pytest.raises(NotPermitted):
        services.note_use(pk=deal.pk, play="P", by=cast.executive)
    address, asked = f"/opportunities/{deal.pk}/plays/", {"do": "use", "play": "P"}
    assert signed_in(cast.outsider).post(address, asked).status_code == 404
    assert signed_in(cast.outsider).get(address).status_code == 404
    assert signed_in(cast.executive).post(address, asked).status_code == 422
    assert signed_in(cast.owner).post(address, {"do": "use", "play": "P", "contact": "9" * 30}).status_code == 404
    assert signed_in(cast.owner).post(address, {"do": "steal"}).status_code == 404
    assert not PlayUse.objects.exists()


def test_a_contact_of_another_account_is_refused(cast: Cast, deal: Opportunity) -> None:
    play("P")
    stranger = make.ContactFactory(account=cast.other, external_id="stranger", buying_role="user")
    with pytest.raises(DomainError):
        services.note_use(pk=deal.pk, play="P", contact=stranger.pk, by=cast.owner)
    row = {"external_id": "u", "opportunity_external_id": deal.external_id, "play_code": "P", "stage": "proposal",
           "used_on": "2024-01-01", "contact_external_id": "stranger"}  # fmt: skip
    with pytest.raises(RowsRejected) as refused:
        write_rows(PLAY_USES, [row], by=cast.superuser)
    assert [problem.column for problem in refused.value.problems] == ["contact_external_id"]


def test_a_lead_sees_the_order_without_the_people(cast: Cast, deal: Opportunity) -> None:
    play("P", buying_roles=["economic_buyer"])
    services.note_use(pk=deal.pk, play="P", contact=deal.account.contacts.get().pk, by=cast.owner)
    play("Q", buying_roles=["economic_buyer"])
    page = signed_in(cast.europe_lead).get(f"/opportunities/{deal.pk}/plays/").content.decode()
    assert "How P goes" in page
    assert "How Q goes" in page
    assert "Anna" not in page
    assert "Anna Meyer" in signed_in(cast.owner).get(f"/opportunities/{deal.pk}/plays/").content.decode()


def test_the_panel_is_swapped_and_works_without_scripts(cast: Cast, deal: Opportunity) -> None:
    play("P")
    client, address = signed_in(cast.owner), f"/opportunities/{deal.pk}/plays/"
    headers = {"HX-Request": "true", "HX-Target": "deal-plays"}
    panel = client.post(address, {"do": "use", "play": "P"}, headers=headers)
    assert panel.content.decode().lstrip().startswith("<section")
    assert "Used here" in panel.content.decode()
    again = client.post(address, {"do": "take_back", "use": PlayUse.objects.get().pk})
    assert (again.status_code, again["Location"]) == (302, address)
    assert address in client.get(f"/opportunities/{deal.pk}/").content.decode()


@pytest.mark.parametrize("number", [3, 60])
def test_the_panel_takes_few_statements_whatever_there_is(
    cast: Cast, deal: Opportunity, number: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(number):
        play(f"P{at}", stages=("proposal",), buying_roles=["economic_buyer"], languages=["de"])
        make.PlayUseFactory(opportunity=deal, play=play(f"U{at}"))
    client = signed_in(cast.owner)
    client.get("/")
    with django_assert_max_num_queries(20):
        client.get(f"/opportunities/{deal.pk}/plays/", headers={"HX-Request": "true", "HX-Target": "deal-plays"})


def test_of_many_offers_the_first_stand_on_the_page_and_all_are_asked_for(cast: Cast, deal: Opportunity) -> None:
    for at in range(9):
        play(f"P{at}")
    found = queries.shelf(viewer=cast.owner, pk=deal.pk)
    assert (len(found.offers), found.more) == (6, 3)
    client = signed_in(cast.owner)
    assert "3 more" in client.get(f"/opportunities/{deal.pk}/plays/").content.decode()
    assert "How P8 goes" in client.get(f"/opportunities/{deal.pk}/plays/?all=1").content.decode()


FORM = {"code": "NEW", "kind": "play", "title": "A new play", "text": "Ask.", "stages": ["proposal"]}


def test_an_administrator_weighs_adds_changes_and_closes_a_play(cast: Cast, deal: Opportunity) -> None:
    make.OpportunityFactory(account=cast.other, country="JP")
    make.OpportunityFactory(account=cast.other, country="JP", stage_id="won")
    client = signed_in(cast.administrator)
    weighed = client.post("/set-up/plays/add/", {**FORM, "do": "weigh"})
    assert "on 2 of all open opportunities" in weighed.content.decode()
    assert not Play.objects.exists()
    weighed = client.post("/set-up/plays/add/", {**FORM, "region_code": "EUROPE", "do": "weigh"})
    assert "on 1 of all open opportunities" in weighed.content.decode()
    assert client.post("/set-up/plays/add/", {**FORM, "do": "save"}).status_code == 302
    change = {**FORM, "title": "A better play", "stages": ["negotiation", "won"], "languages": ["de"], "do": "save"}
    assert client.post("/set-up/plays/NEW/", change).status_code == 302
    found = Play.objects.get()
    assert (found.title, found.languages) == ("A better play", ["de"])
    assert set(found.play_stages.values_list("stage_id", flat=True)) == {"negotiation", "won"}
    assert client.post("/set-up/plays/NEW/close/", {"valid_to": "2024-05-05"}).status_code == 302
    found.refresh_from_db()
    assert found.valid_to == dt.date(2024, 5, 5)
    assert "A better play" in client.get("/set-up/plays/?state=over").content.decode()
    assert "A better play" not in client.get("/set-up/plays/?state=now").content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "a play needs a link or a text"),
        ({"link": "http://example.org"}, "https://"),
        ({"kind": "reference"}, "a reference names the customer"),
        ({"account_code": "ACME"}, "only a reference names a customer"),
        ({"region_code": "EUROPE", "country": "DE"}, "for a country or for a region"),
        ({"valid_from": "2024-02-01", "valid_to": "2024-01-01"}, "not after the start"),
    ],
)
def test_a_play_that_contradicts_itself_is_refused_beside_its_field(
    cast: Cast, change: dict[str, str], said: str
) -> None:
    answer = signed_in(cast.administrator).post("/set-up/plays/add/", {**FORM, **change, "do": "save"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Play.objects.exists()


def test_only_administrators_keep_plays(cast: Cast) -> None:
    for who in (cast.owner, cast.europe_lead, cast.executive, cast.viewer):
        assert signed_in(who).post("/set-up/plays/add/", {**FORM, "do": "save"}).status_code == 403
    assert not Play.objects.exists()


def test_a_file_states_all_stages_of_a_play_and_twice_changes_nothing(cast: Cast) -> None:
    row = {"code": "P", "kind": "play", "title": "T", "text": "x", "stages": "proposal;won"}
    assert write_rows(PLAYS, [row], by=None).created == 1
    assert write_rows(PLAYS, [row], by=None).unchanged == 1
    assert write_rows(PLAYS, [{**row, "stages": "won;lost"}], by=None).updated == 1
    assert set(PlayStage.objects.values_list("stage_id", flat=True)) == {"won", "lost"}
    assert write_rows(PLAYS, [{"code": "P", "title": "T"}], by=None).unchanged == 1
    assert PlayStage.objects.count() == 2
    with pytest.raises(RowsRejected) as refused:
        write_rows(PLAYS, [{**row, "stages": "won;dreaming"}], by=None)
    assert [problem.column for problem in refused.value.problems] == ["stages"]


def test_uses_come_back_with_a_deal_that_was_deleted(cast: Cast, deal: Opportunity) -> None:
    from pipeline.services import delete_opportunity, restore_opportunity

    play("P")
    play("Q")
    services.note_use(pk=deal.pk, play="P", contact=deal.account.contacts.get().pk, by=cast.owner)
    services.put_aside(pk=deal.pk, play="Q", reason="No", by=cast.owner)
    back = restore_opportunity(token=delete_opportunity(pk=deal.pk, by=cast.owner), by=cast.owner)
    found = queries.shelf(viewer=cast.owner, pk=back)
    assert [use.play.code for use in found.used] == ["P"]
    assert [one.play.code for one in found.dismissed] == ["Q"]
