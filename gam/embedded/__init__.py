"""The embedded PostgreSQL and Valkey: found, started by one keeper process, held by leases.

`lease()` is all that a command needs. Read on in `leases.py` (who may use the servers and when they stop), `keeper.py`
(the process that owns them), `postgres.py`, `valkey.py` and `binaries.py`.
"""

from gam.embedded.errors import ServersError
from gam.embedded.leases import lease, needed

__all__ = ["ServersError", "lease", "needed"]
