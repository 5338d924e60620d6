"""Single deeds to a structure, as the tests say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.deeds import Add, Close, Divest, Merge, Move, Part, Rename, Split
from accounts.estate import Unit
from accounts.restructured import Restructuring
from accounts.restructuring import restructure


def move_unit(*, code: str, parent: str, structure: str, **how: Any) -> Restructuring:
    return restructure(deeds=[Move(code, parent, structure)], **how)


def add_unit(*, unit: Unit, parents: Mapping[str, str], **how: Any) -> Restructuring:
    return restructure(deeds=[Add(unit, parents)], **how)


def close_unit(*, code: str, lifts: bool = False, **how: Any) -> Restructuring:
    return restructure(deeds=[Close(code, lifts)], **how)


def split_unit(*, code: str, parts: Sequence[Part], keeps: bool = False, **how: Any) -> Restructuring:
    return restructure(deeds=[Split(code, tuple(parts), keeps)], **how)


def merge_units(*, codes: Sequence[str], into: str, **how: Any) -> Restructuring:
    return restructure(deeds=[Merge(tuple(codes), into)], **how)


def divest_unit(*, code: str, structure: str, lifts: bool = False, **how: Any) -> Restructuring:
    return restructure(deeds=[Divest(code, structure, lifts)], **how)


def rename_unit(*, code: str, name: str, **how: Any) -> Restructuring:
    return restructure(deeds=[Rename(code, name)], **how)
