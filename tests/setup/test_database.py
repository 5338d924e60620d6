"""The two roles of the database, and the clones that tests work in."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection


def _value(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


@pytest.mark.django_db
def test_the_web_serves_as_a_role_that_is_not_superuser() -> None:
    assert _value("SELECT current_user") == "gam_web"
    assert (
        _value(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        is False
    )


@pytest.mark.django_db
def test_the_web_may_not_change_tables() -> None:
    with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"):
        _value("ALTER TABLE django_content_type ADD COLUMN added int")


@pytest.mark.django_db
def test_the_web_may_empty_staging_tables_and_make_temporary_ones() -> None:
    _value("CREATE TEMP TABLE staging AS SELECT 1 AS one; TRUNCATE django_session; SELECT one FROM staging")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_committing_test_writes_is_gone_after_it(turn: str) -> None:
    assert not ContentType.objects.filter(app_label="left_behind").exists()
    ContentType.objects.create(app_label="left_behind", model=turn)


@pytest.mark.django_db(transaction=True)
def test_what_migrations_seed_is_there_after_a_committing_test() -> None:
    assert ContentType.objects.filter(app_label="users").exists()
