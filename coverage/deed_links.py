"""What may be done to a unit, as links from its panel."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import OrgUnit

_DEEDS: Final[tuple[tuple[str, str, Promise], ...]] = (
    ("move", "arrows-move", pgettext_lazy("a unit", "Move")),
    ("add", "plus", _("Add below")),
    ("rename", "pencil", _("Rename")),
    ("split", "arrows-split", pgettext_lazy("a unit", "Split")),
    ("merge", "arrows-join", pgettext_lazy("a unit", "Merge")),
    ("close", "circle-off", pgettext_lazy("a unit", "Close")),
    ("divest", "door-exit", pgettext_lazy("a unit", "Divest")),
)


def deed_links(unit: OrgUnit, structure: str, on: dt.date) -> list[tuple[str, str, Any]]:
    """Address, icon and word of each deed."""
    chosen = {"unit": unit.code, "day": on.isoformat(), **({"structure": structure} if structure else {})}
    code = unit.account.code
    return [
        (f"{reverse('coverage:restructure', args=[code, deed])}?{urlencode(chosen)}", icon, word)
        for deed, icon, word in _DEEDS
    ]
