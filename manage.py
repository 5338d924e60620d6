#!/usr/bin/env python3
"""Django's command line, with the embedded servers running for as long as the command needs them."""

from __future__ import annotations

import os
import sys

from gam import environment
from gam.embedded import ServersError, lease

# Commands that change tables, by the role that owns them.
OWNER_COMMANDS = {"migrate", "makemigrations", "optimizemigration", "pgtrigger", "createcachetable", "flush"}
# Commands that touch neither database nor broker.
OFFLINE_COMMANDS = {
    "", "help", "--help", "-h", "version", "--version", "check", "collectstatic", "compilemessages", "diffsettings",
    "check_translations", "findstatic", "makemessages", "spectacular", "startapp",
}  # fmt: skip
# Commands of the product, which find their tables made: everything a person types after `make setup`.
PRODUCT_COMMANDS = {"import_data", "rollup", "createsuperuser", "load_demo"}


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gam.settings")
    if command in OWNER_COMMANDS:
        os.environ.setdefault(environment.ROLE_VARIABLE, environment.OWNER_ROLE)
    if command == "serve" and not {"--help", "-h"} & set(sys.argv):
        # Without Django, so that it is up at once; it holds its lease itself.
        from gam.supervisor import main as serve

        return serve(sys.argv[2:])
    from django.core.management import execute_from_command_line

    if command in OFFLINE_COMMANDS or {"--help", "-h"} & set(sys.argv):
        execute_from_command_line(sys.argv)
        return 0
    try:
        with lease():
            if command in PRODUCT_COMMANDS:
                from gam.embedded.migrated import migrate_if_needed

                migrate_if_needed()
            execute_from_command_line(sys.argv)
    except ServersError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
