from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.forecast_models import AdjustedCategory


class AdjustForm(forms.Form):
    """A figure of one's own for a category. Amounts have no more decimals than their currency."""

    category = forms.ChoiceField(label=gettext_lazy("Forecast category"), choices=AdjustedCategory.choices)
    amount = forms.DecimalField(
        label=gettext_lazy("It will be"),
        max_digits=18,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whoever reads the figure reads this."),
    )

    def __init__(self, *args: Any, currency: str, exponent: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exponent = exponent
        self.fields["amount"].label = _("It will be, %(currency)s") % {"currency": currency}

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        rounded = round(amount, self.exponent)
        if rounded != amount:
            raise forms.ValidationError(_("At most %(n)d decimals.") % {"n": self.exponent})
        return rounded


class NoteForm(forms.Form):
    """A word to go with what is done."""

    note = forms.CharField(required=False, max_length=500)
