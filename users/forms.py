from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.models import User
from users.permissions import GRANTED, Access, Permission


class AccessForm(forms.Form):
    access = forms.ChoiceField(label=_("Access"), choices=Access.choices)
    extra_permissions = forms.MultipleChoiceField(
        label=_("Extra permissions"),
        choices=Permission.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Beyond what the access gives."),
    )
    is_active = forms.BooleanField(label=_("May sign in"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {n: getattr(user, n) for n in ("access", "extra_permissions", "is_active")}


def granted_words() -> list[tuple[str, list[str]]]:
    """What each kind of access gives, in words."""
    return [(str(a.label), [str(p.label) for p in Permission if p in GRANTED[a]]) for a in Access]
