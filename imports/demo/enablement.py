"""Plays, references and content, and where they were used. All of it is invented, in the languages of those it is for."""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass

from imports.demo.tables import Tables
from imports.demo.timeline import chance

_EARLY = "prospecting qualification"
_LATE = "proposal negotiation"
#: Countries of the region `MEA` in which customers have units.
_GULF_AND_NEAR = ("AE", "SA", "QA", "KW", "BH", "OM", "TR", "IL", "JO", "LB", "EG", "ZA", "MA", "NG", "KE", "TN", "DZ")


@dataclass(frozen=True, slots=True)
class Play:
    """A row of `plays`; `fits` holds the columns that narrow it."""

    code: str
    kind: str
    title: str
    purpose: str
    text: str
    languages: str = "en"
    stages: str = ""
    roles: str = ""
    since: str = ""
    until: str = ""
    fits: tuple[tuple[str, str], ...] = ()


PLAYS = (
    Play(
        "PLAY-PLANT-WALK", "play", "Walk the plant before the specification",
        "See the line with its users before anything is written down.",
        "Ask for half a day on the line.\n\nBring an engineer, no slides. Note what stops the line, how often, and who is"
        " called. Send the notes back within two days, as the customer’s own list.",
        "en", "prospecting", "user influencer champion",
    ),
    Play(
        "PLAY-VALUE-CASE", "play", "Count the value with the economic buyer",
        "A shared sheet of what standing still costs.",
        "Fill in the sheet together: hours lost, scrap, energy, calibration.\n\nOnly the customer’s own numbers. Leave"
        " cells empty that nobody knows.",
        "en", "qualification proposal", "economic_buyer decision_maker",
    ),
    Play(
        "PLAY-WERTRECHNUNG", "play", "Wertrechnung mit dem Einkauf",
        "Was Stillstand kostet, in den Zahlen des Kunden.",
        "Gemeinsam ausfüllen: Ausfallstunden, Ausschuss, Energie, Kalibrierung.\n\nUnbekanntes bleibt leer.",
        "de", "qualification proposal", "economic_buyer gatekeeper",
    ),
    Play(
        "PLAY-RISK-WORKSHOP", "play", "Risk workshop for control systems",
        "Cut-over risks named by those who run the plant.",
        "Three hours, six people: operations, IT, quality, maintenance, ours twice.\n\nEnd with a cut-over plan that has"
        " a way back for each step.",
        "en", "proposal", "blocker gatekeeper champion", "2023-01-01", "", (("product_code", "AUT"),),
    ),
    Play(
        "PLAY-FRAME-TERMS", "play", "From single orders to a frame agreement",
        "How to bring sites under one price list.",
        "List what each site pays today.\n\nOffer the corridor first, then volumes. Legal joins before numbers are sent.",
        "en", "negotiation", "economic_buyer", "2024-01-01", "", (("product_code", "SVC"),),
    ),
    Play(
        "PLAY-TENDER-JP", "play", "稟議を支える資料づくり",
        "社内の合意形成に必要な資料をそろえる。",
        "関係部署ごとに一枚ずつ用意する。\n\n比較表、移行計画、保守体制。押しつけず、問いに答える。",
        "ja", "proposal negotiation", "decision_maker influencer", "2023-04-01", "", (("country", "JP"),),
    ),
    Play(
        "PLAY-OLD-DISCOUNT", "play", "Year-end discount letter",
        "Ended: it moved orders, it did not add any.",
        "A letter to all open proposals in November.",
        "en", "proposal negotiation", "", "2022-01-01", "2025-01-01",
    ),
    Play(
        "REF-NOVO-CLEANROOM", "reference", "Kalundborg: cleanroom air in a running plant",
        "An expansion without a day of standstill.",
        "Two years, four buildings, no day lost.\n\nAsk the account’s manager before a visit.",
        "en;da", _LATE, "decision_maker champion", "2026-02-01", "",
        (("account_code", "NOVO-HOLDINGS"), ("released", "true"), ("industry", "Pharmaceuticals")),
    ),
    Play(
        "REF-ROCHE-HISTORIAN", "reference", "One historian for all plants",
        "Batch data of many sites in one place.",
        "Penzberg first, then Basel.\n\nNot released: for the account’s own team only.",
        "en;de", _LATE, "influencer champion", "2026-03-01", "",
        (("account_code", "ROCHE"), ("product_code", "SFT")),
    ),
    Play(
        "REF-SIEMENS-ROBOTS", "reference", "Handling robots in an electronics works",
        "Payback measured by the works itself.",
        "The works’ own numbers, six months after the start.",
        "de;en", "", "decision_maker economic_buyer", "2024-06-01", "",
        (("account_code", "SIEMENS"), ("released", "true"), ("product_code", "AUT-ROB")),
    ),
    Play(
        "CONTENT-INTRO", "content", "Who Meridian is, in five pages",
        "For a first meeting.",
        "Five pages, no prices.",
        "en;de;fr;es;it;pt;pl;zh;ja", "prospecting", "",
    ),
    Play(
        "CONTENT-FILTRATION-FR", "content", "Filtration stérile : guide de qualification",
        "Pour la qualité et la validation.",
        "Essais, fréquences, documents à fournir.",
        "fr", _EARLY, "gatekeeper user influencer", "2022-06-01", "", (("product_code", "FLT"),),
    ),
    Play(
        "CONTENT-CALIBRATION", "content", "Calibration outsourcing: who does what",
        "A table of duties to agree on.",
        "Duties by step: plan, calibrate, adjust, document, release.",
        "en;es;pt", "qualification proposal", "user gatekeeper", "2022-01-01", "", (("product_code", "SVC-CAL"),),
    ),
    Play(
        "CONTENT-SECURITY", "content", "Security of plant software: questions and answers",
        "For IT security, before it asks.",
        "Architecture, updates, access, logging, and what we do not do.",
        "en;de", "", "blocker", "2023-09-01", "", (("product_code", "SFT"),),
    ),
    Play(
        "CONTENT-GULF", "content", "الصيانة في المناخ الحار",
        "كيف تعمل أجهزتنا في حرارة عالية.",
        "نتائج القياس في ثلاثة مواقع.",
        "ar;en", "", "user influencer", "2024-01-01", "", (("region_code", "MEA"),),
    ),
)  # fmt: skip


def add_plays(tables: Tables) -> None:
    """Fill `plays`."""
    for play in PLAYS:
        tables.add(
            "plays", code=play.code, kind=play.kind, title=play.title, purpose=play.purpose, text=play.text,
            languages=play.languages, stages=play.stages.replace(" ", ";"), buying_roles=play.roles.replace(" ", ";"),
            valid_from=play.since, valid_to=play.until, **dict(play.fits),
        )  # fmt: skip


def add_uses(tables: Tables, last: dt.date) -> None:
    """Fill `play_uses` from the deals that are there, each on a day on which its deal stood in a stage of the play."""
    stays, people = _stays(tables, last), _people(tables)
    countries = {(row["account_code"], row["code"]): row["country"] for row in tables.rows["org_units"]}
    industries = {row["code"]: row["industry"] for row in tables.rows["accounts"]}
    for deal in tables.rows["opportunities"]:
        rng = chance("plays", deal["external_id"])
        if rng.random() > {"won": 0.6, "lost": 0.42}.get(deal["stage"], 0.4):
            continue
        found = [
            (play, stay)
            for play in PLAYS
            if _fits(
                play, deal, industries[deal["account_code"]], countries[deal["account_code"], deal["org_unit_code"]]
            )
            for stay in stays.get(deal["external_id"], ())
            if _day_in(play, *stay)
        ]
        taken: set[tuple[str, str]] = set()
        for play, (stage, since, until) in rng.sample(found, min(len(found), rng.choice((1, 1, 2, 2, 3)))):
            if (play.code, stage) in taken:
                continue
            taken.add((play.code, stage))
            first = max(since, dt.date.fromisoformat(play.since or "0001-01-01"))
            ended = min(until, dt.date.fromisoformat(play.until) if play.until else until)
            person = _for_whom(play, people.get(deal["account_code"], []), rng)
            tables.add(
                "play_uses", external_id=f"U-{deal['external_id']}-{len(taken)}",
                opportunity_external_id=deal["external_id"], play_code=play.code, stage=stage,
                used_on=first + dt.timedelta(days=rng.randrange(max((ended - first).days, 1))),
                member_email=deal["owner_email"], contact_external_id=person.get("external_id", ""),
                buying_role=person.get("buying_role", ""), language=_language(play, person),
            )  # fmt: skip


Stay = tuple[str, dt.date, dt.date]


def _stays(tables: Tables, last: dt.date) -> dict[str, list[Stay]]:
    """By deal, the stages that it stood in while it was open, each from a day until before another."""
    changes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in tables.rows["stage_history"]:
        changes[row["opportunity_external_id"]].append((row["changed_at"][:10], row["stage"]))
    found = {}
    for deal, steps in changes.items():
        ends = [*(day for day, _stage in steps[1:]), (last + dt.timedelta(days=1)).isoformat()]
        found[deal] = [
            (stage, dt.date.fromisoformat(day), dt.date.fromisoformat(end))
            for (day, stage), end in zip(steps, ends, strict=True)
            if stage not in ("won", "lost") and day < end
        ]
    return found


def _people(tables: Tables) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in tables.rows["contacts"]:
        found[row["account_code"]].append(row)
    return found


def _fits(play: Play, deal: dict[str, str], industry: str, country: str) -> bool:
    """By product, customer, industry and place, as far as a demo needs it."""
    fits = dict(play.fits)
    if play.kind == "reference" and fits.get("released") != "true" and fits["account_code"] != deal["account_code"]:
        return False
    if not deal["product_code"].startswith(fits.get("product_code", "")):
        return False
    if fits.get("industry", industry) != industry:
        return False
    if "region_code" in fits:
        return country in _GULF_AND_NEAR
    return fits.get("country", country) == country


def _day_in(play: Play, stage: str, since: dt.date, until: dt.date) -> bool:
    is_meant = not play.stages or stage in play.stages.split()
    return is_meant and play.since < until.isoformat() and (not play.until or since.isoformat() < play.until)


def _for_whom(play: Play, people: list[dict[str, str]], rng: random.Random) -> dict[str, str]:
    """Somebody with one of the play's roles; one in five uses was for nobody in particular."""
    wanted = [row for row in people if row["buying_role"] in play.roles.split()] if play.roles else people
    return rng.choice(wanted) if wanted and rng.random() < 0.8 else {}


def _language(play: Play, person: dict[str, str]) -> str:
    """One that the person speaks, or else the play's first."""
    listed, spoken = play.languages.split(";"), person.get("languages", "").split(";")
    return next((code for code in listed if code in spoken), listed[0])
