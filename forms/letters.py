"""Letters and information sheets: text with placeholders, kept and versioned like question sets, but asking nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from forms.checks import bounded
from forms.definition import Fault, Strict, Texts, say
from forms.fault_words import short, type_name
from forms.flat import Flat, Part, common_faults, parse_flat, shape_flat
from forms.texts import N_, Note

PLACEHOLDERS = (
    "navn", "fodselsnummer", "enhet", "stilling", "leder", "kommune", "forste_dag",
    "dato", "klokkeslett", "sted", "dagens_dato", "sykmelder",
)  # fmt: skip
BLANK = "……"  # printed where a value is not given, to be filled in by hand
MAX_BLOCKS = 300
MAX_PARTS = 100  # bullets of a list, rows of a table
MAX_CELLS = 8

BlockType = Literal["heading", "paragraph", "list", "table", "place", "closing"]
OnlyIf = Literal["occupational_health", "full_sick"]
_BRACED = re.compile(r"\{([^{}]*)\}")
FILLED_BY = {"list": "items", "table": "rows"}  # the others hold text


class Block(Part):
    """One part of a letter. `place` is a line of where and when, `closing` the greeting and the sender."""

    TYPE: ClassVar = "type"

    type: BlockType
    level: Literal[1, 2] = 1  # of a heading
    text: Texts = {}  # of a list: the line before the bullets
    items: tuple[Texts, ...] = Field(default=(), max_length=MAX_PARTS)
    rows: tuple[tuple[Texts, ...], ...] = Field(default=(), max_length=MAX_PARTS)  # an empty cell is {}
    only_if: OnlyIf | None = None
    note: Texts = {}  # for the one who sends the letter; never part of it


class Letter(Flat):
    """A letter or an information sheet in several languages; `source` is the paper letter it is faithful to."""

    LIST: ClassVar = "blocks"
    MOST: ClassVar = MAX_BLOCKS

    kind: Literal["letter", "information"]
    recipient: Literal["employee", "certifier"]
    blocks: tuple[Block, ...] = Field(max_length=2 * MAX_BLOCKS)  # a draft may be too long until it is mended


class FilledBlock(Strict):
    """A block in one language with its values put in: plain text, to be escaped by whoever shows it."""

    type: BlockType
    level: Literal[1, 2] = 1
    text: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    only_if: OnlyIf | None = None
    note: str = ""


def parse_letter(source: str | bytes | dict[str, Any]) -> Letter:
    """Read and check a letter. Raises BadDefinition with every fault found."""
    return parse_flat(Letter, source, faults_of_letter)


def shape_letter(source: str | bytes | dict[str, Any]) -> Letter:
    """Read a letter that may still have faults, as a draft has. Raises BadDefinition when it has no right shape."""
    return shape_flat(Letter, source)


def faults_of_letter(letter: Letter) -> list[Fault]:
    """Everything that keeps a letter of right shape from being used."""
    found = list(common_faults(letter, needed=("title", "items")))
    for where, path, texts in letter.texts():
        found += _placeholder_faults(where, path, texts)
    for block in letter.blocks:
        found += _block_faults(block)
    return bounded(found)


def fill(
    letter: Letter, language: str, values: Mapping[str, str], conditions: Collection[str] | None = None
) -> list[FilledBlock]:
    """The letter's blocks in `language`, without the hidden ones. A value that is missing or empty becomes a line to
    write on.

    Values are put in once and never read again, so braces in them stay what they are: text.
    `conditions` names the `only_if` that hold; None keeps every block and leaves the choice to the caller.
    """
    return [
        FilledBlock(
            type=block.type,
            level=block.level,
            text=_put(say(block.text, language), values),
            items=tuple(_put(say(item, language), values) for item in block.items),
            rows=tuple(tuple(_put(say(cell, language), values) for cell in row) for row in block.rows),
            only_if=block.only_if,
            note=_put(say(block.note, language), values),
        )
        for block in letter.blocks
        if not block.hidden and (conditions is None or block.only_if is None or block.only_if in conditions)
    ]


def placeholders(text: str) -> list[str]:
    """What stands between braces in `text`, known or not, in order."""
    return _BRACED.findall(text)


def _put(text: str, values: Mapping[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        if match[1] not in PLACEHOLDERS:
            return match[0]
        return str(values.get(match[1]) or "").strip() or BLANK

    return _BRACED.sub(value_of, text)


def _placeholder_faults(where: str, path: str, texts: Texts) -> Iterator[Fault]:
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for language, text in texts.items():
        place = f"{path}.{language}"
        for name in dict.fromkeys(placeholders(text)):
            if name not in PLACEHOLDERS:
                note = N_("har {%(name)s}, som ikke finnes; disse finnes: %(known)s")
                yield Fault(where, place, Note(note, {"name": short(name), "known": known}))
            elif path in ("title", "description"):
                yield Fault(where, place, Note(N_("kan ikke ha {%(name)s}"), {"name": name}))
        if re.search(r"[{}]", _BRACED.sub("", text)):
            yield Fault(where, place, Note(N_("har en krøllparentes uten maken sin; skriv slik: {navn}")))


def _block_faults(block: Block) -> Iterator[Fault]:
    foreign = Note(N_("hører ikke til typen %(type)s"), {"type": type_name(block.type)})
    needed = FILLED_BY.get(block.type, "text")
    if not getattr(block, needed):
        yield Fault(block.id, needed, Note(N_("mangler")))
    for prop in ("items", "rows"):
        if getattr(block, prop) and prop != needed:
            yield Fault(block.id, prop, foreign)
    if block.level != 1 and block.type != "heading":
        yield Fault(block.id, "level", foreign)
    widths = {len(row) for row in block.rows}
    if len(widths) > 1:
        yield Fault(block.id, "rows", Note(N_("har ikke like mange ruter")))
    if widths and not 1 <= max(widths) <= MAX_CELLS:
        yield Fault(block.id, "rows", Note(N_("må ha fra 1 til %(most)s ruter hver"), {"most": MAX_CELLS}))
