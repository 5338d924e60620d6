from __future__ import annotations

from tests.boards import acme

__all__ = ["acme"]
