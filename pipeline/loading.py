"""What the rows of `stages`, `leads` and `opportunities` are, and what a deal's amount and stage bring with them."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.loading import account, stays_with_unit, unit, writable
from core import clock
from core.columns import (
    Column,
    Reference,
    amount,
    business_date,
    choice,
    code,
    country,
    date,
    email,
    percentage,
    text,
    whole,
    yes_or_no,
)
from core.staging import Check, FileSpec, Stage
from pipeline.models import ForecastCategory, Lead, LeadStatus, Opportunity, Outcome
from revenue.loading import currency, product
from teams.loading import MEMBER
from users.permissions import Permission

STAGE = Reference("pipeline_stage", _("unknown stage “%(value)s”"), id="code", id_type="text")
CAMPAIGN = Reference("pipeline_campaign", _("unknown campaign “%(value)s”"), id="code", id_type="text")
LEAD = Reference(
    "pipeline_lead", _("unknown lead “%(value)s”"), key="external_id", visible=writable(Lead.objects.visible_to)
)


def _owner() -> Column:
    return Column("owner_email", email(is_login=True), stores="owner_id", refers=MEMBER)


STAGES = FileSpec(
    name="stages",
    table="pipeline_stage",
    noun=_("stages"),
    permission=Permission.CONFIGURE_PIPELINE,
    id="code",
    columns=(
        Column("code", code(40), key=True),
        Column("name", text(100), required=True),
        Column("position", whole(0, 32767), default="0"),
        Column("probability", percentage(), default="CASE {outcome} WHEN 'won' THEN 100.00 WHEN 'lost' THEN 0.00 END"),
        Column(
            "forecast_category",
            choice(ForecastCategory.values),
            default="CASE WHEN {outcome} IN ('won', 'lost') THEN 'closed' ELSE 'pipeline' END",
        ),
        Column("outcome", choice(Outcome.values), default="'open'"),
    ),
    checks=(
        Check(
            "probability",
            "x.is_new AND x.probability IS NULL AND x.d_probability IS NULL",
            _("an open stage needs its probability"),
        ),
    ),
)


def _note_statuses(stage: Stage) -> None:
    """A lead's first status and every change go into its history, except where the same write brings the history itself."""
    told = "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {h.cells} c WHERE c.lead_external_id = x.external_id)"
        for h in stage.load.stages_of("lead_history")
    )
    stage.execute(
        f"""INSERT INTO pipeline_leadchange (lead_id, changed_at, status, note, by_id)
            SELECT l.id, %s, l.status, '', %s FROM {stage.rows} x JOIN pipeline_lead l ON l.id = x.id
             WHERE (x.is_new OR l.status <> x.old_status){told} ORDER BY x.line_no
            ON CONFLICT (lead_id, changed_at) DO NOTHING""",
        [clock.now(), stage.load.by.pk if stage.load.by else None],
    )


LEADS = FileSpec(
    name="leads",
    table="pipeline_lead",
    noun=_("leads"),
    permission=Permission.EDIT_FACTS,
    columns=(
        Column("external_id", code(120), key=True),
        Column("name", text(300)),
        Column("company", text(300)),
        Column("country", country()),
        Column("source", text(80)),
        Column("status", choice(LeadStatus.values), default="'new'"),
        _owner(),
        Column("created_on", date()),
        account(required=False),
        Column("campaign", text(40), stores="campaign_id", refers=CAMPAIGN),
        Column("amount", amount()),
        currency(required=False),
        Column("email", email()),
        Column("phone", text(60)),
        Column("may_contact", yes_or_no()),
        Column("last_activity_on", date()),
    ),
    checks=(
        Check(
            "currency",
            "x.currency_id IS NULL AND x.amount IS NOT NULL",
            _("an amount needs its currency"),
            value="''",
        ),
    ),
    extras=(("old_status", "o.status"),),
    visible=writable(Lead.objects.visible_to),
    after=(_note_statuses,),
)


def _keep_sums_of_lines(stage: Stage) -> None:
    """The amount of a deal with lines is their sum: another one is refused, unless this write states the lines anew."""
    if not stage.has("amount"):
        return
    restated = " OR ".join(
        f"EXISTS (SELECT 1 FROM {lines.cells} c WHERE c.opportunity_external_id = x.external_id)"
        for lines in stage.load.stages_of("opportunity_lines")
    )
    wrong = stage.fetch(
        f"""SELECT x.line_no, x.amount, t.total FROM {stage.rows} x
              JOIN (SELECT l.opportunity_id, sum(l.amount) AS total FROM pipeline_opportunityline l
                      JOIN {stage.rows} y ON y.id = l.opportunity_id GROUP BY 1) t ON t.opportunity_id = x.id
             WHERE x.amount <> t.total AND NOT ({restated or "false"}) ORDER BY 1"""
    )
    for line, stated, total in wrong:
        reason = _now("“%(value)s” is not the sum of the deal's lines, {total}").format(total=total)
        stage.reject(line, "amount", reason, stated)
    stage.drop_bad()
    stage.execute(
        f"""UPDATE {stage.rows} x SET amount = o.amount FROM pipeline_opportunity o
             WHERE o.id = x.id AND x.amount IS DISTINCT FROM o.amount
               AND EXISTS (SELECT 1 FROM pipeline_opportunityline l WHERE l.opportunity_id = o.id)"""
    )


def _give_lines_its_unit(stage: Stage) -> None:
    """A line without a unit is the deal's: when the deal has got one, so has the line. Its country stays as it is."""
    if stage.has("org_unit_code"):
        stage.execute(
            f"""UPDATE pipeline_opportunityline l SET org_unit_id = o.org_unit_id
                  FROM {stage.rows} x JOIN pipeline_opportunity o ON o.id = x.id
                 WHERE l.opportunity_id = o.id AND l.org_unit_id IS NULL AND o.org_unit_id IS NOT NULL"""
        )


def _note_stages(stage: Stage) -> None:
    """A deal's first stage and every change go into its history, except where the same write brings the history itself."""
    told = "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {h.cells} c WHERE c.opportunity_external_id = x.external_id)"
        for h in stage.load.stages_of("stage_history")
    )
    stage.execute(
        f"""INSERT INTO pipeline_stagehistory (opportunity_id, changed_at, stage_id, amount, close_date, changed_by_id)
            SELECT o.id, %s, o.stage_id, o.amount, o.close_date, %s
              FROM {stage.rows} x JOIN pipeline_opportunity o ON o.id = x.id
             WHERE (x.is_new OR o.stage_id <> x.old_stage_id){told} ORDER BY x.line_no
            ON CONFLICT (opportunity_id, changed_at) DO NOTHING""",
        [clock.now(), stage.load.by.pk if stage.load.by is not None else None],
    )


OPPORTUNITIES = FileSpec(
    name="opportunities",
    table="pipeline_opportunity",
    noun=_("opportunities"),
    permission=Permission.EDIT_FACTS,
    columns=(
        Column("external_id", code(120), key=True),
        account(),
        unit(),
        Column("country", country(), default="r_org_unit_code.country"),
        Column("name", text(300), required=True),
        Column("stage", text(40), required=True, stores="stage_id", refers=STAGE),
        Column("amount", amount()),
        currency(),
        Column("probability", percentage()),
        Column("forecast_category", choice(ForecastCategory.values)),
        Column("close_date", business_date(), required=True),
        Column("created_on", date()),
        _owner(),
        product(),
        Column("lead_external_id", text(120), stores="lead_id", refers=LEAD),
    ),
    checks=(
        stays_with_unit("pipeline_opportunity"),
        Check(
            "account_code",
            "old.account_id <> x.account_id AND EXISTS (SELECT 1 FROM pipeline_opportunityline l"
            " WHERE l.opportunity_id = x.id AND l.org_unit_id IS NOT NULL)",
            _("its lines name org units of another account than “%(value)s”"),
            joins="JOIN pipeline_opportunity old ON old.id = x.id",
        ),
        Check(
            "account_code",
            "old.account_id <> x.account_id AND EXISTS (SELECT 1 FROM pipeline_dealcontact c WHERE c.opportunity_id = x.id)",
            _("its contacts are people of another account than “%(value)s”"),
            joins="JOIN pipeline_opportunity old ON old.id = x.id",
        ),
    ),
    extras=(("old_stage_id", "o.stage_id"),),
    visible=writable(Opportunity.objects.editable_by),
    before=(_keep_sums_of_lines,),
    after=(_give_lines_its_unit, _note_stages),
)
