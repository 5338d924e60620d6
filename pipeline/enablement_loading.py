"""What the rows of the files about sales enablement are: plays, and where they were used."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.loading import account, writable
from accounts.loading_people import CONTACT, member
from accounts.models import BuyingRole
from core.columns import (
    Column,
    Kind,
    Reference,
    Rule,
    choice,
    code,
    country,
    date,
    email,
    quote,
    text,
    words,
    yes_or_no,
)
from core.staging import Check, FileSpec, Stage
from core.staging_periods import BEGINNING, END_AFTER_START, VALID_TO
from pipeline.enablement_models import Play, PlayKind, PlayUse
from pipeline.loading import STAGE
from pipeline.loading_parts import deal
from regions.loading import REGION
from revenue.loading import product
from teams.loading import MEMBER
from users.permissions import Permission

LANGUAGE = "^[a-z]{2,3}$"
_LISTED_ROLES = "|".join(BuyingRole.values)


def _link() -> Kind:
    plain = text(500)
    rule = Rule("{v} !~ '^https://[^[:space:]]+$'", _("“%(value)s” is not an address that begins with https://"))
    return Kind("text", (*plain.rules, rule), empty=plain.empty)


def _language() -> Kind:
    return Kind("text", (Rule(f"{{v}} !~ '{LANGUAGE}'", _("“%(value)s” is not a language such as de")),), empty="''")


def _write_stages(stage: Stage) -> None:
    """The stages that a row names are all that its play is for."""
    if not stage.has("stages"):
        return
    gone = stage.fetch(
        f"""DELETE FROM pipeline_playstage t USING {stage.rows} x
             WHERE t.play_id = x.id AND NOT t.stage_id = ANY (COALESCE(x.stages, '{{}}')) RETURNING x.line_no"""
    )
    come = stage.fetch(
        f"""WITH named AS (
                INSERT INTO pipeline_playstage (play_id, stage_id)
                SELECT DISTINCT x.id, w FROM {stage.rows} x CROSS JOIN unnest(x.stages) w
                ON CONFLICT DO NOTHING RETURNING play_id)
            SELECT DISTINCT x.line_no FROM {stage.rows} x JOIN named n ON n.play_id = x.id"""
    )
    stage.updated |= {line for (line,) in (*gone, *come)} - stage.created


def _refuse_unknown_stages(stage: Stage) -> None:
    if not stage.has("stages"):
        return
    wrong = stage.fetch(
        f"""SELECT x.line_no, w FROM {stage.rows} x CROSS JOIN unnest(x.stages) w
             WHERE NOT EXISTS (SELECT FROM pipeline_stage s WHERE s.code = w) ORDER BY 1"""
    )
    for line, unknown in wrong:
        stage.reject(line, "stages", STAGE.reason, unknown)
    stage.drop_bad()


PLAYS = FileSpec(
    name="plays",
    table="pipeline_play",
    noun=_("plays"),
    permission=Permission.CONFIGURE_PIPELINE,
    columns=(
        Column("code", code(60), key=True),
        Column("kind", choice(PlayKind.values), required=True),
        Column("title", text(200), required=True),
        Column("purpose", text(300)),
        Column("link", _link()),
        Column("text", text(20_000)),
        Column("languages", words(LANGUAGE, _("“%(value)s” is not a list such as en;de"), longest=3)),
        Column("stages", words(None, "", longest=40), stores=None),
        Column(
            "buying_roles",
            words(f"^({_LISTED_ROLES})$", _("“%(value)s” is not a list of buying roles"), longest=20),
        ),
        product(),
        Column("country", country()),
        Column("region_code", text(40), stores="region_id", refers=REGION),
        Column("industry", text(120)),
        account(required=False),
        Column("released", yes_or_no(), default="false", stores="is_released"),
        Column("owner_email", email(is_login=True), stores="owner_id", refers=MEMBER),
        Column("valid_from", date(), default=BEGINNING),
        VALID_TO,
    ),
    checks=(
        END_AFTER_START,
        Check("link", "COALESCE(x.link, '') = '' AND COALESCE(x.text, '') = ''", _("a play needs a link or a text")),
        Check(
            "account_code",
            f"x.kind = {quote(PlayKind.REFERENCE)} AND x.account_id IS NULL",
            _("a reference names the customer it speaks of"),
        ),
        Check(
            "account_code",
            f"x.kind <> {quote(PlayKind.REFERENCE)} AND x.account_id IS NOT NULL",
            _("only a reference names a customer, not “%(value)s”"),
        ),
        Check("released", f"x.kind <> {quote(PlayKind.REFERENCE)} AND x.released", _("only a reference is released")),
        Check(
            "region_code",
            "COALESCE(x.country, '') <> '' AND x.region_id IS NOT NULL",
            _("a play is for a country or for a region, not for both"),
        ),
    ),
    visible=writable(Play.objects.visible_to),
    before=(_refuse_unknown_stages,),
    after=(_write_stages,),
)


def _note_who(stage: Stage) -> None:
    """Whose rows new ones are, as noted."""
    if stage.load.by is not None:
        stage.execute(
            f"UPDATE pipeline_playuse t SET noted_by_id = %s FROM {stage.rows} x WHERE t.id = x.id AND x.is_new",
            [stage.load.by.pk],
        )


_SAME = (
    "(t.opportunity_id, t.play_id, t.stage_id) = (x.opportunity_id, x.play_id, x.stage_id)"
    " AND t.contact_id IS NOT DISTINCT FROM x.contact_id"
)

PLAY_USES = FileSpec(
    name="play_uses",
    table="pipeline_playuse",
    noun=_("uses of plays"),
    permission=Permission.EDIT_FACTS,
    columns=(
        Column("external_id", code(120), key=True),
        deal(key=False),
        Column(
            "play_code",
            text(60),
            required=True,
            stores="play_id",
            refers=Reference("pipeline_play", _("unknown play “%(value)s”"), visible=writable(Play.objects.visible_to)),
        ),
        Column("stage", text(40), required=True, stores="stage_id", refers=STAGE),
        Column("used_on", date(), required=True),
        member(key=False),
        Column("contact_external_id", text(80), stores="contact_id", refers=CONTACT),
        Column("buying_role", choice(BuyingRole.values)),
        Column("language", _language()),
    ),
    checks=(
        Check(
            "contact_external_id",
            "c.account_id <> d.account_id",
            _("“%(value)s” is a contact of another account than the deal’s"),
            joins="JOIN accounts_contact c ON c.id = x.contact_id JOIN pipeline_opportunity d ON d.id = x.opportunity_id",
        ),
        Check(
            "play_code",
            f"EXISTS (SELECT FROM {{rows}} t WHERE {_SAME} AND t.line_no < x.line_no) OR EXISTS (SELECT FROM pipeline_playuse t"
            f" WHERE {_SAME} AND t.taken_back_at IS NULL AND NOT EXISTS (SELECT FROM {{rows}} y WHERE y.id = t.id))",
            _("this use of “%(value)s” is noted already, for the same stage and contact"),
        ),
    ),
    inserts=(("noted_at", "CURRENT_TIMESTAMP"),),
    visible=writable(PlayUse.objects.visible_to),
    after=(_note_who,),
)

SPECS = (PLAYS, PLAY_USES)
