"""What the rows of `products`, `potentials`, `revenue` and `quotas` are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.loading import account, stays_with_unit, unit, writable
from core.columns import Column, Reference, amount, business_date, choice, code, country, date, text
from core.staging import Check, FileSpec, Stage
from core.staging_upsert import refuse_loops
from money.loading import CURRENCY
from revenue.models import Potential, QuotaMeasure, QuotaScope, RevenueEntry, RevenueKind
from users.permissions import Permission

PRODUCT = Reference("revenue_product", _("unknown product “%(value)s”"))
_UNIT_COUNTRY = "r_org_unit_code.country"


def product(*, key: bool = False) -> Column:
    return Column("product_code", text(60), key=key, stores="product_id", refers=PRODUCT)


def currency(*, required: bool = True) -> Column:
    return Column("currency", text(3), required=required, stores="currency_id", refers=CURRENCY)


def _no_loops(stage: Stage) -> None:
    refuse_loops(stage, "parent_code", "parent_id")


PRODUCTS = FileSpec(
    name="products",
    table="revenue_product",
    noun=_("products"),
    permission=Permission.CONFIGURE_PIPELINE,
    columns=(
        Column("code", code(60), key=True),
        Column("name", text(200), required=True),
        Column(
            "parent_code",
            text(60),
            stores="parent_id",
            refers=Reference("revenue_product", _("unknown product “%(value)s”"), own=True),
        ),
    ),
    after=(_no_loops,),
)

POTENTIALS = FileSpec(
    name="potentials",
    table="revenue_potential",
    noun=_("potentials"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        account(key=True),
        unit(key=True),
        product(key=True),
        Column("amount", amount()),
        currency(required=False),
    ),
    checks=(
        Check(
            "currency",
            "x.currency_id IS NULL AND x.amount IS NOT NULL",
            _("an amount needs its currency"),
            value="''",
        ),
    ),
    visible=writable(Potential.objects.visible_to),
)

REVENUE = FileSpec(
    name="revenue",
    table="revenue_revenueentry",
    noun=_("revenue entries"),
    permission=Permission.EDIT_FACTS,
    columns=(
        Column("external_id", code(120), key=True),
        account(),
        unit(),
        Column("country", country(), default=_UNIT_COUNTRY),
        product(),
        Column("kind", choice(RevenueKind.values), default="'recognised'"),
        Column("date", business_date(), required=True),
        Column("amount", amount(), required=True),
        currency(),
    ),
    checks=(stays_with_unit("revenue_revenueentry"),),
    visible=writable(RevenueEntry.objects.visible_to),
)

QUOTAS = FileSpec(
    name="quotas",
    table="revenue_quota",
    noun=_("quotas"),
    permission=Permission.CONFIGURE_PIPELINE,
    columns=(
        Column("scope", choice(QuotaScope.values), key=True),
        Column("scope_code", text(254), key=True),
        Column("measure", choice(QuotaMeasure.values), key=True),
        Column("period_start", date(), key=True),
        Column("period_end", date(), key=True),
        Column("amount", amount(), required=True),
        currency(),
    ),
    checks=(
        Check("period_end", "x.period_end <= x.period_start", _("the end %(value)s is not after the start")),
        Check(
            "scope_code",
            """NOT CASE x.scope
                 WHEN 'region' THEN EXISTS (SELECT 1 FROM regions_region r WHERE r.code = x.scope_code)
                 WHEN 'account' THEN EXISTS (SELECT 1 FROM accounts_account a WHERE a.code = x.scope_code)
                 WHEN 'member' THEN EXISTS (SELECT 1 FROM teams_member m WHERE m.email = x.scope_code)
                 ELSE EXISTS (SELECT 1 FROM revenue_product p WHERE p.code = x.scope_code) END""",
            _("nothing in this scope has the code “%(value)s”"),
        ),
    ),
)

SPECS = (PRODUCTS, POTENTIALS, REVENUE, QUOTAS)
