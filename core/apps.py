from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.history import keep_from_nested_loops  # the models that it tracks are ready only now

        post_migrate.connect(keep_from_nested_loops, sender=apps.get_app_config("pghistory"))
