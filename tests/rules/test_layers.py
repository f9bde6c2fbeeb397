"""Who may know whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.source import ROOT, imports, modules, name, tree

NETWORK = ("smtplib", "httpx", "requests", "urllib3", "urllib.request", "http.client", "socket", "authlib", "ftplib")
FLASK = ("flask", "flask_admin", "flask_babel", "flask_bootstrap", "flask_login", "flask_wtf", "werkzeug", "jinja2")


def _importers(*packages: str, places: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Files that import one of the packages, with lines."""
    found: dict[str, list[str]] = {}
    for path in modules(*places):
        for line, imported in imports(path):
            if any(f"{imported}.".startswith(f"{package}.") for package in packages):
                found.setdefault(name(path), []).append(f"{line}: {imported}")
    return found


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_imports_the_app() -> None:
    assert _importers("app") == {}


def test_flask_stays_in_the_outermost_room() -> None:
    found = _importers(*FLASK)
    # Letters and print are written in Jinja; printing and messages may use the engine without the web.
    allowed = {path for path in found if path == "app.py" or path.startswith("admin/")}
    inner = {path: [line for line in lines if "jinja2" not in line] for path, lines in found.items()}
    assert {path: lines for path, lines in inner.items() if lines and path not in allowed} == {}


def test_only_printing_makes_pdf() -> None:
    assert set(_importers("xhtml2pdf", "reportlab")) <= {"services/printing.py"}


def test_only_two_files_of_forms_know_wtforms() -> None:
    found = set(_importers("wtforms", "flask_wtf", "wtfpeewee", places=("forms", "services", "models")))
    assert found <= {"forms/builder.py", "forms/plain.py"}


def test_only_integrations_talk_to_the_network() -> None:
    found = _importers(*NETWORK)
    assert {path: lines for path, lines in found.items() if not path.startswith("services/integrations/")} == {}


def test_rows_and_questions_do_not_know_each_other() -> None:
    assert _importers("models", "services", "admin", "peewee", "playhouse", places=("forms",)) == {}
    assert _importers("forms", "services", "admin", places=("models",)) == {}


@pytest.mark.parametrize("room", ["models", "forms"])
def test_inner_rooms_have_no_clock_or_environment(room: str) -> None:
    faults = [
        f"{name(path)}:{number} {line.strip()}"
        for path in modules(room)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "date.today(" in line or "os.environ" in line
    ]
    assert faults == []


def test_files_and_functions_stay_small() -> None:
    long_files = [name(p) for p in modules() if len(p.read_text(encoding="utf-8").splitlines()) > 400]
    long_functions = [
        f"{name(path)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1})"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > 40
    ]
    assert (long_files, long_functions) == ([], [])
