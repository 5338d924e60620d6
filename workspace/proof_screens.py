"""How a proof is shown: its table, the same columns as a file, and what stands around them in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.lists import Table
from core.marks import absent_html
from rollups.figures import Figure
from rollups.models import Run
from rollups.proof import COUNTS, LISTED, Evidence, Leg, Price, Proof, ProofRow
from rollups.proof_words import leg_words, reason_words
from workspace import lenses, places, screens
from workspace.lenses import PageLens


def measure_words(measure: str, lens: PageLens) -> str:
    counts = {
        "opportunities_open": _("Open opportunities"),
        "opportunities_won": _("Opportunities won"),
        "opportunities_lost": _("Opportunities lost"),
    }
    words = screens.measure_words() | counts | {"revenue": lenses.kind_words(lens.revenue_kind)}
    return words[measure]


def amount_text(value: Any) -> str:
    """A figure as plain text that can be copied."""
    if isinstance(value, dict):
        return ", ".join(f"{amount:f} {code}" for code, amount in value.items())
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def figure_html(value: Any, currency: str) -> SafeString:
    """A figure in full; of several currencies one below the other."""
    if isinstance(value, dict):
        lines = ((formats.number(amount), code) for code, amount in value.items())
        return format_html_join("", '<div><bdi class="num">{}</bdi> <span class="soft">{}</span></div>', lines)
    if isinstance(value, Decimal):
        return format_html('<bdi class="num">{}</bdi> <span class="unit">{}</span>', formats.number(value), currency)
    return format_html('<bdi class="num">{}</bdi>', formats.number(value))


def _fact_url(row: ProofRow) -> str:
    return places.account(row.account) if row.kind == "revenue_entry" else places.opportunity(row.id)


def _rate(number: Decimal) -> str:
    """Rates are shown to eight digits after the point; a file has all of them."""
    return formats.number(number, decimals=min(8, max(0, -int(number.as_tuple().exponent))))


def _leg_html(leg: Leg) -> SafeString:
    title = leg_words(leg)
    day = formats.day(leg.date) if leg.date else title
    mark = format_html(' <span class="tag">{}</span>', _("corrected")) if leg.corrected_at else ""
    return format_html(
        '<div class="keep" title="{}"><bdi class="num">{}</bdi> <bdi>{}/{}</bdi> <span class="soft small">{}</span>{}</div>',
        title, _rate(leg.rate), leg.currency, leg.base, day, mark,
    )  # fmt: skip


def _legs_html(row: ProofRow) -> SafeString:
    legs = [leg for leg in row.price.legs if not leg.is_base] if row.price else []
    return format_html_join("", "{}", ((_leg_html(leg),) for leg in legs)) if legs else absent_html()


def _legs_text(price: Price | None) -> str:
    return "; ".join(f"{leg.currency} {leg.rate:f} ({leg_words(leg)})" for leg in price.legs) if price else ""


def _date_html(row: ProofRow) -> SafeString:
    shown = format_html("<bdi>{}</bdi>", formats.day(row.on))
    if row.rate_on != row.on:
        day = _("rate of %(day)s") % {"day": formats.day(row.rate_on)}
        shown = format_html('{}<div class="soft small">{}</div>', shown, day)
    if row.is_provisional:
        shown = format_html('{} <span class="tag">{}</span>', shown, _("provisional"))
    return shown


def columns(proof: Proof) -> tuple[Column, ...]:
    """What stands of each fact. Columns that say nothing of this measure are left out."""
    counted = proof.measure in COUNTS
    deals = counted or proof.measure != "revenue"
    found = [
        Column(name="fact", label=_("Fact"), value="external_id", kind="code", href=_fact_url, heads_row=True),
        Column(name="kind", label=_("Kind"), value="kind", kind="code", shown=False),
        Column(name="date", label=_("Date"), value="on", kind="date", html=_date_html),
        Column(name="rate_date", label=_("Rate date"), value="rate_on", kind="date", shown=False),
        Column(name="account", label=_("Account"), value="account_name", href=lambda r: places.account(r.account)),
        Column(
            name="unit", label=_("Org unit"), value="org_unit_name", shown=bool(proof.figure.scope.type != "region")
        ),
        Column(name="country", label=_("Country"), value="country", kind="country"),
        Column(name="product", label=_("Product"), value="product_name", shown=False),
    ]
    if deals:
        found.append(Column(name="stage", label=_("Stage"), value="stage_name"))
    if proof.measure == "pipeline_weighted":
        found.append(Column(name="probability", label=_("Probability, %"), value="probability", kind="number"))
    found.append(Column(name="amount", label=_("Amount"), value="amount", currency="currency", kind="money"))
    if not counted and not proof.reason:
        found += _priced_columns(proof)
    return tuple(found)


def _priced_columns(proof: Proof) -> list[Column]:
    unit = "" if proof.lens.is_native else f", {proof.lens.currency}"
    found = []
    if not proof.lens.is_native:
        found += [
            Column(name="rates", label=_("Rates"), value=lambda r: _legs_text(r.price), html=_legs_html),
            Column(name="price", label=_("Price"), value=lambda r: r.price and r.price.decimal, kind="number",
                   html=lambda r: _rate(r.price.decimal) if r.price else absent_html()),
        ]  # fmt: skip
    if proof.lens.is_overlay or proof.figure.scope.type == "member":
        found.append(Column(name="share", label=_("Share, %"), value="share", kind="number"))
    found.append(
        Column(name="converted", label=_("Converted") + unit, value="converted", currency="goal" if not unit else "",
               kind="money" if not unit else "amount")
    )  # fmt: skip
    return found


def table(proof: Proof, lens: PageLens) -> Table:
    shown = tuple(column for column in columns(proof) if column.shown)
    return Table(
        columns=shown,
        source=proof.rows,
        caption=_("Facts under the figure: %(measure)s") % {"measure": measure_words(proof.measure, lens)},
        empty_text=_("No fact that you may see lies under this figure."),
    )


@dataclass(frozen=True)
class Reason:
    """A group of facts that are left out, in words; `url` lists them where they can be listed."""

    text: str
    facts: int | None
    amounts: dict[str, Decimal]
    url: str


def reasons(found: Evidence, query: dict[str, str]) -> list[Reason]:
    address = reverse("workspace:proof")
    return [
        Reason(
            reason_words(group.reason, group.of),
            group.facts,
            dict(group.amounts),
            f"{address}?{urlencode({**query, 'excluded': group.reason})}" if group.reason in LISTED else "",
        )
        for group in found.excluded
    ]


def words_of(lens: PageLens) -> str:
    """The lens as one plain sentence."""
    sentence = lenses.sentence(lens)
    return str(sentence.text).format(**{name: choice.word for name, choice in sentence.choices.items()})


def title(proof: Proof, lens: PageLens) -> str:
    """ "Open pipeline of EMEA / DACH / Germany"."""
    path = " / ".join(part.name or part.code for part in (proof.figure.scope, *proof.parts))
    return _("%(measure)s of %(place)s") % {"measure": measure_words(proof.measure, lens), "place": path}


def run_words(proof: Proof) -> str:
    """Which run touched the figure last."""
    if proof.run is None:
        return ""
    kinds = dict(Run.Kind.choices)
    kind = kinds.get(proof.run.kind, proof.run.kind)
    return _("run %(run)d, %(kind)s") % {"run": proof.run.id, "kind": kind}


def head_lines(proof: Proof, lens: PageLens) -> Iterator[str]:
    """What stands above the header of a file: the figure, its lens and its instant."""
    figure: Figure = proof.figure
    yield title(proof, lens)
    yield words_of(lens)
    yield _("Figure: %(figure)s %(currency)s, of %(facts)d facts") % {
        "figure": amount_text(proof.value),
        "currency": "" if lens.is_native or proof.measure in COUNTS else lens.currency,
        "facts": proof.facts,
    }
    yield _("As of %(day)s") % {"day": figure.as_of.isoformat()} + (f", {run_words(proof)}" if proof.run else "")
