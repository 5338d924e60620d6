"""The state of the house, for those who set it up: what is missing, what waits, what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from coverage.models import CoveragePolicy
from money.models import SPOT, ExchangeRate
from money.queries import business_date, reporting_currencies
from regions.models import Region, RegionCountry, RegionLead
from rollups import queries as rollups
from rollups.account_queries import at_lens
from rollups.jobs import JobHealth
from rollups.measures import NO_COUNTRY, Measure
from rollups.models import CountryCell
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamMember
from users.models import User


@dataclass(frozen=True)
class Task:
    """Something to set up. `missing` is how many of it lack, None where it is there or not as a whole."""

    label: Promise | str
    why: Promise | str
    url: str
    is_done: bool
    missing: int | None = None


@dataclass(frozen=True)
class House:
    """What an administrator opens."""

    tasks: list[Task]
    jobs: JobHealth | None
    unpriced: int


def house(*, viewer: User) -> House:
    """Set-up tasks, jobs, and facts without a price. Counts only: customer money needs another permission."""
    return House([task() for task in _TASKS], rollups.job_health(viewer=viewer), _unpriced_facts())


def _unpriced_facts() -> int:
    """How many entries and lines have no price in the lens that lacks most; the weighted pipeline repeats the open one."""
    lacking = CountryCell.objects.exclude(unpriced_facts=None).exclude(measure=Measure.WEIGHTED)
    sums = {code: Sum(at_lens("unpriced_facts", code)) for code in reporting_currencies()}
    return max((facts or 0 for facts in lacking.aggregate(**sums).values()), default=0)


def _regions() -> Task:
    return Task(
        _("Draw the regions"), _("Figures are shown by region and country."), "regions:list", Region.objects.exists()
    )


def _unallocated() -> Task:
    placed = RegionCountry.objects.as_of(business_date()).filter(country=OuterRef("country"))
    left = CountryCell.objects.exclude(country=NO_COUNTRY).filter(~Exists(placed)).values("country").distinct().count()
    return Task(
        _("Allocate every country that has facts"),
        _("Until then they stand under “unallocated”."),
        "regions:list",
        not left,
        left,
    )


def _leads() -> Task:
    leads = RegionLead.objects.as_of(business_date())
    return Task(
        _("Name the leads of regions"), _("A lead sees the figures of her region."), "regions:list", leads.exists()
    )


def _rates() -> Task:
    day = ExchangeRate.objects.filter(rate_set=SPOT).order_by("-date").values_list("date", flat=True).first()
    is_recent = day is not None and (business_date() - day).days <= 7
    return Task(
        _("Keep exchange rates up to date"),
        _("Without a rate an amount is counted, never priced."),
        "money:rates",
        is_recent,
    )


def _managers() -> Task:
    now = TeamMember.objects.as_of(business_date()).filter(team=OuterRef("team"), role=GLOBAL_ACCOUNT_MANAGER)
    left = Account.objects.filter(~Exists(now)).count()
    return Task(
        _("Give every account a global account manager"), _("Exactly one at a time."), "accounts:list", not left, left
    )


def _policies() -> Task:
    return Task(
        _("Say which roles a unit needs"), _("Gaps are measured against the coverage policy of a tier."), "admin:index",
        CoveragePolicy.objects.exists(),
    )  # fmt: skip


_TASKS: tuple[Callable[[], Task], ...] = (_regions, _unallocated, _leads, _rates, _managers, _policies)
