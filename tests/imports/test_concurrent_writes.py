"""Two writers at once, each on a connection of her own: the second sees the first and is refused, or waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.loading import ACCOUNTS, ORG_LINKS, ORG_UNITS
from accounts.models import OrgLink
from core.staging_rows import RowsRejected, write_rows
from imports import services, tasks
from imports.models import ImportBatch, State
from pipeline.loading_parts import OPPORTUNITY_SPLITS
from pipeline.models import OpportunitySplit
from regions.loading import REGION_LINKS, REGIONS
from regions.models import RegionLink
from tests.imports.world import WORLD, folder, load

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*writes: Callable[[], Any]) -> list[Exception | None]:
    """Run each write in a thread of its own, in a transaction that stays open until all have tried or wait."""
    found: list[Exception | None] = [None] * len(writes)
    start = threading.Barrier(len(writes))

    def run(at: int) -> None:
        try:
            start.wait(10)
            with transaction.atomic():
                writes[at]()
        except Exception as error:  # what the other writer meets is what the test asks
            found[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(writes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_two_regions_moved_under_each_other(db: None) -> None:
    write_rows(REGIONS, [{"code": "A", "name": "A"}, {"code": "B", "name": "B"}], by=None)
    pairs = [("A", "B"), ("B", "A")]
    rows = [{"child_code": child, "parent_code": parent, "valid_from": ""} for child, parent in pairs]
    found = _at_once(*(lambda row=row: write_rows(REGION_LINKS, [row], by=None) for row in rows))
    assert sorted(type(error).__name__ for error in found) == ["NoneType", "RowsRejected"]
    assert RegionLink.objects.count() == 1


def test_two_units_moved_under_each_other(db: None) -> None:
    write_rows(ACCOUNTS, [{"code": "X", "name": "X"}], by=None)
    write_rows(ORG_UNITS, [{"account_code": "X", "code": c, "name": c} for c in "AB"], by=None)
    link = {"account_code": "X", "structure": "management", "valid_from": ""}
    rows = [{**link, "child_code": child, "parent_code": parent} for child, parent in ("AB", "BA")]
    found = _at_once(*(lambda row=row: write_rows(ORG_LINKS, [row], by=None) for row in rows))
    assert sorted(type(error).__name__ for error in found) == ["NoneType", "RowsRejected"]
    assert OrgLink.objects.count() == 1


def test_two_prime_sets_of_one_deal(db: None, tmp_path: Path) -> None:
    assert load(tmp_path, WORLD).is_clean
    split = {"opportunity_external_id": "D1", "type": "prime", "percent": "100"}
    rows = [{**split, "member_email": email} for email in ("ana@us.example", "bo@us.example")]
    found = _at_once(
        *(lambda row=row: write_rows(OPPORTUNITY_SPLITS, [row], by=None, replace_sets=True) for row in rows)
    )
    assert found.count(None) >= 1
    assert all(error is None or isinstance(error, RowsRejected) for error in found)
    assert sum(OpportunitySplit.objects.values_list("percent", flat=True)) == 100


def test_an_upload_is_loaded_by_the_worker(db: None, tmp_path: Path, django_user_model: Any, settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    root = django_user_model.objects.create_superuser("root@example.org", "a long enough password")
    file = SimpleUploadedFile("regions.csv", b"code,name\nX,x\n")
    batch = services.queue_upload(files=[file], by=root)
    assert (batch.state, services._folder(batch).is_dir()) == (State.QUEUED, True)
    tasks.run_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["regions.csv"]["created"]) == (State.DONE, 1)
    assert not services._folder(batch).exists()


def test_a_batch_whose_worker_died_is_found_and_run_again(db: None, django_user_model: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    root = django_user_model.objects.create_superuser("root@example.org", "a long enough password")
    batch = services.queue_upload(files=[SimpleUploadedFile("regions.csv", b"code,name\nX,x\n")], by=root)
    console = ImportBatch.objects.create(state=State.RUNNING)
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.RUNNING)
    assert services.resume_interrupted() == [batch.pk]
    services.run_batch(batch_id=batch.pk)
    batch.refresh_from_db()
    console.refresh_from_db()
    assert (batch.state, console.state) == (State.DONE, State.FAILED)


def test_a_batch_under_way_is_left_alone(db: None) -> None:
    batch = ImportBatch.objects.create(state=State.RUNNING, is_upload=True)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [services._LOCK, batch.pk])
    try:
        assert services.resume_interrupted() == []
        services.run_batch(batch_id=batch.pk)
    finally:
        other.close()
    batch.refresh_from_db()
    assert batch.state == State.RUNNING


def test_progress_is_seen_from_another_connection(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.progress._EVERY", 0.0)
    seen: list[tuple[str, int, int]] = []
    other = connection.copy()
    from imports.progress import Progress

    told = Progress.say

    def say(self: Progress, step: str, done: int, total: int) -> None:
        told(self, step, done, total)
        with other.cursor() as cursor:
            cursor.execute("SELECT step, rows_done, rows_total FROM imports_importbatch")
            seen.append(cursor.fetchone())

    monkeypatch.setattr(Progress, "say", say)
    try:
        services.import_paths([folder(tmp_path / "in", {"regions": "code,name\nX,x\nY,y\n"})], by=None)
    finally:
        other.close()
    assert seen[-1] == ("regions.csv", 2, 2)
