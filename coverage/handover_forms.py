from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.team_forms import day_field, member_choices
from coverage.handover_queries import Estate
from teams.models import Member
from users.models import User

AS_ALL, STAYS = "*", ""
LINE = "line-"


class WhoForm(forms.Form):
    """Who hands over to whom, where and from which day."""

    member = forms.ChoiceField(label=_("Who hands over"), widget=forms.Select(attrs={"data-search": ""}))
    account = forms.ChoiceField(label=_("At"), required=False, widget=forms.Select(attrs={"data-search": ""}))
    on = day_field(_("From the day"))
    heirs = forms.MultipleChoiceField(
        label=_("Successors"),
        widget=forms.SelectMultiple(attrs={"data-search": ""}),
        help_text=_("One or several. Who gets what is chosen line by line."),
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = member_choices(viewer)
        staffed = Account.objects.visible_to(viewer) & Account.objects.staffed_by(viewer)
        named = staffed.order_by("name", "id").values_list("code", "name")
        self.fields["member"].choices = people  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["heirs"].choices = people[1:]  # type: ignore[attr-defined]  # as above
        self.fields["account"].choices = [("", _("All accounts")), *named]  # type: ignore[attr-defined]  # as above

    def clean_heirs(self) -> list[str]:
        found: list[str] = self.cleaned_data["heirs"]
        if self.cleaned_data.get("member") in found:
            raise forms.ValidationError(_("A successor is another member."))
        return found


class WhatForm(forms.Form):
    """Which line goes to whom. Each has a field of its own: as all, nobody, or one of the successors."""

    everything = forms.ChoiceField(label=_("All lines to"), required=False)
    moves_splits = forms.BooleanField(
        label=_("Shares of the open deals go along"),
        required=False,
        help_text=_("Shares of closed deals always stay. A deal without shares counts for its owner."),
    )
    keeps_relationships = forms.BooleanField(
        label=_("The giver goes on tending the contacts"),
        required=False,
        help_text=_("Successors know the contacts with unknown strength either way."),
    )
    note = forms.CharField(label=_("Why, and what to know"), max_length=1000, required=False)
    steps = forms.CharField(
        label=_("Checklist"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text=_("One step a line."),
    )

    def __init__(self, *args: Any, estate: Estate, heirs: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estate = estate
        named = [(heir.email, str(heir)) for heir in heirs]
        self.fields["everything"].choices = [*named, (STAYS, _("nobody: line by line"))]  # type: ignore[attr-defined]
        offered = [(AS_ALL, _("as all")), *named, ("-", _("stays as it is"))]
        for item in estate.items:
            label = f"{item.kind_words}: {item.words}"
            self.fields[LINE + item.key] = forms.ChoiceField(
                choices=offered, required=False, label=label, initial=AS_ALL
            )

    @property
    def rows(self) -> list[tuple[Any, list[tuple[Any, Any]]]]:
        """The lines with their fields, under their accounts."""
        return [
            (account, [(item, self[LINE + item.key]) for item in items]) for account, items in self.estate.by_account
        ]

    def chosen(self) -> Mapping[str, str]:
        """An item's key → the successor's address; of what is handed over."""
        everything = self.cleaned_data.get("everything", "")
        found = {}
        for item in self.estate.items:
            given = self.cleaned_data.get(LINE + item.key) or AS_ALL
            heir = everything if given == AS_ALL else given
            if heir and heir != "-":
                found[item.key] = heir
        return found

    def steps_given(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data.get("steps", "").splitlines() if line.strip()][:50]


class StepForm(forms.Form):
    text = forms.CharField(label=_("One more step"), max_length=300)
