"""The tabs of an account's page. Each is a page of the room that knows most about it, named by its URL."""

from __future__ import annotations

from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.queries import AccountHead

_TABS: Final[tuple[tuple[str, Promise, str], ...]] = (
    ("structure", _("Structure"), "accounts:detail"),
    ("alignment", _("Alignment"), "coverage:board"),
    ("team", _("Team"), "accounts:team"),
    ("people", _("People"), "accounts:people"),
    ("pipeline", _("Pipeline"), "pipeline:account"),
    ("figures", _("Revenue and pipeline"), "figures:account"),
)


def account_context(head: AccountHead, tab: str) -> dict[str, Any]:
    """What the head of every page of an account reads: the account, its tabs and the way here."""
    tabs = [
        (label, url, name == tab) for name, label, address in _TABS if (url := _address(address, head.account.code))
    ]
    here = next((label for label, _url, is_current in tabs if is_current), "")
    trail = [
        (_("Accounts"), reverse("accounts:list")),
        (head.account.name, reverse("accounts:detail", args=[head.account.code])),
    ]
    return {
        "head": head,
        "tabs": tabs,
        "tabs_label": _("Parts of the account"),
        "trail": [*trail, (here, "")],
        "tab": here,
    }


def _address(name: str, code: str) -> str:
    try:
        return reverse(name, args=[code])
    except NoReverseMatch:
        return ""
