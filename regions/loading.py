"""What the rows of the files about regions are: `regions`, `region_links`, `region_countries`, `region_leads`; and of
`country_calendars` and `country_days`, what was decided about working days."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.columns import (
    Column,
    Kind,
    Reference,
    code,
    country,
    date,
    email,
    text,
    time_zone,
    weekdays,
    yes_or_no,
)
from core.staging import Check, FileSpec
from core.staging_periods import (
    END_AFTER_START,
    LINK_CHECKS,
    LINK_FROM,
    VALID_FROM,
    VALID_TO,
    Periods,
    write_links,
    write_periods,
)
from regions.models import UNALLOCATED
from users.permissions import Permission

REGION = Reference("regions_region", _("unknown region “%(value)s”"))
USER = Reference("users_user", _("no login has the e-mail address “%(value)s”"), key="email")

_LINKS = Periods(
    "regions_regionlink", thing=("child_id",), values=("parent_id",), is_exclusive=True, parent="parent_id"
)


def _code() -> Kind:
    return code(40, not_named=[UNALLOCATED])


REGIONS = FileSpec(
    name="regions",
    table="regions_region",
    noun=_("regions"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("code", _code(), key=True),
        Column("name", text(200), required=True),
        Column(
            "parent_code",
            text(40),
            stores=None,
            refers=Reference("regions_region", _("unknown region “%(value)s”"), own=True),
        ),
        LINK_FROM,
    ),
    after=(write_links(_LINKS, parent="parent_code"),),
)

REGION_LINKS = FileSpec(
    name="region_links",
    table="regions_regionlink",
    noun=_("region links"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("child_code", text(40), key=True, stores="child_id", refers=REGION),
        VALID_FROM,
        Column("parent_code", text(40), stores="parent_id", refers=REGION),
        VALID_TO,
    ),
    checks=LINK_CHECKS,
    matches=False,
    writes=write_periods(_LINKS),
)

REGION_COUNTRIES = FileSpec(
    name="region_countries",
    table="regions_regioncountry",
    noun=_("countries of regions"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("region_code", text(40), key=True, stores="region_id", refers=REGION),
        Column("country", country(), key=True),
        VALID_FROM,
        VALID_TO,
    ),
    checks=(END_AFTER_START,),
    matches=False,
    writes=write_periods(
        Periods("regions_regioncountry", thing=("country",), values=("region_id",), is_exclusive=True)
    ),
)

REGION_LEADS = FileSpec(
    name="region_leads",
    table="regions_regionlead",
    noun=_("region leads"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("region_code", text(40), key=True, stores="region_id", refers=REGION),
        Column("user_email", email(is_login=True), key=True, stores="user_id", refers=USER),
        VALID_FROM,
        VALID_TO,
    ),
    checks=(END_AFTER_START,),
    matches=False,
    writes=write_periods(Periods("regions_regionlead", thing=("region_id", "user_id"), values=(), is_exclusive=False)),
)

COUNTRY_CALENDARS = FileSpec(
    name="country_calendars",
    table="regions_countrycalendar",
    noun=_("calendars of countries"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("country", country(), key=True),
        VALID_FROM,
        Column("weekend", weekdays()),
        Column("time_zone", time_zone()),
        VALID_TO,
    ),
    checks=(
        END_AFTER_START,
        Check(
            "weekend",
            "cardinality(x.weekend) = 7",
            _("a week without a working day: “%(value)s”"),
            "array_to_string(x.weekend, ';')",
        ),
    ),
    matches=False,
    writes=write_periods(
        Periods("regions_countrycalendar", thing=("country",), values=("weekend", "time_zone"), is_exclusive=True)
    ),
)

COUNTRY_DAYS = FileSpec(
    name="country_days",
    table="regions_countryday",
    noun=_("days of countries"),
    permission=Permission.CONFIGURE_REGIONS,
    columns=(
        Column("country", country(), key=True),
        Column("day", date(), key=True),
        Column("works", yes_or_no(), required=True),
        Column("name", text(120)),
    ),
)

SPECS = (REGIONS, REGION_LINKS, REGION_COUNTRIES, REGION_LEADS, COUNTRY_CALENDARS, COUNTRY_DAYS)
