"""Plays and their uses in the REST API."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, When

from accounts import access
from accounts.api import ACCOUNT_CODE, EXTERNAL_ID
from accounts.models import BuyingRole
from core.api import filters
from core.api.columns import Column, period
from core.api.kinds import COUNTRY, DAY, EMAIL, FLAG, TEXT_LIST, Choice, Kind
from core.api.writing import Collection
from pipeline import enablement_loading as loading
from pipeline.enablement_models import Play, PlayKind, PlayStage, PlayUse
from revenue.api import PRODUCT_CODE

_LANGUAGE = Kind(3, loading.LANGUAGE)
_CODE = Kind(60)
_STAGES = ArraySubquery(PlayStage.objects.filter(play=OuterRef("pk")).order_by("stage_id").values("stage_id"))


class Plays(Collection):
    slug = "plays"
    noun = "play"
    about = (
        "Plays, references and content that are offered on deals. What is left out fits any deal; several languages, "
        "stages and buying roles are separated by semicolons. A reference is listed to those who see the customer it "
        "speaks of, and to all once it is released."
    )
    model = Play
    spec = loading.PLAYS
    columns = (
        Column("code", "code", _CODE, is_key=True, required=True),
        Column("kind", "kind", Choice(values=PlayKind.values), required=True),
        Column("title", "title", Kind(200), required=True),
        Column("purpose", "purpose", Kind(300)),
        Column("link", "link", Kind(500), note="Begins with https://. A play has a link or a text."),
        Column("text", "text", Kind(20_000)),
        Column("languages", "languages", TEXT_LIST, note="Codes such as en;de."),
        Column("stages", _STAGES, TEXT_LIST, note="Codes of stages."),
        Column("buying_roles", "buying_roles", TEXT_LIST),
        Column("product_code", "product__code", PRODUCT_CODE, note="Products below it too."),
        Column("country", "country", COUNTRY),
        Column("region_code", "region__code", Kind(40), note="Its countries as of today; not beside a country."),
        Column("industry", "industry", Kind(120)),
        Column("account_code", "account__code", ACCOUNT_CODE, note="The customer that a reference speaks of."),
        Column("released", "is_released", FLAG, default="false", note="A reference that may be named to others."),
        Column("owner_email", "owner__email", EMAIL),
        replace(period()[0], is_key=False),
        period()[1],
    )
    search = ("code", "title", "purpose")
    filters = (
        filters.by_code("kind", "play, reference or content.", "kind"),
        filters.by_code("stage", "Code of a stage that it is for.", "play_stages__stage_id"),
        filters.by_code("product", "Code of a product.", "product__code"),
        filters.country("country"),
        filters.in_force(),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Play.objects.visible_to(viewer)


class PlayUses(Collection):
    slug = "play-uses"
    noun = "use of a play"
    about = "That a play was used on a deal: on which day, at which stage, by whom and for whom. Those taken back are left out."
    model = PlayUse
    spec = loading.PLAY_USES
    columns = (
        Column("external_id", "external_id", EXTERNAL_ID, is_key=True, required=True),
        Column("opportunity_external_id", "opportunity__external_id", EXTERNAL_ID, required=True),
        Column("play_code", "play__code", _CODE, required=True),
        Column("stage", "stage_id", Kind(40), required=True, note="That of the deal when it was used."),
        Column("used_on", "used_on", DAY, required=True),
        Column("member_email", "member__email", EMAIL),
        Column("contact_external_id", "contact__external_id", Kind(80)),
        Column("buying_role", "buying_role", Choice(values=BuyingRole.values)),
        Column("language", "language", _LANGUAGE),
    )
    search = ("opportunity__external_id", "opportunity__name", "play__code", "play__title")
    filters = (
        filters.account("opportunity__account__code"),
        filters.by_code("opportunity", "External id of an opportunity.", "opportunity__external_id"),
        filters.by_code("play", "Code of a play.", "play__code"),
        filters.by_code("stage", "Code of a stage.", "stage_id"),
        filters.on("Uses of this day.", lambda rows, day: rows.filter(used_on=day)),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return PlayUse.objects.visible_to(viewer).standing()

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        """People at a customer are named to those who see it whole."""
        if access.scope_of(viewer).is_everything:
            return self.columns
        seen = access.may_see_whole_account(viewer, "opportunity__account_id")
        contact = Case(When(seen, then=F("contact__external_id")), default=None)
        return tuple(replace(c, source=contact) if c.name == "contact_external_id" else c for c in self.columns)


COLLECTIONS = (Plays, PlayUses)
