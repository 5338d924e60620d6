"""The load as a table, as a file, and as a picture of managers by their number of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats, marks
from core.cells import Column, stored
from core.lists import Table
from coverage.load import ABOVE, BELOW, spread
from coverage.load_queries import Carrier, TeamLoad

PAGE = 50
BANDS = {BELOW: _("below the band"), ABOVE: _("above the band")}


def _name_html(one: Carrier) -> SafeString:
    return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse("figures:member", args=[one.member.email]), one.name)


def _accounts_html(one: Carrier) -> SafeString:
    count = format_html("<bdi>{}</bdi>", formats.number(one.load.accounts))
    word = BANDS.get(one.band)
    return format_html('{} <span class="gap-words">{}</span>', count, word) if word else count


def _share_html(one: Carrier) -> SafeString:
    """The bar ends at the capacity: what is above it is said in words."""
    if one.load.share is None:
        return marks.unknown_html() if one.load.capacity is None else marks.absent_html()
    full = min(int(one.load.share * 100), 100)
    said = formats.percent(float(one.load.share))
    tone = "load-over" if one.load.is_over else "load-held"
    bar = format_html(
        '<svg class="load-bar" viewBox="0 0 100 6" aria-hidden="true"><rect class="load-ground" width="100" height="6"/>'
        '<rect class="{}" width="{}" height="6"/></svg>',
        tone,
        full,
    )
    return format_html('{} <bdi class="{}">{}</bdi>', bar, "gap-words" if one.load.is_over else "", said)


def _contacts(one: Carrier) -> int | None:
    """Nothing, where there may be some that the reader may not see."""
    return None if one.is_part and not one.load.contacts else one.load.contacts


def _band_word(one: Carrier) -> str:
    return str(BANDS.get(one.band, _("within the band") if one.band else ""))


def _move_html(one: Carrier) -> SafeString:
    if not (one.load.units or one.load.accounts):
        return marks.absent_html()
    return format_html(
        '<a class="num" href="{}?from={}">{}</a>',
        reverse("coverage:reassign"),
        one.member.email,
        gettext("Give work to another"),
    )


_CAPACITY = Column(
    name="capacity",
    label=_("Weekly hours"),
    value=lambda one: formats.UNKNOWN if one.load.capacity is None else one.load.capacity,
    kind="number",
)
_MEASURES = (
    Column(name="contacts", label=_("Contacts known"), value=_contacts, kind="number"),
    Column(name="units", label=_("Units covered"), value="load.units", kind="number"),
    Column(name="hours", label=_("Hours a week"), value="load.hours", kind="number", decimals=2),
    _CAPACITY,
)
_PERSON = (Column(name="country", label=_("Country"), value=lambda one: stored("country")(one.member), kind="country"),)
COLUMNS = (
    Column(name="name", label=_("Member"), value="name", heads_row=True, html=_name_html),
    *_PERSON,
    Column(name="accounts", label=_("Accounts"), value="load.accounts", kind="number", html=_accounts_html),
    *_MEASURES,
    Column(name="share", label=_("Of capacity"), value="load.share", kind="percent", html=_share_html),
    Column(name="move", label=_("What if"), value=lambda one: "", html=_move_html),
)
EXPORTED = (
    Column(name="email", label=_("E-mail address"), value="member.email"),
    Column(name="name", label=_("Member"), value="name"),
    *_PERSON,
    Column(name="accounts", label=_("Accounts"), value="load.accounts", kind="number"),
    Column(name="band", label=_("Band"), value=_band_word),
    *_MEASURES,
    Column(name="part", label=_("Has more than you see"), value=lambda one: _("yes") if one.is_part else ""),
)


@dataclass(frozen=True)
class Exported:
    """Members as the streamed file runs through them."""

    rows: Sequence[Carrier]

    def iterator(self, *, chunk_size: int) -> Iterator[Carrier]:
        return iter(self.rows)


@dataclass(frozen=True)
class Page:
    """One page of members. The next begins after the last one's e-mail address, so that it stays right as others come."""

    table: Table
    shown: int
    next_url: str
    export_url: str


def page_of(found: TeamLoad, query: QueryDict) -> Page:
    rows = found.shown
    after = query.get("after")
    emails = [one.member.email for one in rows]
    first = emails.index(after) + 1 if after in emails else 0
    shown = rows[first : first + PAGE]
    more = first + PAGE < len(rows)
    table = Table(COLUMNS, shown, caption=_("Load of members"), empty_text=_("Nobody has all of these properties."))
    last = shown[-1].member.email if shown else ""
    return Page(table, len(shown), _with(query, after=last) if more else "", _with(query, after=None, format="csv"))


def _with(query: QueryDict, **changed: Any) -> str:
    changing = query.copy()
    for name, value in changed.items():
        changing.pop(name, None)
        if value is not None:
            changing[name] = str(value)
    return f"{reverse('coverage:load')}?{changing.urlencode()}"


@dataclass(frozen=True)
class Bar:
    """So many managers have so many accounts. Places are parts of the picture's width and height."""

    accounts: int
    managers: int
    x: int
    y: int
    height: int
    is_inside: bool
    url: str
    said: str


@dataclass(frozen=True)
class BandPicture:
    """Columns by number of accounts, the band a shaded ground behind them."""

    bars: list[Bar]
    width: int
    band_x: int
    band_width: int
    middle: int


STEP, TOP, GROUND = 30, 40, 132


def band_picture(found: TeamLoad, query: QueryDict) -> BandPicture | None:
    """Of the managers of the region that is chosen; None when nobody manages an account."""
    counted = spread(one.load.accounts for one in found.everybody)
    if not counted:
        return None
    last = max(*counted, found.rates.most + 1)
    highest = max(counted.values())
    bars = []
    for number in range(1, last + 1):
        many = counted.get(number, 0)
        height = round((GROUND - TOP) * many / highest)
        said = gettext("Managers with %(accounts)s accounts: %(managers)s") % {"accounts": number, "managers": many}
        url = _with(query, accounts=number, after=None, show=None)
        is_inside = found.rates.least <= number <= found.rates.most
        bars.append(Bar(number, many, (number - 1) * STEP, GROUND - height, height, is_inside, url, said))
    band_x = (found.rates.least - 1) * STEP
    band_width = (found.rates.most - found.rates.least + 1) * STEP
    return BandPicture(bars, last * STEP, band_x, band_width, band_x + band_width // 2)
