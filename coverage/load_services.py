from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccountType
from core.errors import DomainError, NotPermitted
from coverage.load_models import AccountTypeLoad, LoadSettings, RoleLoad
from coverage.load_queries import load_rates
from teams.models import TeamRole
from users.models import User
from users.permissions import Permission


def settings_offered() -> dict[str, Any]:
    """What the form of the settings shows: the rates in force, and the roles and account types they may speak of."""
    return {
        "rates": load_rates(),
        "roles": list(TeamRole.objects.order_by("position", "code")),
        "types": list(AccountType.objects.order_by("position", "code")),
    }


@transaction.atomic
def change_settings(
    *,
    by: User,
    least: int,
    most: int,
    per_contact: Decimal,
    per_unit: Decimal,
    roles: Mapping[str, tuple[Decimal | None, bool]],
    types: Mapping[str, Decimal],
) -> None:
    """Set the band, hours a week, and by role (hours, manages) and account type (weight). Raises NotPermitted, DomainError."""
    if not by.may(Permission.CONFIGURE_TEAMS):
        raise NotPermitted(_("You may not change this."))
    if not 1 <= least <= most:
        raise DomainError(_("The band must begin at 1 or more and not end before it begins."), field="most")
    with pghistory.context(user=by.pk):
        LoadSettings.objects.update_or_create(
            pk=1,
            defaults={
                "least_accounts": least,
                "most_accounts": most,
                "hours_per_contact": per_contact,
                "hours_per_unit": per_unit,
            },
        )
        for role, (hours, manages) in roles.items():
            RoleLoad.objects.update_or_create(role_id=role, defaults={"hours_per_unit": hours, "manages": manages})
        for kind, weight in types.items():
            AccountTypeLoad.objects.update_or_create(account_type_id=kind, defaults={"weight": weight})
