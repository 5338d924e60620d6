from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from revenue.models import QuotaMeasure, QuotaScope
from rollups.measures import BOOKS
from workspace.quota_queries import Asked

BOOK_WORDS = (("prime", _("Prime book")), ("overlay", _("Overlay book")))


class QuotaFilter(forms.Form):
    """Which quotas of a scope are listed. Every field may be empty."""

    search = forms.CharField(label=_("Search quotas"), required=False, max_length=100)
    measure = forms.ChoiceField(label=_("Measure"), choices=[("", _("Any")), *QuotaMeasure.choices], required=False)
    show = forms.ChoiceField(
        label=_("Periods"), choices=[("", _("Under way")), ("all", _("All periods"))], required=False
    )
    on = forms.DateField(
        label=_("Period holds the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    book = forms.ChoiceField(label=_("Book"), choices=[("", _("Prime book")), BOOK_WORDS[1]], required=False)

    def asked(self, scope: str) -> Asked:
        """What could not be read is left out."""
        self.is_valid()
        given = self.cleaned_data
        return Asked(
            scope=scope if scope in QuotaScope.values else QuotaScope.REGION.value,
            measure=given.get("measure", ""),
            on=given.get("on"),
            shows_all=given.get("show") == "all",
            book=given.get("book") or next(iter(BOOKS)),
            search=given.get("search", ""),
        )
