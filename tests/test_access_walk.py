"""Every address, page and API, with every role: the right answer, and nothing of a customer whom the reader may not see."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.models import Tier
from coverage import proposal_services
from coverage.models import CoveragePolicy
from coverage.proposal_models import Proposal
from imports.compared import Comparison
from imports.models import ImportBatch
from rollups import forecast_freezing, services
from tests import factories as make
from tests.api.bodies import NEW, furnish
from tests.cast import Cast, cast
from tests.walk import ROLES, SEE_FACT, SEE_NAME, SEE_WHOLE, World, stated_for

__all__ = ["cast"]

_GAP = r"[.,'\s\u00a0\u202f\u2019]?"
IN_GERMANY = re.compile(rf"(?<![0-9A-Za-z])424{_GAP}242(?![0-9])|(?<![0-9A-Za-z])424[.,]2\s?k")
ELSEWHERE = re.compile(rf"(?<![0-9A-Za-z])313{_GAP}131(?![0-9])|(?<![0-9A-Za-z])313[.,]1\s?k")
TOGETHER = re.compile(rf"(?<![0-9A-Za-z])737{_GAP}373(?![0-9])|(?<![0-9A-Za-z])737[.,]4\s?k")
FIGURES = {IN_GERMANY: SEE_FACT, ELSEWHERE: SEE_WHOLE, TOGETHER: SEE_WHOLE}
NAME = re.compile("acme", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver: its name, the names of its arguments, and its parts as a template."""

    name: str
    route: str
    arguments: tuple[str, ...]

    def filled(self, values: dict[str, Any]) -> str:
        path = self.route
        for argument in self.arguments:
            path = re.sub(rf"<(\w+:)?{argument}>", str(values[argument]), path)
        return "/" + path


def _addresses(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + _readable(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            arguments = tuple(re.findall(r"<(?:\w+:)?(\w+)>", route))
            # What has no name is stated by its route.
            name = f"{space}:{pattern.name}".strip(":") if pattern.name else route
            yield Address(name, route, arguments)
        else:
            yield from _addresses(pattern, route, ":".join(filter(None, [space, pattern.namespace])))


def _readable(pattern: str) -> str:
    """A regular expression's groups as `<name>`; its anchors and escapes left out."""
    return (
        re.sub(r"\(\?P<(\w+)>(?:\[[^\]]*\][+*]?|[^()]*)\)", r"<\1>", pattern)
        .strip("^$")
        .replace("\\", "")
        .replace("/$", "/")
    )


ADDRESSES = list(_addresses(get_resolver()))


@pytest.fixture
def world(cast: Cast) -> World:
    """Every kind of record of ACME, made through the API; a fact in Germany and one in a country that nobody leads."""
    furnish(cast.acme)
    unit = cast.acme.org_units.get(code="ACME-DE")
    day = dt.date(2024, 3, 15)
    make.RevenueEntryFactory(account=cast.acme, org_unit=unit, amount=Decimal("424242.42"), date=day)
    make.RevenueEntryFactory(account=cast.acme, country="US", amount=Decimal("313131.31"), date=day)
    client = APIClient()
    client.force_authenticate(cast.superuser)
    ids = {}
    for slug, (body, _change) in NEW.items():
        answer = client.post(f"/api/v1/{slug}/", body, format="json")
        assert answer.status_code == 201, (slug, answer.content)
        ids[slug] = answer.json()["id"]
    ids["handover"] = make.HandOverLineFactory(account=cast.acme).hand_over.pk
    ids["batch"] = ImportBatch.objects.create(by=cast.superuser, paths=["accounts.csv"]).pk
    compared = Comparison.objects.create(account=cast.acme, on=day, file="list.csv", content=b"name\nA", stage="ready")
    ids["comparison"] = compared.pk
    ids["proposal"] = _proposal(cast).pk
    services.drain()
    forecast_freezing.freeze(day)
    return World(cast, ids)


def _proposal(cast: Cast) -> Proposal:
    """Of the owner's, for all of ACME: its slot of a policy has nobody yet."""
    tier = Tier.objects.get(pk="strategic")
    cast.acme.tier = tier
    cast.acme.save()
    CoveragePolicy.objects.get_or_create(tier=tier, unit_kind="legal_entity", role_id="local_account_manager")
    cast.owner.refresh_from_db()
    found = proposal_services.queue_proposal(by=cast.owner, account="ACME")
    proposal_services.run_proposal(pk=found.pk)
    return found


def _client(world: World, role: str) -> Client:
    client = Client(raise_request_exception=False)  # a fault is a wrong answer like another
    if (user := world.user(role)) is not None:
        client.force_login(user)
    return client


def _text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")


def test_every_address_is_stated() -> None:
    unstated = sorted({found.name for found in ADDRESSES if stated_for(found.name) is None})
    assert unstated == [], "state in tests/walk.py who may open these"


@pytest.mark.parametrize("role", ROLES)
def test_the_walk(role: str, world: World) -> None:
    client, user, wrong, met = _client(world, role), world.user(role), [], set()
    for found in ADDRESSES:
        stated = stated_for(found.name)
        if stated is None:
            continue
        path = found.filled({**stated.kwargs(world)}) + stated.query
        answer = client.get(path)
        allowed = stated.statuses(role, user)
        if answer.status_code not in allowed:
            wrong.append(f"{path}: {answer.status_code}, not {sorted(allowed)}")
        text = _text(answer)
        wrong += [f"{path}: leaks {leak}" for leak in _leaks(role, text, path)]
        met |= {figure for figure in FIGURES if figure.search(text)}
        if found.name in {"account_logout", "account_login"}:
            client = _client(world, role)
    assert wrong == [], "\n".join(wrong)
    # Were the figures nowhere, their absence would prove nothing.
    assert met == {figure for figure, who in FIGURES.items() if role in who}


def _leaks(role: str, text: str, path: str) -> list[str]:
    own = text.replace(path, "")
    found = []
    if role not in SEE_NAME and NAME.search(own) and "ACME" not in path:
        found.append("the customer's name")
    if role not in SEE_NAME and "ACME" in path and re.search("Acme", own):
        found.append("the customer's name")
    for figure, who in FIGURES.items():
        if role not in who and (hit := figure.search(own)):
            found.append(f"the figure {hit.group()}")
    return found
