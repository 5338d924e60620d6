"""The digest as a letter: the first things of a reader's work list in her language, as HTML and as plain text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from email.headerregistry import Address
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_bidi, ngettext, override
from django.utils.translation import gettext as _

from core import formats
from users.models import User
from workspace.digest_queries import choice_of, token_of
from workspace.work_queries import Chosen, Line, WorkList, worklist

#: How many things a letter names; the rest is counted.
NAMED: Final = 12


@dataclass(frozen=True)
class Row:
    """One thing to do, in words."""

    subject: str
    account: str
    kind: str
    why: str
    money: str
    age: str
    url: str


@dataclass(frozen=True)
class Letter:
    """A digest in its reader's language. Addresses are absolute; `stop_url` is empty for who has not chosen to get any."""

    language: str
    is_rtl: bool
    subject: str
    greeting: str
    total: str
    rows: Sequence[Row]
    counts: Sequence[tuple[str, int]]
    waiting: int
    notes: Sequence[str]
    list_url: str
    settings_url: str
    stop_url: str
    as_of: str

    @property
    def left(self) -> int:
        """How many things wait beside those that are named."""
        return self.waiting - len(self.rows)

    @property
    def more(self) -> str:
        if self.left < 1:
            return ""
        return ngettext("%(n)d more in the list", "%(n)d more in the list", self.left) % {"n": self.left}


def language_of(user: User) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    return user.language if user.language in known else str(settings.LANGUAGE_CODE)


def letter(*, viewer: User, day: dt.date) -> Letter:
    """What `viewer` would be told on her day `day`."""
    with override(language_of(viewer)):
        return _letter(viewer, worklist(viewer=viewer, chosen=Chosen()), day)


def _letter(viewer: User, found: WorkList, day: dt.date) -> Letter:
    choice = choice_of(viewer=viewer)
    words = ngettext("%(n)d thing waits for you", "%(n)d things wait for you", found.all) % {"n": found.all}
    date = formats.day(day, style="full")
    return Letter(
        language=language_of(viewer),
        is_rtl=get_language_bidi(),
        subject=_("%(what)s: %(day)s") % {"what": words if found.all else _("Nothing waits for you"), "day": date},
        greeting=_("Good day, %(name)s.") % {"name": viewer.get_short_name()},
        total=_total(found),
        rows=[_row(line) for line in found.lines[:NAMED]],
        counts=[(str(source.label), count) for source, count in found.counts if count],
        waiting=found.all,
        notes=found.notes,
        list_url=absolute(reverse("work:list")),
        settings_url=absolute(reverse("work:settings")),
        stop_url=absolute(reverse("work:unsubscribe", args=[token_of(choice)])) if choice.is_on else "",
        as_of="" if found.on == day else _("Figures stand as of %(day)s.") % {"day": formats.day(found.on)},
    )


def absolute(path: str) -> str:
    return f"{settings.GAM_BASE_URL.rstrip('/')}{path}"


def _total(found: WorkList) -> str:
    total = found.total
    if not total.deals:
        return ""
    words = ngettext("%(n)d deal, counted once: %(money)s", "%(n)d deals, each counted once: %(money)s", total.deals)
    return words % {"n": total.deals, "money": _money(total.amount, total.currency)}


def _row(line: Line) -> Row:
    money = _money(line.amount, line.currency) if isinstance(line.amount, Decimal) else ""
    age = ngettext("for %(n)d day", "for %(n)d days", line.days) % {"n": line.days} if line.days else ""
    item = line.item
    account = "" if item.account == item.subject else item.account
    return Row(item.subject, account, str(line.source.label), line.why, money, age, absolute(item.url))


def _money(amount: Decimal, currency: str) -> str:
    return f"{formats.number(amount)} {currency}"


def html_of(found: Letter) -> str:
    with override(found.language):
        return render_to_string("workspace/digest_mail.html", {"letter": found})


def text_of(found: Letter) -> str:
    """The letter for who reads plain text: the same words and addresses, one thing a paragraph."""
    with override(found.language):
        lines = [found.greeting, "", found.subject, *filter(None, [found.total, found.as_of]), ""]
        for number, row in enumerate(found.rows, start=1):
            lines.append(f"{number}. {row.subject}{f' ({row.account})' if row.account else ''}")
            lines.append(f"   {', '.join(filter(None, [row.kind, row.age]))}. {row.why}")
            lines += [f"   {row.money}"] if row.money else []
            lines += [f"   {row.url}", ""]
        lines += [line for line in (found.more, *found.notes) if line]
        lines += [_("The whole list: %(url)s") % {"url": found.list_url}]
        lines += [_("Hour and language: %(url)s") % {"url": found.settings_url}]
        if found.stop_url:
            lines.append(_("No more of these: %(url)s") % {"url": found.stop_url})
        return "\n".join(lines) + "\n"


def message_of(found: Letter, *, viewer: User, day: dt.date) -> EmailMultiAlternatives:
    """The letter as it goes to the mail server. Its id is the same however often it is tried."""
    host = urlsplit(settings.GAM_BASE_URL).hostname or "localhost"
    headers = {
        "Message-ID": f"<digest-{viewer.pk}-{day.isoformat()}@{host}>",
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<digest.{host}>",
        "Content-Language": found.language,
    }
    if found.stop_url:
        headers["List-Unsubscribe"] = f"<{found.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    to = str(Address(viewer.get_full_name(), addr_spec=viewer.email))
    message = EmailMultiAlternatives(found.subject, text_of(found), to=[to], headers=headers)
    message.attach_alternative(html_of(found), "text/html")
    return message
