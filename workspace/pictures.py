"""The dashboards' pictures: where the money is, and how it grows month by month. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from core import formats, months
from core.charts import Chart, MapCountry, Series
from workspace import places
from workspace.ground import UNALLOCATED, Ground
from workspace.lenses import PageLens
from workspace.periods import YEAR, Period, fiscal_year_of
from workspace.sums import Key, MonthSum


def trend(cells: Mapping[Key, MonthSum], lens: PageLens, ground: Ground, exponent: int) -> Chart:
    """Revenue by month of the period, beside the same months of the year before. Months that lie ahead are empty."""
    by_month: dict[int, int] = defaultdict(int)
    for (_who, country, month), cell in cells.items():
        if ground.holds(country, month):
            by_month[month] += cell.minor
    current = months.month_of(lens.frame.on)

    def series(period: Period) -> list[Decimal | None]:
        return [Decimal(by_month[m]).scaleb(-exponent) if m <= current or by_month[m] else None for m in period.numbers]

    earlier = lens.period.shifted(-YEAR)
    return Chart(
        id="trend",
        kind="trend",
        title=_("How does revenue grow?"),
        labels=[formats.month(months.first_day(m)) for m in lens.period.numbers],
        series=[Series(_name(lens.period, lens), series(lens.period)), Series(_name(earlier, lens), series(earlier))],
        unit=lens.currency,
        head=_("Month"),
        note=_note(lens),
        size="" if ground.country else "tall",
    )


def _name(period: Period, lens: PageLens) -> str:
    year = fiscal_year_of(period, lens.frame.start_month)
    if year is not None:
        return _("FY %(year)s") % {"year": year}
    return _("this period") if period == lens.period else _("a year before")


def _note(lens: PageLens) -> str:
    part = lens.elapsed
    if not part.days:
        return ""
    month = formats.month(months.first_day(part.month))
    return _("%(month)s is under way: it stands at %(day)s.") % {"month": month, "day": formats.day(part.last_day)}


def countries(
    cells: Mapping[Key, MonthSum], lens: PageLens, ground: Ground, exponent: int, names: Mapping[int, tuple[str, str]]
) -> list[MapCountry]:
    """Every country that counts here in the period, shaded by its revenue; unknown where nothing of it has a price.

    It lights, and leads to, the part under which it counted last.
    """
    sums: dict[str, list[MonthSum]] = defaultdict(list)
    parts: dict[str, tuple[int, int | str]] = {}
    for (_who, country, month), cell in cells.items():
        part = ground.part(country, month)
        if month in lens.period.numbers and part is not None:
            sums[country].append(cell)
            if month >= parts.get(country, (0, ""))[0]:
                parts[country] = (month, part)
    for country in _members(ground, lens):
        part = ground.part(country, lens.period.last)
        if part is not None:
            parts.setdefault(country, (0, part))
    return [
        _country(country, sums[country], part, lens, ground, exponent, names)
        for country, (_month, part) in sorted(parts.items())
    ]


def _members(ground: Ground, lens: PageLens) -> list[str]:
    """The countries that stand in a region on the last day of the period, with revenue or without."""
    return sorted(ground.tree.on(ground.day or months.last_day(lens.period.last)).regions_of_countries)


def _country(
    country: str, found: list[MonthSum], part: int | str, lens: PageLens, ground: Ground, exponent: int,
    names: Mapping[int, tuple[str, str]],
) -> MapCountry:  # fmt: skip
    minor = sum(cell.minor for cell in found)
    is_unknown = bool(found) and all(cell.facts == cell.unpriced_facts for cell in found)
    amount = Decimal(minor).scaleb(-exponent)
    text = _("only amounts without a rate") if is_unknown else f"{formats.short(amount)} {lens.currency}"
    code = names[part][0] if isinstance(part, int) else part
    if isinstance(part, int):
        text = f"{text} · {names[part][1]}"
    return MapCountry(
        country=country,
        value=None if is_unknown else amount,
        text=text,
        url=_url(code, part, lens, ground, names),
        key=code,
    )


def _url(code: str, part: int | str, lens: PageLens, ground: Ground, names: Mapping[int, tuple[str, str]]) -> str:
    if isinstance(part, int) or part == UNALLOCATED:
        return f"{places.region(code)}?{lens.query}"
    above = ground.region if ground.region is not None else ground.through
    return f"{places.country(names[above][0] if above is not None else UNALLOCATED, code)}?{lens.query}"
