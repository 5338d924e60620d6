"""How `imports/demo/data/groups.csv`, `units.csv`, `links.csv` and `countries.csv` were made from public data sets.

Run once, by hand, when a newer edition of the sources is to be taken in:

    python -m imports.demo.cleaning RAW_FOLDER

`RAW_FOLDER` holds `ror_companies/`, `ex21_subsidiaries/` and `country_codes/` as named in `data/SOURCE.txt`.
The product itself never reads the raw files.
"""
