"""The Celery app; its settings are Django's under the prefix CELERY_."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery, signals

from gam.embedded.processes import dies_with_parent_now

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gam.settings")
app = Celery("gam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """A receiver of this signal tells Celery to leave the logging of `gam.logs` alone."""


@signals.worker_process_init.connect
def _die_with_worker(**_: Any) -> None:
    """A pool process whose worker was killed must not go on with its task beside the worker's successor."""
    dies_with_parent_now(signal.SIGKILL)
