from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import models

from accounts import access
from core.periods import DatedQuerySet
from users.permissions import Permission

if TYPE_CHECKING:
    from accounts.models import Account, Contact, OrgLink, OrgUnit, Post, Relationship
    from accounts.restructured import Restructuring
    from users.models import User


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, viewer: User) -> AccountQuerySet:
        """Accounts whose name, structure and team `viewer` may see."""
        return self.filter(access.may_see_account(viewer, "pk"))

    def worked_by(self, viewer: User) -> AccountQuerySet:
        """Accounts that `viewer` sees whole: on the team today, granted, or everything."""
        return self.filter(access.may_see_whole_account(viewer, "pk"))

    def staffed_by(self, viewer: User) -> AccountQuerySet:
        """Accounts whose team `viewer` may change. Not every one she sees a part of: the team sees the account whole."""
        return self if viewer.may(Permission.SEE_ALL_ACCOUNTS) else self.worked_by(viewer)

    def lying_in(self, countries: Collection[str], *, viewer: User) -> AccountQuerySet:
        """Accounts with a unit in `countries`, or a fact there that `viewer` may see."""
        return self.filter(access.lies_in(viewer, countries, "pk"))

    def named(self, text: str) -> AccountQuerySet:
        """Accounts whose name holds every word of `text`, or whose code it is."""
        words = models.Q()
        for word in text.split()[:10]:
            words &= models.Q(name__icontains=word)
        return self.filter(words | models.Q(code__iexact=text.strip()))


class OrgUnitQuerySet(models.QuerySet["OrgUnit"]):
    def visible_to(self, viewer: User) -> OrgUnitQuerySet:
        return self.filter(access.may_see_account(viewer, "account_id"))

    def open_on(self, day: dt.date) -> OrgUnitQuerySet:
        """Units that exist on `day`: opened by then and not yet closed."""
        return self.filter(
            models.Q(opened_on__isnull=True) | models.Q(opened_on__lte=day),
            models.Q(closed_on__isnull=True) | models.Q(closed_on__gt=day),
        )


class OrgLinkQuerySet(DatedQuerySet["OrgLink"]):
    def visible_to(self, viewer: User) -> OrgLinkQuerySet:
        return self.filter(access.may_see_account(viewer, "account_id"))


class RestructuringQuerySet(models.QuerySet["Restructuring"]):
    def visible_to(self, viewer: User) -> RestructuringQuerySet:
        """What was done to a structure is seen with the structure."""
        return self.filter(access.may_see_account(viewer, "account_id"))


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, viewer: User) -> ContactQuerySet:
        """People at the customer belong to those who serve it: a lead sees name, structure and team only."""
        return self.filter(access.may_see_whole_account(viewer, "account_id"))


class PostQuerySet(DatedQuerySet["Post"]):
    def visible_to(self, viewer: User) -> PostQuerySet:
        return self.filter(access.may_see_whole_account(viewer, "contact__account_id"))


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def visible_to(self, viewer: User) -> RelationshipQuerySet:
        return self.filter(access.may_see_whole_account(viewer, "contact__account_id"))
