"""What the scenario tests share: a figure after a drain, after a check that nothing drifted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from rollups import queries, services
from rollups.figures import Figure, Measures
from rollups.lens import parse_lens
from tests import factories as make
from users.models import User

YEAR = {"from": "2024-01", "to": "2024-12"}
D = dt.date(2024, 6, 28)


def cents(text: str) -> Decimal:
    return Decimal(text)


def drained() -> None:
    """Bring the cells up to date, and let the engine compare them with a rebuild beside them."""
    services.drain()
    assert services.verify().drift == 0


def account(viewer: User, code: str, **lens: str) -> Figure:
    drained()
    return queries.account_figures(viewer=viewer, code=code, lens=parse_lens({**YEAR, **lens}))


def unit(viewer: User, account: str, code: str, **lens: str) -> Figure:
    drained()
    return queries.org_unit_figures(viewer=viewer, account=account, code=code, lens=parse_lens({**YEAR, **lens}))


def regions(viewer: User, **lens: str) -> dict[str, Any]:
    """Revenue of the roots and of what is unallocated, where it isn't zero."""
    drained()
    figures = queries.regions_list(viewer=viewer, lens=parse_lens({**YEAR, **lens}))
    return {figure.scope.code: figure.measures.revenue for figure in figures if figure.measures.revenue}


def region(viewer: User, code: str, **lens: str) -> Figure:
    drained()
    return queries.region_figures(viewer=viewer, code=code, lens=parse_lens({**YEAR, **lens}))


def everything(viewer: User, **lens: str) -> Measures:
    """All facts: no scenario that asks this draws a region."""
    return region(viewer, "unallocated", **lens).measures


def entry(code: str = "", amount: str = "100", **how: Any) -> Any:
    """An entry of the account `code`, or of a new one."""
    from accounts.models import Account

    if code:
        how["account"] = Account.objects.filter(code=code).first() or make.AccountFactory(code=code)
    return make.RevenueEntryFactory(amount=Decimal(amount), **how)


def deal(code: str = "", amount: str | None = "100", **how: Any) -> Any:
    """A deal of the account `code`, or of a new one."""
    from accounts.models import Account

    if code:
        how["account"] = Account.objects.filter(code=code).first() or make.AccountFactory(code=code)
    return make.OpportunityFactory(amount=None if amount is None else Decimal(amount), **how)
