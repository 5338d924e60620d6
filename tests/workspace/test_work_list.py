"""The work list: what waits for whom and why, ranked, acted on in place, put off, and its money counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import work
from accounts.models import BuyingRole, Relationship, Tier
from accounts.work import Ask, Found, Whose, WorkItem, WorkSource
from core.errors import DomainError, NotPermitted
from coverage.models import CoveragePolicy
from pipeline.deal_models import DealContact
from pipeline.models import Opportunity, Stage
from rollups import services as rollups
from tests import factories as make
from tests.cast import Cast
from tests.workspace.waiting import ON, client_of, entered, listed, overdue, step, subjects
from users.models import User
from workspace import work_services

pytestmark = pytest.mark.django_db


def test_a_deal_whose_day_has_passed_waits_for_its_owner_and_says_why(day: Cast) -> None:
    overdue(day)
    overdue(day, "Later", close_date=ON)
    (line,) = listed(day.owner).lines
    assert line.item.subject == "Robots"
    assert line.why == "Still open, and was to close on 1 Oct 2025."
    assert (line.days, line.amount, line.currency) == (19, Decimal("500.00"), "EUR")


def test_hers_are_her_own_deals_and_those_of_her_accounts_that_nobody_owns(day: Cast) -> None:
    overdue(day, "Hers")
    overdue(day, "Nobody’s", owner=None)
    overdue(day, "A colleague’s", owner=make.MemberFactory())
    assert sorted(subjects(day.owner)) == ["Hers", "Nobody’s"]
    assert len(subjects(day.owner, whose=Whose.ACCOUNTS)) == 3


def test_others_find_nothing_of_a_customer_they_do_not_see(day: Cast) -> None:
    overdue(day)
    assert subjects(day.outsider) == subjects(day.asia_lead) == subjects(day.viewer) == []
    assert subjects(day.europe_lead) == subjects(day.executive) == ["Robots"]
    assert "Robots" not in client_of(day.outsider).get("/work/?whose=sight").content.decode()
    assert client_of(day.outsider).get("/work/?account=ACME").status_code == 404


def test_a_lead_is_shown_the_part_of_a_deal_that_she_may_see(day: Cast) -> None:
    deal = overdue(day, amount=None)
    make.OpportunityLineFactory(opportunity=deal, country="DE", amount=Decimal("100.00"))
    make.OpportunityLineFactory(opportunity=deal, country="JP", amount=Decimal("900.00"))
    assert listed(day.europe_lead).total.amount == Decimal("100.00")
    assert listed(day.owner).total.amount == Decimal("1000.00")


def test_a_deal_with_several_reasons_members_lines_and_contacts_counts_once(day: Cast) -> None:
    """Two members, two products, two books, two contacts, and four reasons: its day has passed, it stalls, nobody decides, and
    its next step is due."""
    deal = overdue(day, amount=None, stage=Stage.objects.get(pk="negotiation"))
    step(deal, ON)
    for n in range(5):
        other = overdue(day, f"Left {n}", stage=Stage.objects.get(pk="lost"), owner=None)
        entered(other, "negotiation", dt.date(2025, 1, 1))
        entered(other, "lost", dt.date(2025, 1, 2))
    entered(deal, "negotiation", dt.date(2025, 9, 1))
    for n, percent in enumerate((60, 40)):
        product = make.ProductFactory()
        make.OpportunityLineFactory(opportunity=deal, product=product, amount=Decimal("250.00"))
        member = make.MemberFactory()
        make.OpportunitySplitFactory(opportunity=deal, member=member, type="overlay", percent=Decimal(percent))
        make.TeamMemberFactory(team=day.acme.team, member=member)
        person = make.ContactFactory(account=day.acme, external_id=f"person-{n}")
        DealContact.objects.create(account=day.acme, opportunity=deal, contact=person, buying_role=BuyingRole.CHAMPION)
    found = listed(day.owner)
    kinds = [line.source.code for line in found.lines]
    assert sorted(kinds) == ["close_date", "missing_roles", "next_step", "stalled"]
    assert [line.amount for line in found.lines] == [Decimal("500.00")] * 4
    assert (found.total.deals, found.total.amount) == (1, Decimal("500.00"))


class another_source:  # noqa: N801  read as a sentence: with another_source
    """A source of a room that comes later, for as long as the block lasts."""

    def __init__(self, find: Callable[[Ask], Found], urgency: int = 100) -> None:
        self.source = WorkSource(
            code="later",
            label="Later",
            explains="",
            urgency=urgency,
            find=find,
            why=lambda item: "Because.",
        )

    def __enter__(self) -> None:
        work.gives_work(self.source)

    def __exit__(self, *_: object) -> None:
        work._sources.pop("later")


def test_a_room_that_comes_later_brings_its_own_work(day: Cast) -> None:
    request = WorkItem(key="1", subject="Japan asks for a price", url="/desk/1/", since=dt.date(2025, 10, 10))
    with another_source(lambda ask: Found([request], "Two requests are not in your language.")):
        html = unescape(client_of(day.owner).get("/work/").content.decode())
    assert "Japan asks for a price" in html
    assert "Because." in html
    assert "Two requests are not in your language." in html


def test_money_without_a_rate_is_counted_and_in_no_total(day: Cast) -> None:
    overdue(day)
    overdue(day, "Pumps", currency_id="ARS")
    overdue(day, "Unknown", amount=None)
    found = listed(day.owner)
    assert found.total == type(found.total)(3, Decimal("500.00"), 1, 1, 0, "EUR")
    assert {line.item.subject: str(line.amount) for line in found.lines} == {
        "Robots": "500.00", "Pumps": "unknown", "Unknown": "unknown",
    }  # fmt: skip


def test_what_presses_more_is_later_or_larger_stands_first(day: Cast) -> None:
    overdue(day, "Small", amount=Decimal("10.00"))
    overdue(day, "Large", amount=Decimal("1000.00"))
    overdue(day, "Large and late", amount=Decimal("1000.00"), close_date=dt.date(2025, 9, 1))
    assert subjects(day.owner) == ["Large and late", "Large", "Small"]


def test_the_points_of_a_thing_are_the_sum_of_its_parts_and_the_unknown_takes_no_side(day: Cast) -> None:
    overdue(day)
    quiet_contact(day, dt.date(2025, 1, 1))
    for line in listed(day.owner).lines:
        points = [line.rank.points(part) for part in line.rank.parts]
        assert sum(p for p in points if p is not None) == line.rank.value
    contact = next(line for line in listed(day.owner).lines if line.item.deal is None)
    assert [part.code for part in contact.rank.parts if part.value is None] == ["money"]


def test_a_kind_is_counted_whichever_kind_is_shown(day: Cast) -> None:
    overdue(day)
    quiet_contact(day, dt.date(2025, 1, 1))
    found = listed(day.owner, kind="quiet_contact")
    assert [line.source.code for line in found.lines] == ["quiet_contact"]
    assert {source.code: n for source, n in found.counts if n} == {"close_date": 1, "quiet_contact": 1}
    assert found.total.deals == 0


def test_pages_follow_each_other_by_place_also_when_what_they_ended_with_is_done(day: Cast) -> None:
    deals = [overdue(day, f"Deal {n}", amount=Decimal(1000 - n)) for n in range(65)]
    client = client_of(day.owner)
    seen, url = [], "/work/"
    while url:
        screen = client.get(url).context["screen"]
        seen += [one.line.item.subject for one in screen.lines]
        url = screen.next_url
        last = screen.lines[-1].line.item.deal
        Opportunity.objects.filter(pk=last).update(close_date=ON)
    assert sorted(seen) == sorted(deal.name for deal in deals)


def test_the_close_date_is_set_where_it_stands_and_the_line_goes_by_itself(day: Cast) -> None:
    deal = overdue(day)
    client = client_of(day.owner)
    sent = {"source": "close_date", "key": deal.pk, "close_date": "2025-12-01", "seen": "2025-10-01"}
    page = client.post("/work/act/", sent, follow=True)
    deal.refresh_from_db()
    assert deal.close_date == dt.date(2025, 12, 1)
    assert "It closes on 1 Dec 2025 now." in page.content.decode()
    assert subjects(day.owner) == []
    client.post("/work/undo/")
    deal.refresh_from_db()
    assert deal.close_date == dt.date(2025, 10, 1)
    assert subjects(day.owner) == ["Robots"]


def test_a_day_that_has_passed_and_somebody_else_s_change_are_refused_with_a_reason(day: Cast) -> None:
    deal = overdue(day)
    client = client_of(day.owner)
    sent = {"source": "close_date", "key": deal.pk, "close_date": "2025-10-19", "seen": "2025-10-01"}
    assert "That day has passed" in client.post("/work/act/", sent).content.decode()
    Opportunity.objects.filter(pk=deal.pk).update(close_date=dt.date(2025, 10, 5))
    answer = client.post("/work/act/", {**sent, "close_date": "2025-12-01"})
    assert answer.status_code == 422
    assert "let this deal close on 5 Oct 2025 meanwhile" in unescape(answer.content.decode())
    deal.refresh_from_db()
    assert deal.close_date == dt.date(2025, 10, 5)


def test_who_does_not_see_a_deal_or_may_not_edit_it_changes_nothing(day: Cast) -> None:
    deal = overdue(day)
    sent = {"source": "close_date", "key": deal.pk, "close_date": "2025-12-01", "seen": "2025-10-01"}
    assert client_of(day.outsider).post("/work/act/", sent).status_code == 404
    assert client_of(day.executive).post("/work/act/", sent).status_code == 422
    assert client_of(day.owner).post("/work/act/", {**sent, "source": "nothing"}).status_code == 404
    deal.refresh_from_db()
    assert deal.close_date == dt.date(2025, 10, 1)


def test_a_thing_is_put_off_for_one_reader_until_a_day_and_that_is_undone(day: Cast, settings: object) -> None:
    deal = overdue(day, owner=None)
    client = client_of(day.owner)
    sent = {"source": "close_date", "key": deal.pk, "day": "2025-10-23"}
    page = client.post("/work/snooze/", sent, follow=True)
    assert "Put off until 23 Oct 2025." in page.content.decode()
    assert subjects(day.owner) == []
    assert subjects(day.owner, is_snoozed=True) == ["Robots"]
    assert subjects(day.europe_lead) == ["Robots"]
    settings.GAM_AS_OF = dt.date(2025, 10, 23)  # type: ignore[attr-defined]  # pytest-django's settings
    assert subjects(day.owner) == ["Robots"]
    settings.GAM_AS_OF = ON  # type: ignore[attr-defined]  # the same
    client.post("/work/undo/")
    assert subjects(day.owner) == ["Robots"]


def test_a_thing_is_not_put_off_to_a_day_that_has_come_nor_for_ever(day: Cast) -> None:
    for until in (ON, dt.date(2027, 1, 1)):
        with pytest.raises(DomainError):
            work_services.snooze_item(source="close_date", key="1", until=until, by=day.owner)
    with pytest.raises(DomainError):
        work_services.snooze_item(source="nothing", key="1", until=dt.date(2025, 10, 22), by=day.owner)


def quiet_contact(cast: Cast, last: dt.date | None, tier: str | None = None) -> Relationship:
    """Somebody at ACME whom the owner met last on that day."""
    cast.acme.tier = Tier.objects.get(pk=tier) if tier else None
    cast.acme.save()
    person = make.ContactFactory(account=cast.acme, given_name="Jo", family_name="Park")
    return Relationship.objects.create(contact=person, member=cast.owner.member, last_contact_on=last)


@pytest.mark.parametrize(("tier", "days"), [("strategic", 30), ("global", 45), ("key", 60), (None, 90)])
def test_somebody_goes_quiet_by_the_rhythm_of_the_tier(day: Cast, tier: str | None, days: int) -> None:
    known = quiet_contact(day, ON - dt.timedelta(days=days), tier)
    assert subjects(day.owner) == []
    Relationship.objects.filter(pk=known.pk).update(last_contact_on=ON - dt.timedelta(days=days + 1))
    (line,) = listed(day.owner).lines
    assert line.source.code == "quiet_contact"
    assert f"met every {days} days" in line.why


def test_an_unknown_day_is_its_own_kind_and_never_quiet(day: Cast) -> None:
    quiet_contact(day, None)
    (line,) = listed(day.owner).lines
    assert (line.source.code, line.days) == ("unknown_contact", None)


def test_a_colleague_s_contact_waits_for_the_colleague_and_the_latest_of_the_team_counts(day: Cast) -> None:
    known = quiet_contact(day, dt.date(2025, 1, 1))
    colleague = make.MemberFactory()
    Relationship.objects.create(contact=known.contact, member=colleague, last_contact_on=ON)
    assert subjects(day.owner) == ["Jo Park"]
    assert subjects(day.owner, whose=Whose.ACCOUNTS) == []


def test_a_contact_is_noted_where_it_stands_and_taken_back(day: Cast) -> None:
    known = quiet_contact(day, dt.date(2025, 1, 1))
    client = client_of(day.owner)
    sent = {"source": "quiet_contact", "key": known.contact_id, "on": "2025-10-19", "seen": "2025-01-01"}
    client.post("/work/act/", sent)
    known.refresh_from_db()
    assert known.last_contact_on == dt.date(2025, 10, 19)
    assert subjects(day.owner) == []
    client.post("/work/undo/")
    known.refresh_from_db()
    assert known.last_contact_on == dt.date(2025, 1, 1)
    assert client.post("/work/act/", {**sent, "on": "2025-10-21"}).status_code == 422


def test_empty_slots_wait_with_their_gap_in_money_and_lead_to_the_board(day: Cast) -> None:
    day.acme.tier = Tier.objects.get(pk="strategic")
    day.acme.save()
    CoveragePolicy.objects.create(
        tier=day.acme.tier, unit_kind="legal_entity", role_id="local_account_manager", weight=1
    )
    unit = day.acme.org_units.get(code="ACME-DE")
    make.RevenueEntryFactory(account=day.acme, org_unit=unit, date=dt.date(2025, 3, 5), amount=Decimal("700.00"))
    rollups.drain()
    (line,) = listed(day.owner).lines
    assert line.amount == Decimal("700.00")
    assert line.why == "1 slot is empty: Local account manager of Unit ACME-DE."
    assert line.item.url == "/accounts/ACME/alignment/?look=list&state=empty"
    assert listed(day.owner).total.deals == 0


def test_an_administrator_sets_the_rhythm_and_nobody_else(day: Cast) -> None:
    quiet_contact(day, ON - dt.timedelta(days=40), "strategic")
    assert subjects(day.owner) == ["Jo Park"]
    with pytest.raises(NotPermitted):
        work_services.set_rhythms(days={"strategic": 60}, by=day.owner)
    client = client_of(day.administrator)
    client.post("/set-up/rhythms/", {"strategic": "60", "global": "45", "key": ""})
    assert subjects(day.owner) == []
    assert client.post("/set-up/rhythms/", {"strategic": "0"}).status_code == 422


def test_nothing_waits_and_the_page_says_so(day: Cast) -> None:
    assert "Nothing waits" in client_of(day.owner).get("/work/").content.decode()
    assert "Nothing matches" in client_of(day.owner).get("/work/?kind=close_date").content.decode()


def test_the_part_that_htmx_swaps_is_the_part_of_the_page(day: Cast) -> None:
    overdue(day)
    client = client_of(day.owner)
    part = client.get("/work/", headers={"HX-Request": "true", "HX-Target": "work"}).content.decode()
    assert part.lstrip().startswith('<div id="work"')
    assert "Robots" in part
    assert "<html" not in part


def asked(user: User) -> int:
    client = client_of(user)
    client.get("/work/")
    with CaptureQueriesContext(connection) as statements:
        assert client.get("/work/").status_code == 200
    return len([one for one in statements if "SAVEPOINT" not in one["sql"]])


def test_the_list_asks_as_many_statements_for_many_deals_as_for_few(day: Cast) -> None:
    def some(count: int) -> Iterator[None]:
        for n in range(count):
            overdue(day, f"Deal {n}")
            person = make.ContactFactory(account=day.acme)
            Relationship.objects.create(
                contact=person, member=day.owner.member, last_contact_on=dt.date(2025, 1, 1) if n % 2 else None
            )
            yield

    list(some(2))
    few = asked(day.owner)
    list(some(40))
    assert asked(day.owner) == few == 26
