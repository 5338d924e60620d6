"""Names of people stand in the order of their script, in Python and in the database alike."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.models import Contact
from core import formats
from core.names import full_name, full_name_of, in_order
from core.templatetags.parts import face
from teams.models import Member
from tests import factories as make
from users.models import User

NAMES = [
    ("Élodie", "Charpentier"),
    ("美咲", "高橋"),
    ("민수", "김"),
    ("", "Plato"),
    ("Elena", ""),
    ("van", "Dijk"),
    ("Zoe", "A"),
]


@pytest.mark.parametrize(("given", "family"), NAMES)
@pytest.mark.django_db
def test_the_database_writes_a_name_as_python_does(given: str, family: str) -> None:
    user = make.UserFactory(given_name=given, family_name=family)
    assert User.objects.annotate(name=full_name_of()).get(pk=user.pk).name == full_name(given, family)


def test_a_family_name_in_han_or_hangul_comes_first() -> None:
    assert (full_name("美咲", "高橋"), full_name("민수", "김")) == ("高橋美咲", "김민수")


@pytest.mark.django_db
def test_marks_and_capitals_do_not_move_a_name() -> None:
    for given, family in NAMES:
        make.UserFactory(given_name=given, family_name=family)
    rows = (
        User.objects.annotate(name=full_name_of()).filter(pk__in=User.objects.values("pk")).order_by(in_order("name"))
    )
    shown = [row.name for row in rows if (row.given_name, row.family_name) in NAMES]
    assert shown[:5] == ["Elena", "Élodie Charpentier", "Plato", "van Dijk", "Zoe A"]


def test_a_face_holds_one_letter_that_is_as_wide_as_high() -> None:
    assert ">高<" in face("高橋美咲")
    assert ">AL<" in face("Ada Lindner")


@pytest.mark.parametrize(
    ("languages", "written"),
    [
        (["hu:C2", "en:C1"], "Kovács Anna"),
        (["vi"], "Kovács Anna"),
        (["en:C2", "hu:B1"], "Anna Kovács"),
        (["hus"], "Anna Kovács"),
        (["zh:C2"], "Anna Kovács"),
        ([], "Anna Kovács"),
    ],
)
@pytest.mark.django_db
def test_a_hungarian_name_begins_with_the_family(languages: list[str], written: str) -> None:
    member = make.MemberFactory(given_name="Anna", family_name="Kovács", languages=languages)
    contact = make.ContactFactory(
        given_name="Anna", family_name="Kovács", languages=[code[:3].rstrip(":") for code in languages]
    )
    assert (str(member), str(contact)) == (written, written)
    for model, one in ((Member, member), (Contact, contact)):
        names = model.objects.filter(pk=one.pk).annotate(name=full_name_of(has_languages=True))
        assert list(names.values_list("name", flat=True)) == [written]


@pytest.mark.parametrize(
    ("city", "country", "language", "written"),
    [
        ("Köln", "DE", "en", "\u2068Köln\u2069, Germany"),
        ("Köln", "DE", "ar", "\u2068Köln\u2069، ألمانيا"),
        ("Singapore", "SG", "de", "Singapur"),
        ("Luxembourg", "LU", "en", "Luxembourg"),
        ("", "JP", "en", "Japan"),
        ("東京", "", "en", "東京"),
        ("", None, "en", "–"),
    ],
)
def test_a_place_ends_with_its_country_in_the_readers_language(
    city: str, country: str | None, language: str, written: str
) -> None:
    with translation.override(language):
        assert formats.place(city, country) == written
