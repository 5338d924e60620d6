"""What the rows of the files around leads are: campaigns, and when each status of a lead began and why it was rejected."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.loading import writable
from core.columns import Column, Reference, amount, choice, code, date, instant, text
from core.staging import Check, FileSpec
from pipeline.lead_models import LeadChange
from pipeline.loading import LEAD
from pipeline.models import LeadStatus
from revenue.loading import currency
from users.permissions import Permission

_REASON = Reference("pipeline_rejectionreason", _("unknown reason “%(value)s”"), id="code", id_type="text")

CAMPAIGNS = FileSpec(
    name="campaigns",
    table="pipeline_campaign",
    noun=_("campaigns"),
    permission=Permission.CONFIGURE_PIPELINE,
    id="code",
    columns=(
        Column("code", code(40), key=True),
        Column("name", text(200), required=True),
        Column("starts_on", date()),
        Column("ends_on", date()),
        Column("cost", amount()),
        currency(required=False),
    ),
    checks=(
        Check("ends_on", "x.ends_on < x.starts_on", _("a campaign must not end before it begins: “%(value)s”")),
        Check("cost", "x.cost < 0", _("“%(value)s” is below 0")),
        Check(
            "currency",
            "x.currency_id IS NULL AND x.cost IS NOT NULL",
            _("an amount needs its currency"),
            value="''",
        ),
    ),
)

LEAD_HISTORY = FileSpec(
    name="lead_history",
    table="pipeline_leadchange",
    noun=_("lead history"),
    permission=Permission.EDIT_FACTS,
    columns=(
        Column("lead_external_id", text(120), key=True, stores="lead_id", refers=LEAD),
        Column("changed_at", instant(settings.TIME_ZONE), key=True),
        Column("status", choice(LeadStatus.values), required=True),
        Column("reason", text(40), stores="reason_id", refers=_REASON),
        Column("note", text(500)),
    ),
    checks=(
        Check(
            "lead_external_id",
            "old.lead_id <> x.lead_id",
            _("the past of one lead can't become that of “%(value)s”"),
            joins="JOIN pipeline_leadchange old ON old.id = x.id",
        ),
    ),
    visible=writable(LeadChange.objects.visible_to),
)
