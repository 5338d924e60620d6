"""Importing from a page: preview, result, row errors, and going on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports import services
from imports.models import ImportBatch
from revenue.models import Product
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = b"code,name,parent_code\nP1,First,\nP2,Second,P1\n"
BAD = b"code,name,parent_code\nP1,First,NONE\n"


@pytest.fixture
def client(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator's browser; uploads are kept apart, and the worker works at once."""
    monkeypatch.setattr(services, "_folder", lambda batch: tmp_path / str(batch.pk))
    monkeypatch.setattr(services, "_enqueue", lambda pk: services.run_batch(batch_id=pk))
    found = Client()
    found.force_login(cast.administrator)
    return found


def upload(client: Client, text: bytes, do: str, name: str = "products.csv") -> Any:
    return client.post("/imports/", {"files": [SimpleUploadedFile(name, text)], "do": do}, follow=True)


def test_a_preview_writes_nothing_and_can_be_gone_on_with(client: Client) -> None:
    page = upload(client, GOOD, "preview")
    assert "Nothing is wrong with these files" in page.content.decode()
    assert [(f.created, f.rejected) for f in page.context["files"]] == [(2, 0)]
    assert not Product.objects.exists()
    done = client.post(f"/imports/{page.context['batch'].pk}/start/", follow=True)
    assert "2 rows were loaded" in done.content.decode()
    assert Product.objects.count() == 2


def test_a_preview_is_gone_on_with_once(client: Client) -> None:
    page = upload(client, GOOD, "preview")
    client.post(f"/imports/{page.context['batch'].pk}/start/")
    again = client.post(f"/imports/{page.context['batch'].pk}/start/", follow=True)
    assert "no longer kept" in again.content.decode()


def test_the_files_of_a_preview_are_kept_for_a_day_and_no_longer(client: Client) -> None:
    batch = upload(client, GOOD, "preview").context["batch"]
    services.forget_previews()
    assert services._folder(batch).is_dir()
    ImportBatch.objects.update(finished_at=batch.finished_at - services.PREVIEW_KEPT)
    services.forget_previews()
    assert not services._folder(batch).exists()
    assert "no longer kept" in client.post(f"/imports/{batch.pk}/start/", follow=True).content.decode()


def test_rejected_rows_are_shown_and_downloaded(client: Client) -> None:
    page = upload(client, BAD, "import")
    batch = page.context["batch"]
    assert "1 row was rejected, so nothing was written" in page.content.decode()
    assert not Product.objects.exists()
    file = b"".join(client.get(f"/imports/{batch.pk}/rejected.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert file.splitlines()[1].startswith("products.csv,2,parent_code,")


def test_a_file_of_no_known_name_is_refused_in_words(client: Client) -> None:
    assert "holiday" in upload(client, GOOD, "import", name="holiday.csv").content.decode()


def test_no_file_is_told_beside_the_field(client: Client) -> None:
    page = client.post("/imports/", {"do": "preview"})
    assert page.context["form"].errors["files"]


def test_a_running_import_asks_for_itself_again_and_a_finished_one_does_not(client: Client, cast: Cast) -> None:
    batch = ImportBatch.objects.create(by=cast.administrator, state="running", rows_done=5, rows_total=10)
    headers = {"HX-Request": "true", "HX-Target": "import-result"}
    running = client.get(f"/imports/{batch.pk}/", headers=headers).content.decode()
    assert 'hx-trigger="every 1s"' in running
    assert 'value="5"' in running
    ImportBatch.objects.update(state="done")
    assert "hx-trigger" not in client.get(f"/imports/{batch.pk}/", headers=headers).content.decode()


def test_only_importers_open_the_pages(client: Client, cast: Cast) -> None:
    batch = ImportBatch.objects.create(by=cast.administrator)
    other = Client()
    other.force_login(cast.owner)
    for address in ("/imports/", f"/imports/{batch.pk}/", f"/imports/{batch.pk}/rejected.csv"):
        assert other.get(address).status_code == 403
