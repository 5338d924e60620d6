"""The one thing that the leading pages change: what a reader prefers."""

from __future__ import annotations

from collections.abc import Mapping

from users.models import User

LENS = "lens"


def keep_lens(*, by: User, choices: Mapping[str, str]) -> None:
    """Remember the lens of `by` for the next page that is opened without one. Writes only what has changed."""
    kept = by.preferences.get(LENS)
    merged = {**(kept if isinstance(kept, dict) else {}), **choices}
    if merged == kept:
        return
    by.preferences = {**by.preferences, LENS: merged}
    by.save(update_fields=["preferences"])
