"""What the demo's leads say of the forecast of the quarter under way."""

from __future__ import annotations

from decimal import Decimal

from core import months
from imports.demo.people import DOMAIN
from money.queries import fiscal_start_month
from pipeline.forecast_access import ForecastNode
from pipeline.forecast_models import ForecastAdjustment
from pipeline.forecast_services import Against, adjust_forecast
from regions.models import Region
from rollups import queries
from rollups.forecast_categories import quarter_at
from rollups.lens import parse_lens
from users.models import User

#: Who, of which region, in which category, to how much of the computed figure, and why. From below: each sees what stands then.
_SAID = (
    ("matthias.vogt", "DACH", "commit", "0.85", "Two framework renewals wait for a works council; I count them in the next quarter."),
    ("harriet.fairbairn", "UKI", "best_case", "0.60", "Calibration is out to tender again. Half of it stays with us at best."),
    ("sofia.marchetti", "EMEA", "commit", "0.90", "A prudent view of the year’s end: customers close their books early."),
)  # fmt: skip


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
