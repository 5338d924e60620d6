"""Errors that a domain service raises and that pages, the API and commands know how to show."""

from __future__ import annotations


class DomainError(Exception):
    """A request that the domain refuses. `message` says what happened and what to do; it is translated."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotPermitted(DomainError):
    """The user may see the thing but not do this to it."""


class InUse(DomainError):
    """A delete that would lose facts. `counts` names them, e.g. `{"revenue entries": 12}`."""

    def __init__(self, message: str, *, counts: dict[str, int]) -> None:
        super().__init__(message)
        self.counts = counts
