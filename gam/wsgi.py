"""The WSGI application: Django's, which can also give a connection away to a stream of news."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gam.settings")
django.setup(set_prefix=False)

from core.streams import NewsStream, take_over  # noqa: E402  Django must be set up before
from workspace.news import streams  # noqa: E402


class Application(WSGIHandler):
    """Django's handler; the connection of a `NewsStream` is no longer the server's afterwards."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        response = super().__call__(environ, start_response)
        if isinstance(response, NewsStream) and response.status_code == 200 and take_over(response, environ, streams()):
            response.close()
            raise StopIteration  # gunicorn's word for: nothing is left to be answered here
        return response


application = Application()
