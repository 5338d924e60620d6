"""What waits for whom: deals of ACME's owner with a reason to look at them, and her list."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.test import Client

from pipeline.deal_models import NextStep
from pipeline.models import Opportunity, Stage, StageHistory
from tests import factories as make
from tests.cast import Cast
from users.models import User
from workspace.work_queries import Chosen, WorkList, worklist

ON = dt.date(2025, 10, 20)


def overdue(cast: Cast, name: str = "Robots", **more: object) -> Opportunity:
    """A deal of ACME's owner that was to close on the first of the month."""
    given = {"owner": cast.owner.member, "close_date": dt.date(2025, 10, 1), "amount": Decimal("500.00"), **more}
    return make.OpportunityFactory(account=cast.acme, name=name, **given)


def listed(user: User, **chosen: object) -> WorkList:
    vars(user).pop("_scope", None)
    return worklist(viewer=user, chosen=Chosen(**chosen))  # type: ignore[arg-type]  # as given


def subjects(user: User, **chosen: object) -> list[str]:
    return [line.item.subject for line in listed(user, **chosen).lines]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def step(deal: Opportunity, due: dt.date, **more: object) -> NextStep:
    return NextStep.objects.create(opportunity=deal, text="Send the offer", due_on=due, **more)


def entered(deal: Opportunity, stage: str, on: dt.date) -> None:
    at = dt.datetime.combine(on, dt.time(12), dt.UTC)
    StageHistory.objects.create(opportunity=deal, stage_id=stage, changed_at=at)


def left_after(cast: Cast, *lengths: int) -> None:
    """Deals that stood in the stage for so many days, and were won."""
    for days in lengths:
        deal = overdue(cast, f"Won after {days}", stage=Stage.objects.get(pk="won"), owner=None)
        entered(deal, "proposal", dt.date(2025, 1, 1))
        entered(deal, "won", dt.date(2025, 1, 1) + dt.timedelta(days=days))
