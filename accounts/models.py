from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.merged import AccountMerge, MovedRows  # noqa: F401  models of this room in a file of their own
from accounts.presence import Presence  # noqa: F401  the same
from accounts.querysets import (
    AccountQuerySet,
    ContactQuerySet,
    OrgLinkQuerySet,
    OrgUnitQuerySet,
    PostQuerySet,
    RelationshipQuerySet,
)
from accounts.restructured import DeedKind, Restructuring  # noqa: F401  the same
from core import history
from core.languages import LANGUAGE_PATTERN
from core.names import full_name
from core.periods import Dated, no_overlap, period_in_order
from core.trees import no_cycles
from teams.models import Level

UNALLOCATED = "unallocated"


class UnitKind(models.TextChoices):
    GROUP = "group", _("Group")
    DIVISION = "division", _("Division")
    LEGAL_ENTITY = "legal_entity", _("Legal entity")
    FUNCTION = "function", _("Function")
    SITE = "site", _("Site")
    BUYING_CENTRE = "buying_centre", _("Buying centre")


class Structure(models.TextChoices):
    LEGAL = "legal", _("Legal")
    MANAGEMENT = "management", _("Management")
    GEOGRAPHIC = "geographic", _("Geographic")


class BuyingRole(models.TextChoices):
    DECISION_MAKER = "decision_maker", _("Decision maker")
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    CHAMPION = "champion", _("Champion")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")
    BLOCKER = "blocker", _("Blocker")


class Stance(models.TextChoices):
    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", _("Neutral")
    CRITIC = "critic", _("Critic")
    UNKNOWN = "unknown", _("Unknown")


def _languages() -> ArrayField[list[str], list[str]]:
    return ArrayField(
        models.CharField(max_length=20, validators=[RegexValidator(LANGUAGE_PATTERN)]),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )


@history.track()
class Tier(models.Model):
    """How much an account matters, in the administrator's words."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")

    def __str__(self) -> str:
        return self.name


@history.track()
class AccountType(models.Model):
    """One of four, on two axes: the customer's and our own ability to act globally."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    customer_is_global = models.BooleanField(_("the customer acts globally"), default=False)
    we_are_global = models.BooleanField(_("we act globally"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("account type")
        verbose_name_plural = _("account types")

    def __str__(self) -> str:
        return self.name


@history.track()
class Account(models.Model):
    """A global customer: the whole group."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=300)
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"), related_name="+", null=True, blank=True)
    account_type = models.ForeignKey(
        AccountType, models.PROTECT, verbose_name=_("account type"), related_name="+", null=True, blank=True
    )
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    hq_country = CountryField(_("head office in"), blank=True)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("account currency"), related_name="+", null=True, blank=True
    )
    lei = models.CharField(_("LEI"), max_length=20, blank=True)
    website = models.CharField(_("website"), max_length=300, blank=True)
    team = models.OneToOneField(
        "teams.AccountTeam", models.PROTECT, verbose_name=_("account team"), related_name="account"
    )

    objects: ClassVar = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [
            models.CheckConstraint(name="accounts_account_code_set", condition=~models.Q(code="")),
        ]
        indexes: ClassVar = [
            models.Index(Collate("name", "C"), "id", name="accounts_account_by_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="accounts_account_search"),
            models.Index(Upper("code"), name="accounts_account_code_any_case"),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class OrgUnit(models.Model):
    """A node of a customer's structure. `code` is unique within the account."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="org_units")
    code = models.CharField(_("code"), max_length=80)
    name = models.CharField(_("name"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind.choices, default=UnitKind.LEGAL_ENTITY)
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    lei = models.CharField(_("LEI"), max_length=20, blank=True)
    #: The number under which its country's register, or a registry of the world, knows it. Unique nowhere: registers are many.
    registry_id = models.CharField(_("registry id"), max_length=80, blank=True, db_default="")
    languages = _languages()
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar = OrgUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("org unit")
        verbose_name_plural = _("org units")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "code"], name="accounts_orgunit_key"),
            models.UniqueConstraint(fields=["account", "id"], name="accounts_orgunit_of_account"),
            models.CheckConstraint(
                name="accounts_orgunit_code_free",
                condition=~models.Q(code="") & ~models.Q(code__iexact=UNALLOCATED),
                violation_error_message=_("“unallocated” is a reserved code."),
            ),
            models.CheckConstraint(
                name="accounts_orgunit_period",
                condition=models.Q(opened_on__isnull=True)
                | models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gt=models.F("opened_on")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["country", "account"], name="accounts_orgunit_by_country"),
            models.Index(fields=["code"], name="accounts_orgunit_by_code"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="accounts_orgunit_search"),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class OrgLink(Dated):
    """In one structure of an account, `child` stands below `parent` for a period. `share` is shown, never rolled up."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="org_links")
    structure = models.CharField(_("structure"), max_length=12, choices=Structure.choices)
    child = models.ForeignKey(OrgUnit, models.CASCADE, verbose_name=_("child"), related_name="parent_links")
    parent = models.ForeignKey(OrgUnit, models.CASCADE, verbose_name=_("parent"), related_name="child_links")
    share = models.DecimalField(_("ownership share, %"), max_digits=5, decimal_places=2, null=True, blank=True)

    objects: ClassVar = OrgLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("org link")
        verbose_name_plural = _("org links")
        triggers: ClassVar = no_cycles("accounts_orglink", ("account_id", "structure"))
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "structure", "child", "valid_from"], name="accounts_orglink_key"
            ),
            no_overlap("accounts_orglink_one_parent", "account", "structure", "child"),
            period_in_order("accounts_orglink_period"),
            models.CheckConstraint(name="accounts_orglink_not_self", condition=~models.Q(child=models.F("parent"))),
            models.CheckConstraint(
                name="accounts_orglink_share",
                condition=models.Q(share__isnull=True) | models.Q(share__range=(0, 100)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} < {self.parent_id} ({self.structure}) from {self.valid_from}"


@history.track()
class Contact(models.Model):
    """A person at the customer; the row's own unit, title and level are the person's main post."""

    external_id = models.CharField(_("external id"), max_length=80, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="contacts")
    org_unit = models.ForeignKey(
        OrgUnit, models.SET_NULL, verbose_name=_("org unit"), related_name="contacts", null=True, blank=True
    )
    given_name = models.CharField(_("given name"), max_length=150, blank=True)
    family_name = models.CharField(_("family name"), max_length=150, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, blank=True)
    buying_role = models.CharField(_("buying role"), max_length=20, choices=BuyingRole.choices, blank=True)
    stance = models.CharField(_("stance"), max_length=10, choices=Stance.choices, default=Stance.UNKNOWN)
    email = models.EmailField(_("e-mail address"), blank=True)
    languages = _languages()
    reports_to = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("reports to"), related_name="reports", null=True, blank=True
    )

    objects: ClassVar = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "id"], name="accounts_contact_of_account"),
            models.CheckConstraint(
                name="accounts_contact_not_own_boss", condition=~models.Q(id=models.F("reports_to"))
            ),
        ]

    def __str__(self) -> str:
        return full_name(self.given_name, self.family_name, self.languages) or self.external_id


@history.track()
class Post(Dated):
    """A further post of a contact in a unit of the same account, for a period."""

    contact = models.ForeignKey(Contact, models.CASCADE, verbose_name=_("contact"), related_name="posts")
    org_unit = models.ForeignKey(OrgUnit, models.CASCADE, verbose_name=_("org unit"), related_name="posts")
    title = models.CharField(_("title"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, blank=True)
    buying_role = models.CharField(_("buying role"), max_length=20, choices=BuyingRole.choices, blank=True)

    objects: ClassVar = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "org_unit", "valid_from"], name="accounts_post_key"),
            no_overlap("accounts_post_own", "contact", "org_unit"),
            period_in_order("accounts_post_period"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.org_unit_id} from {self.valid_from}"


@history.track()
class Relationship(models.Model):
    """How well a member knows a contact: `strength` 0 to 1, null when unknown."""

    contact = models.ForeignKey(Contact, models.CASCADE, verbose_name=_("contact"), related_name="relationships")
    member = models.ForeignKey("teams.Member", models.CASCADE, verbose_name=_("member"), related_name="relationships")
    strength = models.DecimalField(_("strength"), max_digits=5, decimal_places=4, null=True, blank=True)
    last_contact_on = models.DateField(_("last contact on"), null=True, blank=True)

    objects: ClassVar = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "member"], name="accounts_relationship_key"),
            models.CheckConstraint(
                name="accounts_relationship_strength",
                condition=models.Q(strength__isnull=True) | models.Q(strength__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} knows {self.contact_id}"


@history.track()
class AccountGrant(models.Model):
    """An account that a user may see whole without being on its team: how viewers see anything."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="account_grants"
    )

    class Meta:
        verbose_name = _("account grant")
        verbose_name_plural = _("account grants")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "user"], name="accounts_accountgrant_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} sees {self.account_id}"
