"""What the rows of `coverage` and `coverage_policies` are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.loading import account, unit, writable
from accounts.loading_people import member, role
from accounts.models import UnitKind
from core.columns import Column, Reference, choice, decimal, text, yes_or_no
from core.staging import FileSpec
from core.staging_periods import END_AFTER_START, VALID_FROM, VALID_TO, Periods, write_periods
from coverage.models import Coverage
from users.permissions import Permission

COVERAGE = FileSpec(
    name="coverage",
    table="coverage_coverage",
    noun=_("coverage"),
    permission=Permission.EDIT_ACCOUNTS,
    columns=(
        account(key=True),
        unit(key=True),
        member(),
        role(),
        VALID_FROM,
        VALID_TO,
        Column("covers_descendants", yes_or_no(), default="false"),
    ),
    checks=(END_AFTER_START,),
    matches=False,
    visible=writable(Coverage.objects.visible_to),
    writes=write_periods(
        Periods(
            "coverage_coverage",
            thing=("account_id", "org_unit_id", "member_id", "role_id"),
            values=("covers_descendants",),
            is_exclusive=False,
        )
    ),
)

COVERAGE_POLICIES = FileSpec(
    name="coverage_policies",
    table="coverage_coveragepolicy",
    noun=_("coverage policies"),
    permission=Permission.CONFIGURE_TEAMS,
    columns=(
        Column(
            "tier",
            text(40),
            key=True,
            stores="tier_id",
            refers=Reference("accounts_tier", _("unknown tier “%(value)s”"), id="code", id_type="text"),
        ),
        Column("unit_kind", choice(UnitKind.values), key=True),
        role(),
        Column("weight", decimal(9, 4, least="0"), default="1"),
        Column("inheritable", yes_or_no(), default="true", stores="is_inheritable"),
    ),
)

SPECS = (COVERAGE, COVERAGE_POLICIES)
