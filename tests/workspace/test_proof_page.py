"""Every figure on a page opens its proof, and what the proof adds up to is the figure."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db

YEAR = "from=2025-01&to=2025-12&currency=EUR"


def _links(text: str) -> list[tuple[str, str]]:
    """The address of each proof on a page, and the full figure that stands in the link."""
    found = []
    for href, inside in re.findall(r'<a class="proves" href="([^"]+)".*?>(.*?)</a>', text, re.DOTALL):
        full = re.search(r'title="([\d,]+\.\d\d)[" ]', inside) or re.match(r"([\d,.]+)", re.sub(r"<[^>]+>", "", inside))
        assert full, inside
        found.append((unescape(href), full.group(1).replace(",", "")))
    return found


def _copied(text: str) -> str:
    found = re.search(r'data-copy="([^"]+)"', text)
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("executive", "/regions/"),
        ("executive", "/regions/EUROPE/"),
        ("executive", "/regions/EUROPE/countries/DE/"),
        ("executive", "/accounts/ACME/figures/"),
        ("europe_lead", "/"),
        ("owner", "/"),
    ],
)
def test_every_figure_opens_a_proof_that_adds_up_to_it(money: Cast, client: Client, who: str, path: str) -> None:
    client.force_login(getattr(money, who))
    links = _links(client.get(f"{path}?{YEAR}").content.decode())
    assert len(links) >= 4
    if who != "owner":  # whose home has no tiles
        assert {href.rpartition("measure=")[2] for href, _ in links} >= {"opportunities_open", "opportunities_won"}
    for href, shown in links:
        answer = client.get(href)
        assert answer.status_code == 200, href
        assert Decimal(_copied(answer.content.decode())) == Decimal(shown), href


@pytest.mark.parametrize(
    ("who", "path"), [("executive", "/regions/EUROPE/"), ("executive", "/accounts/ACME/figures/"), ("europe_lead", "/")]
)
def test_native_tiles_open_the_facts_of_every_currency(money: Cast, client: Client, who: str, path: str) -> None:
    client.force_login(getattr(money, who))
    page = client.get(f"{path}?{YEAR.replace('EUR', 'native')}").content.decode()
    figures = re.findall(r'<div class="tile-figure">(.*?)</div>', page, re.DOTALL)
    assert len(figures) == 5
    links = [link for figure in figures for link in re.findall(r'href="([^"]+measure=revenue[^"]*)"', figure)]
    proof = client.get(unescape(links[0])).content.decode()
    assert {"USD", "ARS", "EUR"} <= set(re.findall(r"\b[A-Z]{3}\b", proof))


def test_a_month_of_an_account_has_its_own_proof(money: Cast, client: Client) -> None:
    client.force_login(money.executive)
    page = client.get(f"/figures/proof/?of=account&account=ACME&measure=revenue&month=2025-10&{YEAR}").content.decode()
    assert _copied(page) == "500.05"
    assert "1 fact" in page


def test_a_proof_opens_beside_the_page_or_as_one(money: Cast, client: Client) -> None:
    client.force_login(money.executive)
    address = f"/figures/proof/?region=EUROPE&measure=revenue&{YEAR}"
    part = client.get(address, headers={"HX-Request": "true", "HX-Target": "sheet-content"}).content.decode()
    whole = client.get(address).content.decode()
    assert "<html" not in part
    assert "<html" in whole
    assert _copied(part) == _copied(whole)


def test_what_is_left_out_is_said_and_listed(money: Cast, client: Client) -> None:
    client.force_login(money.executive)
    page = client.get(f"/figures/proof/?region=EUROPE&measure=revenue&{YEAR}").content.decode()
    assert "No rate in reach" in page
    (href,) = re.findall(r'href="([^"]+excluded=no_rate[^"]*)"', page)
    listed = re.sub(r"<[^>]+>", "", client.get(unescape(href)).content.decode())
    assert "150,000.00" in listed


def test_a_lead_is_told_that_she_sees_a_part(money: Cast, client: Client) -> None:
    client.force_login(money.europe_lead)
    page = client.get(f"/figures/proof/?measure=revenue&{YEAR}").content.decode()
    assert "You see a part of this" in page
    assert "Some facts are not for you to see" in page
    assert "Japan" not in page


def test_outsiders_find_no_proof(money: Cast, client: Client) -> None:
    client.force_login(money.outsider)
    assert client.get(f"/figures/proof/?of=account&account=ACME&measure=won&{YEAR}").status_code == 404
    assert client.get(f"/figures/proof/?measure=nothing&{YEAR}").status_code == 404


def test_a_file_holds_every_fact_and_the_lens(money: Cast, client: Client) -> None:
    client.force_login(money.executive)
    answer = client.get(f"/figures/proof/?region=EUROPE&measure=revenue&format=csv&{YEAR}")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]  # a streamed answer
    head = [line[0] for line in lines if line and line[0].startswith("#")]
    assert any("Revenue recognised of" in line for line in head)
    table = lines[len(head) :]
    at = table[0].index("Converted, EUR")
    assert sum(Decimal(row[at]) for row in table[1:]) == Decimal(
        _copied(client.get(f"/figures/proof/?region=EUROPE&measure=revenue&{YEAR}").content.decode())
    )
