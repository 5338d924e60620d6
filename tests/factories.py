"""One factory a model: the least that makes a valid row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Account, Contact, OrgLink, OrgUnit, Structure
from coverage.handover_models import HandOver, HandOverLine
from coverage.models import Coverage
from money.models import ExchangeRate, RateSet
from pipeline.enablement_models import Play, PlayUse
from pipeline.lead_models import Campaign
from pipeline.models import Lead, Opportunity, OpportunityLine, OpportunitySplit, Stage
from regions.models import Region, RegionCountry, RegionLead, RegionLink
from revenue.models import Product, RevenueEntry
from teams.models import AccountTeam, Member, TeamMember, TeamRole
from users.models import User
from users.permissions import Access

PASSWORD = "a long enough password"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    access = Access.ACCOUNT_MANAGER

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(kwargs.pop("email"), kwargs.pop("password", PASSWORD), **kwargs)


class MemberFactory(DjangoModelFactory[Member]):
    class Meta:
        model = Member

    email = factory.Sequence(lambda n: f"member{n}@example.org")


class RegionFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region

    code = factory.Sequence(lambda n: f"R{n}")
    name = factory.LazyAttribute(lambda o: f"Region {o.code}")


class RegionLinkFactory(DjangoModelFactory[RegionLink]):
    class Meta:
        model = RegionLink

    child = factory.SubFactory(RegionFactory)
    parent = factory.SubFactory(RegionFactory)


class RegionCountryFactory(DjangoModelFactory[RegionCountry]):
    class Meta:
        model = RegionCountry

    region = factory.SubFactory(RegionFactory)
    country = "DE"


class RegionLeadFactory(DjangoModelFactory[RegionLead]):
    class Meta:
        model = RegionLead

    region = factory.SubFactory(RegionFactory)
    user = factory.SubFactory(UserFactory, access=Access.REGIONAL_LEAD)


class AccountTeamFactory(DjangoModelFactory[AccountTeam]):
    class Meta:
        model = AccountTeam


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    code = factory.Sequence(lambda n: f"ACC{n}")
    name = factory.LazyAttribute(lambda o: f"Account {o.code}")
    team = factory.SubFactory(AccountTeamFactory)


class TeamMemberFactory(DjangoModelFactory[TeamMember]):
    class Meta:
        model = TeamMember

    team = factory.SubFactory(AccountTeamFactory)
    member = factory.SubFactory(MemberFactory)
    role = factory.LazyFunction(lambda: TeamRole.objects.get(pk="local_account_manager"))


class OrgUnitFactory(DjangoModelFactory[OrgUnit]):
    class Meta:
        model = OrgUnit

    account = factory.SubFactory(AccountFactory)
    code = factory.Sequence(lambda n: f"U{n}")
    name = factory.LazyAttribute(lambda o: f"Unit {o.code}")


class OrgLinkFactory(DjangoModelFactory[OrgLink]):
    class Meta:
        model = OrgLink

    account = factory.SelfAttribute("child.account")
    child = factory.SubFactory(OrgUnitFactory)
    parent = factory.SubFactory(OrgUnitFactory, account=factory.SelfAttribute("..child.account"))
    structure = Structure.LEGAL


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    external_id = factory.Sequence(lambda n: f"C{n}")
    account = factory.SubFactory(AccountFactory)


class CoverageFactory(DjangoModelFactory[Coverage]):
    class Meta:
        model = Coverage

    account = factory.SelfAttribute("org_unit.account")
    org_unit = factory.SubFactory(OrgUnitFactory)
    member = factory.SubFactory(MemberFactory)
    role = factory.LazyFunction(lambda: TeamRole.objects.get(pk="local_account_manager"))


class HandOverFactory(DjangoModelFactory[HandOver]):
    class Meta:
        model = HandOver

    giver = factory.SubFactory(MemberFactory)
    on = dt.date(2030, 1, 1)
    created_at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


class HandOverLineFactory(DjangoModelFactory[HandOverLine]):
    class Meta:
        model = HandOverLine

    hand_over = factory.SubFactory(HandOverFactory)
    account = factory.SubFactory(AccountFactory)
    kind = "coverage"
    row_id = 1
    heir = factory.SubFactory(MemberFactory)
    words = "Local account manager"


class RateSetFactory(DjangoModelFactory[RateSet]):
    class Meta:
        model = RateSet
        django_get_or_create = ("code",)

    code = "spot"
    base_id = "EUR"


class ExchangeRateFactory(DjangoModelFactory[ExchangeRate]):
    class Meta:
        model = ExchangeRate

    rate_set = factory.SubFactory(RateSetFactory)
    currency_id = "USD"
    date = dt.date(2024, 1, 2)
    rate = Decimal("1.1")


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n}")
    name = factory.LazyAttribute(lambda o: f"Product {o.code}")


class RevenueEntryFactory(DjangoModelFactory[RevenueEntry]):
    class Meta:
        model = RevenueEntry

    external_id = factory.Sequence(lambda n: f"rev-{n}")
    account = factory.SubFactory(AccountFactory)
    country = "DE"
    date = dt.date(2024, 1, 15)
    amount = Decimal("100.00")
    currency_id = "EUR"


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    code = factory.Sequence(lambda n: f"camp-{n}")
    name = factory.LazyAttribute(lambda o: f"Campaign {o.code}")


class LeadFactory(DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    external_id = factory.Sequence(lambda n: f"lead-{n}")
    name = "A lead"


class OpportunityFactory(DjangoModelFactory[Opportunity]):
    class Meta:
        model = Opportunity

    external_id = factory.Sequence(lambda n: f"opp-{n}")
    account = factory.SubFactory(AccountFactory)
    country = "DE"
    name = factory.LazyAttribute(lambda o: f"Deal {o.external_id}")
    stage = factory.LazyFunction(lambda: Stage.objects.get(pk="proposal"))
    amount = Decimal("1000.00")
    currency_id = "EUR"
    close_date = dt.date(2024, 6, 30)


class OpportunityLineFactory(DjangoModelFactory[OpportunityLine]):
    class Meta:
        model = OpportunityLine

    opportunity = factory.SubFactory(OpportunityFactory)
    account = factory.SelfAttribute("opportunity.account")
    line = factory.Sequence(lambda n: n + 1)
    country = "DE"
    amount = Decimal("500.00")


class OpportunitySplitFactory(DjangoModelFactory[OpportunitySplit]):
    class Meta:
        model = OpportunitySplit

    opportunity = factory.SubFactory(OpportunityFactory)
    member = factory.SubFactory(MemberFactory)
    type = "prime"
    percent = Decimal(100)


class PlayFactory(DjangoModelFactory[Play]):
    class Meta:
        model = Play

    code = factory.Sequence(lambda n: f"PLAY-{n}")
    kind = "play"
    title = factory.LazyAttribute(lambda o: f"How {o.code} goes")
    text = "Ask first."


class PlayUseFactory(DjangoModelFactory[PlayUse]):
    class Meta:
        model = PlayUse

    external_id = factory.Sequence(lambda n: f"use-{n}")
    opportunity = factory.SubFactory(OpportunityFactory)
    play = factory.SubFactory(PlayFactory)
    stage = factory.SelfAttribute("opportunity.stage")
    used_on = dt.date(2024, 5, 1)
    noted_at = dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC)
