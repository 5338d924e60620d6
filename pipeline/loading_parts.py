"""What the rows of the files about parts of a deal are: its lines, its splits and its stage history."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.loading import unit, writable
from accounts.loading_people import member
from core.columns import Column, Reference, amount, choice, country, date, instant, percentage, text, whole
from core.staging import Check, FileSpec, Stage
from core.staging_upsert import insert, update
from pipeline.lead_loading import CAMPAIGNS, LEAD_HISTORY
from pipeline.loading import LEADS, OPPORTUNITIES, STAGE, STAGES
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, SplitType, StageHistory
from revenue.loading import product
from users.permissions import Permission

_DEAL = Reference(
    "pipeline_opportunity",
    _("unknown opportunity “%(value)s”"),
    key="external_id",
    visible=writable(Opportunity.objects.visible_to),
)
DEAL_ROW = "r_opportunity_external_id"


def deal(*, key: bool = True) -> Column:
    """The deal that a row is a part of."""
    return Column(
        "opportunity_external_id", text(120), key=key, required=not key, stores="opportunity_id", refers=_DEAL
    )


def stays_with_deal(table: str) -> Check:
    """A row of `table` that is addressed by its id stays with its deal."""
    return Check(
        "opportunity_external_id",
        "old.opportunity_id <> x.opportunity_id",
        _("a part of one deal can't become part of “%(value)s”"),
        joins=f"JOIN {table} old ON old.id = x.id",
    )


def _keep_lines_out_of_sight(stage: Stage) -> None:
    """A set that replaces a deal's lines may not take away those that its writer does not see."""
    load, visible = stage.load, stage.spec.visible
    rows = visible(load.by, load.importing) if visible and load.by and load.replace_sets else None
    if rows is None:
        return
    seen, params = stage.visible_sql(rows)
    hidden = stage.fetch(
        f"""SELECT x.line_no FROM {stage.rows} x WHERE EXISTS (SELECT 1 FROM pipeline_opportunityline l
             WHERE l.opportunity_id = x.opportunity_id AND l.id NOT IN ({seen})) ORDER BY 1""",
        params,
    )
    for (line,) in hidden:
        reason = _now("This opportunity has lines that you don’t see: the account’s team edits it.")
        stage.reject(line, "opportunity_external_id", reason)
    stage.drop_bad()


def _write_lines(stage: Stage) -> None:
    """Write the lines; where they replace a deal's set, lines that the rows don't name go."""
    if stage.load.replace_sets:
        gone = stage.fetch(
            f"""DELETE FROM pipeline_opportunityline l USING (SELECT DISTINCT x.opportunity_id FROM {stage.rows} x) d
                 WHERE l.opportunity_id = d.opportunity_id AND NOT EXISTS (SELECT 1 FROM {stage.rows} x WHERE x.id = l.id)
                RETURNING (SELECT min(x.line_no) FROM {stage.rows} x WHERE x.opportunity_id = l.opportunity_id)"""
        )
        stage.updated |= {line for (line,) in gone}
    update(stage)
    insert(stage)


OPPORTUNITY_LINES = FileSpec(
    name="opportunity_lines",
    table="pipeline_opportunityline",
    noun=_("opportunity lines"),
    permission=Permission.EDIT_FACTS,
    columns=(
        deal(),
        Column("line", whole(0, 2147483647), key=True),
        product(),
        unit(account_id=f"{DEAL_ROW}.account_id", default=f"{DEAL_ROW}.org_unit_id"),
        Column(
            "country",
            country(),
            default="COALESCE(NULLIF(CASE WHEN r_org_unit_code.id IS NULL THEN deal_unit.country"
            f" ELSE r_org_unit_code.country END, ''), {DEAL_ROW}.country)",
        ),
        Column("amount", amount(), required=True),
    ),
    joins=f"LEFT JOIN accounts_orgunit deal_unit ON deal_unit.id = {DEAL_ROW}.org_unit_id",
    extras=(("account_id", f"{DEAL_ROW}.account_id"),),
    inserts=(("account_id", "x.account_id"),),
    checks=(stays_with_deal("pipeline_opportunityline"),),
    visible=writable(OpportunityLine.objects.visible_to),
    before=(_keep_lines_out_of_sight,),
    writes=_write_lines,
)


def _write_splits(stage: Stage) -> None:
    """Write whole sets: the database wants a deal's prime shares to be 100.00 % after every statement.

    A set whose members stay is updated; another is deleted and inserted anew, its known rows with their ids.
    """
    plan = f"{stage.plans}_0"
    _plan_sets(stage, plan)
    _refuse_parts(stage, plan)
    _mark_remade(stage, plan)
    changed = stage.fetch(
        f"""SELECT p.line_no, p.is_new FROM {plan} p LEFT JOIN pipeline_opportunitysplit t ON t.id = p.id
             WHERE p.line_no IS NOT NULL AND (p.is_new OR (t.percent, t.member_id) IS DISTINCT FROM (p.percent, p.member_id))"""
    )
    stage.execute(
        f"""UPDATE pipeline_opportunitysplit t SET percent = p.percent FROM {plan} p
             WHERE t.id = p.id AND NOT p.remade AND t.percent <> p.percent"""
    )
    gone = stage.fetch(
        f"""DELETE FROM pipeline_opportunitysplit t USING (SELECT p.opportunity_id, p.type, min(p.line_no) AS first FROM {plan} p
             WHERE p.remade GROUP BY 1, 2) s WHERE t.opportunity_id = s.opportunity_id AND t.type = s.type
            RETURNING s.first, EXISTS (SELECT 1 FROM {plan} p WHERE p.id = t.id)"""
    )
    stage.execute(
        f"""INSERT INTO pipeline_opportunitysplit (id, opportunity_id, member_id, type, percent)
            SELECT p.id, p.opportunity_id, p.member_id, p.type, p.percent FROM {plan} p WHERE p.remade ORDER BY p.id"""
    )
    stage.created |= {line for line, is_new in changed if is_new}
    stage.updated |= {line for line, is_new in changed if not is_new}
    stage.updated |= {line for line, comes_back in gone if not comes_back}


def _plan_sets(stage: Stage, plan: str) -> None:
    """Every named set as it will be: the stated rows and, unless they replace it, those that stand."""
    kept = "false" if stage.load.replace_sets else "true"
    stage.execute(
        f"""CREATE TEMP TABLE {plan} ON COMMIT DROP AS
            SELECT x.line_no, x.id, x.is_new, x.opportunity_id, x.type, x.member_id, x.percent, false AS remade
              FROM {stage.rows} x
            UNION ALL
            SELECT NULL, t.id, false, t.opportunity_id, t.type, t.member_id, t.percent, false
              FROM pipeline_opportunitysplit t
             WHERE {kept} AND (t.opportunity_id, t.type) IN (SELECT x.opportunity_id, x.type FROM {stage.rows} x)
               AND NOT EXISTS (SELECT 1 FROM {stage.rows} x WHERE x.id = t.id)"""
    )


def _mark_remade(stage: Stage, plan: str) -> None:
    """Sets whose members change: a row stands on one side only, or with another member."""
    stage.execute(
        f"""UPDATE {plan} p SET remade = true FROM (
                SELECT opportunity_id, type FROM (
                    SELECT opportunity_id, type, id, member_id FROM {plan}
                    UNION ALL
                    SELECT t.opportunity_id, t.type, t.id, t.member_id FROM pipeline_opportunitysplit t
                     WHERE (t.opportunity_id, t.type) IN (SELECT q.opportunity_id, q.type FROM {plan} q)) both_sides
                 GROUP BY opportunity_id, type, id, member_id HAVING count(*) = 1) odd
             WHERE odd.opportunity_id = p.opportunity_id AND odd.type = p.type"""
    )


def _refuse_parts(stage: Stage, plan: str) -> None:
    wrong = stage.fetch(
        f"""SELECT p.line_no, s.total FROM {plan} p
              JOIN (SELECT opportunity_id, sum(percent) AS total FROM {plan} WHERE type = 'prime'
                     GROUP BY 1 HAVING sum(percent) <> 100) s ON s.opportunity_id = p.opportunity_id
             WHERE p.type = 'prime' AND p.line_no IS NOT NULL ORDER BY 1"""
    )
    for line, total in wrong:
        stage.reject(line, "percent", _now("the deal's prime splits add up to %(value)s, not to 100.00"), total)
    if wrong:
        stage.drop_bad()
        stage.execute(
            f"""DELETE FROM {plan} p WHERE p.type = 'prime' AND p.opportunity_id IN (
                    SELECT opportunity_id FROM {plan} WHERE type = 'prime' GROUP BY 1 HAVING sum(percent) <> 100)"""
        )


OPPORTUNITY_SPLITS = FileSpec(
    name="opportunity_splits",
    table="pipeline_opportunitysplit",
    noun=_("splits"),
    permission=Permission.EDIT_FACTS,
    columns=(
        deal(),
        member(),
        Column("type", choice(SplitType.values), key=True),
        Column("percent", percentage(), required=True),
    ),
    checks=(
        stays_with_deal("pipeline_opportunitysplit"),
        Check(
            "type",
            "old.type <> x.type",
            _("a split keeps its type; add one of type “%(value)s” instead"),
            joins="JOIN pipeline_opportunitysplit old ON old.id = x.id",
        ),
    ),
    visible=writable(OpportunitySplit.objects.visible_to),
    writes=_write_splits,
)

STAGE_HISTORY = FileSpec(
    name="stage_history",
    table="pipeline_stagehistory",
    noun=_("stage history"),
    permission=Permission.EDIT_FACTS,
    columns=(
        deal(),
        Column("changed_at", instant(settings.TIME_ZONE), key=True),
        Column("stage", text(40), required=True, stores="stage_id", refers=STAGE),
        Column("amount", amount()),
        Column("close_date", date()),
    ),
    checks=(stays_with_deal("pipeline_stagehistory"),),
    visible=writable(StageHistory.objects.visible_to),
)

SPECS = (STAGES, CAMPAIGNS, LEADS, LEAD_HISTORY, OPPORTUNITIES, OPPORTUNITY_LINES, OPPORTUNITY_SPLITS, STAGE_HISTORY)
