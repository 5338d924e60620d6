"""What the templates of the funnel and of pipeline growth read: pictures, tables, and the list behind each number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import formats, marks
from core.cells import Column
from core.charts import Chart, Series
from core.lists import Table
from pipeline.lead_filters import AGE_WORDS, STEP_WORDS
from pipeline.lead_querysets import AGES, WAITING
from pipeline.models import LeadStatus
from rollups.funnel import STEPS, Step
from workspace import lenses, places, tables
from workspace.funnel_queries import Chosen, Funnel, Offered, PartSteps
from workspace.growth_queries import GrowthPart, GrowthView, MovedDeal
from workspace.lenses import PageLens


def page(found: Funnel, offers: Offered) -> dict[str, Any]:
    """The context of the funnel's page."""
    chosen = found.chosen
    return {
        "found": found,
        "chosen": chosen,
        "offers": _offers(chosen, offers),
        "sentence": lenses.funnel_sentence(chosen.lens),
        "picture": _picture(found),
        "steps": _steps(found),
        "ageing": _ageing(found),
        "splits": [
            (_("By place"), _parts(found, found.parts, _("Part"))),
            (_("By source"), _parts(found, found.sources, _("Source"))),
            (_("By campaign"), _parts(found, found.campaigns, _("Campaign"))),
        ],
        "growth_url": f"{reverse('funnel:growth')}?{growth_query(chosen.lens, chosen.region)}",
        "is_empty": not found.steps[0].leads,
    }


def growth_query(lens: PageLens, region: str, movement: str = "") -> str:
    """The parameters of a growth page."""
    return places.query({**lens.params, "region": region, "movement": movement})


def _offers(chosen: Chosen, offers: Offered) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Name, label, value and options of each choice beside the lens."""
    return [
        ("region", _("Region"), chosen.region, offers.regions),
        ("source", _("Source"), chosen.source, offers.sources),
        ("campaign", _("Campaign"), chosen.campaign, offers.campaigns),
    ]


def _picture(found: Funnel) -> Chart:
    return Chart(
        id="funnel",
        kind="bars",
        title=_("How many came how far?"),
        labels=[str(STEP_WORDS[step.code]) for step in found.steps],
        series=[Series(pgettext("sales", "Leads"), [step.leads for step in found.steps])],
        head=_("Step"),
        urls=[found.chosen.list_url(reached=step.code) for step in found.steps],
    )


def _linked(number: int, url: str) -> SafeString:
    shown = marks.amount_html(number)
    return format_html('<a href="{}">{}</a>', url, shown) if number else shown


def _money(found: Funnel, minor: int) -> Decimal:
    return Decimal(minor).scaleb(-found.exponent)


def _steps(found: Funnel) -> Table:
    whole = found.steps[0].leads

    def leads(step: Step) -> SafeString:
        return _linked(step.leads, found.chosen.list_url(reached=step.code))

    def without(step: Step) -> str:
        return f"{step.unknown} · {step.unpriced}"

    return Table(
        columns=(
            Column(name="step", label=_("Step"), value=lambda step: STEP_WORDS[step.code], heads_row=True),
            Column(name="leads", label=pgettext("sales", "Leads"), value="leads", kind="number", html=leads),
            Column(
                name="worth",
                label=_("Value, %(currency)s") % {"currency": found.currency},
                value=lambda step: _money(found, step.minor),
                kind="amount",
                html=lambda step: tables.exact_html(_money(found, step.minor)),
            ),
            Column(
                name="conversion", label=_("Conversion"), value="conversion", kind="percent", decimals=1,
            ),
            Column(
                name="share",
                label=_("Of all leads"),
                value=lambda step: Decimal(step.leads) / whole if whole else None,
                kind="percent",
                decimals=1,
            ),
            Column(
                name="days", label=_("Median days from the step before"), value="median_days", kind="number", html=_days
            ),
            Column(name="without", label=_("Without amount · without rate"), value=without, kind="number", html=without),
        ),
        source=found.steps,
        caption=_("Steps of the funnel"),
    )  # fmt: skip


def _days(step: Step) -> SafeString:
    if step.median_days is None:
        return marks.absent_html()
    told = _("of %(n)d leads whose days are known") % {"n": step.timed}
    return format_html('<span title="{}">{}</span>', told, marks.amount_html(formats.exact(step.median_days)))


@dataclass(frozen=True)
class _Waiting:
    status: str
    by_age: dict[str, int]


def _ageing(found: Funnel) -> Table:
    rows = [_Waiting(status, dict(found.ageing.get(status, dict.fromkeys(AGES, 0)))) for status in WAITING]

    def counted(age: str) -> Callable[[_Waiting], SafeString]:
        return lambda row: _linked(row.by_age[age], found.chosen.list_url(status=row.status, waits=age))

    def everyone(row: _Waiting) -> SafeString:
        return _linked(sum(row.by_age.values()), found.chosen.list_url(status=row.status))

    return Table(
        columns=(
            Column(name="status", label=_("Waits as"), value=lambda row: LeadStatus(row.status).label, heads_row=True),
            *(Column(name=a, label=w, value="status", kind="number", html=counted(a)) for a, w in AGE_WORDS.items()),
            Column(name="all", label=_("All"), value="status", kind="number", html=everyone),
        ),
        source=rows,
        caption=_("Leads that wait, by the days in their status"),
    )


def _parts(found: Funnel, parts: Sequence[PartSteps], head: str) -> Table:
    def name(part: PartSteps) -> SafeString:
        if not part.url:
            return format_html("<bdi>{}</bdi>", part.name)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', part.url, part.name)

    def at(number: int) -> Callable[[PartSteps], SafeString]:
        return lambda part: _linked(
            part.steps[number].leads, found.chosen.list_url(**part.list_params, reached=STEPS[number])
        )

    def won(part: PartSteps) -> Decimal:
        return _money(found, part.steps[-1].minor)

    def share(part: PartSteps) -> Any:
        return Decimal(part.steps[-1].leads) / part.steps[0].leads if part.steps[0].leads else None

    return Table(
        columns=(
            Column(name="part", label=head, value="name", html=name, heads_row=True),
            *(
                Column(name=code, label=STEP_WORDS[code], value="name", kind="number", html=at(number))
                for number, code in enumerate(STEPS)
            ),
            Column(name="share", label=_("Leads won"), value=share, kind="percent", decimals=1),
            Column(
                name="worth",
                label=_("Won, %(currency)s") % {"currency": found.currency},
                value=won,
                kind="amount",
                html=lambda part: tables.exact_html(won(part)),
            ),
        ),
        source=parts,
        caption=head,
        foot=PartSteps(_("All"), "", {}, found.steps) if len(parts) > 1 else None,
    )


def movement_words() -> dict[str, str]:
    return {
        "before": _("Open then"),
        "new": _("New"),
        "grown": _("Grown"),
        "shrunk": _("Shrunk"),
        "won": _("Won"),
        "lost": _("Lost"),
        "gone": _("Gone"),
        "after": _("Open now"),
    }


def growth(view: GrowthView, lens: PageLens) -> dict[str, Any]:
    """The context of pipeline growth: its waterfall, its parts, and the deals under one number."""
    words = movement_words()
    ends = {"before": formats.day(view.before_on), "after": formats.day(view.on)}
    labels = {**words, **ends}
    return {
        "view": view,
        "labels": labels,
        "words": words,
        "picture": Chart(
            id="growth",
            kind="waterfall",
            title=_("How did the open pipeline grow?"),
            labels=list(labels.values()),
            series=[Series(_("Open pipeline"), [view.money(name) for name in labels])],
            totals=(0, len(labels) - 1),
            unit=view.currency,
            head=_("Step"),
        ),
        "table": _growth_table(view, lens, labels),
        "deals": _deals_table(view) if view.movement else None,
        "deals_title": words.get(view.movement, ""),
    }


def _growth_table(view: GrowthView, lens: PageLens, labels: dict[str, str]) -> Table:
    def name(part: GrowthPart) -> SafeString:
        if not part.code:
            return format_html("<bdi>{}</bdi>", part.name)
        url = f"{reverse('funnel:growth')}?{growth_query(lens, part.code)}"
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, part.name)

    def amount(which: str) -> Callable[[GrowthPart], SafeString]:
        def drawn(part: GrowthPart) -> SafeString:
            money = view.money(which, part.growth)
            shown = tables.exact_html(money)
            if not money or part.growth is not view.total:
                return shown
            url = f"{reverse('funnel:growth')}?{growth_query(lens, view.region, which)}"
            return format_html('<a href="{}">{}</a>', url, shown)

        return drawn

    whole = GrowthPart(_("All"), "", view.total)
    return Table(
        columns=(
            Column(name="part", label=_("Part"), value="name", html=name, heads_row=True),
            *(Column(name=w, label=label, value="name", kind="amount", html=amount(w)) for w, label in labels.items()),
            Column(name="rate", label=_("Growth"), value="growth.rate", kind="percent", decimals=1),
        ),
        source=view.parts,
        caption=_("Pipeline growth, %(currency)s") % {"currency": view.currency},
        foot=whole,
        empty_text=_("No pipeline that you may see lay open here on either day."),
    )


def _deals_table(view: GrowthView) -> Table:
    def name(deal: MovedDeal) -> SafeString:
        if deal.pk is None:
            return format_html('<span class="soft">{}</span>', deal.name)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', places.opportunity(deal.pk), deal.name)

    def money(deal: MovedDeal) -> Decimal:
        return Decimal(deal.minor).scaleb(-view.exponent)

    return Table(
        columns=(
            Column(name="name", label=_("Opportunity"), value="name", html=name, heads_row=True),
            Column(name="account", label=_("Account"), value="account"),
            Column(name="amount", label=view.currency, value=money, kind="amount"),
        ),
        source=view.deals,
        caption=_("Opportunities under this number"),
    )
