"""The assembly as a Django app: it owns the commands that run the product, and no model."""

from django.apps import AppConfig


class GamConfig(AppConfig):
    name = "gam"

    def ready(self) -> None:
        """Bind every `shared_task` to the product's Celery app in whatever process this is."""
        from gam.celery import app

        app.set_default()
