"""Languages and names from somebody else's workbook, made to fit ours; and properties that do not fit, told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from forms.definition import ID
from forms.exchange.xlsform_book import Book, Message, Row
from forms.exchange.xlsform_columns import Extra, at, put
from forms.exchange.xpath import shortened
from forms.format import LANGUAGES
from forms.texts import N_, Note

MAX_TEXT = 20_000
MAX_ID = 59
_CODE = re.compile(r"\(?\b(nb|nn|no|en|se|nob|nno|nor|eng|sme)(?:[-_][A-Za-z]+)?\)?\s*$", re.IGNORECASE)
_BY_CODE = {"no": "nb", "nob": "nb", "nor": "nb", "nno": "nn", "eng": "en", "sme": "se"}
_BY_WORD = (  # the first that is found in the name
    ("nynorsk", "nn"), ("bokmål", "nb"), ("bokmal", "nb"), ("norsk", "nb"), ("norwegian", "nb"), ("engelsk", "en"),
    ("english", "en"), ("nordsamisk", "se"), ("northern sami", "se"), ("davvisámegiella", "se"), ("sámegiella", "se"),
)  # fmt: skip
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss", "ö": "o", "ä": "a"})


def language_of(name: str) -> str:
    """The language that a heading names ("Bokmål (nb)", "en", "Norwegian"), "" when it is none of ours."""
    if "(" not in name and (word := next((code for word, code in _BY_WORD if word in name.casefold()), "")):
        return word
    if found := _CODE.search(name):
        code = found[1].lower()
        return _BY_CODE.get(code, code)
    return ""


class Languages:
    """The languages of a workbook: which of its columns are which of ours."""

    def __init__(self, book: Book, default: str) -> None:
        names = dict.fromkeys(
            tokens[-1]
            for sheet in book.sheets.values()
            for tokens in sheet.headings
            if len(tokens) > 1 and tokens[0] in ("label", "hint")
        )
        self.known = {name: language for name in names if (language := language_of(name))}
        self.default = language_of(default) or "nb"
        self.told: list[Note] = []
        foreign = [name for name in names if name not in self.known]
        if foreign and not self.known and not any(("label",) in sheet.headings for sheet in book.sheets.values()):
            kept = default if default in foreign else foreign[0]
            foreign.remove(kept)
            self.known[kept] = "nb"
            self.told.append(Note(N_("Teksten på «%(language)s» er lest som bokmål."), {"language": kept}))
        for name in foreign:
            note = Note(N_("Språket «%(language)s» finnes ikke her. Tekstene er ikke tatt med."), {"language": name})
            self.told.append(note)
        used = {t for name in book.sheets for row in book.rows(name) for t in row.cells if t[0] in ("label", "hint")}
        self.seen = {language for t in used if (language := self.of(t[1] if len(t) > 1 else ""))}

    def of(self, name: str) -> str:
        return self.default if not name else self.known.get(name) or language_of(name)

    def texts(self, row: Row, *path: str, tell: Callable[[Note], None]) -> dict[str, str]:
        """The texts of a column in our languages; one with a language goes before one without."""
        found: dict[str, str] = {}
        for name, text in sorted(row.under(*path).items()):
            language = self.of(name)
            if language not in LANGUAGES:
                continue
            if len(text) > MAX_TEXT:
                tell(Note(N_("Teksten er lengre enn %(most)s tegn. Resten er kuttet."), {"most": MAX_TEXT}))
            found[language] = text[:MAX_TEXT]
        return found

    def in_order(self) -> list[str]:
        """The languages that the workbook has texts in, the default first."""
        return sorted(self.seen or {self.default}, key=lambda code: (code != self.default, LANGUAGES.index(code)))


def tell_references(texts: Iterable[str], tell: Callable[[Note], None]) -> None:
    """XLSForm puts answers into texts; ours stay as they are written."""
    for name in dict.fromkeys(name for text in texts for name in _REFERENCE.findall(text)):
        tell(Note(N_("Svar kan ikke settes inn i tekster. «%(name)s» står som det er skrevet."), {"name": name}))


class Names:
    """Ids that are taken, and new ones that fit our rule for ids."""

    def __init__(self, wanted: Iterable[str] = ()) -> None:
        self.taken: set[str] = set()
        self._wanted = {name for name in wanted if ID.match(name)}  # others make way for these
        self._next: dict[str, int] = {}

    def fit(self, name: str, otherwise: str) -> str:
        """`name`, or an id as near to it as the rule allows that nobody else has; it is taken from now on."""
        unique = name if ID.match(name) else _plain_id(name) or otherwise
        while unique in self.taken or (unique != name and unique in self._wanted):
            number = self._next[name] = self._next.get(name, 1) + 1
            unique = f"{_plain_id(name)[: MAX_ID - 7].rstrip('_') or otherwise}_{number}"
        self.taken.add(unique)
        return unique


def plain_name(name: str) -> str:
    """Small letters of a to z, digits and _ that come near to `name`."""
    ascii_only = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")


def _plain_id(name: str) -> str:
    plain = plain_name(name)
    if plain and not plain[0].isalpha():
        plain = f"n_{plain}"
    return plain[:MAX_ID].rstrip("_")


def truth(text: str) -> bool | None:
    """Yes or no as people and XLSForm write it."""
    word = text.strip().casefold()
    if word in ("yes", "ja", "true", "true()", "1", "x", "sann"):
        return True
    return False if word in ("no", "nei", "false", "false()", "0", "usann") else None


def fill(data: dict[str, Any], row: Row, extras: Iterable[Extra]) -> None:
    """The properties that stand in our columns of a row, as they are written."""
    for extra in extras:
        text = row.get("x", extra.header.removeprefix("x::").removeprefix("x_"))
        if text:
            word = truth(text) if extra.kind == "yes_no" else None
            put(data, extra.path, text if word is None else word)


def drop_unfit(
    model: type[BaseModel], data: dict[str, Any], extras: Iterable[Extra], tell: Callable[[Note], None]
) -> None:
    """Take away, and tell, what the format refuses in `data`."""
    headers: Mapping[str, str] = {"role": "name", **{extra.path: extra.header for extra in extras}}
    for _ in range(len(data) + 10):
        try:
            model.model_validate(data)
        except ValidationError as error:
            names = [str(name) for name in error.errors(include_url=False)[0]["loc"]]
            path = next((path for path in (".".join(names[:2]), names[0]) if path in headers), names[0])
            note = N_("«%(value)s» kan ikke stå i kolonnen %(column)s.")
            tell(Note(note, {"value": shortened(str(at(data, path))), "column": headers.get(path, path)}))
            outer, _, last = path.rpartition(".")
            (at(data, outer) if outer else data).pop(last, None)
        else:
            return


def told_of(messages: Iterable[Message]) -> list[tuple[str, list[int], Note]]:
    """Messages that say the same of one sheet put together: sheet, rows and what."""
    groups: dict[tuple[str, str, str], tuple[str, list[int], Note]] = {}
    for message in messages:
        key = (message.sheet, message.note.text, repr(sorted(message.note.values.items())))
        rows = groups.setdefault(key, (message.sheet, [], message.note))[1]
        if message.row not in rows:
            rows.append(message.row)
    return list(groups.values())
