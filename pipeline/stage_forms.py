"""The forms of the set-up of stages."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import BuyingRole
from accounts.table_pages import code_field
from money.amounts import trimmed
from pipeline.models import ForecastCategory, Outcome, Stage
from pipeline.stage_queries import buying_steps


class StageForm(forms.Form):
    """A stage's own columns. `seen` are the terms whose effect was shown last; `version` is that of the stage when it was read."""

    code = code_field()
    name = forms.CharField(label=_("Name"), max_length=100)
    probability = forms.DecimalField(
        label=_("Probability, %"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        max_digits=5,
        help_text=_("Deals without a probability of their own follow it."),
    )
    forecast_category = forms.ChoiceField(
        label=_("Forecast category"),
        choices=ForecastCategory.choices,
        help_text=_("Deals without a category of their own follow it."),
    )
    outcome = forms.ChoiceField(label=_("What it means"), choices=Outcome.choices)
    buying_step = forms.ChoiceField(
        label=_("Step of the buyer"), required=False, help_text=_("Where the customer stands meanwhile.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stage: Stage | None = None, version: int = 0, **kwargs: Any) -> None:
        if stage is not None:
            kwargs["initial"] = {
                "name": stage.name,
                "probability": trimmed(stage.probability, 0),
                "forecast_category": stage.forecast_category,
                "outcome": stage.outcome,
                "buying_step": stage.buying_step_id or "",
                "version": version,
            }
        super().__init__(*args, **kwargs)
        steps = [("", pgettext_lazy("of a stage", "None")), *buying_steps()]
        self.fields["buying_step"].choices = steps  # type: ignore[attr-defined]  # a ChoiceField
        self.stage = stage
        if stage is not None:
            del self.fields["code"]

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the stage as they were given."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "seen", "code")}

    @property
    def digest(self) -> str:
        """Equal for equal terms: what is saved is what was weighed."""
        terms = (*self._terms, self.cleaned_data["outcome"])
        return hashlib.sha256(repr(terms).encode()).hexdigest()[:16]

    @property
    def _terms(self) -> tuple[Decimal, str]:
        return self.cleaned_data["probability"].quantize(Decimal("0.01")), self.cleaned_data["forecast_category"]

    @property
    def changes_weight(self) -> bool:
        """Whether open deals would weigh otherwise."""
        stage = self.stage
        is_open = stage is not None and stage.outcome == Outcome.OPEN
        return is_open and stage is not None and self._terms != (stage.probability, stage.forecast_category)


class CriterionForm(forms.Form):
    """A criterion of a stage."""

    text = forms.CharField(label=_("What has to hold"), max_length=300)
    buying_step = forms.ChoiceField(label=_("Step of the buyer"), required=False)
    is_required = forms.BooleanField(
        label=_("Required"),
        required=False,
        initial=True,
        help_text=_("Who moves a deal on without it says why."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [("", pgettext_lazy("of a criterion", "The stage’s")), *buying_steps()]
        self.fields["buying_step"].choices = steps  # type: ignore[attr-defined]  # a ChoiceField


class RolesForm(forms.Form):
    """Buying roles that a stage or a category asks for."""

    roles = forms.MultipleChoiceField(
        label=_("Contacts"), choices=BuyingRole.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
