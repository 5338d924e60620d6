from django.apps import AppConfig


class RollupsConfig(AppConfig):
    name = "rollups"

    def ready(self) -> None:
        from rollups.account_columns import register  # models are ready only now

        register()
