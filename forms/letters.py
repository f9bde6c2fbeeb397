"""Letters and information sheets: text with placeholders, kept and versioned like question sets, but asking nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from forms.definition import BadDefinition, Fault, Strict, Texts, read_object, say

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
_FILLED_BY = {"list": "items", "table": "rows"}


class Block(Strict):
    """One part of a letter. `place` is a line of where and when, `closing` the greeting and the sender."""

    type: BlockType
    level: Literal[1, 2] = 1  # of a heading
    text: Texts = {}  # of a list: the line before the bullets
    items: tuple[Texts, ...] = Field(default=(), max_length=MAX_PARTS)
    rows: tuple[tuple[Texts, ...], ...] = Field(default=(), max_length=MAX_PARTS)  # an empty cell is {}
    only_if: OnlyIf | None = None
    note: Texts = {}  # for the one who sends the letter; never part of it


class Letter(Strict):
    """A letter or an information sheet in several languages."""

    schema_version: Literal[1]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
    version: int = Field(ge=1)
    kind: Literal["letter", "information"]
    languages: tuple[Literal["nb", "nn", "en", "se"], ...]
    title: Texts
    description: Texts = {}  # for the one who chooses a letter
    recipient: Literal["employee", "certifier"]
    source: str = ""  # which paper letter it is faithful to
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=MAX_BLOCKS)]

    def texts(self) -> Iterator[tuple[str, str, Texts]]:
        """Every text of the letter with where it stands: block ("" for the letter itself) and property."""
        yield "", "title", self.title
        yield "", "description", self.description
        for number, block in enumerate(self.blocks, 1):
            where = f"block {number}"
            yield where, "text", block.text
            yield where, "note", block.note
            for item in block.items:
                yield where, "items", item
            for row in block.rows:
                for cell in row:
                    yield where, "rows", cell


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
    data = read_object(source)
    try:
        letter = Letter.model_validate(data)
    except ValidationError as error:
        raise BadDefinition([_shape_fault(detail) for detail in error.errors(include_url=False)]) from error
    faults = list(_check(letter))
    if faults:
        raise BadDefinition(faults)
    return letter


def fill(
    letter: Letter, language: str, values: Mapping[str, str], conditions: Collection[str] | None = None
) -> list[FilledBlock]:
    """The letter's blocks in `language`. A value that is missing or empty becomes a line to write on.

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
        if conditions is None or block.only_if is None or block.only_if in conditions
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


def _shape_fault(detail: Any) -> Fault:
    """A fault of shape, with the block it stands in."""
    steps = list(detail["loc"])
    where = ""
    if len(steps) > 1 and steps[0] == "blocks" and isinstance(steps[1], int):
        where, steps = f"block {steps[1] + 1}", steps[2:]
    return Fault(where, ".".join(str(step) for step in steps) or "value", detail["msg"])


def _check(letter: Letter) -> Iterator[Fault]:
    if "nb" not in letter.languages and "nn" not in letter.languages:
        yield Fault("", "languages", "must hold nb or nn")
    for where, prop, texts in letter.texts():
        yield from _check_texts(letter, where, prop, texts)
    for number, block in enumerate(letter.blocks, 1):
        yield from _check_block(f"block {number}", block)


def _check_texts(letter: Letter, where: str, prop: str, texts: Texts) -> Iterator[Fault]:
    if texts or prop in ("title", "items"):
        for language in letter.languages:
            if not texts.get(language, "").strip():
                yield Fault(where, prop, f"has no text in {language}")
    for language, text in texts.items():
        for name in placeholders(text):
            if name not in PLACEHOLDERS:
                yield Fault(where, prop, f"{{{name}}} is not a placeholder (use {', '.join(PLACEHOLDERS)})")
            elif prop in ("title", "description"):
                yield Fault(where, prop, f"cannot hold {{{name}}}")
        if re.search(r"[{}]", _BRACED.sub("", text)):
            yield Fault(where, prop, f"has a brace without its pair in {language}")


def _check_block(where: str, block: Block) -> Iterator[Fault]:
    needed = _FILLED_BY.get(block.type, "text")
    if not getattr(block, needed):
        yield Fault(where, needed, f"is needed by type {block.type}")
    for prop in ("items", "rows"):
        if getattr(block, prop) and prop != needed:
            yield Fault(where, prop, f"does not belong to type {block.type}")
    if block.level != 1 and block.type != "heading":
        yield Fault(where, "level", f"does not belong to type {block.type}")
    widths = {len(row) for row in block.rows}
    if len(widths) > 1:
        yield Fault(where, "rows", "do not all have the same number of cells")
    if widths and not 1 <= max(widths) <= MAX_CELLS:
        yield Fault(where, "rows", f"must have 1 to {MAX_CELLS} cells")
