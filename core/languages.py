"""Language codes with and without a level of mastery (CEFR)."""

from __future__ import annotations

CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
MASTERY_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*(:(A1|A2|B1|B2|C1|C2))?$"
