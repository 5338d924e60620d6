"""What every page knows: the reader's theme, the folded navigation, languages, and the words its scripts say."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from core import formats

THEMES: Final = ("light", "dark")

_WORDS: Final[dict[str, Promise]] = {
    "refused": _("You may not do this. Nothing was changed."),
    "missing": _("This no longer exists, or you may not see it."),
    "failed": _("This failed at our side. Nothing was changed; try again in a minute."),
    "offline": _("The server can't be reached. Nothing was changed."),
    "copied": _("Copied"),
    "nothing found": _("Nothing found"),
    "unknown": _("unknown"),
    "none": _("none"),
    "more": _("Show {count} more"),
    "of": _("{shown} of {all}"),
    "found": _("{count} found"),
    "units": _("{count} units"),
    "covered": _("Covered"),
    "inherited": _("Inherited"),
    "gap": _("Gap"),
    "unfold": _("Unfold {count} below {name}"),
    "fold": _("Fold {name}"),
    "from": _("from {name}"),
    "of amount": _("of {amount}"),
    "less": _("less"),
}


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of the base template."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "nav_folded": request.COOKIES.get("nav") == "folded",
        "languages": [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
        "ui_words": {key: str(word) for key, word in _WORDS.items()},
        "ui_locale": str(formats.locale()).replace("_", "-"),
    }
