"""Names of people stand in the order of their script, in Python and in the database alike."""

from __future__ import annotations

import pytest

from core.names import full_name, full_name_of, in_order
from core.templatetags.parts import face
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
