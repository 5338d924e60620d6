"""Competitors, and what stands around an opportunity, in the REST API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.api import EXTERNAL_ID
from accounts.models import BuyingRole
from core.api import filters
from core.api.columns import Column
from core.api.kinds import FLAG, Choice, Integer, Kind
from core.api.writing import Collection
from pipeline import loading_deals
from pipeline.deal_models import Competitor, DealCompetitor, DealContact


class Competitors(Collection):
    slug = "competitors"
    noun = "competitor"
    about = "Whom we meet at customers; `id` is the code."
    model = Competitor
    spec = loading_deals.COMPETITORS
    fixed = ("code",)
    columns = (
        Column("code", "code", Kind(40), is_key=True, required=True),
        Column("name", "name", Kind(100), required=True),
        Column("position", "position", Integer(most=32767), default="0"),
    )
    search = ("code", "name")

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Competitor.objects.all() if viewer.is_active else Competitor.objects.none()


class OpportunityContacts(Collection):
    slug = "opportunity-contacts"
    noun = "contact of an opportunity"
    about = "The customer's people in a purchase, each in a buying role; contacts of the opportunity's account."
    model = DealContact
    spec = loading_deals.OPPORTUNITY_CONTACTS
    columns = (
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("contact_external_id", "contact__external_id", Kind(80), is_key=True, required=True),
        Column("buying_role", "buying_role", Choice(values=BuyingRole.values), is_key=True, required=True),
    )
    search = ("opportunity__external_id", "opportunity__name", "contact__external_id")
    filters = (
        filters.account("account__code"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("buying_role", "Buying role.", "buying_role"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return DealContact.objects.visible_to(viewer)


class OpportunityCompetitors(Collection):
    slug = "opportunity-competitors"
    noun = "competitor of an opportunity"
    about = "Who else sells there; `incumbent`: the customer buys there today."
    model = DealCompetitor
    spec = loading_deals.OPPORTUNITY_COMPETITORS
    columns = (
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("competitor_code", "competitor_id", Kind(40), is_key=True, required=True),
        Column("incumbent", "is_incumbent", FLAG, default="false"),
        Column("note", "note", Kind(500)),
    )
    search = ("opportunity__external_id", "opportunity__name", "competitor__name")
    filters = (
        filters.account("opportunity__account__code"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("competitor", "Code of a competitor.", "competitor_id"),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return DealCompetitor.objects.visible_to(viewer)


COLLECTIONS = (Competitors, OpportunityContacts, OpportunityCompetitors)
