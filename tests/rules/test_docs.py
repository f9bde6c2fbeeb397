"""The documentation says what is there: a setting, command, role, login or word on screen that it lacks fails here."""

from __future__ import annotations

import re
import struct
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from flask import Flask

import config
from admin.words import ROLE_NAMES
from config import Settings
from models.people import ROLES
from services import login, passwords
from services.demo import LOGINS
from tests.rules.source import ROOT, modules, name, templates, tracked

README = ROOT / "README.md"
GUIDES = [ROOT / "docs" / "leader.md", ROOT / "docs" / "administrator.md"]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FROM_FLASK = {"run", "shell", "routes"}

_LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_ROW = re.compile(r"^\| *`?([A-Z_]+)`? *\| *`?(.*?)`? *\| *(.*?) *\|$", re.M)
# Written in pieces so that this file does not hold what it looks for.
_FOLDERS = ["ho" + "me", "wo" + "rk", "ro" + "ot", "Us" + "ers", "etc", "mnt", "opt", "srv", "tmp", "usr", "var"]
_ABSOLUTE = re.compile(r"(?<![\w.:/])/(?:" + "|".join(_FOLDERS) + r")\b/?|\b[A-Z]:\\|file://")


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def part(path: Path, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(path), re.M | re.S)
    assert found, f"{name(path)} has no part {heading!r}"
    return found[1]


# --- settings -------------------------------------------------------------------------------------------------------


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    told = {setting: default for setting, default, _ in _ROW.findall(part(README, "Configuration"))}
    meant = {setting: default for setting, default, _ in _ROW.findall(config.__doc__ or "")}
    assert told == meant


def test_every_setting_that_is_read_is_one_of_the_table() -> None:
    read = set(re.findall(r'read\.\w+\(\s*"([A-Z_]+)"', text(ROOT / "config.py"))) | set(config.KEY_NAMES)
    assert read == {field.upper() for field in Settings.__dataclass_fields__}
    assert read == {setting for setting, _, _ in _ROW.findall(config.__doc__ or "")}


def test_the_defaults_are_what_the_table_says() -> None:
    keys = config._fresh_keys()
    plain = Settings.from_env({**keys, "ALLOWED_HOSTS": "a.example"}, ROOT / "nowhere")
    said = {setting: default for setting, default, _ in _ROW.findall(config.__doc__ or "") if default != "none"}
    found = {setting: getattr(plain, setting.lower()) for setting in said}
    assert {k: str(int(v) if isinstance(v, bool) else v) for k, v in found.items()} == said


def test_operators_are_told_of_the_settings_that_production_needs() -> None:
    with pytest.raises(config.ConfigError) as refused:
        Settings.from_env({}, ROOT / "nowhere")
    needed = {fault.split()[0] for fault in refused.value.faults}
    assert {"SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "ALLOWED_HOSTS"} <= needed
    operator = text(ROOT / "docs" / "operator.md")
    assert {setting for setting in needed if f"{setting}=" not in operator} == set()


# --- commands -------------------------------------------------------------------------------------------------------


def commands(app: Flask) -> dict[str, click.Command]:
    """Our own commands by the words that call them."""
    found: dict[str, click.Command] = {}
    queue: list[tuple[str, click.Command]] = [(n, c) for n, c in app.cli.commands.items() if n not in FROM_FLASK]
    while queue:
        words, command = queue.pop()
        if isinstance(command, click.Group):
            queue += [(f"{words} {inner}", made) for inner, made in command.commands.items()]
        else:
            found[words] = command
    return found


def test_every_command_stands_in_the_readme_with_its_options(app: Flask) -> None:
    lines = re.findall(r"^\| `([a-z]+(?: [a-z]+)?)([^`]*)` \|", part(README, "Command line"), re.M)
    told = {words: set(re.findall(r"--[a-z-]+", rest)) for words, rest in lines if words != "command"}
    there = {
        words: {max(p.opts, key=len) for p in command.params if isinstance(p, click.Option) and p.name != "help"}
        for words, command in commands(app).items()
    }
    assert told == there


def test_every_command_that_the_docs_call_exists(app: Flask) -> None:
    called = {match for page in PAGES for match in re.findall(r"flask --app app ((?:[a-z]+ ?){1,2})", text(page))}
    known = commands(app)
    assert {call for call in called if call.strip() not in known and call.split()[0] not in known} == set()


def test_every_make_target_stands_in_the_readme() -> None:
    there = set(re.findall(r"^([a-z0-9-]+):.*## ", text(ROOT / "Makefile"), re.M))
    told = set(re.findall(r"^\| `make ([a-z0-9-]+)` \|", text(README), re.M))
    assert told == there


# --- people ---------------------------------------------------------------------------------------------------------


def test_every_role_is_explained() -> None:
    rows = re.findall(r"^\| (\w+) \|", part(GUIDES[1], "Hvem ser hva"), re.M)
    assert {ROLE_NAMES[role] for role in ROLES} <= set(rows)
    assert {role for role in ROLES if f"`{role}`" not in part(README, "Glossary")} == set()


def test_every_demo_login_stands_in_the_readme() -> None:
    told = part(README, "Demo logins")
    users = set(re.findall(r"^\| `([^`]+)` \|", told, re.M))
    assert users == {each.username for each in LOGINS}
    assert {each.name for each in LOGINS if each.name not in told} == set()
    assert {each.password for each in LOGINS if f"`{each.password}`" not in told} == set()


def test_the_limits_of_logging_in_are_as_told() -> None:
    security = " ".join(part(ROOT / "SECURITY.md", "Sessions and passwords").split())
    idle, absolute = login.IDLE.seconds // 60, login.ABSOLUTE.seconds // 3600
    assert f"after {idle} minutes without use, after {absolute} hours in any case" in security
    assert f"has {passwords.SHORTEST} to {passwords.LONGEST} characters" in security
    assert f"After {login.USER_LIMIT} failures in an hour for a user name, or {login.ADDRESS_LIMIT}" in security
    assert f"{idle} minutter" in text(GUIDES[0])


@cache
def _screens() -> str:
    """The source of everything a person sees, with strings that were broken over lines put together."""
    files = [*modules("admin", "services", "forms"), *templates()]
    return re.sub(r'"\s*\n\s*"', "", "\n".join(text(path) for path in files))


def _on_screen(words: str) -> bool:
    """The words are a text of the source, or its beginning up to where a value is put in."""
    return bool(re.search(rf"""["']{re.escape(words)}(?:["']|:? [%{{])""", _screens()))


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_words_in_quotes_are_the_words_on_screen(guide: Path) -> None:
    quoted = {" ".join(words.split()) for words in re.findall(r"«([^»]+)»", text(guide))} - {"anførselstegn"}
    assert quoted
    assert {words for words in quoted if not _on_screen(words)} == set()


# --- pages ----------------------------------------------------------------------------------------------------------


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        yield from ((page, target) for target in _LINK.findall(_FENCE.sub("", text(page))))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", text(page)), re.M)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def test_links_lead_somewhere() -> None:
    faults = []
    kept = set(tracked())
    for page, target in links():
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        if aim not in kept or (anchor and anchor not in anchors(aim)):
            faults.append(f"{name(page)}: {target}")
    assert faults == []


def test_every_page_and_picture_is_reached_from_the_readme() -> None:
    reached, queue = {README}, [README]
    while queue:
        page = queue.pop()
        for target in _LINK.findall(text(page)):
            aim = (page.parent / target.partition("#")[0]).resolve()
            if aim.is_file() and aim not in reached:
                reached.add(aim)
                queue += [aim] if aim.suffix == ".md" else []
    wanted = {*PAGES, *(ROOT / "docs" / "img").glob("*")}
    assert {name(path) for path in wanted - reached} == set()


def test_pictures_are_few_and_light() -> None:
    pictures = sorted((ROOT / "docs" / "img").glob("*"))
    assert 1 <= len(pictures) <= 9
    for picture in pictures:
        data = picture.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n"), name(picture)
        assert struct.unpack(">I", data[16:20])[0] == 1280, name(picture)
        assert len(data) < 150_000, name(picture)


def test_pages_name_no_absolute_path() -> None:
    assert [f"{name(page)}: {match[0]}" for page in PAGES for match in _ABSOLUTE.finditer(text(page))] == []


def test_nothing_is_left_to_fill_in() -> None:
    assert [name(page) for page in PAGES if re.search(r"@@|\bTODO\b|\bTBD\b|\bXXX\b", text(page))] == []


# --- decisions, changes, licence ------------------------------------------------------------------------------------


def test_every_decision_has_date_reason_and_what_would_change_our_mind() -> None:
    blocks = re.split(r"^### ", text(ROOT / "docs" / "decisions.md"), flags=re.M)[1:]
    assert blocks
    faults = [
        block.splitlines()[0]
        for block in blocks
        if not re.search(r"^\d{4}-\d\d-\d\d\.", block, re.M)
        or not all(word in block for word in ("*Why:*", "*What would change our mind:*"))
    ]
    assert faults == []


def test_every_package_has_its_reason() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    packages = {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower() for line in asked}
    rows = re.findall(r"^\| ([a-z0-9, -]+) \|", part(ROOT / "docs" / "decisions.md", "Packages"), re.M)
    told = {package.strip() for row in rows for package in row.split(",")} - {"package", "---"}
    assert told == packages


def test_changelog_and_licence() -> None:
    assert re.search(r"^## \[Unreleased\]\n\n### \w+\n\n- ", text(ROOT / "CHANGELOG.md"), re.M)
    licence = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["license"]
    assert f"SPDX-License-Identifier: {licence}" in text(ROOT / "LICENSE")
    assert licence in text(README)
