"""One list, four readers: the page, the fragment, the export and the next page hold the same rows in the same order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import django_filters
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from core import cursors, lists
from core.cells import Column
from core.lists import BoundList, ListSpec
from tests import factories as make
from users.models import User

pytestmark = pytest.mark.django_db


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = django_filters.CharFilter(field_name="email", lookup_expr="icontains", label="Search")
    access = django_filters.ChoiceFilter(choices=[("viewer", "Viewer"), ("executive", "Executive")], label="Access")

    class Meta:
        model = User
        fields = ("search", "access")


SPEC = ListSpec(
    name="people",
    caption="People",
    sort="family_name",
    page_size=3,
    filterset=UserFilter,
    columns=(
        Column(name="email", label="E-mail", value="email", sort="email"),
        Column(name="family_name", label="Family name", value="family_name", sort="family_name"),
        Column(name="seen", label="Last seen", value="last_login", sort="last_login", kind="instant"),
        Column(name="language", label="Language", value="language", shown=False),
    ),
)


@pytest.fixture
def people() -> list[User]:
    """Ten people: namesakes, and half of them never seen."""
    return [
        make.UserFactory(
            email=f"p{at}@example.org",
            family_name="=Sum(1)" if at == 9 else "Berg" if at < 5 else f"Name {at}",
            last_login=f"2026-01-0{at}T10:00:00.123456Z" if at and at % 2 else None,
        )
        for at in range(10)
    ]


def bound(**query: str) -> BoundList:
    return BoundList(RequestFactory().get("/people/", query), SPEC, User.objects.all())


def walked(direction: str = "next", **query: str) -> Iterator[list[int]]:
    page = bound(**query)
    while True:
        yield [row.pk for row in page.window.rows]
        cursor = getattr(page.window, direction)
        if not cursor:
            return
        page = bound(**{**query, "after" if direction == "next" else "before": cursor})


@pytest.mark.parametrize("sort", ["family_name", "-family_name", "seen", "-seen", "email"])
def test_pages_hold_every_row_once_in_the_order_of_the_export(people: list[User], sort: str) -> None:
    pages = list(walked(sort=sort))
    page = bound(sort=sort)
    assert [key for keys in pages for key in keys] == [row.pk for row in page.order.applied_to(page.queryset)]
    assert [len(keys) for keys in pages] == [3, 3, 3, 1]


@pytest.mark.parametrize("sort", ["family_name", "-seen"])
def test_going_back_shows_the_same_pages(people: list[User], sort: str) -> None:
    pages = list(walked(sort=sort))
    page = bound(sort=sort)
    for _ in pages[1:]:
        page = bound(sort=sort, after=page.window.next)
    backwards = [[row.pk for row in page.window.rows]]
    while page.window.previous:
        page = bound(sort=sort, before=page.window.previous)
        backwards.insert(0, [row.pk for row in page.window.rows])
    assert backwards == pages


@pytest.mark.parametrize("sort", ["seen", "-seen"])
def test_rows_without_the_value_stand_last_in_both_directions(people: list[User], sort: str) -> None:
    values = [row.last_login for row in bound(sort=sort).order.applied_to(User.objects.all())]
    assert values[5:] == [None] * 5
    assert None not in values[:5]


def test_a_far_page_reads_no_rows_before_it(people: list[User], django_assert_num_queries: Any) -> None:
    second = bound(sort="email", after=bound(sort="email").window.next)
    with django_assert_num_queries(1) as asked:
        _ = second.window
    assert "OFFSET" not in asked.captured_queries[0]["sql"]


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "bnVsbA", "WyIyMDI2IiwgIngiXQ"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(people: list[User], cursor: str) -> None:
    assert [r.pk for r in bound(after=cursor).window.rows] == [r.pk for r in bound().window.rows]


def test_page_fragment_and_export_hold_the_same_rows(people: list[User]) -> None:
    query = {"search": "p", "sort": "email", "size": "200"}
    page = asked(query)
    fragment = asked(query, target="list-people")
    assert isinstance(page, HttpResponse)
    assert isinstance(fragment, HttpResponse)
    rows = exported(asked({**query, "format": "csv"}))
    assert [row[0] for row in rows[1:]] == [f"p{at}@example.org" for at in range(10)]
    for shown in (page.content.decode(), fragment.content.decode()):
        assert [mail for mail in (row[0] for row in rows[1:]) if f"<bdi>{mail}</bdi>" in shown] == [
            row[0] for row in rows[1:]
        ]
    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()


def test_the_export_has_the_columns_the_reader_chose_and_runs_no_formula(people: list[User]) -> None:
    rows = exported(asked({"format": "csv", "columns": "family_name,language", "search": "p9"}))
    assert rows == [["Family name", "Language"], ["'=Sum(1)", ""]]


def test_filters_in_force_are_said_in_words_and_can_be_taken_off(people: list[User]) -> None:
    page = bound(search="p", access="viewer", sort="-email")
    assert [(chip.label, chip.text) for chip in page.chips] == [("Search", "p"), ("Access", "Viewer")]
    assert page.chips[1].url == "/people/?search=p&sort=-email"


def test_a_filter_that_cannot_be_read_shows_no_rows_and_says_so(people: list[User]) -> None:
    page = bound(access="emperor")
    assert page.rows == []
    assert page.errors[0][0] == "Access"


def test_a_choice_starts_again_at_the_first_page(people: list[User]) -> None:
    page = bound(after=bound().window.next, access="viewer")
    assert all("after=" not in cell.url for cell in page.head)


def test_an_unknown_sort_falls_back_to_the_lists_own(people: list[User]) -> None:
    assert [r.pk for r in bound(sort="password").window.rows] == [r.pk for r in bound().window.rows]


def test_counting_stops_above_its_limit(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNT_LIMIT", 4)
    page = bound()
    assert page.count == 5
    assert page.count_is_capped


def test_a_field_that_cannot_be_empty_is_ordered_so_that_an_index_serves(people: list[User]) -> None:
    assert not cursors.is_nullable(User, "email")
    assert cursors.is_nullable(User, "last_login")
    assert "NULLS" not in str(bound(sort="-email").order.applied_to(User.objects.all()).query)


def asked(query: dict[str, str], *, target: str | None = None) -> Any:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    request = RequestFactory().get("/people/", query, headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # what the middleware adds
    return lists.respond(request, SPEC, User.objects.all(), template="components/list_page.html")


def exported(response: Any) -> list[list[str]]:
    assert isinstance(response, StreamingHttpResponse)
    text = b"".join(response).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))
