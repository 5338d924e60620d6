"""Stages and opportunities in the REST API, with an opportunity's lines, splits and stage history."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Case, DecimalField, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.expressions import Combinable

from accounts import access
from accounts.api import ACCOUNT_CODE, EXTERNAL_ID, UNIT_CODE
from core.api import filters
from core.api.columns import Column
from core.api.kinds import COUNTRY, CURRENCY, DAY, EMAIL, INSTANT, MONEY, PERCENT, Choice, Integer, Kind
from core.api.writing import Collection
from pipeline import lead_api, loading, loading_parts
from pipeline.filters import OpportunityFilter
from pipeline.lead_querysets import lead_in_sight
from pipeline.models import (
    ForecastCategory,
    Opportunity,
    OpportunityLine,
    OpportunitySplit,
    Outcome,
    SplitType,
    Stage,
    StageHistory,
)
from pipeline.queries import amount_in_sight
from regions.api import REGION_NOTE, in_region
from revenue.api import PRODUCT_CODE

_STAGE = Kind(40)


class Stages(Collection):
    slug = "stages"
    noun = "stage"
    about = "Steps of the sale; `id` is the code."
    model = Stage
    spec = loading.STAGES
    fixed = ("code",)
    columns = (
        Column("code", "code", _STAGE, is_key=True, required=True),
        Column("name", "name", Kind(100), required=True),
        Column("position", "position", Integer(most=32767), default="0"),
        Column("probability", "probability", PERCENT, required=True),
        Column("forecast_category", "forecast_category", Choice(values=ForecastCategory.values), required=True),
        Column("outcome", "outcome", Choice(values=Outcome.values), default=Outcome.OPEN.value),
    )
    search = ("code", "name")

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Stage.objects.all() if viewer.is_active else Stage.objects.none()


def _lines_of_deal(prefix: str) -> QuerySet[Any]:
    return OpportunityLine.objects.filter(opportunity=OuterRef(prefix or "pk"))


class Opportunities(Collection):
    slug = "opportunities"
    noun = "opportunity"
    about = (
        "Deals. With lines, the amount is their sum: of the lines that the caller may see. A null probability follows "
        "the stage. `close_date` of a won or lost deal is its business date."
    )
    model = Opportunity
    spec = loading.OPPORTUNITIES
    columns = (
        Column("external_id", "external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("account_code", "account__code", ACCOUNT_CODE, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE),
        Column("country", "country", COUNTRY, note="Left out: the unit's."),
        Column("name", "name", Kind(300), required=True),
        Column("stage", "stage_id", _STAGE, required=True),
        Column("amount", "amount", MONEY, exponent="currency__exponent"),
        Column("currency", "currency_id", CURRENCY, required=True),
        Column("probability", "probability", PERCENT, note="Null follows the stage."),
        Column(
            "forecast_category",
            "forecast_category",
            Choice(values=ForecastCategory.values),
            note="Null follows the stage.",
        ),
        Column("close_date", "close_date", DAY, required=True),
        Column("created_on", "created_on", DAY),
        Column("owner_email", "owner__email", EMAIL),
        Column("product_code", "product__code", PRODUCT_CODE),
        Column(
            "lead_external_id", "lead__external_id", EXTERNAL_ID, note="The lead it came from, if the caller sees it."
        ),
    )
    filters = (
        filters.of_set(
            OpportunityFilter, "search", "Every word in the deal's or the account's name; or the external id."
        ),
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.of_set(OpportunityFilter, "country", "Country of the deal or of a line.", COUNTRY),
        filters.of_set(OpportunityFilter, "region", REGION_NOTE),
        filters.of_set(OpportunityFilter, "stage", "Code of a stage."),
        filters.of_set(
            OpportunityFilter,
            "outcome",
            "open, won, lost; overdue: open and past its close date; won_this_month, lost_this_month: by the business date.",
        ),
        filters.of_set(OpportunityFilter, "close_from", "Deals that close on this day or later.", DAY),
        filters.of_set(OpportunityFilter, "close_to", "Deals that close on this day or before.", DAY),
        filters.on("Deals that close on this day.", lambda rows, day: rows.filter(close_date=day)),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Opportunity.objects.visible_to(viewer)

    def writable_by(self, viewer: Any) -> QuerySet[Any]:
        return Opportunity.objects.editable_by(viewer)

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        own: dict[str, Combinable] = {"amount": amount_in_sight(viewer)}
        if seen := lead_in_sight(viewer, "lead__"):
            own["lead_external_id"] = Case(When(seen, then=F("lead__external_id")), default=None)
        return tuple(replace(c, source=own[c.name]) if c.name in own else c for c in self.columns)


class OpportunityLines(Collection):
    slug = "opportunity-lines"
    noun = "opportunity line"
    about = (
        "Parts of a deal for one unit, country and product, in the deal's currency. Their sum is the deal's amount. A list "
        "sent to this address replaces all lines of each deal in it."
    )
    model = OpportunityLine
    spec = loading_parts.OPPORTUNITY_LINES
    is_set = True
    columns = (
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("line", "line", Integer(), is_key=True, required=True),
        Column("product_code", "product__code", PRODUCT_CODE),
        Column("org_unit_code", "org_unit__code", UNIT_CODE, note="Left out: the deal's."),
        Column("country", "country", COUNTRY, note="Left out: the unit's, else the deal's."),
        Column("amount", "amount", MONEY, required=True, exponent="opportunity__currency__exponent"),
    )
    search = ("opportunity__external_id", "opportunity__name")
    filters = (
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.country("country"),
        in_region("country"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("product", "Code of a product.", "product__code"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return OpportunityLine.objects.visible_to(viewer)


class OpportunitySplits(Collection):
    slug = "opportunity-splits"
    noun = "split"
    about = (
        "Members' shares of a deal. Prime shares add up to 100.00 %, so they change together: a list sent to this "
        "address replaces the whole set of each deal and type in it."
    )
    model = OpportunitySplit
    spec = loading_parts.OPPORTUNITY_SPLITS
    is_set = True
    columns = (
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("member_email", "member__email", EMAIL, is_key=True, required=True),
        Column("type", "type", Choice(values=SplitType.values), is_key=True, required=True),
        Column("percent", "percent", PERCENT, required=True),
    )
    search = ("opportunity__external_id", "opportunity__name", "member__email")
    filters = (
        filters.account("opportunity__account__code"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("member", "E-mail address of a member.", "member__email"),
        filters.by_code("type", "prime or overlay.", "type"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return OpportunitySplit.objects.visible_to(viewer)


class StageChanges(Collection):
    slug = "stage-history"
    noun = "stage change"
    about = "What a deal's stage, amount and close date became, and when. Corrections are the administrator's."
    model = StageHistory
    spec = loading_parts.STAGE_HISTORY
    columns = (
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("changed_at", "changed_at", INSTANT, is_key=True, required=True),
        Column("stage", "stage_id", _STAGE, required=True),
        Column("amount", "amount", MONEY, exponent="opportunity__currency__exponent"),
        Column("close_date", "close_date", DAY),
    )
    search = ("opportunity__external_id", "opportunity__name")
    filters = (
        filters.account("opportunity__account__code"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("stage", "Code of a stage.", "stage_id"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return StageHistory.objects.visible_to(viewer)

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        """The amount of a deal with lines out of sight would tell what they are worth: it is not shown."""
        if access.scope_of(viewer).is_everything:
            return self.columns
        seen = access.may_see_fact(viewer, month="opportunity__month")
        hidden = Exists(_lines_of_deal("opportunity_id").exclude(seen))
        empty = Value(None, output_field=DecimalField(max_digits=20, decimal_places=4))
        amount = Case(When(hidden, then=empty), default=F("amount"))
        return tuple(replace(c, source=amount) if c.name == "amount" else c for c in self.columns)


COLLECTIONS = (Stages, *lead_api.COLLECTIONS, Opportunities, OpportunityLines, OpportunitySplits, StageChanges)
