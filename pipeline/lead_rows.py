"""A lead as a row of its import file: what a form begins with, and a mark of what it was when somebody began to edit it."""

from __future__ import annotations

import hashlib
from typing import Any

from money.amounts import trimmed
from pipeline.models import Lead

Row = dict[str, Any]


def row_of(lead: Lead) -> Row:
    """The columns that a form shows; keys are the file's."""
    amount = lead.amount
    return {
        "name": lead.name,
        "company": lead.company,
        "country": lead.country.code or "",
        "source": lead.source,
        "campaign": lead.campaign_id or "",
        "owner_email": lead.owner.email if lead.owner else "",
        "account_code": lead.account.code if lead.account else "",
        "amount": None if amount is None else format(trimmed(amount, 0), "f"),
        "currency": lead.currency_id or "",
        "email": lead.email,
        "phone": lead.phone,
        "may_contact": "" if lead.may_contact is None else str(lead.may_contact).lower(),
        "created_on": lead.created_on,
        "last_activity_on": lead.last_activity_on,
    }


def version_of_lead(lead: Lead) -> str:
    """Another one after every change of a column that a form shows."""
    return hashlib.blake2b(repr(sorted(row_of(lead).items())).encode(), digest_size=12).hexdigest()
