"""The score of leads: its parts, what is not known, versions that are kept, and its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Tier
from money.services import pin_business_date
from pipeline import lead_queries, lead_score_services
from pipeline.lead_models import LeadScore, LeadScoring
from pipeline.lead_scores import PARTS, Definition, definition, scored
from pipeline.models import Lead
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ON = dt.date(2024, 6, 14)
TOLD = Definition(
    version=0,
    weights=dict(zip(PARTS, map(Decimal, ("1", "2", "2", "2", "2", "1")), strict=True)),
    sources={"fair": Decimal("0.5")},
    tiers={"key": Decimal("0.6")},
    recency_days=100,
)


def read(lead: Lead, told: Definition = TOLD) -> Any:
    return scored(Lead.objects.filter(pk=lead.pk), told, on=ON).get()


def traits(lead: Lead) -> dict[str, Decimal | None]:
    found = read(lead)
    return {code: getattr(found, f"trait_{code}") for code in PARTS}


def test_every_part_says_what_is_known(cast: Cast) -> None:
    cast.acme.tier = Tier.objects.get(pk="key")
    cast.acme.save()
    known = make.LeadFactory(
        country="DE", account=cast.acme, source="Fair", last_activity_on=ON - dt.timedelta(days=25), may_contact=True
    )
    assert traits(known) == {
        "region": 1, "account": 1, "tier": Decimal("0.6"), "source": Decimal("0.5"), "recency": Decimal("0.75"), "contact": 1,
    }  # fmt: skip
    poor = make.LeadFactory(
        country="BR", company="Nobody", may_contact=False, last_activity_on=ON - dt.timedelta(days=900)
    )
    assert traits(poor) == {"region": 0, "account": 0, "tier": None, "source": None, "recency": 0, "contact": 0}


def test_what_is_not_known_is_neither_nothing_nor_all(cast: Cast) -> None:
    empty = read(make.LeadFactory())
    assert (empty.score, empty.known_weight) == (None, 0)
    one = read(make.LeadFactory(may_contact=True))
    assert (one.score, one.known_weight) == (1, Decimal("0.1"))


def test_the_database_adds_up_as_the_pure_score_does(cast: Cast) -> None:
    for days in (None, 0, 7, 33, 250):
        for source in ("fair", "web", ""):
            seen = ON - dt.timedelta(days=days) if days is not None else None
            row = read(make.LeadFactory(country="DE", company="X", source=source, last_activity_on=seen))
            pure = TOLD.score(row)
            assert float(row.score) == pytest.approx(float(pure.value or 0), abs=1e-12)
            assert float(row.known_weight) == pytest.approx(float(pure.known_weight), abs=1e-12)


def test_no_part_rewards_typing(cast: Cast) -> None:
    """More words about a lead change nothing; what is learnt may lower its score."""
    lead = make.LeadFactory(country="DE", may_contact=True)
    before = read(lead).score
    Lead.objects.filter(pk=lead.pk).update(
        name="A longer name", email="a@b.example", phone="1", amount=5, currency="EUR"
    )
    for number in range(5):
        lead.changes.create(changed_at=dt.datetime(2024, 1, 1, number, tzinfo=dt.UTC), status="new", note="wrote again")
    assert read(lead).score == before
    Lead.objects.filter(pk=lead.pk).update(company="Nobody we know")
    assert read(lead).score < before


def test_a_version_is_kept_and_never_changed(cast: Cast) -> None:
    first = definition()
    told = replace(first, sources={"fair": Decimal("0.5")})
    version = lead_score_services.keep_definition(told=told, version=first.version, by=cast.administrator)
    assert definition() == replace(told, version=version)
    with pytest.raises(lead_score_services.ScoringChanged):
        lead_score_services.keep_definition(told=told, version=first.version, by=cast.administrator)
    for change in (
        lambda: LeadScoring.objects.filter(pk=version).update(recency_days=1),
        lambda: LeadScoring.objects.filter(pk=version).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_night_notes_what_changed_and_nothing_twice(cast: Cast) -> None:
    lead = make.LeadFactory(may_contact=True, last_activity_on=ON)
    assert lead_score_services.keep_lead_scores(on=ON) == 1
    assert lead_score_services.keep_lead_scores(on=ON) == 1
    assert LeadScore.objects.count() == 1
    make.LeadFactory()
    assert lead_score_services.keep_lead_scores(on=ON + dt.timedelta(days=1)) == 2
    Lead.objects.filter(pk=lead.pk).update(last_activity_on=None)
    lead_score_services.keep_lead_scores(on=ON + dt.timedelta(days=2))
    lead_score_services.keep_lead_scores(on=ON + dt.timedelta(days=3))
    noted = LeadScore.objects.filter(lead=lead).order_by("on")
    assert [row.on.day - ON.day for row in noted] == [0, 1, 2]


def test_another_definition_is_tried_before_it_is_saved(cast: Cast) -> None:
    pin_business_date(on=ON, by=None)
    make.LeadFactory(name="Willing", may_contact=True, country="BR")
    make.LeadFactory(name="Near", may_contact=False, country="DE")
    client = Client()
    client.force_login(cast.superuser)
    page = client.get("/set-up/leads/score/")
    given = {name: field.value() for name in page.context["form"].fields if (field := page.context["form"][name])}
    given = {name: "" if value is None else value for name, value in given.items()}
    given |= {f"w-{code}": "0" for code in PARTS} | {"w-region": "1", "w-contact": "9"}
    tried = client.post("/set-up/leads/score/", {**given, "do": "try"})
    assert [row.lead.name for row in tried.context["effect"].rows] == ["Willing", "Near"]
    assert definition().version == int(given["version"])
    saved = client.post("/set-up/leads/score/", {**given, "do": "save", "seen": tried.context["seen"]})
    assert saved.status_code == 302
    assert definition().weights["contact"] == 9
    changed = client.post(
        "/set-up/leads/score/", {**given, "w-region": "5", "do": "save", "seen": tried.context["seen"]}
    )
    assert changed.status_code == 200


def test_an_administrator_is_told_of_places_and_names_only_what_she_sees(cast: Cast) -> None:
    make.LeadFactory(name="Hidden", may_contact=True)
    found = lead_score_services.effect(viewer=cast.administrator, told=definition())
    assert (found.rows, found.waiting, found.is_part) == ([], 1, True)


def test_the_page_shows_parts_that_add_up_to_the_score(cast: Cast) -> None:
    lead = make.LeadFactory(country="DE", company="X", may_contact=True)
    view = lead_queries.lead_view(viewer=cast.executive, pk=lead.pk)
    assert sum(part.points for part in view.parts if part.points is not None) == view.score.value
    assert view.score.known_weight < 1
