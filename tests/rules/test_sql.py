"""Queries are built by peewee from values, never from text; changes always say which rows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.rules.source import ROOMS, ROOT, calls, imports, modules, name, tree

QUERY_MAKERS = {"SQL", "execute_sql", "raw", "NodeList", "Entity", "executescript", "executemany"}
EXEMPT = {"services/database.py"}


def _product() -> list[Path]:
    return [path for path in modules() if name(path) not in EXEMPT]


def test_no_query_is_written_as_text() -> None:
    faults = [
        f"{name(path)}:{call.lineno} {called}" for path in _product() for called, call in calls(path)
        if called in QUERY_MAKERS
    ]  # fmt: skip
    assert faults == []


def test_check_and_default_constraints_hold_no_formatted_text() -> None:
    faults = [
        f"{name(path)}:{call.lineno}" for path in _product() for called, call in calls(path)
        if called in {"Check", "Value"} and any(isinstance(a, ast.JoinedStr) for a in ast.walk(call))
    ]  # fmt: skip
    assert faults == []


def test_no_f_string_looks_like_a_query() -> None:
    verbs = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA ", "CREATE ", "DROP ", "ALTER ")
    faults = [
        f"{name(path)}:{node.lineno}" for path in _product() for node in ast.walk(tree(path))
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant)
        and str(node.values[0].value).lstrip().startswith(verbs)
    ]  # fmt: skip
    assert faults == []


def _statement(path: Path, call: ast.Call) -> list[ast.AST]:
    """The chain that the call begins: `X.update(…).where(…).execute()` from the inside out."""
    parents = {child: node for node in ast.walk(tree(path)) for child in ast.iter_child_nodes(node)}
    chain, node = [], parents.get(call)
    while isinstance(node, ast.Attribute | ast.Call):
        chain.append(node)
        node = parents.get(node)
    return chain


def _is_model(call: ast.Call) -> bool:
    """`Model.update(…)` or `model.update(…)`, told from `some_dict.update(…)` by the name."""
    target = call.func.value if isinstance(call.func, ast.Attribute) else None
    last = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return last[:1].isupper() or last == "model" or last.endswith("_model")


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_change_says_which_rows(verb: str) -> None:
    faults = []
    for path in _product():
        for called, call in calls(path):
            if called == verb and _is_model(call):
                methods = [node.attr for node in _statement(path, call) if isinstance(node, ast.Attribute)]
                if "where" not in methods:
                    faults.append(f"{name(path)}:{call.lineno}")
    assert faults == []


def _deletes_along(keyword: ast.keyword) -> bool:
    value = getattr(keyword.value, "value", None)
    return (keyword.arg == "recursive" and value is not False) or (keyword.arg == "on_delete" and value != "RESTRICT")


def test_nothing_deletes_along() -> None:
    faults = [
        f"{name(path)}:{call.lineno}"
        for path in _product()
        for _, call in calls(path)
        if any(map(_deletes_along, call.keywords))
    ]
    assert faults == []


def test_sqlite_and_psycopg_are_not_used_directly() -> None:
    drivers = ("sqlite3", "psycopg", "psycopg2", "apsw")
    faults = [f"{name(p)}:{line}" for p in _product() for line, i in imports(p) if i.split(".")[0] in drivers]
    assert faults == []


def test_migrations_are_numbered_without_gaps() -> None:
    names = sorted(path.stem for path in (ROOT / "migrations").glob("*.py"))
    assert [int(stem[:4]) for stem in names] == list(range(1, len(names) + 1))


def test_migrations_do_not_know_the_models() -> None:
    imported = {(name(path), what.split(".")[0]) for path in modules("migrations") for _, what in imports(path)}
    assert {(where, what) for where, what in imported if what in ROOMS} == set()
