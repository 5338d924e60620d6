"""The whole demo as a folder of import files."""

from pathlib import Path

from imports.demo import rates
from imports.demo.catalogue import add_catalogue
from imports.demo.contacts import add_contacts
from imports.demo.customers import add_customers, customers
from imports.demo.deals import add_deals
from imports.demo.enablement import add_plays, add_uses
from imports.demo.geography import add_geography
from imports.demo.hours import add_closed_days
from imports.demo.leads import add_campaigns, add_leads
from imports.demo.people import add_people, members
from imports.demo.plans import add_bookings, add_potentials, add_quotas
from imports.demo.revenue import Ledger, add_revenue
from imports.demo.structures import add_structures, build_customer
from imports.demo.tables import Tables
from imports.demo.teams import Bench, add_team, build_team


def build(scale: int = 1) -> Tables:
    """Every row of the demo, in memory. The same scale gives the same rows."""
    tables, ledger, last = Tables(), Ledger(), rates.last_day()
    profiles = customers(scale)
    ours = members(extra=len(profiles) // 5 if scale > 1 else 0)
    bench = Bench(ours)
    add_geography(tables)
    add_closed_days(tables)
    rates.add_rates(tables)
    add_people(tables, ours)
    add_catalogue(tables)
    add_campaigns(tables)
    add_customers(tables, profiles)
    for number, profile in enumerate(profiles):
        customer = build_customer(profile, number, last)
        team = build_team(customer, bench)
        add_structures(tables, customer)
        add_team(tables, customer, team, last)
        add_contacts(tables, customer, team, last)
        add_revenue(tables, customer, ledger, last)
        deals = add_deals(tables, customer, team, last)
        add_bookings(tables, customer, deals)
        add_leads(tables, customer, team, deals, last)
        add_potentials(tables, customer, ledger, last)
    add_plays(tables)
    add_uses(tables, last)
    add_quotas(tables, ledger, ours, last)
    return tables


def write_folder(folder: Path, *, scale: int = 1) -> dict[str, int]:
    """Write the demo's import files to `folder`; answers how many rows each file has."""
    return build(scale).write(folder)
