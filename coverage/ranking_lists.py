"""The ranking of accounts by their gap in money: its columns, on the page and in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.lists import Table
from coverage.ranking_queries import RankedAccount, Ranking
from coverage.stated import Stated


def board_url(row: RankedAccount, narrowed: dict[str, str]) -> str:
    """The board of an account, with what the ranking was narrowed by."""
    address = reverse("coverage:board", args=[row.account.code])
    return f"{address}?{urlencode(narrowed)}" if narrowed else address


def ranking_columns(currency: str, narrowed: dict[str, str]) -> tuple[Column, ...]:
    """Every account by its board; `narrowed` are the parameters that the board takes too."""

    def account(row: Any) -> str:
        return row.account.name if isinstance(row, RankedAccount) else _("Together")

    def url(row: Any) -> str | None:
        return board_url(row, narrowed) if isinstance(row, RankedAccount) else None

    return (
        Column(name="account", label=_("Account"), value=account, href=url, heads_row=True),
        Column(name="tier", label=_("Tier"), value=lambda row: getattr(getattr(row, "account", None), "tier", None)),
        Column(name="slots", label=_("Slots"), value=lambda row: _said(row).slots, kind="number"),
        Column(name="empty", label=_("Empty slots"), value=lambda row: _said(row).empty, kind="number"),
        Column(name="unknown", label=_("Unknown slots"), value=lambda row: _said(row).unknown, kind="number"),
        Column(
            name="gap",
            label=_("Gap, %(currency)s") % {"currency": currency},
            value=lambda r: _said(r).gap_shown,
            kind="amount",
        ),
        Column(
            name="known_weight",
            label=_("Known weight"),
            value=lambda row: _said(row).known_share,
            kind="percent",
            decimals=1,
        ),
        Column(name="score", label=_("Alignment"), value=_score, kind="percent", decimals=1),
    )


def _said(row: Any) -> Stated:
    return row.stated if isinstance(row, RankedAccount) else row  # the foot is one


def _score(row: Any) -> Any:
    score = _said(row).score
    return formats.UNKNOWN if score is None else score


def ranking_table(ranking: Ranking, narrowed: dict[str, str]) -> Table:
    columns = ranking_columns(ranking.currency, narrowed)
    return Table(columns, ranking.rows, caption=_("Accounts by gap in money"), foot=ranking.whole)


@dataclass(frozen=True)
class Rows:
    """Ranked accounts, as the rows of a file."""

    ranked: Iterable[RankedAccount]

    def iterator(self, *, chunk_size: int) -> Iterator[RankedAccount]:
        return iter(self.ranked)
