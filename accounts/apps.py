from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.following import goes_with_account, goes_with_its_rows  # models are ready only now
        from accounts.models import AccountGrant, Contact, OrgLink, OrgUnit, Post, Relationship
        from accounts.restructured import Restructuring

        goes_with_account(OrgUnit)
        goes_with_account(OrgLink)
        goes_with_account(Contact)
        goes_with_account(AccountGrant, clash="t.user_id = r.user_id")
        goes_with_account(Restructuring)
        goes_with_its_rows(Post)
        goes_with_its_rows(Relationship)
