"""Derived rows. Nobody edits them: they are computed from the facts, may be thrown away, and then are computed again.

Cells name accounts, units and currencies by plain columns, not by foreign keys: a fact may be gone a moment before the
cell that counted it, and a cell must never stand in the way of a delete.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rollups.forecast_models import ForecastLine, ForecastRate, ForecastSnapshot
from rollups.measures import BUCKETS
from rollups.share_models import ShareCell, ShareDeals
from rollups.year_models import AccountCountryYear, AccountYear

__all__ = [
    "AccountCell",
    "AccountCountryYear",
    "AccountDeals",
    "AccountYear",
    "Cell",
    "CountryCell",
    "CountryDeals",
    "DirtyKey",
    "ForecastLine",
    "ForecastRate",
    "ForecastSnapshot",
    "PriceLens",
    "Quote",
    "Run",
    "ShareCell",
    "ShareDeals",
    "State",
    "WideChange",
]


class PriceLens(models.Model):
    """One way to price facts. `currency` empty is the native lens: every fact in its own currency, rounded to it.

    `slot` is its place, from 1, in the arrays of every cell. A slot never moves while cells hold it; one that fell free is
    given to the next new lens. A lens answers from the cells once a rebuild has filled its slot (`is_ready`).
    """

    currency = models.CharField(_("currency"), max_length=3, blank=True)
    rates = models.CharField(_("rates"), max_length=40)
    slot = models.PositiveSmallIntegerField(_("slot"), unique=True)
    is_ready = models.BooleanField(_("ready"), default=False)

    class Meta:
        verbose_name = _("price lens")
        verbose_name_plural = _("price lenses")
        constraints: ClassVar = [models.UniqueConstraint(fields=["currency", "rates"], name="rollups_lens_key")]

    def __str__(self) -> str:
        return f"{self.currency or 'native'} {self.rates}"


class State(models.Model):
    """For what the cells hold: the as-of date of open deals, the settings, and the month in which the fiscal years of accounts
    start, which may be read once `has_years`. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    as_of = models.DateField(_("as-of date"), null=True)
    settings = models.TextField(_("settings"), blank=True)
    is_stale = models.BooleanField(_("must be rebuilt"), default=True)
    marks = models.IntegerField(_("times marked"), default=0)
    run = models.BigIntegerField(_("last rebuild"), null=True)
    fiscal_start = models.PositiveSmallIntegerField(_("start month"), null=True)
    has_years = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("state of the roll-ups")
        verbose_name_plural = _("state of the roll-ups")
        constraints: ClassVar = [models.CheckConstraint(name="rollups_state_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"{self.as_of} {self.settings}"


class Run(models.Model):
    """One rebuild, one drained batch, one change of the as-of date, or one check."""

    class Kind(models.TextChoices):
        DRAIN = "drain", _("Batch")
        REBUILD = "rebuild", pgettext_lazy("a run", "Rebuild")
        AS_OF = "as_of", _("Change of the as-of date")
        VERIFY = "verify", _("Check")
        ALIGNMENT = "alignment", _("Alignment scores")
        SCORES = "scores", _("Scores")
        FORECAST = "forecast", _("Forecast snapshot")

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        LOST = "lost", _("Lost: its worker died")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=Outcome.choices)
    bucket = models.SmallIntegerField(_("bucket"), null=True)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    keys = models.IntegerField(_("keys"), default=0)
    facts = models.BigIntegerField(_("facts"), default=0)
    cells = models.BigIntegerField(_("cells written"), default=0)
    drift = models.IntegerField(_("drifted cells"), null=True)
    progress = models.SmallIntegerField(_("buckets done"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("roll-up run")
        verbose_name_plural = _("roll-up runs")
        indexes: ClassVar = [
            models.Index(fields=["kind", "-id"], name="rollups_run_by_kind"),
            models.Index(fields=["bucket", "-id"], name="rollups_run_unfinished", condition=~models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"


class DirtyKey(models.Model):
    """The facts of one domain, account and month changed; of revenue entries, those of one unit (0: of none).

    Only added to by triggers, only taken away by a drain.
    """

    # Wide columns first: no space between them is written to the log.
    account_id = models.BigIntegerField()
    org_unit_id = models.BigIntegerField(db_default=0)
    queued_at = models.DateTimeField(db_default=models.functions.Now())
    domain = models.SmallIntegerField()
    month = models.SmallIntegerField()
    bucket = models.GeneratedField(
        expression=models.functions.Mod("account_id", models.Value(BUCKETS)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("changed month of an account")
        verbose_name_plural = _("changed months of accounts")
        indexes: ClassVar = [models.Index(fields=["bucket", "id"], name="rollups_dirtykey_by_bucket")]

    def __str__(self) -> str:
        return f"{self.domain} {self.account_id} {self.month}"


class WideChange(models.Model):
    """A change whose keys are found when it is drained, after its commit: a stage, rates of a currency in a period, or a
    member's e-mail address.

    Finding them in the writer's own transaction would miss facts that another transaction is committing meanwhile.
    """

    stage_id = models.CharField(max_length=40, blank=True)
    rates = models.CharField(max_length=40, blank=True, default="", db_default="")
    currency = models.CharField(max_length=3, blank=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    member_id = models.BigIntegerField(null=True)
    queued_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        verbose_name = _("changed stage or rate")
        verbose_name_plural = _("changed stages and rates")

    def __str__(self) -> str:
        return f"{self.stage_id or self.currency or self.member_id} {self.first_on}"


class Quote(models.Model):
    """The price of a currency on a day under every lens, by slot: what a fact is multiplied by to give minor units.

    A cache of money_quote: it may be emptied at any time. `prices` are nearest doubles, good enough to round with except
    near a tie; there the exact fraction `numerators` ÷ `denominators` decides.
    """

    currency = models.CharField(max_length=3)
    rate_on = models.DateField()
    prices = ArrayField(models.FloatField(null=True))
    numerators = ArrayField(models.DecimalField(max_digits=80, decimal_places=40, null=True))
    denominators = ArrayField(models.DecimalField(max_digits=80, decimal_places=40, null=True))
    oldest = ArrayField(models.DateField(null=True))
    is_priced = models.BooleanField(null=True)
    pk = models.CompositePrimaryKey("currency", "rate_on")

    class Meta:
        verbose_name = _("price of a day")
        verbose_name_plural = _("prices of days")

    def __str__(self) -> str:
        return f"{self.currency} {self.rate_on}"


class Amounts(models.Model):
    """What every level of cells holds about its facts. Abstract: it makes no table.

    `native` is the exact sum in `currency`. The arrays have one element a price lens, at its slot: `minor` is the sum of the
    facts' converted amounts, each rounded once, in minor units of the lens's currency (of `currency` in the native lens);
    `unpriced_facts` and `unpriced_native` are null where every fact has a price under every lens. Numeric, not bigint:
    twenty digits of a native amount times a rate can pass 2^63, and an overflow would stop a whole bucket.
    `newest_fact` is the latest own date of a fact (open deals have none), `newest_priced` of one that a spot rate priced.
    """

    country = models.CharField(max_length=2)
    month = models.SmallIntegerField()
    measure = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    facts = models.IntegerField()
    native = models.DecimalField(max_digits=60, decimal_places=8)
    minor = ArrayField(models.DecimalField(max_digits=60, decimal_places=0))
    unpriced_facts = ArrayField(models.IntegerField(), null=True)
    unpriced_native = ArrayField(models.DecimalField(max_digits=60, decimal_places=8), null=True)
    oldest_rate = ArrayField(models.DateField(null=True))
    newest_fact = models.DateField(null=True)
    newest_priced = models.DateField(null=True)
    run = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.country} {self.month} {self.measure} {self.currency}"


class Cell(Amounts):
    """The leaf: an account's unit × country × month × measure × native currency. Unit 0 is none."""

    account_id = models.BigIntegerField()
    org_unit_id = models.BigIntegerField()
    pk = models.CompositePrimaryKey("account_id", "month", "org_unit_id", "country", "measure", "currency")

    class Meta:
        verbose_name = _("cell of a unit")
        verbose_name_plural = _("cells of units")

    def __str__(self) -> str:
        return f"{self.account_id}/{self.org_unit_id} {super().__str__()}"


class AccountCell(Amounts):
    """An account's country × month × measure × native currency."""

    account_id = models.BigIntegerField()
    pk = models.CompositePrimaryKey("account_id", "month", "country", "measure", "currency")

    class Meta:
        verbose_name = _("cell of an account")
        verbose_name_plural = _("cells of accounts")
        indexes: ClassVar = [
            models.Index(fields=["country", "month", "measure", "currency"], name="rollups_accountcell_by_country")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {super().__str__()}"


class CountryCell(Amounts):
    """A country × month × measure × native currency, over all accounts."""

    pk = models.CompositePrimaryKey("month", "country", "measure", "currency")

    class Meta:
        verbose_name = _("cell of a country")
        verbose_name_plural = _("cells of countries")

    def __str__(self) -> str:
        return super().__str__()


class AccountDeals(models.Model):
    """How many deals of an account's month and outcome lie at exactly this set of places.

    A place is a unit and a country (`org_unit_ids[i]`, `countries[i]`); a deal lies where its lines lie. A node's count is
    the sum over the sets that touch it: exact for deals with lines in many places.
    """

    account_id = models.BigIntegerField()
    month = models.SmallIntegerField()
    outcome = models.CharField(max_length=4)
    org_unit_ids = ArrayField(models.BigIntegerField())
    countries = ArrayField(models.CharField(max_length=2))
    deals = models.IntegerField()

    class Meta:
        verbose_name = _("deals of an account")
        verbose_name_plural = _("deals of accounts")
        indexes: ClassVar = [models.Index(fields=["account_id", "month"], name="rollups_accountdeals_key")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month} {self.outcome}"


class CountryDeals(models.Model):
    """How many deals of a month and outcome lie in exactly this set of countries (`DE,FR`)."""

    month = models.SmallIntegerField()
    outcome = models.CharField(max_length=4)
    countries = models.CharField(max_length=1000)
    deals = models.IntegerField()
    pk = models.CompositePrimaryKey("month", "outcome", "countries")

    class Meta:
        verbose_name = _("deals of countries")
        verbose_name_plural = _("deals of countries")

    def __str__(self) -> str:
        return f"{self.countries} {self.month} {self.outcome}"
