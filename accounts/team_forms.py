"""The forms of an account's team. A day that is left empty means: since ever, or for good."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamRole
from teams.queries import members
from users.models import User


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def member_choices(viewer: User) -> list[tuple[str, str]]:
    """Colleagues by name, told apart by their address."""
    named = sorted((str(one), one.email) for one in members(viewer=viewer))
    return [("", "–"), *((email, f"{name} · {email}" if name != email else email) for name, email in named)]


class _MemberForm(forms.Form):
    member = forms.ChoiceField(label=_("Member"), widget=forms.Select(attrs={"data-search": ""}))

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = member_choices(viewer)  # type: ignore[attr-defined]  # a ChoiceField


class _RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def _offer_roles(self, roles: Any) -> None:
        named = roles.order_by("position", "code").values_list("code", "name")
        self.fields["role"].choices = [("", "–"), *named]  # type: ignore[attr-defined]  # a ChoiceField


class AddForm(_MemberForm, _RoleForm):
    """Somebody comes into the team, in any role but the one that there is once."""

    on = day_field(_("From the day"), required=False, help_text=_("Empty: since ever."))
    until = day_field(_("Until before the day"), required=False, help_text=_("Empty: for good."))
    field_order = ("member", "role", "on", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_roles(TeamRole.objects.exclude(pk=GLOBAL_ACCOUNT_MANAGER))


class AppointForm(_MemberForm):
    """Somebody becomes the global account manager."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field(_("From the day"), help_text=_("Whoever is global account manager until then ends on that day."))


class CorrectForm(_RoleForm):
    """What is known of a membership, said anew."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field(_("From the day"), required=False, help_text=_("Empty: since ever."))
    until = day_field(_("Until before the day"), required=False, help_text=_("Empty: for good."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_roles(TeamRole.objects.all())


class EndForm(forms.Form):
    """A membership ends."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field(
        pgettext_lazy("of a membership", "Ends on"),
        help_text=_("The first day on which it no longer holds. A day before its begin takes it away."),
    )
