from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.merging import Choices
from accounts.models import Account
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamRole
from users.models import User
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


class MergeForm(forms.Form):
    """Which account stays, and what a merge leaves to whoever does it. An unchosen `into` shows the first step only."""

    into = forms.ModelChoiceField(
        Account.objects.none(), to_field_name="code", label=_("Account that stays"), empty_label="–"
    )
    unit_prefix = forms.CharField(
        label=_("Prefix for unit codes that both have"),
        max_length=60,
        required=False,
        help_text=_(
            "Units are never merged with each other; of two with one code the one that comes gets this prefix."
        ),
    )
    manager_becomes = forms.ModelChoiceField(
        TeamRole.objects.none(),
        label=_("Its global account manager becomes"),
        required=False,
        empty_label=_("leaves the team"),
        help_text=_("For the days on which the account that stays has a global account manager of its own."),
    )
    moves_quotas = forms.BooleanField(
        label=_("Move its quotas"),
        required=False,
        help_text=_("Except where the other has one for some of the same days. Quotas are never added up."),
    )
    fills_blanks = forms.BooleanField(
        label=_("Take over what the other does not say of itself"),
        required=False,
        help_text=_("Tier, type, industry, head office, currency, LEI and website."),
    )
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(self, *args: Any, viewer: User, gone: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into, becomes = self.fields["into"], self.fields["manager_becomes"]
        assert isinstance(into, forms.ModelChoiceField)
        assert isinstance(becomes, forms.ModelChoiceField)
        into.queryset = Account.objects.visible_to(viewer).exclude(pk=gone.pk).order_by("name", "id")
        into.widget.attrs["data-search"] = ""
        becomes.queryset = TeamRole.objects.exclude(pk=GLOBAL_ACCOUNT_MANAGER).order_by("position", "code")
        explained = self.fields["unit_prefix"].help_text
        self.fields["unit_prefix"].help_text = f"{explained} {_('Left empty: %(code)s-.') % {'code': gone.code}}"

    @property
    def choices(self) -> Choices:
        given = self.cleaned_data
        role = given["manager_becomes"]
        return Choices(
            prefix=given["unit_prefix"],
            manager_becomes=role.pk if role else "",
            moves_quotas=given["moves_quotas"],
            fills_blanks=given["fills_blanks"],
        )
