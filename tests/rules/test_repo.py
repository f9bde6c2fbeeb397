"""What is kept in git: nothing made, nothing of this machine, nothing unpinned."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.rules.source import ROOT, name, prose, tracked

# Written in pieces so that this file does not hold what it looks for.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "jsdelivr" + ".net",
    "unpkg" + ".com",
]
MACHINE = re.compile(
    r"(?<![\w.$}])/(?:" + "|".join(["ho" + "me", "wo" + "rk", "ro" + "ot", "Us" + "ers"]) + r")/[\w.-]+"
)
MADE = {".mo", ".pyc", ".db", ".sqlite", ".sqlite3", ".log", ".whl", ".egg-info"}
FOREIGN_LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def _lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name(path)}:{number} {match[0]}"
        for path in tracked()
        for number, line in enumerate(prose(path).splitlines(), 1)
        if (match := pattern.search(line))
    ]


def test_no_registry_is_named() -> None:
    assert _lines(re.compile("|".join(map(re.escape, HOSTS)), re.I)) == []


def test_no_path_of_a_machine_is_named() -> None:
    assert _lines(MACHINE) == []


def test_nothing_made_is_kept() -> None:
    assert [name(path) for path in tracked() if path.suffix in MADE or path.name in FOREIGN_LOCKS] == []


def test_no_secret_is_kept() -> None:
    keys = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:ghp|gho|glpat|xox[bp])[_-][A-Za-z0-9]{16,}|AKIA[A-Z0-9]{16}")
    assert _lines(keys) == []
    assert [name(path) for path in tracked() if path.name.endswith(".env")] == []


def test_files_end_and_speak_alike() -> None:
    text_files = [path for path in tracked() if path.suffix in {".py", ".html", ".css", ".js", ".md", ".toml", ".txt"}]
    faults = [name(p) for p in text_files if "\r" in (text := prose(p)) or (text and not text.endswith("\n"))]
    assert faults == []


@pytest.mark.parametrize("lock", LOCKS, ids=[path.name for path in LOCKS])
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    blocks = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    assert blocks
    faults = [
        block.splitlines()[0]
        for block in blocks
        if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", block) or "--hash=sha256:" not in block
    ]
    assert faults == []


def _pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", lock.read_text(encoding="utf-8"), re.M))


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    pins = {lock.stem: _pins(lock) for lock in LOCKS}
    assert {"run", "test"} <= set(pins)
    assert pins["run"].items() <= pins["test"].items()
    for other in pins.values():
        assert {k: v for k, v in other.items() if pins["run"].get(k, v) != v} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = lambda text: re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")  # noqa: E731
    assert {plain(d) for d in project["dependencies"]} <= set(pins["run"])
    assert {plain(d) for d in project["optional-dependencies"]["test"]} <= set(pins["test"])


def test_no_code_of_others_is_copied() -> None:
    notices = re.compile(r"(?:^|\W)(?:Copyright|\(c\))\s+(?:\(c\)\s+)?(?:19|20)\d\d", re.I)
    product = [path for path in tracked() if path.suffix in {".py", ".js", ".css", ".html"}]
    assert [name(path) for path in product if notices.search(prose(path))] == []
    assert [name(path) for path in product if ".min." in path.name] == []
