"""What the embedded servers raise."""


class ServersError(RuntimeError):
    """The servers can't be had; the message is one line that says what to do."""
