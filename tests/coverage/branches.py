"""Which branches of pure modules some tests take, from the interpreter's own tracing.

The usual tool can't measure here: it is a package called `coverage`, as is the room that it would measure. A branch is a condition
or a loop at a place of the source; it is taken whole when it went both ways. A loop that is compiled twice counts once.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

Place = tuple[str, int, int]
"""File, line and column."""


class Branches:
    """The branches of `modules`, and the ways they went while a function ran under `watch`."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._files = {str(module.__file__) for module in modules}
        self._conditions: dict[tuple[CodeType, int], tuple[Place, bool, int]] = {}
        self._seen: dict[Place, set[bool]] = {}
        for module in modules:
            source = Path(str(module.__file__)).read_text(encoding="utf-8")
            for code in _codes(compile(source, str(module.__file__), "exec", dont_inherit=True)):
                for at, place, on_jump, follows in _branches(code):
                    self._seen.setdefault(place, set())
                    self._conditions[_same(code), at] = (place, on_jump, follows)

    def watch(self, run: Callable[[], Any]) -> None:
        """Call `run` and remember which ways its branches go."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            run()
        finally:
            sys.settrace(before)

    def not_taken(self) -> list[str]:
        """Every branch that went one way only, or none."""
        return [
            f"{file}:{line}:{column} {'never' if not ways else 'only ' + str(*ways)}"
            for (file, line, column), ways in sorted(self._seen.items())
            if len(ways) < 2
        ]

    def _enter(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if frame.f_code.co_filename not in self._files:
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        last: list[int] = [-1]
        code = _same(frame.f_code)

        def step(frame: FrameType, event: str, _arg: Any) -> Any:
            if event == "opcode":
                condition = self._conditions.get((code, last[0]))
                if condition:
                    place, on_jump, follows = condition
                    self._seen[place].add(on_jump if frame.f_lasti != follows else not on_jump)
                last[0] = frame.f_lasti
            return step

        return step


def _same(code: CodeType) -> Any:
    """What a code object compiled twice has in common."""
    return (code.co_filename, code.co_qualname, code.co_firstlineno, code.co_code)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _branches(code: CodeType) -> Iterator[tuple[int, Place, bool, int]]:
    """Offset, place, what a jump means, and the offset that follows without one; of functions, not of a module's own body."""
    instructions = list(dis.get_instructions(code))
    for one, following in pairwise(instructions):
        name = one.opname
        if code.co_name == "<module>" or not (("JUMP" in name and "_IF_" in name) or name == "FOR_ITER"):
            continue
        on_jump = name.endswith(("_IF_TRUE", "_IF_NONE", "_IF_TRUE_OR_POP"))
        position = one.positions
        assert position
        yield one.offset, (code.co_filename, position.lineno or 0, position.col_offset or 0), on_jump, following.offset
