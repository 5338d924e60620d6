"""The proof of a figure, beside the page it stands on or as a page of its own; and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import exports
from core.htmx import vary_on_htmx, wants_fragment
from rollups import queries as rollups
from rollups.lens import Lens, LensError, parse_lens
from rollups.proof import Proof, ProofRow
from rollups.proof_cursors import read_cursor
from rollups.proof_ground import Asked, narrowed
from users.models import User
from users.requests import SignedIn
from workspace import lenses, proof_screens, queries, services
from workspace.lenses import PageLens

_SHOWN, _EXPORTED = 50, 1000
_PLACE = ("of", "region", "account", "unit", "member", "child", "country", "month", "measure", "excluded")


@login_required
@require_safe
def proof(request: SignedIn) -> HttpResponseBase:
    """The facts under one figure, page by page."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    try:
        question = _question(request.user, request.GET, lens)
        found = question.page(request.GET.get("cursor", ""), _SHOWN)
    except LensError as error:
        raise Http404 from error
    if request.GET.get("format") == "csv":
        columns = tuple(replace(column, shown=True) for column in proof_screens.columns(found))
        head = proof_screens.head_lines(found, lens)
        return exports.streamed_csv(columns, question, name=f"proof-{found.measure}", head=head)
    in_sheet = wants_fragment(request, "sheet-content")
    context = _context(found, lens, request.GET, in_sheet=in_sheet)
    return vary_on_htmx(render(request, "workspace/_proof.html" if in_sheet else "workspace/proof.html", context))


@dataclass(frozen=True)
class _Question:
    """Which proof is asked for, of whom; its rows can be run through as those of a list."""

    viewer: User
    asked: Asked
    lens: Lens
    measure: str
    reason: str

    def page(self, cursor: str, size: int) -> Proof:
        return rollups.proof(
            viewer=self.viewer,
            asked=self.asked,
            lens=self.lens,
            measure=self.measure,
            cursor=read_cursor(cursor) if cursor else None,
            size=size,
            reason=self.reason,
        )

    def iterator(self, *, chunk_size: int) -> Iterator[ProofRow]:
        """Every row, a page at a time."""
        found = self.page("", chunk_size)
        yield from found.rows
        while found.next:
            found = self.page(found.next, chunk_size)
            yield from found.rows


def _question(viewer: User, given: QueryDict, lens: PageLens) -> _Question:
    asked, narrow = narrowed(_node(given), parse_lens(lens.api_params), _part(given))
    return _Question(viewer, asked, narrow, given.get("measure", ""), given.get("excluded", ""))


def _node(given: QueryDict) -> Asked:
    kind = given.get("of", "region")
    if kind == "member":
        return Asked(member=given.get("member", ""))
    if kind in ("account", "unit"):
        return Asked(account=given.get("account", ""), unit=given.get("unit") if kind == "unit" else None)
    return Asked(region=given.get("region", ""))


def _part(given: QueryDict) -> dict[str, str]:
    """What narrows the node; an account is no part of itself."""
    found = {name: given.get(name, "") for name in ("month", "country", "child")}
    return found if given.get("of") in ("account", "unit") else {**found, "account": given.get("account", "")}


def _context(found: Proof, lens: PageLens, given: QueryDict, *, in_sheet: bool) -> dict[str, Any]:
    address = reverse("workspace:proof")
    query = {**{name: given.get(name, "") for name in _PLACE if given.get(name)}, **lens.params}
    whole = {name: value for name, value in query.items() if name != "excluded"}

    def at(**more: str) -> str:
        return f"{address}?{urlencode({**query, **more})}"

    title = proof_screens.title(found, lens)
    return {
        "proof": found,
        "lens": lens,
        "title": title,
        "trail": [(title, "")],
        "figure": proof_screens.figure_html(found.value, lens.currency),
        "running": proof_screens.figure_html(found.running, lens.currency),
        "copied": proof_screens.amount_text(found.value),
        "words": proof_screens.words_of(lens),
        "run_words": proof_screens.run_words(found),
        "table": proof_screens.table(found, lens),
        "reasons": proof_screens.reasons(found.evidence, whole) if found.evidence else (),
        "next_url": at(cursor=found.next) if found.next else "",
        "previous_url": at(cursor=found.previous) if found.previous else "",
        "page_url": at(),
        "whole_url": f"{address}?{urlencode(whole)}",
        "file_url": at(format="csv"),
        "sentence": lenses.sentence(lens),
        "in_sheet": in_sheet,
    }
