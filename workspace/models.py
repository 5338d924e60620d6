"""The tables of this room, each in a file of its own."""

from workspace.digest_models import Digest, DigestChoice, DigestState
from workspace.work_models import ContactRhythm, Snooze

__all__ = ["ContactRhythm", "Digest", "DigestChoice", "DigestState", "Snooze"]
