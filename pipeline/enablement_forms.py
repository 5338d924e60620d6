"""The form of a play, its fields named as the columns of its file, and the day on which one is closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.filters import country_choices, regions_for
from accounts.models import Account, BuyingRole
from accounts.queries import accounts
from core import formats
from core.periods import BEGINNING
from pipeline.enablement_models import Play, PlayKind
from pipeline.enablement_reach import Reach
from pipeline.models import Stage
from revenue.models import Product
from teams.queries import members
from users.models import User

NOTHING = ("", "–")
_SEARCH = {"data-search": ""}


def _day(label: Any, help_text: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class PlayForm(forms.Form):
    """A play as an administrator writes it. What is left empty fits any deal."""

    code = forms.CharField(
        label=_("Code"), max_length=60, help_text=_("Short and lasting, as in files: it can’t be changed.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=PlayKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    purpose = forms.CharField(label=_("What it is for"), max_length=300, required=False)
    link = forms.URLField(
        label=_("Link"), max_length=500, required=False, assume_scheme="https", help_text=_("Begins with https://")
    )
    text = forms.CharField(
        label=_("Text"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A play needs a link or a text."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.SelectMultiple(attrs=_SEARCH)
    )
    stages = forms.MultipleChoiceField(
        label=_("Stages"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: any stage.")
    )
    buying_roles = forms.MultipleChoiceField(
        label=_("Buying roles"), required=False, choices=BuyingRole.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any role."),
    )  # fmt: skip
    product_code = forms.ChoiceField(
        label=_("Product"), required=False, widget=forms.Select(attrs=_SEARCH), help_text=_("And all below it.")
    )
    region_code = forms.ChoiceField(label=_("Region"), required=False)
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=forms.Select(attrs=_SEARCH), help_text=_("In place of a region.")
    )
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    account_code = forms.ChoiceField(
        label=_("Customer"), required=False, widget=forms.Select(attrs=_SEARCH), help_text=_("Of a reference.")
    )
    released = forms.BooleanField(
        label=_("May be named to others"), required=False,
        help_text=_("Only then do people who don’t see the customer find this reference."),
    )  # fmt: skip
    owner_email = forms.ChoiceField(label=_("Owner"), required=False, widget=forms.Select(attrs=_SEARCH))
    valid_from = _day(_("Offered from the day"), _("Empty: since ever."))
    valid_to = _day(_("Until before the day"), _("Empty: for good."))

    def __init__(self, *args: Any, viewer: User, play: Play | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        if play is not None:
            del self.fields["code"]
        for name, choices in self._offered().items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def _offered(self) -> dict[str, list[tuple[str, str]]]:
        named = sorted((code, name) for code, (_pk, name) in regions_for(self.viewer).items())
        colleagues = members(viewer=self.viewer).order_by(F("full_name"), "id").values_list("email", F("full_name"))
        customers = accounts(viewer=self.viewer).order_by("name", "id").values_list("code", "name")
        industries = Account.objects.exclude(industry="").order_by("industry").values_list("industry", flat=True)
        return {
            "languages": language_choices(),
            "stages": list(Stage.objects.order_by("position", "code").values_list("code", "name")),
            "product_code": [NOTHING, *Product.objects.order_by("name", "id").values_list("code", "name")],
            "region_code": [NOTHING, *named],
            "country": [NOTHING, *country_choices()],
            "industry": [NOTHING, *((one, one) for one in industries.distinct())],
            "account_code": [NOTHING, *customers],
            "owner_email": [NOTHING, *colleagues],
        }

    def row(self) -> dict[str, Any]:
        """What was chosen, as a row of the file; of a valid form."""
        given = {**self.cleaned_data, "valid_from": self.cleaned_data["valid_from"] or BEGINNING}
        if given["kind"] != PlayKind.REFERENCE:
            given["released"] = False
        return given

    def reach(self) -> Reach:
        """What the play would be for; of a valid form."""
        given = self.cleaned_data
        product = Product.objects.filter(code=given["product_code"]).values_list("pk", flat=True).first()
        region = regions_for(self.viewer).get(given["region_code"])
        return Reach(
            stages=frozenset(given["stages"]),
            product_id=product,
            country=given["country"],
            region_id=region[0] if region else None,
            industry=given["industry"],
            valid_from=given["valid_from"] or BEGINNING,
            valid_to=given["valid_to"],
        )


def language_choices() -> list[tuple[str, str]]:
    """Languages by name that have a plain code."""
    names = map(str, formats.locale().languages)
    codes = sorted(code for code in names if code.isalpha() and code.islower() and len(code) in (2, 3))
    return sorted(((code, formats.language_name(code)) for code in codes), key=lambda pair: pair[1])


def initial_of(play: Play) -> dict[str, Any]:
    """The fields as they stand."""
    same = ("kind", "title", "purpose", "link", "text", "languages", "buying_roles", "industry", "valid_to")
    return {
        **{name: getattr(play, name) for name in same},
        "stages": list(play.play_stages.values_list("stage_id", flat=True)),
        "product_code": play.product.code if play.product else "",
        "region_code": play.region.code if play.region else "",
        "country": str(play.country or ""),
        "account_code": play.account.code if play.account else "",
        "released": play.is_released,
        "owner_email": play.owner.email if play.owner else "",
        "valid_from": play.valid_from if play.valid_from > BEGINNING else None,
    }


class CloseForm(forms.Form):
    """A play is offered no more from a day on."""

    valid_to = forms.DateField(
        label=_("Offered until before the day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, on: dt.date) -> None:
        super().__init__(data, initial={"valid_to": on})
