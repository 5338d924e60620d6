"""Whatever happens, in whatever order: after a drain every figure is what plain loops over the facts say, and a rebuild
would change nothing.

The suite's runs are few and always the same. `GAM_HISTORIES=500` makes so many of each kind, and draws them anew each time.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as runs
from hypothesis.stateful import run_state_machine_as_test

from tests.rollups.machines import Everything, Looks, Moving, Pricing, Sharing
from tests.rollups.worlds import small_world

pytestmark = pytest.mark.django_db

_MANY = int(os.environ.get("GAM_HISTORIES", "0"))
_RUNS = runs(
    max_examples=_MANY or 8,
    stateful_step_count=30,
    derandomize=not _MANY,
    deadline=None,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("machine", [Pricing, Moving, Sharing, Everything], ids=lambda machine: machine.__name__)
def test_every_figure_is_what_the_facts_say(machine: type[Looks], settings: Any) -> None:
    settings.GAM_REPORTING_CURRENCIES = ["EUR", "USD", "JPY"]
    small_world()
    run_state_machine_as_test(machine, settings=_RUNS)
