"""The demo: Meridian Process Systems, an invented supplier, and the real groups it is imagined to serve.

`folder.write_folder` writes one CSV for each import file of the contract, the same bytes every time for the same scale;
the command `load_demo` loads that folder exactly as `import_data` would. Nothing here touches the database or reads
the clock.
"""
