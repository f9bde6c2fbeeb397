"""A question set as plain text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from forms.sheet import Node, Sheet

WIDTH = 100
_MARKS = {
    "boolean": "( ) Ja  ( ) Nei", "date": "[dd.mm.åååå]", "time": "[tt:mm]", "integer": "[tall]", "string": "[______]",
}  # fmt: skip


def sheet_text(sheet: Sheet) -> str:
    """The whole set: sections, questions, help, bullets, options, rows and signers."""
    lines = [sheet.title, "=" * len(sheet.title)]
    if sheet.subtitle:
        lines.append(sheet.subtitle)
    lines.append(f"{sheet.key} · version {sheet.version} · {sheet.kind} · {sheet.language}")
    for node in sheet.nodes:
        lines += ["", *_node(node, 0)]
    return "\n".join(lines)


def _node(node: Node, depth: int) -> Iterator[str]:
    pad = "  " * depth
    label = node.label or f"({node.type})"
    yield from _wrap(label, pad)
    if node.type == "group":
        yield pad + "-" * min(len(label), WIDTH - len(pad))
    elif node.type != "info":
        yield f"{pad}  [{node.id}: {node.type}]"
    if node.help:
        yield from _wrap(node.help, pad + "  ")
    for example in node.examples:
        yield from _wrap(example, pad + "    ", first=pad + "  • ")
    yield from _parts(node, pad + "  ")
    for child in node.items:
        yield ""
        yield from _node(child, depth + 1)


def _parts(node: Node, pad: str) -> Iterator[str]:
    box = "( )" if node.type == "choice" else "[ ]"
    for option in node.options:
        more = {"text": ": ______", "date": ": [dd.mm.åååå]"}.get(option.comment_kind or "", "")
        yield from _wrap(f"{option.text}{more}", pad + "    ", first=f"{pad}{box} ")
    for fact in node.facts:
        yield f"{pad}{fact.label}: ({fact.source})"
    if node.columns:
        yield pad + " | ".join(column.text for column in node.columns)
    for row in node.rows:
        yield from _wrap(f"{row.when}: {row.text}" if row.when else row.text, pad + "    ", first=pad + "[ ] ")
    for signer in node.signers:
        yield f"{pad}____________________ {signer.label}{'' if signer.required else ' (*)'}"
    if node.copies_to:
        yield from _wrap(node.copies_to, pad)
    if node.type in _MARKS:
        yield f"{pad}{_MARKS[node.type]} {node.unit}".rstrip()


def _wrap(text: str, pad: str, first: str | None = None) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n")):
        start = first if first is not None and number == 0 else pad
        yield from textwrap.wrap(paragraph, WIDTH, initial_indent=start, subsequent_indent=pad) or [""]
