"""Loading the demo into the database, as an administrator's import would."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from core import months
from coverage.scoring import keep_past_scores, keep_scores
from imports.demo import rates
from imports.demo.around import surround_deals
from imports.demo.folder import write_folder
from imports.demo.judgements import hand_in, judge
from imports.demo.leads import SOURCES
from imports.demo.logins import LOGINS, PASSWORD
from imports.services import Result, import_paths
from money.queries import business_date
from money.services import pin_business_date
from pipeline.lead_score_services import keep_definition, keep_lead_scores
from pipeline.lead_scores import definition
from pipeline.score_models import KeptScore, ScoreKind
from rollups.forecast_freezing import freeze_due, freeze_past, monday_of
from rollups.services import drain
from users.models import User
from workspace import scoring

MONTHS_OF_HISTORY = 12
MONTHS_OF_SCORES = 6
WEEKS_OF_FORECASTS = 16


def load_demo(*, scale: int = 1) -> Result:
    """Import the demo of that scale as one batch, pin the as-of date to its last rate date, and let its people sign in.

    A second call with the same scale changes nothing; one that was interrupted is completed by the next. Where rows are
    refused (the database holds other data that contradict the demo), nothing at all is written and the result says which.
    """
    with tempfile.TemporaryDirectory(prefix="gam-demo-") as temporary:
        folder = Path(temporary) / "demo"  # the name that the page of imports shows
        write_folder(folder, scale=scale)
        result = import_paths([folder], by=None)
    if result.is_clean:
        pin_business_date(on=rates.last_day(), reason="demo", by=None)
        surround_deals(last=rates.last_day())
        _weigh_leads()
        _let_in()
    return result


def keep_history() -> int:
    """Compute the alignment of the demo's customers on the last day of each month of a year, and today; how many days. The
    score of each lead is noted too."""
    drain()
    keep_lead_scores()
    days = keep_past_scores(months_back=MONTHS_OF_HISTORY)
    keep_scores()
    _keep_nights()
    return days + 1


def _keep_nights() -> None:
    """The scores of deals, accounts and members on the last day of each of some months, for which there is an alignment too, and
    today's. A deal that had no stage yet had no score."""
    today = business_date()
    month = months.month_of(today)
    for day in (months.last_day(month - back) for back in range(MONTHS_OF_SCORES, 0, -1)):
        if not KeptScore.objects.filter(on=day).exists():
            scoring.keep_scores(on=day)
            KeptScore.objects.filter(kind=ScoreKind.OPPORTUNITY, on=day, parts__time_in_stage=None).delete()
    scoring.keep_scores()


def keep_forecasts() -> int:
    """A snapshot of the forecast for each of the last weeks, as the stage history tells of its Monday, and this week's; how many
    were not there. Beside them what leads say of the quarter under way, and what they handed in for those before."""
    monday = monday_of(rates.last_day())
    days = [monday - dt.timedelta(weeks=back) for back in range(WEEKS_OF_FORECASTS, 0, -1)]
    taken = [freeze_past(day) for day in days]
    judge()
    hand_in()
    return sum(one is not None for one in (*taken, freeze_due()))


def _weigh_leads() -> None:
    """Say what the demo's sources are worth; once, so that what somebody decided since stays."""
    stands = definition()
    if not stands.sources:
        told = replace(stands, sources={name: Decimal(worth) for name, worth in SOURCES.items()})
        keep_definition(told=told, version=stands.version, by=None)


def _let_in() -> None:
    """Give every demo login the documented password. One that has a password already keeps it."""
    for user in User.objects.filter(email__in=[login.email for login in LOGINS]):
        if not user.has_usable_password():
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
