"""Campaigns, leads and their past in the REST API."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Case, F, QuerySet, When

from accounts import access
from accounts.api import ACCOUNT_CODE, EXTERNAL_ID
from core.api import filters
from core.api.columns import Column
from core.api.kinds import COUNTRY, CURRENCY, DAY, EMAIL, FLAG, INSTANT, MONEY, Choice, Kind
from core.api.writing import Collection
from pipeline import lead_loading, loading
from pipeline.lead_models import Campaign, LeadChange
from pipeline.models import Lead, LeadStatus
from regions.api import in_region


class Campaigns(Collection):
    slug = "campaigns"
    noun = "campaign"
    about = "What marketing does to find leads; `id` is the code."
    model = Campaign
    spec = lead_loading.CAMPAIGNS
    fixed = ("code",)
    columns = (
        Column("code", "code", Kind(40), is_key=True, required=True),
        Column("name", "name", Kind(200), required=True),
        Column("starts_on", "starts_on", DAY),
        Column("ends_on", "ends_on", DAY),
        Column("cost", "cost", MONEY, exponent="currency__exponent"),
        Column("currency", "currency_id", CURRENCY),
    )
    search = ("code", "name")

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Campaign.objects.all() if viewer.is_active else Campaign.objects.none()


class Leads(Collection):
    slug = "leads"
    noun = "lead"
    about = "Somebody who may become a customer, or a customer's unit that may buy anew."
    model = Lead
    spec = loading.LEADS
    columns = (
        Column("external_id", "external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("name", "name", Kind(300), required=True),
        Column("company", "company", Kind(300)),
        Column("country", "country", COUNTRY),
        Column("source", "source", Kind(80)),
        Column("status", "status", Choice(values=LeadStatus.values), default=LeadStatus.NEW.value),
        Column("owner_email", "owner__email", EMAIL),
        Column("created_on", "created_on", DAY),
        Column("account_code", "account__code", ACCOUNT_CODE),
        Column("campaign", "campaign_id", Kind(40)),
        Column("amount", "amount", MONEY, exponent="currency__exponent", note="What it may be worth, if known."),
        Column("currency", "currency_id", CURRENCY),
        Column("email", "email", EMAIL),
        Column("phone", "phone", Kind(60)),
        Column("may_contact", "may_contact", FLAG, note="Null: not known."),
        Column("last_activity_on", "last_activity_on", DAY),
    )
    search = ("external_id", "name", "company")
    filters = (
        filters.account("account__code"),
        filters.country("country"),
        in_region("country"),
        filters.by_code("status", "Status of the lead.", "status"),
        filters.by_code("source", "Source of the lead.", "source"),
        filters.by_code("campaign", "Code of a campaign.", "campaign_id"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Lead.objects.visible_to(viewer)

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        """A lead in one's countries may belong to an account that one does not see."""
        if access.scope_of(viewer).sees_all_accounts:
            return self.columns
        seen = access.may_see_account(viewer, "account_id")
        code = Case(When(seen, then=F("account__code")), default=None)
        return tuple(replace(c, source=code) if c.name == "account_code" else c for c in self.columns)


class LeadChanges(Collection):
    slug = "lead-history"
    noun = "change of a lead"
    about = "What a lead's status became, when and why. A status that is written to a lead is noted here by itself."
    model = LeadChange
    spec = lead_loading.LEAD_HISTORY
    columns = (
        Column("lead_external_id", "lead__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("changed_at", "changed_at", INSTANT, is_key=True, required=True),
        Column("status", "status", Choice(values=LeadStatus.values), required=True),
        Column("reason", "reason_id", Kind(40), note="Code of a rejection reason."),
        Column("note", "note", Kind(500)),
    )
    search = ("lead__external_id", "lead__name")
    filters = (
        filters.by_code("lead", "External id of a lead.", "lead__external_id"),
        filters.by_code("status", "Status of the lead.", "status"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return LeadChange.objects.visible_to(viewer)


COLLECTIONS = (Campaigns, Leads, LeadChanges)
