"""The OpenAPI document: valid, complete, and true of what the API answers."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from gam.api import COLLECTIONS


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_there_is_a_collection_for_every_import_file(schema: dict[str, Any]) -> None:
    files = {collection.slug for collection in COLLECTIONS}
    assert files == {collection.spec.name.replace("_", "-") for collection in COLLECTIONS}
    for slug in files:
        assert set(schema["paths"][f"/api/v1/{slug}/"]) == {"get", "post"}
        assert set(schema["paths"][f"/api/v1/{slug}/{{id}}/"]) == {"get", "put", "patch", "delete"}


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.slug)
def test_a_record_has_the_columns_of_its_file(collection: Any) -> None:
    """The API and the file name the same columns, with the same keys, choices and lengths."""
    spec = collection.spec
    assert [column.name for column in collection.columns] == [column.name for column in spec.columns]
    for mine, theirs in zip(collection.columns, spec.columns, strict=True):
        assert mine.is_key == theirs.key, mine.name
        values = tuple(getattr(mine.kind, "values", ()))
        assert values == tuple(theirs.kind.choices), mine.name


def test_every_operation_says_what_it_may_refuse(schema: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            refusals = {code: body for code, body in operation["responses"].items() if code.startswith("4")}
            assert {"400", "401"} <= set(refusals), (method, path)
            for body in refusals.values():
                assert body["content"]["application/problem+json"]["schema"] == problem


def test_the_schema_and_its_page_are_served(client: Client, db: None) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer.json()["openapi"].startswith("3.")
    page = client.get("/api/v1/docs/").content.decode()
    assert "/api/v1/team-members/" in page
    assert "/api/v1/rollups/regions/" in page
    assert "<script>" not in page
    assert "style=" not in page
