"""The database itself refuses a cycle, whoever writes: no form, file or endpoint stands in between here."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

from accounts.models import OrgLink
from regions.models import RegionLink
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2030, 1, 1)


def _regions() -> list[Any]:
    return [make.RegionFactory() for _ in range(3)]


def _units() -> list[Any]:
    account = make.AccountFactory()
    return [make.OrgUnitFactory(account=account) for _ in range(3)]


TREES = pytest.mark.parametrize(
    ("nodes", "link", "model"),
    [(_regions, make.RegionLinkFactory, RegionLink), (_units, make.OrgLinkFactory, OrgLink)],
    ids=["regions", "units"],
)


@TREES
def test_a_link_that_closes_a_circle_is_refused(nodes: Any, link: Any, model: Any) -> None:
    top, middle, bottom = nodes()
    link(child=middle, parent=top)
    link(child=bottom, parent=middle)
    with pytest.raises(DatabaseError, match="cycle"), transaction.atomic():
        link(child=top, parent=bottom)
    assert model.objects.count() == 2


@TREES
def test_a_link_that_is_turned_into_a_circle_is_refused(nodes: Any, link: Any, model: Any) -> None:
    top, middle, bottom = nodes()
    link(child=middle, parent=top)
    turned = link(child=top, parent=bottom)
    with pytest.raises(DatabaseError, match="cycle"), transaction.atomic():
        model.objects.filter(pk=turned.pk).update(parent=middle)


@TREES
def test_a_circle_of_a_later_day_is_refused_and_one_of_no_day_is_none(nodes: Any, link: Any, model: Any) -> None:
    one, other, _ = nodes()
    link(child=one, parent=other, valid_to=DAY)
    with pytest.raises(DatabaseError, match="cycle"), transaction.atomic():
        link(child=other, parent=one, valid_from=DAY - dt.timedelta(days=1))
    link(child=other, parent=one, valid_from=DAY)
    assert model.objects.count() == 2


@TREES
@pytest.mark.django_db(transaction=True)
def test_of_two_moves_under_each_other_one_is_refused(nodes: Any, link: Any, model: Any) -> None:
    one, other, _ = nodes()
    written = {one.pk: threading.Event(), other.pk: threading.Event()}
    refused: list[DatabaseError] = []

    def move(child: Any, parent: Any) -> None:
        try:
            with transaction.atomic():
                link(child=child, parent=parent)
                written[child.pk].set()
                written[parent.pk].wait(0.5)  # the other has written too, or waits for this transaction's end
        except DatabaseError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=move, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(refused), model.objects.count()) == (1, 1)
