"""Products, potentials, revenue entries and quotas in the REST API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.api import ACCOUNT_CODE, EXTERNAL_ID, UNIT_CODE
from core.api import filters
from core.api.columns import Column
from core.api.kinds import COUNTRY, CURRENCY, DAY, MONEY, Choice, Kind
from core.api.writing import Collection
from regions.api import in_region
from revenue import loading
from revenue.models import Potential, Product, Quota, QuotaMeasure, QuotaScope, RevenueEntry, RevenueKind

PRODUCT_CODE = Kind(60)


class Products(Collection):
    slug = "products"
    noun = "product"
    model = Product
    spec = loading.PRODUCTS
    kind_of_code = "product"
    columns = (
        Column("code", "code", PRODUCT_CODE, is_key=True, required=True),
        Column("name", "name", Kind(200), required=True),
        Column("parent_code", "parent__code", PRODUCT_CODE),
    )
    search = ("code", "name")

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Product.objects.all() if viewer.is_active else Product.objects.none()


class Potentials(Collection):
    slug = "potentials"
    noun = "potential"
    about = "What a unit could buy of a product in a year. A null amount is unknown, not zero."
    model = Potential
    spec = loading.POTENTIALS
    columns = (
        Column("account_code", "account__code", ACCOUNT_CODE, is_key=True, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE, is_key=True, required=True),
        Column("product_code", "product__code", PRODUCT_CODE, is_key=True, required=True),
        Column("amount", "amount", MONEY, exponent="currency__exponent"),
        Column("currency", "currency_id", CURRENCY),
    )
    search = ("org_unit__code", "org_unit__name", "product__code", "product__name")
    filters = (
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.country("org_unit__country"),
        in_region("org_unit__country"),
        filters.by_code("product", "Code of a product.", "product__code"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Potential.objects.visible_to(viewer)


class Revenue(Collection):
    slug = "revenue"
    noun = "revenue entry"
    about = "Facts: a native amount on a business date. The country is frozen when the entry is first written."
    model = RevenueEntry
    spec = loading.REVENUE
    columns = (
        Column("external_id", "external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("account_code", "account__code", ACCOUNT_CODE, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE),
        Column("country", "country", COUNTRY, note="Left out: the unit's."),
        Column("product_code", "product__code", PRODUCT_CODE),
        Column("kind", "kind", Choice(values=RevenueKind.values), default=RevenueKind.RECOGNISED.value),
        Column("date", "date", DAY, required=True),
        Column("amount", "amount", MONEY, required=True, exponent="currency__exponent"),
        Column("currency", "currency_id", CURRENCY, required=True),
    )
    search = ("external_id",)
    filters = (
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.country("country"),
        in_region("country"),
        filters.by_code("kind", "booked, billed or recognised.", "kind"),
        filters.by_code("product", "Code of a product.", "product__code"),
        filters.on("Entries of this day.", lambda rows, day: rows.filter(date=day)),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return RevenueEntry.objects.visible_to(viewer)


class Quotas(Collection):
    slug = "quotas"
    noun = "quota"
    about = "A target for a scope and a half-open period. `scope_code` is a code, of a member the e-mail address."
    model = Quota
    spec = loading.QUOTAS
    columns = (
        Column("scope", "scope", Choice(values=QuotaScope.values), is_key=True, required=True),
        Column("scope_code", "scope_code", Kind(254), is_key=True, required=True),
        Column("measure", "measure", Choice(values=QuotaMeasure.values), is_key=True, required=True),
        Column("period_start", "period_start", DAY, is_key=True, required=True),
        Column("period_end", "period_end", DAY, is_key=True, required=True),
        Column("amount", "amount", MONEY, required=True, exponent="currency__exponent"),
        Column("currency", "currency_id", CURRENCY, required=True),
    )
    search = ("scope_code",)
    filters = (
        filters.by_code("scope", "region, account, member or product.", "scope"),
        filters.by_code("scope_code", "The code within the scope.", "scope_code"),
        filters.on(
            "Quotas whose period holds this day.",
            lambda rows, day: rows.filter(period_start__lte=day, period_end__gt=day),
        ),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Quota.objects.permitted_to(viewer)


COLLECTIONS = (Products, Potentials, Revenue, Quotas)
