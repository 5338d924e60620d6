"""Plays as lists: the filters, and the columns that the pages of administrators and of readers share."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import scope_of
from accounts.models import BuyingRole
from core import formats, marks
from core.cells import Column
from core.lists import ListSpec
from core.names import in_order
from pipeline.enablement_models import Play, PlayKind
from pipeline.enablement_querysets import PlayQuerySet
from pipeline.enablement_reach import products_above
from pipeline.enablement_words import language_words, role_words
from pipeline.models import Stage
from revenue.models import Product

STATES = (("now", _("Offered today")), ("ahead", _("Not yet offered")), ("over", _("No longer offered")))


def _stages() -> list[tuple[str, str]]:
    return list(Stage.objects.order_by("position", "code").values_list("code", "name"))


def _languages() -> list[tuple[str, str]]:
    """The languages that plays are in, by name."""
    codes = {code for codes in Play.objects.values_list("languages", flat=True) for code in codes}
    return sorted(((code, formats.language_name(code)) for code in codes), key=lambda pair: pair[1])


def _products() -> list[tuple[str, str]]:
    return list(Product.objects.order_by("name", "pk").values_list("code", "name"))


class PlayFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows plays. A stage, a role or a language finds what is for it, and what is for any."""

    search = django_filters.CharFilter(label=_("Search plays"), method="named")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=PlayKind.choices, empty_label=_("Any"))
    stage = django_filters.ChoiceFilter(label=_("Stage"), choices=_stages, method="for_stage", empty_label=_("Any"))
    buying_role = django_filters.ChoiceFilter(
        label=_("Buying role"), choices=BuyingRole.choices, method="for_role", empty_label=_("Any")
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=_languages, method="in_language", empty_label=_("Any")
    )
    product = django_filters.ChoiceFilter(
        label=_("Product"), choices=_products, method="about_product", empty_label=_("Any")
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="in_state", empty_label=_("Any"))

    class Meta:
        model = Play
        fields: list[str] = []

    def named(self, plays: PlayQuerySet, name: str, text: str) -> PlayQuerySet:
        for word in text.split()[:10]:
            plays = plays.filter(
                Q(title__icontains=word) | Q(purpose__icontains=word) | Q(text__icontains=word) | Q(code__iexact=word)
            )
        return plays

    def for_stage(self, plays: PlayQuerySet, name: str, code: str) -> PlayQuerySet:
        return plays.filter(Q(play_stages__stage=code) | Q(play_stages=None))

    def for_role(self, plays: PlayQuerySet, name: str, role: str) -> PlayQuerySet:
        return plays.filter(Q(buying_roles__contains=[role]) | Q(buying_roles=[]))

    def in_language(self, plays: PlayQuerySet, name: str, code: str) -> PlayQuerySet:
        return plays.filter(languages__contains=[code])

    def about_product(self, plays: PlayQuerySet, name: str, code: str) -> PlayQuerySet:
        """Of the product itself, or of one above it."""
        product = Product.objects.filter(code=code).values_list("pk", flat=True)
        return plays.filter(product__in=products_above(list(product)))

    def in_state(self, plays: PlayQuerySet, name: str, state: str) -> PlayQuerySet:
        on = scope_of(self.request.user).on
        if state == "now":
            return plays.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
        return plays.filter(valid_from__gt=on) if state == "ahead" else plays.filter(valid_to__lte=on)


def address(play: Any) -> str:
    """The page of a play with its figures."""
    return reverse("plays:detail", args=[play.code])


def _title(play: Any) -> str:
    shown = format_html('<a href="{}"><bdi>{}</bdi></a>', address(play), play.title)
    return format_html('{} <small class="soft">{}</small>', shown, play.purpose) if play.purpose else shown


def _any(text: str) -> str:
    return text or gettext("any")


def place_of(play: Any) -> str:
    """The region or the country that it is made for, by name; empty for any."""
    return str(play.region.name) if play.region else formats.country(str(play.country)) if play.country else ""


def state_words(play: Any, on: dt.date) -> str:
    """Whether it is offered on a day."""
    if play.valid_from > on:
        return gettext("from %(day)s") % {"day": formats.day(play.valid_from)}
    if play.valid_to is None:
        return gettext("offered")
    return (gettext("until before %(day)s") if play.valid_to > on else gettext("ended on %(day)s")) % {
        "day": formats.day(play.valid_to)
    }


def _state_html(play: Any, on: dt.date) -> str:
    is_offered = play.valid_from <= on and (play.valid_to is None or play.valid_to > on)
    return marks.tag_html(state_words(play, on), tone="covered" if is_offered else "")


def columns(on: dt.date) -> tuple[Column, ...]:
    """What a play is and what it is for, on the business date."""
    return (
        Column(name="title", label=_("Play"), value="title", sort=in_order("title"), html=_title, heads_row=True),
        Column(name="kind", label=_("Kind"), value=lambda play: play.get_kind_display(), sort="kind"),
        Column(name="stages", label=_("Stages"), value=lambda play: _any(", ".join(play.stage_names))),
        Column(name="roles", label=_("Buying roles"), value=lambda play: _any(role_words(play.buying_roles))),
        Column(name="languages", label=_("Languages"), value=lambda play: language_words(play.languages) or None),
        Column(name="product", label=_("Product"), value="product.name", sort="product__name", shown=False),
        Column(name="place", label=_("Made for"), value=lambda play: place_of(play) or None, shown=False),
        Column(name="industry", label=_("Industry"), value="industry", sort="industry", shown=False),
        Column(name="owner", label=_("Owner"), value="owner", shown=False),
        Column(name="code", label=_("Code"), value="code", kind="code", sort="code", shown=False),
        Column(
            name="state",
            label=_("State"),
            value=lambda play: state_words(play, on),
            html=lambda play: _state_html(play, on),
            kind="tag",
        ),
    )


def set_up_list(on: dt.date) -> ListSpec:
    """The list of administrators: a title opens its form."""

    def opens(play: Any) -> str:
        edit = reverse("play_setup:edit", args=[play.code])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', edit, play.title)

    title = Column(name="title", label=_("Play"), value="title", sort=in_order("title"), html=opens, heads_row=True)
    released = Column(
        name="customer",
        label=_("Customer"),
        value="account.name",
        html=lambda play: _customer(play) if play.account else marks.absent_html(),
    )
    kept = columns(on)[1:]
    return ListSpec(
        name="plays-set-up",
        sort="title",
        filterset=PlayFilter,
        caption=_("Plays"),
        empty_title=_("No plays yet"),
        empty_text=_("Plays, references and content that are offered on deals by stage, buying role and language."),
        empty_action=(reverse("play_setup:add"), _("Add a play")),
        columns=(title, *kept[:4], released, *kept[4:]),
    )


def _customer(play: Any) -> str:
    words = gettext("may be named") if play.is_released else gettext("not released")
    return format_html('<bdi>{}</bdi> <small class="soft">{}</small>', play.account.name, words)
