"""What the demo's leads say of the forecast of the quarter under way, and what they handed in for it and for those before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from core import months
from imports.demo.people import DOMAIN
from imports.demo.timeline import chance
from money.queries import fiscal_start_month
from pipeline.forecast_access import ForecastNode
from pipeline.forecast_models import ForecastAdjustment, ForecastSubmission, SubmittedFigure
from pipeline.forecast_services import Against, adjust_forecast
from regions.models import Region
from rollups import queries
from rollups.forecast_categories import QUARTER, ForecastPeriod, quarter_at
from rollups.lens import Lens, parse_lens
from users.models import User

#: Who, of which region, in which category, to how much of the computed figure, and why. From below: each sees what stands then.
_SAID = (
    ("matthias.vogt", "DACH", "commit", "0.85", "Two framework renewals wait for a works council; I count them in the next quarter."),
    ("harriet.fairbairn", "UKI", "best_case", "0.60", "Calibration is out to tender again. Half of it stays with us at best."),
    ("sofia.marchetti", "EMEA", "commit", "0.90", "A prudent view of the year’s end: customers close their books early."),
)  # fmt: skip
#: Who hands in the forecast of which region, and how much of what came she usually says beforehand.
_HANDED_IN = (
    ("matthias.vogt", "DACH", 0.93), ("harriet.fairbairn", "UKI", 1.19), ("sofia.marchetti", "EMEA", 1.02),
    ("marcus.whitaker", "AMER", 1.11), ("meiling.tan", "APAC", 0.97), ("victoria.ashcombe", "WORLD", 1.04),
)  # fmt: skip
QUARTERS_HANDED_IN = 3


def judge() -> int:
    """Adjust the forecast as the leads would; how many adjustments. Nothing when there are some already."""
    if ForecastAdjustment.objects.exists():
        return 0
    lens = parse_lens({})
    period = quarter_at(months.month_of(lens.as_of), fiscal_start_month())
    for mailbox, code, category, share, note in _SAID:
        by = User.objects.get(email=f"{mailbox}@{DOMAIN}")
        computed, basis = queries.against(
            viewer=by, kind="region", code=code, lens=lens, period=period, category=category
        )
        adjust_forecast(
            node=ForecastNode("region", Region.objects.get(code=code).pk),
            first=period.first,
            last=period.last,
            category=category,
            amount=round(computed * Decimal(share), -3),
            currency=lens.currency,
            note=note,
            against=Against(computed, basis),
            by=by,
        )
    return len(_SAID)


def hand_in() -> int:
    """What the leads handed in halfway through each of the last quarters; how many. Nothing when there is some already."""
    if ForecastSubmission.objects.exists():
        return 0
    lens, start = parse_lens({}), fiscal_start_month()
    present = quarter_at(months.month_of(lens.as_of), start)
    past = [quarter_at(present.first - QUARTER * back, start) for back in range(QUARTERS_HANDED_IN, 0, -1)]
    for period in past:
        for mailbox, code, usual in _HANDED_IN:
            _hand_in(User.objects.get(email=f"{mailbox}@{DOMAIN}"), code, usual, period, lens)
    return len(past) * len(_HANDED_IN)


def _hand_in(by: User, code: str, usual: float, period: ForecastPeriod, lens: Lens) -> None:
    """Written beside the service, which says what is handed in now: this was a while ago."""
    over = lens.over(period.first, period.last)
    came = queries.region_forecast(viewer=by, code=code, lens=over, period=period).amounts.money["closed"]
    assert isinstance(came, Decimal)  # one currency
    rng = chance("handed in", code, period.code)
    closed = round(came * Decimal(rng.uniform(0.35, 0.5)), -3)
    commit = round(came * Decimal(usual * rng.uniform(0.9, 1.1)), -3) - closed
    computed = round(commit * Decimal(rng.uniform(0.9, 1.15)), -3)
    at = dt.datetime.combine(months.last_day(period.first + 1) - dt.timedelta(days=15), dt.time(9, 30), dt.UTC)
    region = Region.objects.get(code=code)
    made = ForecastSubmission.objects.create(
        scope="region", region=region, first=period.first, last=period.last, by=by, at=at
    )
    told = {"closed": (closed, closed, "computed"), "commit": (computed, commit, "here")}
    SubmittedFigure.objects.bulk_create(
        SubmittedFigure(
            submission=made, category=category, computed=was, forecast=said, currency_id=lens.currency, source=source
        )
        for category, (was, said, source) in told.items()
    )
