"""The tables of codes that belong to the pipeline: the buyer's steps and competitors."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.tables import CodeTable
from pipeline.deal_models import Competitor
from pipeline.journey_models import BuyingStep
from users.permissions import Permission

TABLES: Final = {
    table.name: table
    for table in (
        CodeTable(
            "buying-steps",
            BuyingStep,
            _("The buyer’s journey"),
            _(
                "The steps that a customer takes, whatever our stage is called meanwhile. Exit criteria are tied to them."
            ),
            _("Add a buying step"),
            permission=Permission.CONFIGURE_PIPELINE,
        ),
        CodeTable(
            "competitors",
            Competitor,
            _("Competitors"),
            _("Whom we meet at customers. They are noted on opportunities."),
            _("Add a competitor"),
            permission=Permission.CONFIGURE_PIPELINE,
        ),
    )
}
