"""What is data never becomes markup, and every page can live under a strict content security policy."""

from __future__ import annotations

import re

import pytest

from tests.rules.source import ROOT, calls, modules, name, templates

_COMMENT = re.compile(r"{#.*?#}", re.S)
_EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.S)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.S)
_ATTRIBUTE_OF_DATA = re.compile(r"""[\w:-]+=(?:{{|[^\s"'{>])""")
# Paper has no content security policy and xhtml2pdf reads style sheets inside the file.
PRINT = "templates/print/"

FORBIDDEN = {
    "data said to be safe": re.compile(r"\|\s*safe\b|\bMarkup\("),
    "escaping switched off": re.compile(r"{%-?\s*autoescape\s+false"),
    "an address that is a script": re.compile(r"javascript:", re.I),
    "an inline handler": re.compile(r"<[^<>]*\son[a-z]+\s*=", re.I | re.S),
    "an address elsewhere": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.I),
}
SCREEN_ONLY = {
    "an inline style": re.compile(r"<[^<>]*\sstyle\s*=|<style\b", re.I | re.S),
    "an inline script": re.compile(r"<script\b(?![^>]*\b(?:src\s*=|type=\"application/json\"))", re.I),
}


def _texts() -> list[tuple[str, str]]:
    """Name and text of each template, comments blanked with their lines kept."""
    blank = lambda match: "\n" * match[0].count("\n")  # noqa: E731
    return [(name(path), _COMMENT.sub(blank, path.read_text(encoding="utf-8"))) for path in templates()]


def _hits(pattern: re.Pattern[str], where: str, text: str) -> list[str]:
    return [f"{where}:{text.count(chr(10), 0, m.start()) + 1} {m[0][:60]!r}" for m in pattern.finditer(text)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    assert [hit for where, text in _texts() for hit in _hits(FORBIDDEN[what], where, text)] == []


@pytest.mark.parametrize("what", SCREEN_ONLY)
def test_no_page_has(what: str) -> None:
    screens = [(where, text) for where, text in _texts() if not where.startswith(PRINT)]
    assert [hit for where, text in screens for hit in _hits(SCREEN_ONLY[what], where, text)] == []


def test_attributes_are_quoted() -> None:
    faults = []
    for where, text in _texts():
        if where.endswith((".html", ".svg", ".xml")):
            # Whole expressions become one word, so that quotes and brackets inside them do not confuse.
            plain = _EXPRESSION.sub(lambda m: "{{" + "\n" * m[0].count("\n") if m[0][1] == "{" else "", text)
            for tag in _TAG.finditer(plain):
                bare = re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag[0])
                faults += [
                    f"{where}:{plain.count(chr(10), 0, tag.start()) + 1} {hit}"
                    for hit in _ATTRIBUTE_OF_DATA.findall(bare)
                ]
    assert faults == []


def test_no_page_is_made_from_a_string() -> None:
    suspects = {"render_template_string", "from_string", "Markup", "mark_safe", "HTMLString"}
    # Markup(…) in code is allowed only around constants: Markup("<br>").join(data) escapes the data.
    faults = [
        f"{name(path)}:{call.lineno} {called}"
        for path in modules()
        for called, call in calls(path)
        if called in suspects and not (called == "Markup" and all(hasattr(arg, "value") for arg in call.args))
    ]
    assert faults == []


def test_style_sheets_and_scripts_load_nothing_from_elsewhere() -> None:
    elsewhere = re.compile(
        r"@import|url\(\s*[\"']?(?:https?:)?//|\beval\(|new Function|innerHTML|document\.write", re.I
    )
    files = [path for kind in ("css", "js") for path in sorted((ROOT / "static").rglob(f"*.{kind}"))]
    assert [hit for path in files for hit in _hits(elsewhere, name(path), path.read_text(encoding="utf-8"))] == []
