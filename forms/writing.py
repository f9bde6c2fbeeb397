"""A letter on its way: filled for a case, changed by its sender, filled anew when a value or the language changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.definition import say
from forms.letters import BLANK, PLACEHOLDERS, Block, FilledBlock, Letter, fill, placeholders
from forms.texts import N_
from forms.tidy import clean_text

MAX_TEXT = 10_000  # characters in one field
MAX_LETTER = 200_000  # characters in all: a letter, not a book
PLACE_VALUES = ("dato", "klokkeslett", "sted")
VALUE_NAMES = {
    "navn": N_("navn"), "fodselsnummer": N_("fødselsnummer"), "enhet": N_("enhet"), "stilling": N_("stilling"),
    "leder": N_("nærmeste leder"), "kommune": N_("kommune"), "forste_dag": N_("første dag"), "dato": N_("dato"),
    "klokkeslett": N_("klokkeslett"), "sted": N_("sted"), "dagens_dato": N_("dagens dato"),
    "sykmelder": N_("sykmelder"),
}  # fmt: skip
_ENCLOSED = re.compile(r"\binfo(?:rmasjon)?(?:s?brev|s?skriv)? ?(?:nr\.?|nummer)? ?(\d{1,3})\b", re.I)
_NUMBERED = re.compile(r"\b(?:nr\.?|nummer) ?(\d{1,3})\b", re.I)


@dataclass(frozen=True)
class Piece:
    """A block as the sender sees it; `block` is what would be printed."""

    id: str
    block: FilledBlock

    def texts(self) -> Iterator[tuple[str, str]]:
        """What may be changed, by the name of its field. The bullets of a list are one text, one to a line."""
        if self.block.type == "table":
            for r, row in enumerate(self.block.rows):
                for c, cell in enumerate(row):
                    yield f"c-{self.id}-{r}-{c}", cell
            return
        yield f"t-{self.id}", self.block.text
        if self.block.type == "list":
            yield f"i-{self.id}", "\n".join(self.block.items)

    def with_texts(self, texts: Mapping[str, str]) -> Piece:
        """The same with other texts, by the names of their fields; one that is not there is empty."""
        own, block = self.id, self.block
        if block.type == "table":
            rows = tuple(
                tuple(texts.get(f"c-{own}-{r}-{c}", "") for c in range(len(row))) for r, row in enumerate(block.rows)
            )
            return Piece(own, block.model_copy(update={"rows": rows}))
        items = tuple(line.strip() for line in texts.get(f"i-{own}", "").split("\n") if line.strip())
        return Piece(own, block.model_copy(update={"text": texts.get(f"t-{own}", ""), "items": items}))

    @property
    def empty(self) -> bool:
        """Nothing is left of it: it is not part of the letter."""
        return not any(text for _name, text in self.texts())


@dataclass(frozen=True)
class Filling:
    """What the texts of a letter were made with: the language, and a value for each placeholder."""

    language: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Gap:
    """A value that the letter lacks; `field` is the name of the text it should stand in."""

    field: str
    name: str  # the placeholder; empty when it cannot be told which


def filled(letter: Letter, filling: Filling, conditions: Collection[str]) -> list[Piece]:
    """The letter as it is first shown; `conditions` names the `only_if` that hold."""
    shown = _shown(letter, conditions)
    return [Piece(block.id, made) for block, made in zip(shown, _made(letter, shown, filling), strict=True)]


def left_out(letter: Letter, conditions: Collection[str]) -> list[str]:
    """The `only_if` that keep something out of the letter."""
    found = [block.only_if for block in letter.blocks if not block.hidden and block.only_if]
    return list(dict.fromkeys(name for name in found if name not in conditions))


def taken(letter: Letter, posted: Mapping[str, str], language: str) -> list[Piece]:
    """What the sender's page holds, typed or not: the blocks that the page showed, with their texts as they are now."""
    found = []
    for block in letter.without_hidden().blocks:
        piece = Piece(block.id, _made(letter, [block], Filling(language, {}))[0])
        names = [name for name, _text in piece.texts()]
        if any(name in posted for name in names):
            found.append(piece.with_texts({name: clean_text(posted.get(name, "")) for name in names}))
    return found


def filled_anew(letter: Letter, pieces: Sequence[Piece], before: Filling, after: Filling) -> list[Piece]:
    """The pieces with new values or in another language. Nothing that was typed is lost: what nobody changed is made
    anew; in what somebody did change, the old values and the blanks give way to the new ones, in the same language."""
    blocks = {block.id: block for block in letter.blocks}
    return [_anew(letter, blocks[piece.id], piece, before, after) for piece in pieces]


def _anew(letter: Letter, block: Block, piece: Piece, before: Filling, after: Filling) -> Piece:
    old, fresh = (
        {name: clean_text(text) for name, text in Piece(block.id, _made(letter, [block], filling)[0]).texts()}
        for filling in (before, after)
    )
    sources = dict(_sources(block, before.language))
    made = {}
    for name, text in piece.texts():
        if text == old.get(name):
            made[name] = fresh.get(name, "")
        elif before.language == after.language:
            made[name] = _swapped(text, placeholders(sources.get(name, "")), before.values, after.values)
        else:
            made[name] = text
    return piece.with_texts(made)


def _swapped(text: str, used: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """A text that somebody changed, with the new values where the old ones, or their blanks, stood."""
    for name in dict.fromkeys(used):
        old, new = before.get(name, ""), after.get(name, "")
        if old and new and old != new:
            text = text.replace(old, new)
    blanks = [name for name in used if not before.get(name)]
    parts = text.split(BLANK)
    if len(parts) - 1 != len(blanks):
        return text
    return parts[0] + "".join((after.get(name) or BLANK) + part for name, part in zip(blanks, parts[1:], strict=True))


def gaps(letter: Letter, pieces: Sequence[Piece], filling: Filling) -> list[Gap]:
    """Every blank that is still in the letter, in order."""
    blocks = {block.id: block for block in letter.blocks}
    found: list[Gap] = []
    for piece in pieces:
        sources = dict(_sources(blocks[piece.id], filling.language))
        for name, text in piece.texts():
            missing = [one for one in placeholders(sources.get(name, "")) if not filling.values.get(one)]
            missing = [one for one in missing if one in PLACEHOLDERS]
            count = text.count(BLANK)
            known = missing if len(missing) == count else [""] * count
            found += [Gap(name, one) for one in dict.fromkeys(known)]
    return found


def uses(letter: Letter, names: Collection[str]) -> bool:
    """Whether a text that is printed has one of these placeholders."""
    printed = (say(texts, code) for _id, path, texts in letter.without_hidden().texts() for code in letter.languages
               if path != "note")  # fmt: skip
    return any(name in names for text in printed for name in placeholders(text))


def printed(pieces: Sequence[Piece]) -> list[FilledBlock]:
    """What goes on paper: without the blocks that were emptied."""
    return [piece.block for piece in pieces if not piece.empty]


def size(pieces: Sequence[Piece]) -> int:
    """Characters in all."""
    return sum(len(text) for piece in pieces for _name, text in piece.texts())


def enclosed(pieces: Sequence[Piece]) -> frozenset[str]:
    """The numbers of the information sheets that the letter says are enclosed ("info nr. 1")."""
    return frozenset(found for piece in pieces for _name, text in piece.texts() for found in _ENCLOSED.findall(text))


def sheet_number(title: str) -> str:
    """The number that an information sheet bears in its title, or nothing."""
    found = _NUMBERED.search(title)
    return found[1] if found else ""


def _shown(letter: Letter, conditions: Collection[str]) -> list[Block]:
    return [b for b in letter.blocks if not b.hidden and (b.only_if is None or b.only_if in conditions)]


def _made(letter: Letter, blocks: Sequence[Block], filling: Filling) -> list[FilledBlock]:
    return fill(letter.model_copy(update={"blocks": tuple(blocks)}), filling.language, filling.values)


def _sources(block: Block, language: str) -> Iterator[tuple[str, str]]:
    """The texts with their placeholders, by the name of the field they fill."""
    for r, row in enumerate(block.rows):
        for c, cell in enumerate(row):
            yield f"c-{block.id}-{r}-{c}", say(cell, language)
    yield f"t-{block.id}", say(block.text, language)
    yield f"i-{block.id}", "\n".join(say(item, language) for item in block.items)
