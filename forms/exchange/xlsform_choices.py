"""The sheet of choices: lists of options, and the names that expressions have for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.definition import MAX_BYTES
from forms.exchange.common import BadFile, Told
from forms.exchange.xlsform_book import Book, Message, Row
from forms.exchange.xlsform_columns import OPTION_EXTRAS, YES_NO, YES_NO_LIST
from forms.exchange.xlsform_texts import Languages, Names, drop_unfit, fill
from forms.exchange.xpath import NO, YES
from forms.format import Option
from forms.texts import N_, Note

_NO_NAME = N_("Svaret mangler name og har fått navnet %(code)s.")
_OPTION_SIZE = 100
_OTHER = {"nb": "Annet", "nn": "Anna", "en": "Other", "se": "Eará"}

Options = tuple[list[dict[str, Any]], dict[str, str]]


class Choices:
    """Lists by name: their options, and their codes here by their names in the sheet."""

    def __init__(self, book: Book, languages: Languages, messages: list[Message]) -> None:
        self.languages, self.messages = languages, messages
        self.rows: dict[str, list[Row]] = {}
        self.used: set[str] = set()
        self._read: dict[str, Options] = {}
        self._size: dict[str, int] = {}
        self.size = 0  # of all options of all questions, about as large as their JSON
        for row in book.rows("choices"):
            name = row.get("list name")
            if name:
                self.rows.setdefault(name, []).append(row)
            else:
                self.tell(row, Note(N_("Raden mangler list_name og er ikke tatt med.")))
                row.used |= row.cells.keys()

    def tell(self, row: Row, note: Note) -> None:
        self.messages.append(Message(row.sheet, row.number, note))

    def options(self, name: str, *, with_other: bool = False) -> Options:
        """The options of a list, and its codes. With `or_other` there is one more, with a field of its own."""
        self.used.add(name)
        if name not in self._read:
            self._read[name] = self.read(self.rows.get(name, []))
            self._size[name] = sum(_OPTION_SIZE + sum(map(len, o["text"].values())) for o in self._read[name][0])
        options, codes = self._read[name]
        self.size += self._size[name]
        if self.size > MAX_BYTES:  # many questions that share a long list
            raise BadFile([Told("choices", Note(N_("Spørsmålene har for mange svar til sammen.")))])
        if with_other and "other" in codes:
            asks = {"comment": "text"}
            return [asks | option if option["code"] == codes["other"] else option for option in options], codes
        if with_other:
            code = "annet" if "annet" not in codes.values() else "annet_svar"
            text = {language: _OTHER[language] for language in self.languages.in_order()}
            return [*options, {"code": code, "text": text, "comment": "text"}], {**codes, "other": code}
        return options, codes

    def read(self, rows: list[Row]) -> Options:
        options, codes = [], dict[str, str]()
        names = Names(row.get("name") for row in rows)
        for row in rows:
            tell = self.teller(row)
            name = row.get("name")
            text = self.languages.texts(row, "label", tell=tell)
            if not name and not text:
                continue
            code = names.fit(name, "svar")
            if code != name:
                text_told = N_("Svaret «%(name)s» har fått navnet %(code)s.") if name else _NO_NAME
                tell(Note(text_told, {"name": name, "code": code}))
            codes.setdefault(name, code)
            option: dict[str, Any] = {"code": code, "text": text}
            fill(option, row, OPTION_EXTRAS)
            drop_unfit(Option, option, OPTION_EXTRAS, tell)
            options.append(option)
        return options, codes

    def teller(self, row: Row) -> Callable[[Note], None]:
        return lambda note: self.tell(row, note)

    def tell_rest(self) -> None:
        """What no question used. Yes and no are ours: their texts cannot be changed."""
        for name, rows in self.rows.items():
            if name == YES_NO_LIST:
                self.tell_yes_no(rows)
            elif name not in self._read:
                for row in rows:
                    row.used |= row.cells.keys()
            if name not in {YES_NO_LIST, *self.used}:
                self.tell(
                    rows[0], Note(N_("Ingen spørsmål bruker listen «%(name)s». Den er ikke tatt med."), {"name": name})
                )

    def tell_yes_no(self, rows: list[Row]) -> None:
        for row in rows:
            place = {YES: 0, NO: 1}.get(row.get("name"))
            texts = {self.languages.of(name): text for name, text in row.under("label").items()}
            if place is None or any(text != YES_NO.get(language, ("", ""))[place] for language, text in texts.items()):
                self.tell(row, Note(N_("Svarene på et spørsmål med ja og nei kan ikke endres.")))
