"""Where things open: the addresses of pages, those of other rooms by the names of their URLs."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse


def world() -> str:
    return reverse("workspace:regions")


def region(code: str) -> str:
    return reverse("workspace:region", args=[code])


def country(region_code: str, country: str) -> str:
    """A country as part of a region: its customers, in the months in which it stood there."""
    return reverse("workspace:country", args=[region_code, country])


def account(code: str) -> str:
    return reverse("accounts:detail", args=[code])


def unit(account_code: str, code: str) -> str:
    """A unit in its customer's structure, with the panel beside it."""
    return f"{reverse('coverage:structure', args=[account_code])}?{urlencode({'unit': code})}"


def opportunity(pk: int) -> str:
    return reverse("pipeline:detail", args=[pk])


def member(email: str) -> str:
    return reverse("members:detail", args=[email])


def query(params: Mapping[str, str]) -> str:
    """The parameters that say something."""
    return urlencode({name: value for name, value in params.items() if value})
