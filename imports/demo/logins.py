"""The demo's logins: one for each kind of reader, all with the same, documented password."""

from dataclasses import dataclass

#: Public on purpose: the demo serves on the loopback address only, and its data are invented.
PASSWORD = "meridian-demo-2026"  # noqa: S105 -- documented demo password


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody to sign in as. `access` is the code of PRODUCT's access list."""

    email: str
    name: str
    access: str
    shows: str


LOGINS = (
    Login(
        "ada.lindner@meridian.example", "Ada Lindner", "account_manager", "leads seven customers, Siemens among them"
    ),
    Login(
        "sofia.marchetti@meridian.example",
        "Sofia Marchetti",
        "regional_lead",
        "leads EMEA, from Norway to South Africa",
    ),
    Login("victoria.ashcombe@meridian.example", "Victoria Ashcombe", "executive", "chief sales officer: everything"),
    Login("tomasz.zielinski@meridian.example", "Tomasz Zieliński", "administrator", "regions, imports, rates, jobs"),
    Login(
        "alistair.macleod@meridian.example", "Alistair MacLeod", "viewer", "legal counsel in the eight strategic teams"
    ),
)


def login_table() -> str:
    """The logins as the text table that `load_demo` and `make demo` print last."""
    rows = [(login.access, login.email, PASSWORD, login.shows) for login in LOGINS]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(row[column].ljust(widths[column]) for column in range(3)), row[3]]).rstrip() for row in rows
    )
