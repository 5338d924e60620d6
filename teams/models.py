from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import history
from core.languages import MASTERY_PATTERN
from core.names import full_name
from core.periods import Dated, no_overlap, period_in_order
from core.weekdays import WEEKDAY_PATTERN, WEEKDAYS
from teams.overlap import DAY_BEGINS, DAY_ENDS
from teams.querysets import MemberQuerySet, TeamMemberQuerySet

GLOBAL_ACCOUNT_MANAGER = "global_account_manager"


class Level(models.TextChoices):
    """Seniority, of a contact and of a member alike."""

    BOARD = "board", _("Board")
    EXECUTIVE = "executive", _("Executive")
    DIRECTOR = "director", _("Director")
    MANAGER = "manager", _("Manager")
    STAFF = "staff", _("Staff")


@history.track()
class Member(models.Model):
    """One of us. `languages` holds codes with a CEFR level, e.g. `["en:C2", "de:B1"]`; empty means unknown.

    `works_from` and `works_to` are times of her own clock, 09:00 and 17:00 where they are empty; hours that end before they
    begin run into the next day. `working_days` (`["sun", "mon"]`) stand in for her country's week; empty: the country's.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    given_name = models.CharField(_("given name"), max_length=150, blank=True)
    family_name = models.CharField(_("family name"), max_length=150, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, blank=True)
    country = CountryField(_("country"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    languages = ArrayField(
        models.CharField(max_length=20, validators=[RegexValidator(MASTERY_PATTERN)]),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )
    skills = ArrayField(models.CharField(max_length=80), verbose_name=_("skills"), default=list, blank=True)
    weekly_hours = models.DecimalField(_("weekly hours"), max_digits=5, decimal_places=2, null=True, blank=True)
    works_from = models.TimeField(_("works from"), null=True, blank=True)
    works_to = models.TimeField(_("works until"), null=True, blank=True)
    working_days = ArrayField(
        models.CharField(max_length=3, validators=[RegexValidator(WEEKDAY_PATTERN)]),
        verbose_name=_("working days"),
        default=list,
        blank=True,
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("manager"), related_name="reports", null=True, blank=True
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("login"),
        related_name="member",
        null=True,
        blank=True,
    )

    objects: ClassVar = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="teams_member_email_any_case"),
            models.CheckConstraint(
                name="teams_member_hours",
                condition=models.Q(weekly_hours__isnull=True) | models.Q(weekly_hours__range=(0, 168)),
            ),
            models.CheckConstraint(
                name="teams_member_working_hours",
                condition=~models.Q(
                    Exact(Coalesce("works_from", Value(DAY_BEGINS)), Coalesce("works_to", Value(DAY_ENDS)))
                ),
            ),
            models.CheckConstraint(
                name="teams_member_working_days",
                condition=models.Q(working_days__contained_by=list(WEEKDAYS)),
            ),
            models.CheckConstraint(name="teams_member_not_own_manager", condition=~models.Q(id=models.F("manager"))),
        ]

    def __str__(self) -> str:
        return full_name(self.given_name, self.family_name, self.languages) or self.email


@history.track()
class TeamRole(models.Model):
    """A role in an account team, as the administrator names it."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("team role")
        verbose_name_plural = _("team roles")

    def __str__(self) -> str:
        return self.name


class AccountTeam(models.Model):
    """The members who serve one account. The account points at its team."""

    class Meta:
        verbose_name = _("account team")
        verbose_name_plural = _("account teams")

    def __str__(self) -> str:
        return str(self.pk)


@history.track()
class TeamMember(Dated):
    """A member's role in an account team, for a period. One global account manager at a time."""

    team = models.ForeignKey(AccountTeam, models.CASCADE, verbose_name=_("account team"), related_name="memberships")
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("member"), related_name="memberships")
    role = models.ForeignKey(TeamRole, models.PROTECT, verbose_name=_("role"), related_name="+")

    objects: ClassVar = TeamMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "member", "role", "valid_from"], name="teams_teammember_key"),
            no_overlap("teams_teammember_own", "team", "member", "role"),
            no_overlap("teams_teammember_one_global", "team", condition=models.Q(role=GLOBAL_ACCOUNT_MANAGER)),
            period_in_order("teams_teammember_period"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.role_id} from {self.valid_from}"
