"""What Meridian sells, how a deal advances, and what each tier of customer is promised."""

from dataclasses import dataclass

from imports.demo.tables import Tables


@dataclass(frozen=True, slots=True)
class Product:
    """A product or a family of them. `weight` is how often it sells; `cadence` how its revenue comes."""

    code: str
    name: str
    parent: str
    weight: int = 0
    cadence: str = ""


PRODUCTS = (
    Product("INS", "Process instruments", ""),
    Product("INS-FLOW", "Flow and level measurement", "INS", 9, "monthly"),
    Product("INS-PRES", "Pressure and temperature transmitters", "INS", 8, "monthly"),
    Product("INS-ANA", "In-line analysers", "INS", 7, "quarterly"),
    Product("FLT", "Filtration and clean air", ""),
    Product("FLT-LIQ", "Sterile liquid filtration", "FLT", 10, "monthly"),
    Product("FLT-AIR", "Cleanroom air filtration", "FLT", 8, "monthly"),
    Product("FLT-DUST", "Dust and fume extraction", "FLT", 6, "quarterly"),
    Product("AUT", "Automation", ""),
    Product("AUT-DCS", "Distributed control systems", "AUT", 7, "project"),
    Product("AUT-PLC", "Line and batch controllers", "AUT", 8, "monthly"),
    Product("AUT-ROB", "Handling robots", "AUT", 5, "project"),
    Product("LAB", "Laboratory automation", ""),
    Product("LAB-LIQ", "Liquid-handling stations", "LAB", 6, "quarterly"),
    Product("LAB-STO", "Automated sample stores", "LAB", 3, "project"),
    Product("LAB-CON", "Laboratory consumables", "LAB", 7, "monthly"),
    Product("SFT", "Software", ""),
    Product("SFT-HIS", "Plant historian", "SFT", 6, "monthly"),
    Product("SFT-APM", "Asset performance subscription", "SFT", 7, "monthly"),
    Product("SFT-USE", "Metered analytics", "SFT", 3, "metered"),
    Product("SVC", "Services", ""),
    Product("SVC-MNT", "Maintenance contracts", "SVC", 12, "monthly"),
    Product("SVC-CAL", "Calibration", "SVC", 9, "quarterly"),
    Product("SVC-VAL", "Validation and qualification", "SVC", 6, "quarterly"),
    Product("SVC-TRN", "Operator training", "SVC", 4, "quarterly"),
)
SOLD = tuple(product for product in PRODUCTS if product.weight)

#: Code, name, probability, forecast category, outcome; the position is the place in this list.
STAGES = (
    ("prospecting", "Prospecting", 10, "pipeline", "open"),
    ("qualification", "Qualification", 20, "pipeline", "open"),
    ("proposal", "Proposal", 50, "best_case", "open"),
    ("negotiation", "Negotiation", 75, "commit", "open"),
    ("won", "Won", 100, "closed", "won"),
    ("lost", "Lost", 0, "closed", "lost"),
)

#: Unit kind, role, weight, inheritable, and the tiers of which it is required.
_POLICIES = (
    ("group", "global_account_manager", 5, "false", "strategic global key"),
    ("group", "executive_sponsor", 3, "false", "strategic global"),
    ("group", "legal", 1, "false", "strategic"),
    ("division", "global_account_manager", 3, "true", "strategic global key"),
    ("division", "solution_specialist", 2, "false", "strategic global"),
    ("division", "executive_sponsor", 1, "true", "strategic"),
    ("legal_entity", "local_account_manager", 2, "true", "strategic global key"),
    ("legal_entity", "regional_account_manager", 2, "true", "strategic global"),
    ("site", "local_account_manager", 2, "true", "strategic global"),
    ("site", "customer_success", 1, "true", "strategic global"),
    ("site", "fulfilment_lead", 1, "true", "strategic"),
    ("function", "regional_account_manager", 2, "true", "strategic global"),
    ("buying_centre", "global_account_manager", 2, "true", "strategic global key"),
)


def add_catalogue(tables: Tables) -> None:
    """Fill `products`, `stages` and `coverage_policies`."""
    for product in PRODUCTS:
        tables.add("products", code=product.code, name=product.name, parent_code=product.parent)
    for position, (code, name, probability, category, outcome) in enumerate(STAGES, start=1):
        tables.add(
            "stages", code=code, name=name, position=position, probability=probability, forecast_category=category,
            outcome=outcome,
        )  # fmt: skip
    for kind, role, weight, inheritable, tiers in _POLICIES:
        for tier in tiers.split():
            tables.add(
                "coverage_policies", tier=tier, unit_kind=kind, role=role, weight=weight, inheritable=inheritable
            )
