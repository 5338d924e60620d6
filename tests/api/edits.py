"""Random edits through the API, as people and programs would make them: the right ones and many that are refused."""

from __future__ import annotations

import random
from typing import Any

from rest_framework.test import APIClient

COUNTRIES = ("DE", "FR", "JP", "US", None)
CURRENCIES = ("EUR", "USD", "JPY", "ARS")
MONTHS = tuple(f"2024-{month:02d}-15" for month in range(1, 13))
ACCOUNTS = {"ACME": ("ACME-DE", "ACME-2", None), "OTHER": ("OTHER-JP", None)}
REGIONS = ("WORLD", "EUROPE", "ASIA")


class Editor:
    """Makes one edit after another; `answers` counts the statuses."""

    def __init__(self, client: APIClient, seed: int) -> None:
        self.client, self.any, self.number = client, random.Random(seed), 0
        self.answers: dict[int, int] = {}

    def edit(self) -> None:
        """One edit of any kind, or an attempt at one."""
        self.any.choice(
            (self.fact, self.fact, self.deal, self.deal, self.line, self.rate, self.country, self.tree, self.unit)
        )()

    def fact(self) -> None:
        self._change_or_add("revenue", self._revenue())

    def deal(self) -> None:
        self._change_or_add("opportunities", self._opportunity())

    def line(self) -> None:
        deals = self._listed("opportunities")
        if deals:
            deal = self.any.choice(deals)["external_id"]
            body = {"opportunity_external_id": deal, "line": self.any.randint(1, 4), "amount": self._amount()}
            self._change_or_add("opportunity-lines", body | {"country": self.any.choice(COUNTRIES)})

    def rate(self) -> None:
        body = {"base": "EUR", "currency": self.any.choice(CURRENCIES[1:3]), "date": self.any.choice(MONTHS)}
        self._change_or_add("exchange-rates", body | {"rate": f"{self.any.uniform(0.5, 200):.4f}"})

    def country(self) -> None:
        body = {"region_code": self.any.choice(REGIONS), "country": self.any.choice(COUNTRIES[:4])}
        self._change_or_add("region-countries", body | {"valid_from": self._first()})

    def tree(self) -> None:
        child, parent = self.any.sample(REGIONS, 2)
        self._change_or_add("region-links", {"child_code": child, "parent_code": parent, "valid_from": self._first()})

    def unit(self) -> None:
        account = self.any.choice(tuple(ACCOUNTS))
        child, parent = self.any.choice(ACCOUNTS[account]), self.any.choice(ACCOUNTS[account])
        body = {"account_code": account, "structure": "legal", "child_code": child, "parent_code": parent}
        self._change_or_add("org-links", body | {"valid_from": self._first()})

    def _revenue(self) -> dict[str, Any]:
        account = self.any.choice(tuple(ACCOUNTS))
        return {
            "external_id": f"edit-{self._next()}",
            "account_code": account,
            "org_unit_code": self.any.choice(ACCOUNTS[account]),
            "country": self.any.choice(COUNTRIES),
            "kind": self.any.choice(("recognised", "booked", "billed")),
            "date": self.any.choice(MONTHS),
            "amount": self._amount(),
            "currency": self.any.choice(CURRENCIES),
        }

    def _opportunity(self) -> dict[str, Any]:
        account = self.any.choice(tuple(ACCOUNTS))
        return {
            "external_id": f"deal-{self._next()}",
            "account_code": account,
            "org_unit_code": self.any.choice(ACCOUNTS[account]),
            "country": self.any.choice(COUNTRIES),
            "name": "A deal",
            "stage": self.any.choice(("proposal", "negotiation", "won", "lost")),
            "amount": self.any.choice((None, self._amount())),
            "currency": self.any.choice(CURRENCIES),
            "probability": self.any.choice((None, "12.5")),
            "close_date": self.any.choice(MONTHS),
        }

    def _change_or_add(self, slug: str, body: dict[str, Any]) -> None:
        listed = self._listed(slug)
        what = self.any.choice(("add", "change", "change", "move", "delete")) if listed else "add"
        if what == "add":
            return self._count(self.client.post(f"/api/v1/{slug}/", body, format="json"))
        address = f"/api/v1/{slug}/{self.any.choice(listed)['id']}/"
        if what == "delete":
            return self._count(self.client.delete(address))
        names = self.any.sample(sorted(body), self.any.randint(1, 3)) if what == "change" else sorted(body)
        return self._count(self.client.patch(address, {name: body[name] for name in names}, format="json"))

    def _listed(self, slug: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/api/v1/{slug}/?page_size=50").json()["results"]
        return found

    def _count(self, answer: Any) -> None:
        assert answer.status_code < 500, answer.content
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _amount(self) -> str:
        return f"{self.any.uniform(-500, 5000):.{self.any.randint(0, 4)}f}"

    def _first(self) -> str:
        return f"{self.any.choice((2023, 2024))}-{self.any.randint(1, 12):02d}-01"
