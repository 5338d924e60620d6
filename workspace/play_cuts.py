"""Parts of a play's deals, as an address names them: the list that a number opens holds just the deals that it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import BuyingRole
from core import formats, months
from pipeline import queries as pipeline
from pipeline.enablement_models import Play, PlayUse
from pipeline.enablement_reach import offered_deals
from pipeline.models import Outcome, Stage
from pipeline.querysets import OpportunityQuerySet
from rollups.play_figures import LANGUAGE, MONTH, OFFERED, ROLE, STAGE, UNUSED, USED
from users.models import User
from workspace.lenses import PageLens

CLOSED: Final = "closed"
WON: Final = "won"
_OF = (OFFERED, USED, UNUSED)
_ENDED = ("", CLOSED, WON)
#: What of a use an address names it by.
_CUT = {"at": STAGE, "role": ROLE, "language": LANGUAGE, "month": MONTH}
#: An address says an unknown role or language so: it must not be left out.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Cut:
    """`of`: offered, used or unused. `ended`: closed, won, or empty for all. `by` and `value`: one row of a table of uses."""

    of: str = USED
    ended: str = ""
    by: str = ""
    value: str = ""

    def url(self, play: Play, lens: PageLens) -> str:
        param = next((name for name, cut in _CUT.items() if cut == self.by), "")
        value = months.label(int(self.value)) if self.by == MONTH else self.value or UNKNOWN
        chosen = {"of": self.of, "ended": self.ended, **({param: value} if param else {})}
        asked = urlencode({name: text for name, text in chosen.items() if text})
        return f"{reverse('plays:deals', args=[play.code])}?{asked}&{lens.query}"

    def closed(self) -> Cut:
        return replace(self, ended=CLOSED)

    def won(self) -> Cut:
        return replace(self, ended=WON)


def cut_of(query: Mapping[str, str]) -> Cut:
    """The part that an address names. Http404 for one that there is none of."""
    named = [(name, query[name]) for name in _CUT if query.get(name)]
    cut = Cut(query.get("of") or USED, query.get("ended", ""))
    if cut.of not in _OF or cut.ended not in _ENDED or len(named) > 1 or (named and cut.of != USED):
        raise Http404
    if not named:
        return cut
    name, text = named[0]
    try:
        value = str(months.parse(text)) if name == "month" else "" if text == UNKNOWN else text
    except ValueError as error:
        raise Http404 from error
    return replace(cut, by=_CUT[name], value=value)


def deals_of(cut: Cut, play: Play, *, viewer: User, lens: PageLens) -> OpportunityQuerySet:
    """The deals of a part that `viewer` sees and that close in the lens's months, as the list of opportunities has them."""
    deals = pipeline.opportunities(viewer=viewer).filter(month__range=(lens.period.first, lens.period.last))
    uses = PlayUse.objects.standing().filter(play=play, opportunity=OuterRef("pk"))
    column = {STAGE: "stage", ROLE: "buying_role", LANGUAGE: "language"}.get(cut.by)
    if column:
        uses = uses.filter(**{column: cut.value})
    if cut.by == MONTH:
        deals = deals.filter(month=int(cut.value))
    if cut.of == USED:
        deals = deals.filter(Exists(uses))
    else:
        deals = deals.filter(pk__in=offered_deals(play, viewer=viewer).values("pk"))
        deals = deals.filter(~Exists(uses)) if cut.of == UNUSED else deals
    ended = {CLOSED: ~Q(stage__outcome=Outcome.OPEN), WON: Q(stage__outcome=Outcome.WON)}
    return deals.filter(ended.get(cut.ended, Q()))


def label(by: str, value: str, stages: Mapping[str, str]) -> str:
    """A row of a table of uses, by name. `stages` are their names by code."""
    if by == STAGE:
        return stages.get(value, value)
    if not value:
        return _("unknown")
    if by == ROLE:
        return str(BuyingRole(value).label) if value in BuyingRole.values else value
    return formats.month(months.first_day(int(value))) if by == MONTH else formats.language_name(value)


def stage_names() -> dict[str, str]:
    """Names of stages by code, in their order."""
    return dict(Stage.objects.order_by("position", "code").values_list("code", "name"))


def words(cut: Cut) -> str:
    """What the list of a part holds, as its heading."""
    heads = {
        OFFERED: {"": _("Offered on"), CLOSED: _("Offered on, closed"), WON: _("Offered on, won")},
        USED: {"": _("Used on"), CLOSED: _("Used on, closed"), WON: _("Used on, won")},
        UNUSED: {
            "": _("Offered and not used"),
            CLOSED: _("Offered and not used, closed"),
            WON: _("Offered and not used, won"),
        },
    }
    head = heads[cut.of][cut.ended]
    return f"{head} · {label(cut.by, cut.value, stage_names())}" if cut.by else head
