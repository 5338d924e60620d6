"""Members in the REST API. Team memberships name an account and stand in accounts/api.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from core.api import filters
from core.api.columns import Column
from core.api.kinds import COUNTRY, EMAIL, TEXT_LIST, TIME_OF_DAY, WEEKDAY_LIST, Choice, Kind, Number
from core.api.writing import Collection
from regions.api import in_region
from teams import loading
from teams.models import Level, Member
from users.permissions import Access


class Members(Collection):
    slug = "members"
    noun = "member"
    about = (
        "Our own people. `access` is what their login may do; granting `administrator` or `executive` needs the right "
        "to manage users."
    )
    model = Member
    spec = loading.MEMBERS
    kind_of_code = "member"
    columns = (
        Column("email", "email", EMAIL, is_key=True, required=True),
        Column("given_name", "given_name", Kind(150)),
        Column("family_name", "family_name", Kind(150)),
        Column("level", "level", Choice(values=Level.values)),
        Column("country", "country", COUNTRY),
        Column("time_zone", "time_zone", Kind(64)),
        Column("languages", "languages", TEXT_LIST, note="With levels of mastery, e.g. en:C2;de:B1."),
        Column("skills", "skills", TEXT_LIST),
        Column("weekly_hours", "weekly_hours", Number(decimals=2, digits=3, least=Decimal(0), most=Decimal(168))),
        Column("works_from", "works_from", TIME_OF_DAY, note="By the member's own clock; null is: 09:00."),
        Column("works_to", "works_to", TIME_OF_DAY, note="Null is: 17:00. Before `works_from`: on the next day."),
        Column(
            "working_days",
            "working_days",
            WEEKDAY_LIST,
            note="Days of the week, e.g. sun;mon;tue; null is: the working week of the country.",
        ),
        Column("manager_email", "manager__email", EMAIL),
        Column("access", "user__access", Choice(values=Access.values)),
    )
    search = ("email", "given_name", "family_name")
    filters = (filters.country("country"), in_region("country"))

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Member.objects.permitted_to(viewer)


COLLECTIONS = (Members,)
