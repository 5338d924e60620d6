from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from pipeline.score_services import MOST, Weights
from workspace.score_words import PARTS


class WeightsForm(forms.Form):
    """A weight for each part of a kind. `seen` are the weights last weighed, `version` those that were read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, weights: Weights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = weights.version
        self.parts = list(weights.of)
        for part, weight in weights.of.items():
            words, about = PARTS[kind][part]
            self.fields[f"w-{part}"] = forms.DecimalField(
                label=str(words),
                help_text=str(about),
                min_value=Decimal(0),
                max_value=MOST,
                max_digits=7,
                decimal_places=2,
                initial=f"{weight.normalize():f}",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def weights(self) -> dict[str, Decimal]:
        """Of a valid form."""
        return {part: self.cleaned_data[f"w-{part}"] for part in self.parts}

    @property
    def rows(self) -> list[Any]:
        return [self[f"w-{part}"] for part in self.parts]


def digest(weights: Mapping[str, Decimal]) -> str:
    """Equal for equal weights: what is saved is what was weighed."""
    return " ".join(f"{part}:{weight.normalize():f}" for part, weight in sorted(weights.items()))
