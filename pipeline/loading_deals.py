"""What the rows of the files about what stands around a deal are: competitors, and the customer's people in the purchase."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.loading import writable
from accounts.loading_people import contact
from accounts.models import BuyingRole
from core.columns import Column, Reference, choice, code, text, whole, yes_or_no
from core.staging import FileSpec
from pipeline.deal_models import DealCompetitor, DealContact
from pipeline.loading_parts import DEAL_ROW, deal, stays_with_deal
from users.permissions import Permission

COMPETITORS = FileSpec(
    name="competitors",
    table="pipeline_competitor",
    noun=_("competitors"),
    permission=Permission.CONFIGURE_PIPELINE,
    id="code",
    columns=(
        Column("code", code(40), key=True),
        Column("name", text(100), required=True),
        Column("position", whole(0, 32767), default="0"),
    ),
)
_COMPETITOR = Reference("pipeline_competitor", _("unknown competitor “%(value)s”"), id="code", id_type="text")

OPPORTUNITY_CONTACTS = FileSpec(
    name="opportunity_contacts",
    table="pipeline_dealcontact",
    noun=_("contacts of deals"),
    permission=Permission.EDIT_FACTS,
    columns=(
        deal(),
        contact(account_id=f"{DEAL_ROW}.account_id"),
        Column("buying_role", choice(BuyingRole.values), key=True),
    ),
    extras=(("account_id", f"{DEAL_ROW}.account_id"),),
    inserts=(("account_id", "x.account_id"),),
    checks=(stays_with_deal("pipeline_dealcontact"),),
    visible=writable(DealContact.objects.visible_to),
)

OPPORTUNITY_COMPETITORS = FileSpec(
    name="opportunity_competitors",
    table="pipeline_dealcompetitor",
    noun=_("competitors of deals"),
    permission=Permission.EDIT_FACTS,
    columns=(
        deal(),
        Column("competitor_code", text(40), key=True, stores="competitor_id", refers=_COMPETITOR),
        Column("incumbent", yes_or_no(), default="false", stores="is_incumbent"),
        Column("note", text(500)),
    ),
    checks=(stays_with_deal("pipeline_dealcompetitor"),),
    visible=writable(DealCompetitor.objects.visible_to),
)

SPECS = (COMPETITORS, OPPORTUNITY_CONTACTS, OPPORTUNITY_COMPETITORS)
