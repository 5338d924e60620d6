from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Tier
from pipeline.lead_scores import PARTS, Definition


def _number(label: Any, *, most: Decimal, required: bool) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, required=required, min_value=Decimal(0), max_value=most, decimal_places=2, widget=widget
    )


class ScoreForm(forms.Form):
    """A definition of the score: a weight a part, a worth from 0 to 1 a source and a tier; empty: not known.

    `seen` is the definition that was last tried.
    """

    recency_days = forms.IntegerField(label=_("Days until an activity counts for nothing"), min_value=1, max_value=3650)
    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, stands: Definition, sources: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tiers = list(Tier.objects.order_by("position", "code"))
        # A source that is worth something stays in the form though no lead names it any more.
        known = {name.casefold(): name for name in (*stands.sources, *sources)}
        self.sources = [known[key] for key in sorted(known)]
        self.initial = {"recency_days": stands.recency_days, "version": stands.version, **self.initial}
        for code, label in PARTS.items():
            self._offer(f"w-{code}", label, stands.weights[code], most=Decimal(100), required=True)
        for tier in self.tiers:
            words = gettext("Worth of the tier %(name)s") % {"name": tier.name}
            self._offer(f"t-{tier.pk}", words, stands.tiers.get(tier.pk))
        by_key = {name.casefold(): worth for name, worth in stands.sources.items()}
        for at, name in enumerate(self.sources):
            words = gettext("Worth of the source “%(name)s”") % {"name": name}
            self._offer(f"s-{at}", words, by_key.get(name.casefold()))

    def _offer(
        self, name: str, label: Any, stands: Decimal | None, *, most: Decimal = Decimal(1), required: bool = False
    ) -> None:
        self.fields[name] = _number(label, most=most, required=required)
        self.initial[name] = None if stands is None else format(stands.normalize(), "f")

    @property
    def weight_fields(self) -> list[Any]:
        return [*(self[f"w-{code}"] for code in PARTS), self["recency_days"]]

    @property
    def worth_fields(self) -> list[Any]:
        tiers = [self[f"t-{tier.pk}"] for tier in self.tiers]
        return [*tiers, *(self[f"s-{at}"] for at, _name in enumerate(self.sources))]

    def definition(self) -> Definition:
        """What was chosen; of a valid form."""
        given = self.cleaned_data
        sources = {name: given[f"s-{at}"] for at, name in enumerate(self.sources)}
        tiers = {tier.pk: given[f"t-{tier.pk}"] for tier in self.tiers}
        return Definition(
            version=0,
            weights={code: given[f"w-{code}"] for code in PARTS},
            sources={name: worth for name, worth in sources.items() if worth is not None},
            tiers={code: worth for code, worth in tiers.items() if worth is not None},
            recency_days=given["recency_days"],
        )


def digest(told: Definition) -> str:
    """Equal for equal definitions, whatever their version: what is saved is what was tried."""
    listed = [sorted((name, value.normalize()) for name, value in one.items()) for one in _tables(told)]
    return hashlib.sha256(repr((listed, told.recency_days)).encode()).hexdigest()[:16]


def _tables(told: Definition) -> tuple[Any, ...]:
    return told.weights, told.sources, told.tiers
