"""A customer with a tree, newer lists of its companies, and how to compare one in a test: at once, without a worker."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account, OrgLink, OrgUnit
from imports import carrying_out, comparing
from imports.compared import ComparedLine, Comparison
from tests import factories as make
from tests.cast import Cast
from users.models import User

DAY = dt.date(2024, 5, 1)
LEI = "529900T8BM49AURSDO55"
#: code, name, country, parent, lei, registry id
TREE = (
    ("TOP", "Acme Holding SE", "DE", "", LEI, ""),
    ("NORD", "Acme Nord GmbH", "DE", "TOP", "", "HRB 1"),
    ("SUED", "Acme Süd GmbH", "DE", "TOP", "", "HRB 2"),
    ("WERK", "Acme Werk GmbH", "DE", "NORD", "", "HRB 3"),
    ("US", "Acme Inc", "US", "TOP", "", ""),
    ("JP", "株式会社アクメ", "JP", "TOP", "", "0104-01"),
    ("RU", "ООО «Акме»", "RU", "TOP", "", ""),
)


def planted(account: Account) -> dict[str, OrgUnit]:
    """The tree of `TREE`, since always."""
    units: dict[str, OrgUnit] = {
        code: make.OrgUnitFactory(account=account, code=code, name=name, country=country, lei=lei, registry_id=number)
        for code, name, country, _parent, lei, number in TREE
    }
    for code, _name, _country, parent, _lei, _number in TREE:
        if parent:
            make.OrgLinkFactory(child=units[code], parent=units[parent])
    return units


def csv_of(*rows: str, header: str = "name,country,parent,lei,registry_id") -> bytes:
    return "\n".join([header, *rows]).encode()


#: The same list as the tree: nothing happened.
SAME = (
    f"Acme Holding SE,DE,,{LEI},",
    "Acme Nord GmbH,DE,Acme Holding SE,,HRB 1",
    "Acme Süd GmbH,Germany,Acme Holding SE,,HRB 2",
    "Acme Werk GmbH,DE,Acme Nord GmbH,,HRB 3",
    "Acme Inc,USA,Acme Holding SE,,",
    "株式会社アクメ,JP,Acme Holding SE,,0104-01",
    "ООО «Акме»,RU,Acme Holding SE,,",
)
#: HRB 3 moves to the south and is called otherwise; the American company is a GmbH now; the Russian one is gone; Lyon is new.
NEWER = (
    f"Acme Holding SE,DE,,{LEI},",
    "Acme Nord GmbH,DE,Acme Holding SE,,HRB 1",
    "Acme Süd GmbH,DE,Acme Holding SE,,HRB 2",
    "Acme Werkzeug GmbH,DE,Acme Süd GmbH,,HRB 3",
    "Acme LLC,US,Acme Holding SE,,DEL 9",
    "アクメ株式会社,JP,Acme Holding SE,,0104-01",
    "Acme Lyon SAS,FR,Acme Süd GmbH,,RCS 7",
    "Acme Lyon Services SAS,FR,Acme Lyon SAS,,RCS 8",
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    """The worker works as soon as it is asked."""
    does = {
        "imports.tasks.run_comparison": comparing.run_comparison,
        "imports.tasks.apply_comparison": carrying_out.run_application,
    }
    monkeypatch.setattr(comparing, "enqueue", lambda task, pk: does[task](pk=pk))
    monkeypatch.setattr(carrying_out, "enqueue", lambda task, pk: does[task](pk=pk))


class Desk:
    """Somebody who compares lists with ACME's tree."""

    def __init__(self, cast: Cast, committed: Any, by: User | None = None) -> None:
        self.cast, self.committed, self.by = cast, committed, by or cast.owner

    def compare(self, content: bytes, *, file: str = "list.csv", on: dt.date = DAY, **how: Any) -> Comparison:
        given = {"structure": "legal", "is_complete": True, **how}
        uploaded = SimpleUploadedFile(file, content)
        with self.committed(execute=True):
            found = comparing.start_comparison(account=self.cast.acme, file=uploaded, on=on, by=self.by, **given)
        if found.stage == "mapping":
            with self.committed(execute=True):
                comparing.map_columns(pk=found.pk, mapping=found.mapping, by=self.by)
        found.refresh_from_db()
        return found

    def apply(self, comparison: Comparison) -> None:
        with self.committed(execute=True):
            carrying_out.apply_comparison(pk=comparison.pk, by=self.by)
        comparison.refresh_from_db()

    def accept(self, comparison: Comparison, *names: str) -> None:
        for name in names:
            comparing.decide(pk=comparison.pk, line=line(comparison, name).pk, decision="accepted", by=self.by)


def line(comparison: Comparison, name: str) -> ComparedLine:
    found: ComparedLine = comparison.lines.get(name=name)
    return found


def kinds(comparison: Comparison) -> dict[str, list[str]]:
    """Names by kind, unchanged ones left out."""
    found: dict[str, list[str]] = {}
    for one in comparison.lines.exclude(kind="unchanged").order_by("pk"):
        found.setdefault(one.kind, []).append(one.name)
    return found


def parents(on: dt.date = DAY) -> dict[str, str]:
    links = OrgLink.objects.as_of(on).filter(structure="legal").select_related("child", "parent")
    return {link.child.code: link.parent.code for link in links}


@pytest.fixture
def units(cast: Cast) -> dict[str, OrgUnit]:
    OrgUnit.objects.filter(account=cast.acme).delete()
    return planted(cast.acme)


@pytest.fixture
def desk(cast: Cast, units: dict[str, OrgUnit], django_capture_on_commit_callbacks: Any) -> Desk:
    return Desk(cast, django_capture_on_commit_callbacks)
