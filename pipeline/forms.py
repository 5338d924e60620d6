from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.filters import country_choices
from accounts.models import Account, OrgUnit
from accounts.queries import accounts
from money.amounts import trimmed
from money.models import Currency
from pipeline.deals import DealRows, Row
from pipeline.models import ForecastCategory, SplitType, Stage
from revenue.models import Product
from teams.queries import members
from users.models import User

NOTHING = ("", "–")
Choices = list[tuple[str, str]]


def _searchable(**attributes: str) -> forms.Select:
    return forms.Select(attrs={"data-search": "", **attributes})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _amount(*, required: bool, label: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, required=required, max_digits=20, decimal_places=4, widget=widget, localize=False
    )


class AccountChoice(forms.Form):
    """Whose deal it is: asked first, because units follow from it."""

    account = forms.ChoiceField(label=_("Account"), widget=_searchable())

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = accounts(viewer=viewer).order_by("name", "id").values_list("code", "name")
        self.fields["account"].choices = [NOTHING, *seen]  # type: ignore[attr-defined]  # a ChoiceField


class Offered:
    """What the fields of a deal of `account` offer, read once for the deal and all its lines and splits."""

    def __init__(self, *, viewer: User, account: Account) -> None:
        units = OrgUnit.objects.filter(account=account).order_by("name", "id").values_list("code", "name")
        colleagues = members(viewer=viewer).order_by(F("full_name"), "id").values_list("email", F("full_name"))
        self.units: Choices = [NOTHING, *units]
        self.members: Choices = [NOTHING, *colleagues]
        self.products: Choices = [NOTHING, *Product.objects.order_by("name", "id").values_list("code", "name")]
        self.countries: Choices = [NOTHING, *country_choices()]
        self.stages: Choices = list(Stage.objects.order_by("position", "code").values_list("code", "name"))
        codes = Currency.objects.filter(is_historic=False).order_by("code").values_list("code", "name")
        self.currencies: Choices = [(code, f"{code} · {name}") for code, name in codes]


class _Offering(forms.Form):
    """A form whose choices come from `Offered`; `offers` says which field takes which."""

    offers: dict[str, str] = {}

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, source in self.offers.items():
            current = self.initial.get(name)
            choices = getattr(offered, source)
            # What stands may be chosen again though it is offered no more: a dead currency, a member who left.
            missing = [(current, current)] if current and current not in dict(choices) else []
            self.fields[name].choices = [*choices, *missing]  # type: ignore[attr-defined]  # a ChoiceField


class OpportunityForm(_Offering):
    """A deal's own columns, named as in its import file."""

    offers = {
        "stage": "stages",
        "currency": "currencies",
        "owner_email": "members",
        "product_code": "products",
        "org_unit_code": "units",
        "country": "countries",
    }

    name = forms.CharField(label=_("Name"), max_length=300)
    stage = forms.ChoiceField(label=_("Stage"))
    amount = _amount(required=False, label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"), widget=_searchable())
    close_date = forms.DateField(label=_("Closes on"), widget=_day())
    owner_email = forms.ChoiceField(label=_("Owner"), required=False, widget=_searchable())
    probability = forms.DecimalField(
        label=_("Probability, %"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        help_text=_("Empty: follows the stage."),
    )
    forecast_category = forms.ChoiceField(
        label=_("Forecast category"),
        required=False,
        choices=[("", _("Follows the stage")), *ForecastCategory.choices],
    )
    org_unit_code = forms.ChoiceField(label=_("Org unit"), required=False, widget=_searchable())
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=_searchable(), help_text=_("Empty: the unit’s.")
    )
    product_code = forms.ChoiceField(label=_("Product"), required=False, widget=_searchable())
    created_on = forms.DateField(label=_("Created on"), required=False, widget=_day())
    # Asked for only once it is missing: the page shows it with what was said of it.
    reason = forms.CharField(
        label=_("Why it goes on without them"),
        required=False,
        max_length=500,
        help_text=_("Kept in the stage history."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class LineForm(_Offering):
    offers = {"product_code": "products", "org_unit_code": "units", "country": "countries"}

    product_code = forms.ChoiceField(label=_("Product"), required=False)
    org_unit_code = forms.ChoiceField(label=_("Org unit"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    amount = _amount(required=True, label=_("Amount"))


class SplitForm(_Offering):
    offers = {"member_email": "members"}

    member_email = forms.ChoiceField(label=_("Member"))
    # An empty row says prime too: as the initial value it does not count as filled in.
    type = forms.ChoiceField(label=_("Book"), choices=SplitType.choices, initial=SplitType.PRIME)
    percent = forms.DecimalField(
        label=_("Share, %"), min_value=Decimal(0), max_value=Decimal(100), decimal_places=2, max_digits=5
    )


class _Splits(BaseFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    def clean(self) -> None:
        if any(self.errors):
            return
        prime = [f.cleaned_data["percent"] for f in _kept(self) if f.cleaned_data["type"] == SplitType.PRIME]
        if prime and sum(prime) != 100:
            text = _now("Prime shares add up to %(sum)s %%. They must add up to 100.00 %%.")
            raise forms.ValidationError(text % {"sum": sum(prime)})


LineSet = formset_factory(LineForm, extra=2, can_delete=True, max_num=200)
SplitSet = formset_factory(SplitForm, formset=_Splits, extra=1, can_delete=True, max_num=50)


def _kept(formset: BaseFormSet[Any]) -> list[Any]:
    """The forms that hold something and are not struck out."""
    return [f for f in formset.forms if getattr(f, "cleaned_data", None) and not f.cleaned_data.get("DELETE")]


class DealForms:
    """The form of a deal with the tables of its lines and splits: one thing to check, to write and to show errors in."""

    def __init__(
        self, data: Any, *, viewer: User, account: Account, rows: DealRows | None = None, version: str = ""
    ) -> None:
        offered = Offered(viewer=viewer, account=account)
        kwargs: dict[str, Any] = {"form_kwargs": {"offered": offered}}
        self.account = account
        self.form = OpportunityForm(data, offered=offered, initial=_initial(rows, account, version))
        self.lines = LineSet(data, prefix="lines", initial=[_plain(r) for r in rows.lines] if rows else None, **kwargs)
        self.splits = SplitSet(data, prefix="splits", initial=rows.splits if rows else None, **kwargs)

    def is_valid(self) -> bool:
        checked = [self.form.is_valid(), self.lines.is_valid(), self.splits.is_valid()]
        return all(checked)

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors or any(self.lines.errors) or self.splits.total_error_count())

    @property
    def rows(self) -> DealRows:
        """What was chosen, as rows of the import files."""
        deal = {name: value for name, value in self.form.cleaned_data.items() if name not in ("version", "reason")}
        lines = [self._row(form, line=number) for number, form in enumerate(_kept(self.lines), start=1)]
        return DealRows({**deal, "account_code": self.account.code}, lines, [self._row(f) for f in _kept(self.splits)])

    @staticmethod
    def _row(form: Any, **more: Any) -> Row:
        return {**{name: value for name, value in form.cleaned_data.items() if name != "DELETE"}, **more}

    def show(self, part: str, problems: list[tuple[int, str, str]]) -> None:
        """Put what the write path refused beside the fields that it is about."""
        kept = {"lines": _kept(self.lines), "splits": _kept(self.splits)}.get(part)
        for row, column, reason in problems:
            form = kept[row] if kept is not None and row < len(kept) else self.form
            form.add_error(column if column in form.fields else None, reason)


def _initial(rows: DealRows | None, account: Account, version: str) -> Row:
    if rows is None:
        return {"currency": account.currency_id or "EUR"}
    return {**_plain(rows.deal), "version": version}


def _plain(row: Row) -> Row:
    """A row with its amount as a reader types it: without the zeros that the table adds."""
    amount = row.get("amount")
    return row if amount is None else {**row, "amount": format(trimmed(Decimal(amount), 0), "f")}
