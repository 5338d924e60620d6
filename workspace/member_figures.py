"""A member's shares of deals in both books: what her page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rollups import queries as rollups
from rollups.figures import Child, Figure
from rollups.lens import parse_lens
from rollups.measures import BOOKS
from users.models import User
from workspace import places
from workspace.lenses import PageLens


@dataclass(frozen=True)
class MemberBook:
    """One book: its title, a line about what it means, and her figure in it."""

    book: str
    title: str
    note: str
    figure: Figure
    lens: PageLens

    @property
    def accounts(self) -> Sequence[tuple[Child, str]]:
        """Her part of each account, with its page."""
        return [(child, f"{places.account(child.code)}?{self.lens.query}") for child in self.figure.children]

    @property
    def unpriced(self) -> int:
        """Lines without a rate; the weighted pipeline repeats the open ones."""
        return sum(u.facts for name, u in self.figure.unpriced.items() if name != "pipeline_weighted")


def member_books(*, viewer: User, email: str, lens: PageLens) -> list[MemberBook]:
    """Http404 for an address that names nobody whom `viewer` may look up; figures hold what she may see."""
    words = {
        "prime": (_("Prime book"), _("shares that make up each deal")),
        "overlay": (_("Overlay book"), _("stands beside the prime book and is never added to it")),
    }
    return [
        MemberBook(
            book,
            *words[book],
            rollups.member_figures(viewer=viewer, email=email, lens=parse_lens({**lens.api_params, "book": book})),
            lens,
        )
        for book in BOOKS
    ]
