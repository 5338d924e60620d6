from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.filters import countries_in_region, country_choices, regions_for
from accounts.models import Tier
from coverage.ranking_queries import Asked
from users.models import User


class RankingForm(forms.Form):
    """Which accounts are ranked: one form for the page, the part of it that htmx swaps, and the file."""

    search = forms.CharField(label=_("Search accounts"), required=False, max_length=200)
    region = forms.ChoiceField(label=_("Region"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    tier = forms.ChoiceField(label=_("Tier"), required=False)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        self.regions = {code: name for code, (_pk, name) in regions_for(viewer).items()}
        self._offer("region", sorted(self.regions.items(), key=lambda pair: pair[1]))
        self._offer("country", country_choices())
        self._offer("tier", list(Tier.objects.order_by("position", "code").values_list("code", "name")))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]  # a ChoiceField

    def asked(self) -> Asked:
        """What can't be read ranks nothing, and the page says why."""
        if not self.is_valid():
            return Asked(countries=frozenset())
        given = self.cleaned_data
        places = [{given["country"]}] if given["country"] else []
        if given["region"]:
            places.append(countries_in_region(viewer=self._viewer, code=given["region"]))
        countries = frozenset(set.intersection(*places)) if places else None
        return Asked(countries=countries, tier=given["tier"], words=given["search"])
