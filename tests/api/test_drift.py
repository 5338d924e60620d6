"""Whatever is edited through the API, the published figures are what a rebuild from nothing would make them."""

from __future__ import annotations

import os

import pytest
from rest_framework.test import APIClient

from accounts.models import OrgUnit
from rollups import services
from tests import factories as make
from tests.api.edits import Editor
from tests.cast import Cast

EDITS = int(os.environ.get("GAM_TEST_EDITS", "80"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_leave_no_drift(seed: int, cast: Cast, root: APIClient) -> None:
    make.OrgUnitFactory(account=cast.acme, code="ACME-2", country="FR")
    assert OrgUnit.objects.count() == 3
    editor = Editor(root, seed)
    for number in range(EDITS):
        editor.edit()
        if number % 20 == 0:
            services.drain()
    assert sum(editor.answers.get(status, 0) for status in (200, 201, 204)) > EDITS / 2, editor.answers
    found = services.verify()
    assert (found.drift, found.changing) == (0, 0)
