"""What stands around the demo's open deals: people in the purchase, competitors, ticked criteria, next steps.

No import file holds these, so they are written beside the import: once for each deal, the same whenever it is done.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from typing import Any

from django.db import transaction

from accounts.models import Contact
from imports.demo.timeline import chance
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.journey_models import ExitCriterion, Tick
from pipeline.models import Opportunity

_COMPETITORS = {
    "arcadian": "Arcadian Instruments",
    "borealis-flow": "Borealis Flow",
    "castor-automation": "Castor Automation",
    "delphi-service": "Delphi Service Group",
    "in-house": "Their own workshop",
}
_NOTES = ("Cheaper by some ten per cent", "Knows the plant manager well", "Late with the last delivery", "", "")
_STEPS = (
    "Send the revised offer", "Visit the plant with our specialist", "Agree the acceptance test",
    "Call about the budget release", "Introduce our sponsor to theirs", "Send the reference list",
    "Clear the data sheet with purchasing", "Fix the date of the tender",
)  # fmt: skip
_FIRST = ("champion", "user", "influencer", "economic_buyer", "gatekeeper")


@transaction.atomic
def surround_deals(*, last: dt.date) -> int:
    """Give every open deal of the demo that has nothing around it what its stage makes likely; how many were given something."""
    for position, (code, name) in enumerate(_COMPETITORS.items(), start=1):
        Competitor.objects.get_or_create(code=code, defaults={"name": name, "position": position})
    deals = list(_bare().select_related("stage", "owner").order_by("external_id"))
    people: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(account__in={deal.account_id for deal in deals}).order_by("external_id"):
        people[contact.account_id].append(contact)
    criteria: dict[str, list[ExitCriterion]] = defaultdict(list)
    for criterion in ExitCriterion.objects.filter(is_active=True).order_by("position", "pk"):
        criteria[criterion.stage_id].append(criterion)
    rows: dict[Any, list[Any]] = defaultdict(list)
    for deal in deals:
        rng = chance("around", deal.external_id)
        rows[DealContact] += _contacts(deal, people[deal.account_id], rng)
        rows[DealCompetitor] += _competitors(deal, rng)
        rows[Tick] += _ticks(deal, criteria[deal.stage_id], rng, last)
        rows[NextStep] += _next_step(deal, rng, last)
    for model, made in rows.items():
        model.objects.bulk_create(made, batch_size=1000)
    return len(deals)


def _bare() -> Any:
    """Open deals of the demo's files that nobody has added anything to."""
    parts = ("deal_contacts", "deal_competitors", "ticks", "next_steps")
    untouched = {f"{part}__isnull": True for part in parts}
    return Opportunity.objects.open().filter(external_id__startswith="O-", **untouched)


def _contacts(deal: Opportunity, people: list[Contact], rng: random.Random) -> list[DealContact]:
    """More of them the further the deal is; one in five of those in commit still lacks the one who decides."""
    by_role: dict[str, list[Contact]] = defaultdict(list)
    for contact in people:
        by_role[contact.buying_role].append(contact)
    roles = rng.sample(_FIRST, min(deal.stage.position, 3))
    if rng.random() < {1: 0.1, 2: 0.3, 3: 0.55}.get(deal.stage.position, 0.8):
        roles.append("decision_maker")
    return [
        DealContact(opportunity=deal, account_id=deal.account_id, contact=rng.choice(by_role[role]), buying_role=role)
        for role in roles
        if by_role[role]
    ]


def _competitors(deal: Opportunity, rng: random.Random) -> list[DealCompetitor]:
    codes = rng.sample(list(_COMPETITORS), rng.choice((0, 0, 1, 1, 2)))
    return [
        DealCompetitor(
            opportunity=deal, competitor_id=code, is_incumbent=at == 0 and rng.random() < 0.4, note=rng.choice(_NOTES)
        )
        for at, code in enumerate(codes)
    ]


def _ticks(deal: Opportunity, criteria: list[ExitCriterion], rng: random.Random, last: dt.date) -> list[Tick]:
    met = [criterion for criterion in criteria if rng.random() < 0.5]
    return [
        Tick(
            opportunity=deal,
            criterion=criterion,
            ticked_at=dt.datetime.combine(last - dt.timedelta(days=rng.randint(1, 40)), dt.time(9, 30), dt.UTC),
            ticked_by_id=deal.owner.user_id if deal.owner else None,
        )
        for criterion in met
    ]


def _next_step(deal: Opportunity, rng: random.Random, last: dt.date) -> list[NextStep]:
    if rng.random() < 0.25:
        return []
    due = last + dt.timedelta(days=rng.randint(-9, 30))
    return [NextStep(opportunity=deal, text=rng.choice(_STEPS), due_on=due, member=deal.owner)]
