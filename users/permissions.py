"""Every permission of the product, in one enum, and which access gives which."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Access(models.TextChoices):
    """What a user is, as the administrator assigned it."""

    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    REGIONAL_LEAD = "regional_lead", _("Regional lead")
    EXECUTIVE = "executive", _("Executive")
    ADMINISTRATOR = "administrator", _("Administrator")
    VIEWER = "viewer", _("Viewer")


class Permission(models.TextChoices):
    """What a user may do. Rows that belong to an account are scoped further by `accounts/access.py`."""

    SEE_ALL_FIGURES = "see_all_figures", _("See all figures")
    SEE_ALL_ACCOUNTS = "see_all_accounts", _("See the name, structure and team of every account")
    EDIT_ACCOUNTS = "edit_accounts", _("Edit accounts, structures, contacts and coverage one may see")
    MERGE_ACCOUNTS = "merge_accounts", _("Merge accounts that are one customer, and take that back")
    EDIT_FACTS = "edit_facts", _("Edit opportunities and revenue one may see")
    CONFIGURE_REGIONS = "configure_regions", _("Configure regions and countries")
    CONFIGURE_RATES = "configure_rates", _("Configure currencies and rates")
    CONFIGURE_TEAMS = "configure_teams", _("Configure members, teams, roles and policies")
    CONFIGURE_PIPELINE = "configure_pipeline", _("Configure stages, products and quotas")
    MANAGE_USERS = "manage_users", _("Manage users and their access")
    IMPORT_DATA = "import_data", _("Import files")
    SEE_JOBS = "see_jobs", _("See jobs")


_WORK = {Permission.EDIT_ACCOUNTS, Permission.EDIT_FACTS}

GRANTED: dict[Access, frozenset[Permission]] = {
    Access.ACCOUNT_MANAGER: frozenset(_WORK),
    Access.REGIONAL_LEAD: frozenset(_WORK),
    Access.EXECUTIVE: frozenset({Permission.SEE_ALL_FIGURES, Permission.SEE_ALL_ACCOUNTS, Permission.SEE_JOBS}),
    Access.ADMINISTRATOR: frozenset(set(Permission) - {Permission.SEE_ALL_FIGURES}),
    Access.VIEWER: frozenset(),
}
