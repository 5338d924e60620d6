"""The WSGI application: Django's, which can also give a connection away to a stream of news."""

from __future__ import annotations

import gc
import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gam.settings")
django.setup(set_prefix=False)

from django.urls import get_resolver  # noqa: E402  Django must be set up before

from core.streams import NewsStream, take_over  # noqa: E402  the same
from workspace.news import streams  # noqa: E402  the same


class Application(WSGIHandler):
    """Django's handler; the connection of a `NewsStream` is no longer the server's afterwards."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        response = super().__call__(environ, start_response)
        if isinstance(response, NewsStream) and response.status_code == 200 and take_over(response, environ, streams()):
            response.close()
            raise StopIteration  # gunicorn's word for: nothing is left to be answered here
        return response


application = Application()

# Pages are loaded now rather than by the first reader. What is there stays for good and is left out of what the collector
# looks through; with thousands of rows at hand for one page it otherwise took half of the page's time.
get_resolver().url_patterns  # noqa: B018  looked at so that it is loaded
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 20)
