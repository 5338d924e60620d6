"""What the templates of the homes read: tables, tiles and sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats, marks
from core.cells import Column
from core.lists import Table
from core.templatetags.figures import ago
from workspace import lenses, places, screens, tables
from workspace.dashboard import Dashboard, PartRow, unpriced_facts
from workspace.house import House, Task
from workspace.lenses import PageLens
from workspace.today import AccountRow, Deals, Today


def home(today: Today, lens: PageLens) -> dict[str, Any]:
    """The context of the home of those who work with customers."""
    return {
        "today": today,
        "lens": lens,
        "summary": _summary(today),
        "sentence": lenses.sentence(lens, note=_note(lens, today)),
        "regions": [_region(page) for page in today.regions],
        "accounts": _accounts(today, lens),
        "deals": _deals(today.deals),
        "news": [
            {"at": move.changed_at, "title": _move(move), "text": move.opportunity.account.name, "by": ""}
            for move in today.news
        ],
    }


def _note(lens: PageLens, today: Today) -> SafeString:
    as_of = _("As of %(day)s") % {"day": formats.day(lens.frame.on)}
    return format_html("{} · {} {}", as_of, _("computed"), ago(today.computed_at))


def _summary(today: Today) -> str:
    """The day in one sentence."""
    parts = []
    if today.deals.overdue:
        parts.append(
            ngettext("%(n)d deal is overdue", "%(n)d deals are overdue", today.deals.overdue)
            % {"n": today.deals.overdue}
        )
    if today.deals.due:
        words = ngettext("%(n)d closes within 30 days", "%(n)d close within 30 days", today.deals.due)
        parts.append(words % {"n": today.deals.due})
    empty = sum(row.gaps.empty or 0 for row in today.accounts)
    if empty:
        parts.append(
            ngettext("%(n)d slot of your accounts is empty", "%(n)d slots of your accounts are empty", empty)
            % {"n": empty}
        )
    return " · ".join(parts)


def _region(page: Dashboard) -> dict[str, Any]:
    return {
        "page": page,
        "url": f"{places.region(page.code)}?{page.lens.query}",
        "growth": screens.growth(page.compared, page.measures.revenue),
        "revenue_words": lenses.kind_words(page.lens.revenue_kind),
        "native_tiles": screens.native_tiles(page.measures, page.lens) if page.lens.is_native else (),
        "alignment_url": screens.alignment_url(page),
        "quota_url": screens.quota_tiles_url("region", page.code, page.lens),
        "pipeline_growth_url": screens.pipeline_growth_url(page),
        "unpriced_facts": unpriced_facts(dict(page.unpriced)),
        "table": tables.parts(page),
    }


def _move(move: Any) -> SafeString:
    link = format_html('<a href="{}"><bdi>{}</bdi></a>', places.opportunity(move.opportunity_id), move.opportunity.name)
    return format_html("{}: {}", link, move.stage.name)


def _accounts(today: Today, lens: PageLens) -> Table:
    figures = [
        _of_row(column) for column in tables.figure_columns(lens, head=_("Account"), with_pipeline=True, with_won=True)
    ]
    return Table(
        columns=(
            *figures[:1],
            Column(name="roles", label=_("Your role"), value=lambda row: ", ".join(row.roles)),
            *figures[1:],
            Column(name="gaps", label=_("Empty slots"), value=lambda row: row.gaps.empty, html=_gaps, kind="number"),
        ),
        source=[replace(one, row=replace(one.row, proof=_whole(one.row))) for one in today.accounts],
        caption=_("My accounts"),
    )


def _whole(row: PartRow) -> dict[str, str]:
    """An account's figures are those of all its facts."""
    return {"of": "account", "account": row.code}


def _of_row(column: Column) -> Column:
    """A column of a part's figures, read from a row of one's own accounts."""
    return Column(
        name=column.name, label=column.label, kind=column.kind, heads_row=column.heads_row,
        value=lambda row: column.value_of(row.row), html=lambda row: column.cell(row.row),
    )  # fmt: skip


def _gaps(row: AccountRow) -> SafeString:
    if row.gaps.empty is None:
        return marks.unknown_html()
    if not row.gaps.empty:
        return marks.state_html("covered", word=_("none of %(all)d") % {"all": row.gaps.all})
    words = _("%(empty)d of %(all)d") % {"empty": row.gaps.empty, "all": row.gaps.all}
    return marks.state_html("gap", word=words)


def _deals(deals: Deals) -> Table:
    def closes(deal: Any) -> SafeString:
        if deal.close_date >= deals.on:
            return marks.day_html(deal.close_date)
        late = (deals.on - deal.close_date).days
        words = ngettext("%(n)d day overdue", "%(n)d days overdue", late) % {"n": late}
        return format_html(
            '<span title="{}">{}</span>', formats.day(deal.close_date), marks.state_html("risk", word=words)
        )

    return Table(
        columns=(
            Column(name="name", label=_("Opportunity"), value="name", html=_deal_name, heads_row=True),
            Column(name="close", label=_("Closes"), value="close_date", kind="date", html=closes),
            Column(name="amount", label=_("Amount"), value="amount_seen", kind="money", html=_amount),
            Column(
                name="account", label=_("Account"), value="account.name", href=lambda d: places.account(d.account.code)
            ),
            Column(name="stage", label=_("Stage"), value="stage.name", kind="tag"),
        ),
        source=deals.rows,
        caption=_("Deals to look at"),
        empty_text=_("No open deal is overdue or closes within 30 days."),
    )


def _deal_name(deal: Any) -> SafeString:
    """On one line; a long name is whole on hover, and always to a screen reader."""
    return format_html(
        '<a class="one-line" href="{}" title="{}"><bdi>{}</bdi></a>', places.opportunity(deal.pk), deal.name, deal.name
    )


def _amount(deal: Any) -> SafeString:
    if deal.amount_seen is None:
        return marks.unknown_html()
    return marks.amount_html(deal.amount_seen, deal.currency_id, decimals=deal.currency.exponent)


def house(found: House) -> dict[str, Any]:
    """The context of the administrator's home."""
    return {
        "house": found,
        "tasks": _tasks(found),
        "tasks_left": sum(not task.is_done for task in found.tasks),
        "failures": [_failure(run) for run in found.jobs.failures] if found.jobs else [],
        "imports_url": address("imports:list"),
        "jobs_url": address("rollups:jobs"),
    }


def _failure(run: Any) -> dict[str, Any]:
    return {"at": run.started_at, "title": run.kind_label, "text": run.error.strip().rpartition("\n")[2], "by": ""}


def _tasks(found: House) -> Table:
    return Table(
        columns=(
            Column(name="state", label=_("State"), value="is_done", html=_task_state, kind="state"),
            Column(name="task", label=_("Task"), value="label", heads_row=True, href=lambda task: address(task.url)),
            Column(name="why", label=_("Why"), value="why"),
        ),
        source=sorted(found.tasks, key=lambda task: task.is_done),
        caption=_("Set up"),
    )


def _task_state(task: Task) -> SafeString:
    if task.is_done:
        return marks.state_html("covered", word=_("done"))
    words = ngettext("%(n)d left", "%(n)d left", task.missing) % {"n": task.missing} if task.missing else _("to do")
    return marks.state_html("gap", word=words)


def address(name: str) -> str:
    """A page of another room by the name of its URL; empty while there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
