from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.permissions import Access


class InviteForm(forms.Form):
    """Somebody who is to sign in. `offered` are the kinds of access that the inviter may give."""

    email = forms.EmailField(label=_("E-mail address"))
    given_name = forms.CharField(label=_("Given name"), max_length=150, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    access = forms.ChoiceField(label=_("Access"))

    def __init__(self, *args: Any, offered: Sequence[Access], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        access = self.fields["access"]
        assert isinstance(access, forms.ChoiceField)
        access.choices = [(one.value, str(one.label)) for one in offered]
