"""The source as the rules look at it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("admin", "services", "forms", "models")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*places: str) -> list[Path]:
    """Python files in the given folders (or files) of the project; all of the product's when none is given."""
    chosen = [ROOT / place for place in places or (*ROOMS, "app.py", "config.py")]
    found = [p for place in chosen for p in ([place] if place.is_file() else sorted(place.rglob("*.py")))]
    return [path for path in found if path.exists()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything the file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of what is called: `update` in `User.update(…)`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), node


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.*"))


def tracked() -> list[Path]:
    """Files that are, or would be, in git; in an unpacked archive every file outside hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        paths = [ROOT / line for line in listed if line]
    except (OSError, subprocess.CalledProcessError):
        hidden = (p for p in ROOT.rglob("*") if not any(part.startswith(".") for part in p.relative_to(ROOT).parts))
        paths = list(hidden)
    return [path for path in paths if path.is_file()]


def prose(path: Path) -> str:
    """The file as text, empty when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
