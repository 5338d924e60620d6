"""The check for untranslated strings finds what a reader would see, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gam import translations
from gam.untranslated import in_module, in_template

HERE = Path("page.html")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>Revenue</p>", ["Revenue"]),
        ('<p>{% translate "Revenue" %} of {{ year }}</p>', ["of"]),
        ('<input placeholder="Search">', ["Search"]),
        ('<button aria-label="{{ name }} close">x</button>', ["close"]),
        ('{% include "button.html" with label="Delete" %}', ["Delete"]),
        ('{% tile title="Revenue" %}', ["Revenue"]),
    ],
)
def test_text_outside_a_translation_is_found(source: str, said: list[str]) -> None:
    assert [finding.text for finding in in_template(HERE, source)] == said


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Revenue" %}',
        "{% blocktranslate with n=count %}{{ n }} accounts{% endblocktranslate %}",
        '{% blocktranslate count n=1 %}one{% plural %}"many" of them{% endblocktranslate %}',
        "{% comment %}Give `label`.{% endcomment %}{# and this #}",
        '{% include "button.html" with label=_("Delete") %}',
        '<a class="btn btn-primary" href="{% url "accounts:list" %}">·&nbsp;—</a>',
        "<script type=\"module\">const word = 'Revenue'</script>",
        '<{% if href %}a href="{{ href }}"{% else %}button class="btn"{% endif %}>{{ label }}</x>',
    ],
)
def test_translated_text_and_markup_are_not(source: str) -> None:
    assert in_template(HERE, source) == []


def test_a_finding_names_its_line() -> None:
    assert [(f.line, f.text) for f in in_template(HERE, "{% if a\n%}\n<p>\n  Late</p>{% endif %}")] == [(4, "Late")]


@pytest.mark.parametrize(
    "source",
    [
        'name = models.CharField(verbose_name="Name")',
        'raise ValidationError("Wrong")',
        'raise Refused(f"No {thing} here")',
        'messages.success(request, "Saved")',
        'class Kind(models.TextChoices):\n    A = "a", "Label"',
        'class Meta:\n    verbose_name_plural = "accounts"',
    ],
)
def test_a_literal_that_is_shown_is_found_in_code(source: str) -> None:
    assert len(in_module(Path("models.py"), source, {"Refused"})) == 1


@pytest.mark.parametrize(
    "source",
    [
        'name = models.CharField(verbose_name=_("Name"), db_column="name")',
        'raise Refused(_("No"))',
        'raise ValueError("a programmer reads this")',
        'class Kind(models.TextChoices):\n    A = "a", _("Label")',
        'logger.info("done")',
    ],
)
def test_what_is_translated_or_not_shown_is_not(source: str) -> None:
    assert in_module(Path("models.py"), source, {"Refused"}) == []


def test_messages_are_extracted_from_code_and_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "views.py").write_text(
        'a = _("One"); b = ngettext("%(n)d unit", "%(n)d units", n); c = pgettext_lazy("menu", "Open")',
        encoding="utf-8",
    )
    (tmp_path / "room" / "loading.py").write_text(
        "from django.utils.translation import gettext as _now\n"
        "from django.utils.translation import ngettext as many, pgettext as meant\n"
        'a = _now("At once"); b = many("%(n)d row", "%(n)d rows", n); c = meant("verb", "Close"); d = other("No")',
        encoding="utf-8",
    )
    (tmp_path / "room" / "page.html").write_text(
        '{% load i18n %}{% translate "It\'s (nearly) done" %}{% blocktranslate %}{{ who }} left{% endblocktranslate %}'
        '{% include "part.html" with empty=_("Nobody (yet)") %}',
        encoding="utf-8",
    )
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    found = {(message.context, message.id) for message in translations.extracted() if message.id}
    assert found == {
        (None, "One"),
        (None, ("%(n)d unit", "%(n)d units")),
        ("menu", "Open"),
        (None, "At once"),
        (None, ("%(n)d row", "%(n)d rows")),
        ("verb", "Close"),
        (None, "It's (nearly) done"),
        (None, "%(who)s left"),
        (None, "Nobody (yet)"),
    }


def test_a_catalogue_keeps_its_translations_and_tells_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path / "locale")
    (tmp_path / "views.py").write_text('a = _("One")', encoding="utf-8")
    translations.update("de")
    catalogue = translations.path_of("de")
    assert translations.stale("de") == []
    (tmp_path / "views.py").write_text('a = _("One"), _("Two")', encoding="utf-8")
    assert translations.stale("de") == ["+ |Two"]
    written = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(written.replace('msgid "One"\nmsgstr ""', 'msgid "One"\nmsgstr "Eins"'), encoding="utf-8")
    translations.update("de")
    assert (translations.stale("de"), translations.read("de")["One"].string) == ([], "Eins")
