"""What the API answers to generated requests is what its schema says: statuses, media types, bodies, headers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as specs

from tests.api.bodies import furnish
from tests.cast import Cast

CHECKS = [
    not_a_server_error,
    specs.status_code_conformance,
    specs.content_type_conformance,
    specs.response_headers_conformance,
    specs.response_schema_conformance,
    specs.negative_data_rejection,
]
EXAMPLES = int(os.environ.get("GAM_TEST_EXAMPLES", "2"))


@pytest.mark.slow
def test_generated_requests_are_answered_as_the_schema_says(furnished_with_token: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", WSGIHandler())
    failures: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            failures += _failures(found.ok(), mode, furnished_with_token)
    assert failures == [], "\n\n".join(failures[:20])


@pytest.fixture
def furnished_with_token(cast: Cast) -> Iterator[dict[str, str]]:
    furnish(cast.acme)
    # As Django's own test client does: a request must not close the connection of the test's transaction.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Token {Token.objects.create(user=cast.superuser).key}"}
    for signal in signals:
        signal.connect(close_old_connections)


def _failures(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> list[str]:
    failures: list[str] = []

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: Any) -> None:
        answer = case.call(headers=headers)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (AssertionError, FailureGroup) as error:
            failures.append(_words(error))

    with suppress(Unsatisfiable):  # nothing about a request of free texts can be wrong
        call()
    return failures


def _words(error: BaseException) -> str:
    return "\n".join([str(error), *(str(inner) for inner in getattr(error, "exceptions", ()))])
