"""Where an account is found today: itself, or the one that it was merged into."""

from __future__ import annotations

from accounts.merged import AccountMerge
from accounts.models import Account


def account_now(pk: int) -> int:
    """The id of the account that the account `pk` is part of today."""
    if Account.objects.filter(pk=pk).exists():
        return pk
    leads = AccountMerge.objects.filter(gone_id=pk, undone_at=None).values_list("leads_to_id", flat=True).first()
    return leads or pk
