"""`python -m imports.demo.cleaning RAW_FOLDER`: rewrite the cleaned files from the raw ones."""

import sys
from pathlib import Path

from imports.demo.cleaning.countries import CountryNames, write_countries
from imports.demo.cleaning.ex21 import groups_from_filings
from imports.demo.cleaning.records import Group, Link, Unit, write
from imports.demo.cleaning.ror import groups_from_ror


def clean(raw: Path, target: Path) -> None:
    """Read the three raw folders under `raw`, write four cleaned files to `target`."""
    countries = CountryNames(raw / "country_codes")
    taken: set[str] = set()
    groups, units, links = groups_from_ror(raw / "ror_companies", countries, taken)
    more_groups, more_units, more_links = groups_from_filings(raw / "ex21_subsidiaries", countries, taken)
    write(target / "groups.csv", Group, groups + more_groups)
    write(target / "units.csv", Unit, units + more_units)
    write(target / "links.csv", Link, links + more_links)
    write_countries(countries, target / "countries.csv")


if __name__ == "__main__":
    clean(Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "data")
