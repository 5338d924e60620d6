"""What may be done to a unit, as links from its panel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import OrgUnit


@dataclass(frozen=True)
class DeedLink:
    """A deed's form: its address, icon and word."""

    deed: str
    icon: str
    word: Promise
    url: str = ""


_DEEDS: Final = (
    DeedLink("move", icon="arrows-move", word=pgettext_lazy("a unit", "Move")),
    DeedLink("add", icon="plus", word=_("Add below")),
    DeedLink("rename", icon="pencil", word=_("Rename")),
    DeedLink("split", icon="arrows-split", word=pgettext_lazy("a unit", "Split")),
    DeedLink("merge", icon="arrows-join", word=pgettext_lazy("a unit", "Merge")),
    DeedLink("close", icon="circle-off", word=pgettext_lazy("a unit", "Close")),
    DeedLink("divest", icon="door-exit", word=pgettext_lazy("a unit", "Divest")),
)


def deed_links(unit: OrgUnit, structure: str, on: dt.date) -> list[DeedLink]:
    """Every deed, with its address."""
    chosen = {"unit": unit.code, "day": on.isoformat(), **({"structure": structure} if structure else {})}
    address = urlencode(chosen)
    code = unit.account.code
    return [
        replace(link, url=f"{reverse('coverage:restructure', args=[code, link.deed])}?{address}") for link in _DEEDS
    ]
