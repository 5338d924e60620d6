"""Coverage and its policies in the REST API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.api import ACCOUNT_CODE, UNIT_CODE
from accounts.models import UnitKind
from core.api import filters
from core.api.columns import Column, period
from core.api.kinds import EMAIL, FLAG, Choice, Kind, Number
from core.api.writing import Collection
from coverage import loading
from coverage.models import Coverage, CoveragePolicy
from regions.api import in_region


class Coverages(Collection):
    slug = "coverage"
    noun = "coverage"
    about = "Who of us covers an org unit, in which role and when; `covers_descendants` lets units below inherit it."
    model = Coverage
    spec = loading.COVERAGE
    columns = (
        Column("account_code", "account__code", ACCOUNT_CODE, is_key=True, required=True),
        Column("org_unit_code", "org_unit__code", UNIT_CODE, is_key=True, required=True),
        Column("member_email", "member__email", EMAIL, is_key=True, required=True),
        Column("role", "role_id", Kind(40), is_key=True, required=True),
        *period(),
        Column("covers_descendants", "covers_descendants", FLAG, default="false"),
    )
    search = ("org_unit__code", "org_unit__name", "member__email")
    filters = (
        filters.account("account__code"),
        filters.org_unit("org_unit"),
        filters.country("org_unit__country"),
        in_region("org_unit__country"),
        filters.by_code("role", "Code of a role.", "role_id"),
        filters.in_force(),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Coverage.objects.visible_to(viewer)


class CoveragePolicies(Collection):
    slug = "coverage-policies"
    noun = "coverage policy"
    about = "The roles that units of a kind need at accounts of a tier."
    model = CoveragePolicy
    spec = loading.COVERAGE_POLICIES
    columns = (
        Column("tier", "tier_id", Kind(40), is_key=True, required=True),
        Column("unit_kind", "unit_kind", Choice(values=UnitKind.values), is_key=True, required=True),
        Column("role", "role_id", Kind(40), is_key=True, required=True),
        Column("weight", "weight", Number(decimals=4, digits=5, least=Decimal(0)), default="1"),
        Column("inheritable", "is_inheritable", FLAG, default="true"),
    )
    search = ("tier__code", "tier__name", "unit_kind", "role__code", "role__name")
    filters = (filters.by_code("tier", "Code of a tier.", "tier_id"),)

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return CoveragePolicy.objects.all() if viewer.is_active else CoveragePolicy.objects.none()


COLLECTIONS = (Coverages, CoveragePolicies)
