"""Countries by name, and the small country table that the demo ships."""

import csv
from pathlib import Path

#: Names in the sources that differ from CLDR's English display name.
ALIASES = {
    "türkiye": "TR", "turkey": "TR", "brasil": "BR", "czech republic": "CZ", "czechia": "CZ", "korea": "KR",
    "south korea": "KR", "the netherlands": "NL", "holland": "NL", "peoples republic of china": "CN",
    "slovak republic": "SK", "columbia": "CO", "uk": "GB", "scotland": "GB", "england": "GB",
    "hong kong": "HK", "hong kong s.a.r.": "HK", "usa": "US", "united states": "US", "russia": "RU",
    "british virgin islands": "VG", "taiwan": "TW", "bosnia": "BA", "vietnam": "VN", "united kingdom": "GB",
}  # fmt: skip


#: Currencies that the source leaves out.
_CURRENCIES = {"TR": "TRY", "GS": "GBP", "PS": "ILS", "AQ": "USD"}


class CountryNames:
    """Looks up ISO 3166-1 alpha-2 codes by English name. Kosovo has none: it stays unknown."""

    def __init__(self, folder: Path) -> None:
        with (folder / "country-codes.csv").open(encoding="utf-8-sig", newline="") as stream:
            self.rows = list(csv.DictReader(stream))
        self._codes = {row["CLDR display name"].casefold(): row["ISO3166-1-Alpha-2"] for row in self.rows}
        self._codes |= {row["official_name_en"].casefold(): row["ISO3166-1-Alpha-2"] for row in self.rows}
        self._codes |= ALIASES
        self._codes.pop("", None)

    def code(self, name: str) -> str:
        """The code for a name, or empty when there is none."""
        return self._codes.get(name.strip().casefold(), "")


def write_countries(names: CountryNames, path: Path) -> None:
    """Write code, English name, currency and the United Nations' sub-region of every ISO country."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["code", "name", "currency", "sub_region"])
        for row in sorted(names.rows, key=lambda row: row["ISO3166-1-Alpha-2"]):
            sub_region = row["Intermediate Region Name"] or row["Sub-region Name"]
            code = row["ISO3166-1-Alpha-2"]
            currency = row["ISO4217-currency_alphabetic_code"].split(",")[0] or _CURRENCIES.get(code, "")
            writer.writerow([code, row["CLDR display name"], currency, sub_region])
