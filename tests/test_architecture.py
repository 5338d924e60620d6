"""The house rules that a machine can read: imports and foreign keys point down, files and functions stay short."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.models import ForeignObject, Model
from pgtrigger.migrations import AddTrigger

from gam.environment import ROOT

with open(ROOT / "pyproject.toml", "rb") as _file:
    _CONTRACT = tomllib.load(_file)["tool"]["importlinter"]["contracts"][0]
#: The rooms from the roof to the ground, as the import contract lists them.
ROOMS = [layer.strip("()") for layer in _CONTRACT["layers"]]
HERE = [room for room in ROOMS if (ROOT / room).is_dir()]
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "managers"}


def _modules() -> Iterator[Path]:
    for room in [*HERE, "tests", "bench"]:
        yield from sorted(path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
    yield from (ROOT / "run.py", ROOT / "manage.py")


def test_a_room_imports_only_from_rooms_below_it() -> None:
    words = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    ran = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"}
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_room_stands_in_the_import_contract() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages <= set(ROOMS)


def test_foreign_keys_point_down_the_rooms() -> None:
    upward = [
        f"{model._meta.label}.{field.name} → {target._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field, target in _references(model)
        if model._meta.app_label in ROOMS
        and target._meta.app_label in ROOMS
        and ROOMS.index(target._meta.app_label) < ROOMS.index(model._meta.app_label)
    ]
    assert upward == []


def _references(model: type[Model]) -> Iterator[tuple[ForeignObject[Any, Any], type[Model]]]:
    for field in model._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObject) and isinstance(field.related_model, type):
            yield field, field.related_model


def test_the_ground_room_has_no_model() -> None:
    assert list(apps.get_app_config("core").get_models()) == []


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): length for path in _modules() if (length := _length(path)) > LONGEST_FILE}
    assert long == {}


def _length(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length}"
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("room", HERE)
def test_no_module_is_named_for_nothing(room: str) -> None:
    assert [path for path in (ROOT / room).rglob("*") if path.stem in FORBIDDEN_NAMES] == []


def test_pages_tasks_and_commands_query_nothing_by_themselves() -> None:
    """They make one call of the domain: rows come from `queries`, changes go to `services`."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _modules()
        if path.name in {"views.py", "tasks.py"} or path.parent.name == "commands"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert found == []


def test_no_migration_is_named_by_a_machine() -> None:
    assert [path.name for path in ROOT.glob("*/migrations/0*_auto_*.py")] == []


def test_a_migration_makes_a_new_table_whole() -> None:
    """What a table begins with stands in its `CreateModel` (ADR 13): each operation draws every related model anew."""
    later = []
    for (room, name), migration in MigrationLoader(None).disk_migrations.items():
        made: set[str] = set()
        for operation in migration.operations if room in ROOMS else []:
            if isinstance(operation, CreateModel):
                made.add(operation.name_lower)
            elif isinstance(operation, RunSQL | RunPython):
                break  # what follows may need what this does
            elif isinstance(operation, AddField) and operation.field.many_to_many:
                continue  # by a table that refers to this one, and so comes after it
            elif isinstance(operation, AddField | AddIndex | AddConstraint | AddTrigger):
                later += [f"{room}.{name}: {operation.describe()}"] * (operation.model_name.lower() in made)
    assert later == []
