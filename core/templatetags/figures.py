"""Figures, dates and names in templates: `{% load figures %}`. Pass values as they are; nothing is rounded unasked."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core import formats, marks
from core.clock import now
from core.weekdays import WEEKDAYS, others

register = template.Library()


@register.simple_tag
def money(value: Any, currency: str = "", decimals: int | None = None) -> SafeString:
    """`{% money amount "EUR" %}`: in full, in major units. None is a dash, `formats.UNKNOWN` is the word."""
    return marks.amount_html(value, currency, decimals=decimals)


@register.simple_tag
def money_minor(minor: int | None, currency: str, exponent: int = 2) -> SafeString:
    """`{% money_minor 1234567 "EUR" 2 %}`: an integer of minor units."""
    value = None if minor is None else Decimal(minor).scaleb(-exponent)
    return marks.amount_html(value, currency)


@register.simple_tag
def money_short(value: Any, currency: str = "") -> SafeString:
    """12.3 m EUR: in tiles only; the full figure is on hover and for screen readers."""
    return marks.short_amount_html(value, currency)


@register.simple_tag
def money_by_currency(amounts: Mapping[str, Any] | None) -> SafeString:
    """Native sums side by side: 150,000.00 ARS · 1,200 JPY. Never added up."""
    if not amounts:
        return marks.absent_html()
    parts = ((marks.amount_html(value, code),) for code, value in sorted(amounts.items()))
    return format_html_join(" · ", "{}", parts)


@register.simple_tag
def number(value: Any, decimals: int | None = None) -> SafeString:
    return marks.amount_html(value, decimals=decimals)


@register.simple_tag
def percent(value: Any, decimals: int = 1, signed: bool = False) -> SafeString:
    """`{% percent 0.123 %}`: a share of 1."""
    if isinstance(value, formats.Unknown):
        return marks.unknown_html(value)
    if value is None or value == "":
        return marks.absent_html()
    return format_html('<bdi class="num">{}</bdi>', formats.percent(value, decimals=decimals, signed=signed))


@register.simple_tag
def change(now: Any, before: Any, decimals: int = 1) -> SafeString:
    """Growth from `before` to `now` in percent, with an arrow; without a base above zero there is none to state."""
    if now in (None, "") or before in (None, "") or formats.exact(before) <= 0:
        return marks.absent_html()
    ratio = formats.exact(now) / formats.exact(before) - 1
    tone = "up" if ratio > 0 else "down" if ratio < 0 else "none"
    arrow = {"up": "↗", "down": "↘", "none": "→"}[tone]
    return format_html(
        '<span class="change change-{}"><span aria-hidden="true">{}</span><bdi>{}</bdi></span>',
        tone,
        arrow,
        formats.percent(ratio, decimals=decimals, signed=True),
    )


@register.simple_tag
def day(value: dt.date | None, style: str = "medium") -> SafeString:
    """30 Oct 2026; `style="long"`: 30 October 2026."""
    return marks.day_html(value, style=style) if value else marks.absent_html()


@register.simple_tag
def weekday(value: dt.date, style: str = "abbreviated") -> str:
    """The name of a date's day of the week: Mon; `style="wide"`: Monday."""
    return formats.weekday(WEEKDAYS[value.weekday()], style=style)


@register.simple_tag
def weekdays(codes: Collection[str]) -> str:
    """Days of the week in short: Mon–Fri."""
    return formats.weekdays(codes)


@register.simple_tag
def weekdays_without(codes: Collection[str]) -> str:
    """The days of the week that are not among `codes`, in short."""
    return formats.weekdays(others(codes))


@register.simple_tag
def month(value: dt.date | None) -> SafeString:
    return format_html("<bdi>{}</bdi>", formats.month(value)) if value else marks.absent_html()


@register.simple_tag
def instant(value: dt.datetime | None) -> SafeString:
    return marks.instant_html(value) if value else marks.absent_html()


@register.simple_tag
def ago(value: dt.datetime | None) -> SafeString:
    """How long since, kept current by the page; without scripts it is the moment itself."""
    if value is None:
        return marks.absent_html()
    return format_html(
        '<time datetime="{}" data-ago title="{}">{}</time>',
        value.isoformat(),
        formats.instant(value),
        formats.instant(value),
    )


@register.simple_tag
def clock(zone: str) -> SafeString:
    """What the clock says in a time zone now."""
    try:
        text = now().astimezone(zoneinfo.ZoneInfo(zone)).strftime("%H:%M")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return marks.unknown_html()
    return format_html('<time data-clock="{}" title="{}">{}</time>', zone, zone, text)


@register.simple_tag
def country(code: str | None) -> SafeString:
    return format_html("<bdi>{}</bdi>", formats.country(code)) if code else marks.absent_html()


@register.simple_tag
def place(city: str, country: str | None) -> str:
    """A city and its country, as an address ends: `{% place unit.city unit.country.code %}`."""
    return formats.place(city, country)


@register.simple_tag
def language(code: str | None) -> SafeString:
    return format_html("<bdi>{}</bdi>", formats.language_name(code)) if code else marks.unknown_html()


@register.simple_tag
def value_or_dash(value: Any) -> SafeString:
    if isinstance(value, formats.Unknown):
        return marks.unknown_html(value)
    return marks.absent_html() if value in (None, "") else format_html("<bdi>{}</bdi>", value)


@register.simple_tag
def sparkline(values: Sequence[Any], label: str = "") -> SafeString:
    """A line of the last values without axes; its words are for screen readers and hover."""
    points = [float(value) for value in values if value is not None]
    if len(points) < 2:
        return marks.absent_html()
    low, high = min(*points, 0.0), max(points)
    spread = (high - low) or 1.0
    places = [(at * 96 / (len(points) - 1), 22 - (point - low) / spread * 20) for at, point in enumerate(points)]
    text = label or gettext("From %(first)s to %(last)s") % {
        "first": formats.short(values[0]),
        "last": formats.short(values[-1]),
    }
    return format_html(
        '<svg class="sparkline" viewBox="0 0 96 24" preserveAspectRatio="none" role="img" aria-label="{}"><polyline points="{}"/></svg>',
        text,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
    )


@register.simple_tag
def share_bar(value: Any, whole: Any) -> SafeString:
    """A thin bar of `value` in `whole`; the figure itself stands beside it."""
    if value in (None, "") or whole in (None, "") or formats.exact(whole) <= 0:
        return SafeString("")
    width = min(max(float(value) / float(whole), 0.0), 1.0) * 100
    return format_html(
        '<svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="6"/><rect class="filled" width="{}" height="6"/></svg>',
        f"{width:.2f}",
    )
