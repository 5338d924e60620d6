"""What a row of `exchange_rates.csv` is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.columns import Column, Reference, code, date, decimal
from core.staging import Check, FileSpec, Stage
from money.models import RESERVED_RATE_SETS
from users.permissions import Permission

CURRENCY = Reference("money_currency", _("“%(value)s” is not an ISO 4217 currency code"), id="code", id_type="text")


def _add_rate_sets(stage: Stage) -> None:
    """A rate set comes into being with its first rate, whose base becomes its pivot."""
    stage.execute(
        f"INSERT INTO money_rateset (code, base_id) SELECT DISTINCT ON (x.rate_set) x.rate_set, x.base_id"
        f" FROM {stage.rows} x ORDER BY x.rate_set, x.line_no ON CONFLICT DO NOTHING"
    )


EXCHANGE_RATES = FileSpec(
    name="exchange_rates",
    table="money_exchangerate",
    noun=_("exchange rates"),
    permission=Permission.CONFIGURE_RATES,
    columns=(
        Column("base", code(3), key=True, stores=None, refers=CURRENCY),
        Column("currency", code(3), key=True, stores="currency_id", refers=CURRENCY),
        Column("date", date(), key=True),
        Column("rate_set", code(40, not_named=RESERVED_RATE_SETS), key=True, default="'spot'", stores="rate_set_id"),
        Column("rate", decimal(38, 18, above="0"), required=True),
    ),
    checks=(
        Check("currency", "x.currency = x.base", _("a rate of “%(value)s” for itself")),
        Check(
            "base",
            "known.base_id <> x.base_id",
            _("this rate set has another base; “%(value)s” would be a second one"),
            joins="JOIN money_rateset known ON known.code = x.rate_set",
        ),
        Check(
            "base",
            # NOT IN, so that the first bases are found once (a hashed sub-plan); a join is planned as a loop over all rows.
            "NOT EXISTS (SELECT 1 FROM money_rateset k WHERE k.code = x.rate_set) AND (x.rate_set, x.base_id) NOT IN"
            " (SELECT DISTINCT ON (f.rate_set) f.rate_set, f.base_id FROM {rows} f ORDER BY f.rate_set, f.line_no)",
            _("one base for each rate set; “%(value)s” would be a second one"),
        ),
    ),
    before=(_add_rate_sets,),
)

SPECS = (EXCHANGE_RATES,)
