from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField

from core import history
from core.periods import Dated, no_overlap, period_in_order
from core.trees import no_cycles
from core.weekdays import WEEKDAY_PATTERN, WEEKDAYS
from regions.plan import Change, Kind
from regions.querysets import (
    CountryCalendarQuerySet,
    CountryDayQuerySet,
    RegionCountryQuerySet,
    RegionDraftQuerySet,
    RegionLeadQuerySet,
    RegionLinkQuerySet,
    RegionQuerySet,
)

UNALLOCATED = "unallocated"


@history.track()
class Region(models.Model):
    """A node of our own geography. Its place in the tree is a dated `RegionLink`; a root has none on the day."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)

    objects: ClassVar = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="regions_region_code_free",
                condition=~models.Q(code__iexact=UNALLOCATED) & ~models.Q(code=""),
                violation_error_message=_("“unallocated” is a reserved code."),
            )
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class RegionLink(Dated):
    """`child` stands directly below `parent` for a period. One parent at a time; never a cycle on any day."""

    child = models.ForeignKey(Region, models.CASCADE, verbose_name=_("child"), related_name="parent_links")
    parent = models.ForeignKey(Region, models.PROTECT, verbose_name=_("parent"), related_name="child_links")

    objects: ClassVar = RegionLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("region link")
        verbose_name_plural = _("region links")
        triggers: ClassVar = no_cycles("regions_regionlink")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["child", "valid_from"], name="regions_regionlink_key"),
            no_overlap("regions_regionlink_one_parent", "child"),
            period_in_order("regions_regionlink_period"),
            models.CheckConstraint(name="regions_regionlink_not_self", condition=~models.Q(child=models.F("parent"))),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} < {self.parent_id} from {self.valid_from}"


@history.track()
class RegionCountry(Dated):
    """A whole country belongs to a region for a period; to one region at a time."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="country_links")
    country = CountryField(_("country"))

    objects: ClassVar = RegionCountryQuerySet.as_manager()

    class Meta:
        verbose_name = _("country of a region")
        verbose_name_plural = _("countries of regions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "country", "valid_from"], name="regions_regioncountry_key"),
            no_overlap("regions_regioncountry_one_region", "country"),
            period_in_order("regions_regioncountry_period"),
        ]

    def __str__(self) -> str:
        return f"{self.country} in {self.region_id} from {self.valid_from}"


@history.track()
class RegionLead(Dated):
    """A user leads a region for a period. Several may at once."""

    region = models.ForeignKey(Region, models.CASCADE, verbose_name=_("region"), related_name="leads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=pgettext_lazy("of a region", "lead"),
        related_name="leads",
    )

    objects: ClassVar = RegionLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("region lead")
        verbose_name_plural = _("region leads")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "user", "valid_from"], name="regions_regionlead_key"),
            no_overlap("regions_regionlead_own", "region", "user"),
            period_in_order("regions_regionlead_period"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} leads {self.region_id} from {self.valid_from}"


@history.track()
class CountryCalendar(Dated):
    """What an administrator decided about a country from a day on: its week-end, and where its places are.

    An empty `weekend` leaves the standard one (regions/calendars.py). `time_zone` is that of places of the country that have
    none of their own; empty, it is known only as far as all zones of the country agree.
    """

    country = CountryField(_("country"))
    weekend = ArrayField(
        models.CharField(max_length=3, validators=[RegexValidator(WEEKDAY_PATTERN)]),
        verbose_name=_("week-end"),
        default=list,
        blank=True,
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)

    objects: ClassVar = CountryCalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar of a country")
        verbose_name_plural = _("calendars of countries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "valid_from"], name="regions_countrycalendar_key"),
            no_overlap("regions_countrycalendar_one", "country"),
            period_in_order("regions_countrycalendar_period"),
            models.CheckConstraint(
                name="regions_countrycalendar_days", condition=models.Q(weekend__contained_by=list(WEEKDAYS))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} from {self.valid_from}"


@history.track()
class CountryDay(models.Model):
    """A single day in a country that is worked against its calendar, or off under a name."""

    country = CountryField(_("country"))
    day = models.DateField(_("day"))
    works = models.BooleanField(_("is worked"))
    name = models.CharField(_("name"), max_length=120, blank=True)

    objects: ClassVar = CountryDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of a country")
        verbose_name_plural = _("days of countries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "day"], name="regions_countryday_key"),
        ]

    def __str__(self) -> str:
        return f"{self.country} on {self.day}"


class DraftState(models.TextChoices):
    """A draft that was carried out is planned as long as its day lies ahead; that is no state of its own."""

    OPEN = "open", _("Open")
    COMMITTED = "committed", _("Committed")
    DISCARDED = "discarded", _("Discarded")
    UNDONE = "undone", _("Taken back")


class RegionDraft(models.Model):
    """Changes of the geography that an administrator works on, all from one day, carried out together or not at all.

    `before` and `after` hold every row that the changes touched, as it stood and as they left it: what is undone is put
    back as it was, and only while it is still as it was left.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("author"), related_name="region_drafts", null=True
    )
    on = models.DateField(_("from the day"))
    state = models.CharField(_("state"), max_length=10, choices=DraftState.choices, default=DraftState.OPEN)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("settled by"), related_name="+", null=True
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects: ClassVar = RegionDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of the regions")
        verbose_name_plural = _("drafts of the regions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["author"], name="regions_regiondraft_one_open", condition=models.Q(state=DraftState.OPEN)
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} from {self.on}"


class RegionDraftChange(models.Model):
    """One change of a draft, in the order in which they were made. Its columns are those of `plan.Change`.

    `words` say what it did, in the language of who carried it out: places may be called otherwise later.
    """

    draft = models.ForeignKey(RegionDraft, models.CASCADE, verbose_name=_("draft"), related_name="changes")
    kind = models.CharField(_("kind"), max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    region = models.CharField(_("region"), max_length=40, blank=True)
    parent = models.CharField(_("parent"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    words = models.CharField(_("words"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("change of a draft")
        verbose_name_plural = _("changes of a draft")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.region}{self.country}"

    @property
    def change(self) -> Change:
        return Change(Kind(self.kind), self.region, self.parent, self.country, self.name, self.email)
