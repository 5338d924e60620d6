"""What the pages of stages show around their rows, and what other terms of a stage would do to the weighted pipeline."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import scope_of
from money.queries import business_date, exponents
from pipeline.models import Opportunity, Stage
from pipeline.stage_forms import StageForm
from pipeline.tables import TABLES
from rollups.deal_sums import stage_effect
from rollups.sight import sight_of
from users.models import User


def frame(current: str, here: str = "") -> dict[str, Any]:
    """Tabs and trail; `current` is `stages` or the name of a table, `here` a page below the stages."""
    listed = reverse("stages:list")
    tabs: list[tuple[Any, str, bool]] = [(gettext_lazy("Stages"), listed, current == "stages")]
    tabs += [(table.label, reverse("stages:table", args=[name]), current == name) for name, table in TABLES.items()]
    trail: list[tuple[Any, str]] = [(_("Stages"), listed if here or current != "stages" else "")]
    if here or current != "stages":
        trail.append((here or TABLES[current].label, ""))
    return {"tabs": tabs, "tabs_label": _("Set-up of stages"), "trail": trail}


def effect(*, viewer: User, stage: Stage, form: StageForm) -> dict[str, Any]:
    """What the form's terms would do. Counts are of all deals, since they are the configuration's; money is of what is seen."""
    given = form.cleaned_data
    scope = scope_of(viewer)
    found = stage_effect(
        sight=sight_of(viewer),
        stage=stage.pk,
        probability=given["probability"],
        category=given["forecast_category"],
        on=business_date(),
    )
    deals = Opportunity.objects.filter(stage=stage)
    return {
        "effect": found,
        "seen": form.digest,
        "deals": deals.count(),
        "following": deals.filter(probability__isnull=True).count(),
        "exponent": exponents()[found.currency],
        "is_same": not form.changes_weight,
        "has_figures": scope.is_everything or bool(scope.whole_account_ids or scope.countries_now or scope.spans),
        "is_part": not scope.is_everything,
    }
