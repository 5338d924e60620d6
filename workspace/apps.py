from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspaceConfig(AppConfig):
    name = "workspace"
    verbose_name = _("Workspace")

    def ready(self) -> None:
        from workspace import work_contacts, work_slots  # models are ready only now

        work_contacts.register()
        work_slots.register()
