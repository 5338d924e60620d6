from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import UnitKind
from core import history
from core.periods import Dated, no_overlap, period_in_order
from coverage.handover_models import HandOver, HandOverLine, HandOverTask  # noqa: F401  models of this room in a file of their own
from coverage.load_models import AccountTypeLoad, LoadSettings, RoleLoad  # noqa: F401  models of this room in a file of their own
from coverage.proposal_models import Proposal, ProposedPost  # noqa: F401  the same
from coverage.querysets import CoverageQuerySet


@history.track()
class Coverage(Dated):
    """A team member's role on an org unit, for a period; `covers_descendants` lets units below inherit it."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="coverage")
    org_unit = models.ForeignKey(
        "accounts.OrgUnit", models.CASCADE, verbose_name=_("org unit"), related_name="coverage"
    )
    member = models.ForeignKey("teams.Member", models.PROTECT, verbose_name=_("member"), related_name="coverage")
    role = models.ForeignKey("teams.TeamRole", models.PROTECT, verbose_name=_("role"), related_name="+")
    covers_descendants = models.BooleanField(_("covers the units below"), default=False)

    objects: ClassVar = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org_unit", "member", "role", "valid_from"], name="coverage_key"),
            no_overlap("coverage_own", "org_unit", "member", "role"),
            period_in_order("coverage_period"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} covers {self.org_unit_id} as {self.role_id} from {self.valid_from}"


class AlignmentScore(models.Model):
    """What an account's alignment was on a day, as it was computed then or later for that day; nobody edits it.

    With a `country`, of the account's units there. `filled`, `known` and `total` are Σ value × weight × fill, and Σ value ×
    weight of the known and of all slots, in minor units of `currency`: scores of several accounts are made of their sums.
    `definition` is the version of the rules (`coverage.alignment.DEFINITION`).

    Derived, as cells are: the account is a plain column, so that a score never stands in the way of a merge, and is there
    again when the merge is taken apart.
    """

    account_id = models.BigIntegerField(_("account"))
    on = models.DateField(_("on"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    definition = models.PositiveSmallIntegerField(_("definition"))
    currency = models.CharField(_("currency"), max_length=3)
    score = models.DecimalField(_("score"), max_digits=13, decimal_places=12, null=True)
    known_weight = models.DecimalField(_("known weight"), max_digits=13, decimal_places=12)
    mirror_ratio = models.DecimalField(_("mirror ratio"), max_digits=13, decimal_places=12, null=True)
    level_parity = models.DecimalField(_("level parity"), max_digits=13, decimal_places=12, null=True)
    gap = models.DecimalField(_("gap in money"), max_digits=40, decimal_places=4)
    filled = models.DecimalField(max_digits=60, decimal_places=8)
    known = models.DecimalField(max_digits=60, decimal_places=8)
    total = models.DecimalField(max_digits=60, decimal_places=8)
    slots = models.PositiveIntegerField(_("slots"))
    empty = models.PositiveIntegerField(_("empty slots"))
    unknown = models.PositiveIntegerField(_("unknown slots"))

    class Meta:
        verbose_name = _("alignment score")
        verbose_name_plural = _("alignment scores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account_id", "on", "country"], name="coverage_alignmentscore_key"),
            models.CheckConstraint(
                name="coverage_alignmentscore_share",
                condition=models.Q(score__isnull=True) | models.Q(score__range=(0, 1)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["on", "country"], name="coverage_alignmentscore_on")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.country} {self.on}"


@history.track()
class CoveragePolicy(models.Model):
    """A role that units of a kind need at accounts of a tier, with its weight; may an ancestor's coverage count."""

    tier = models.ForeignKey("accounts.Tier", models.CASCADE, verbose_name=_("tier"), related_name="policies")
    unit_kind = models.CharField(_("unit kind"), max_length=20, choices=UnitKind.choices)
    role = models.ForeignKey("teams.TeamRole", models.CASCADE, verbose_name=_("role"), related_name="policies")
    weight = models.DecimalField(
        _("weight"), max_digits=9, decimal_places=4, default=1, validators=[MinValueValidator(0)]
    )
    is_inheritable = models.BooleanField(_("may be inherited"), default=True)

    class Meta:
        verbose_name = _("coverage policy")
        verbose_name_plural = _("coverage policies")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tier", "unit_kind", "role"], name="coverage_policy_key"),
            models.CheckConstraint(name="coverage_policy_weight", condition=models.Q(weight__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.tier_id} {self.unit_kind} {self.role_id}"
