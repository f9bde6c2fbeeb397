"""Reading an Excel workbook (XLSForm) as a question set: ours exactly, anybody's as far as it goes, the rest told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from forms.definition import MAX_BYTES, MAX_ITEMS, BadDefinition, shape
from forms.exchange.common import BadFile, Imported, Told, bounded
from forms.exchange.xlsform_book import Book, Message, Row, Tokens, place, read_book
from forms.exchange.xlsform_columns import SET_EXTRAS, SET_TEXTS, at, put
from forms.exchange.xlsform_items import Survey
from forms.exchange.xlsform_judge import judge
from forms.exchange.xlsform_rules import Rules, Tell
from forms.exchange.xlsform_texts import MAX_TEXT, Languages, drop_unfit, fill, plain_name, told_of
from forms.exchange.xpath import shortened
from forms.format import LANGUAGES, Constraint, QuestionSetDefinition
from forms.texts import N_, Note

_KEY = re.compile(r"[a-z][a-z0-9-]{1,58}")
_NO_KEY = "skjema"
_KINDS = get_args(QuestionSetDefinition.model_fields["kind"].annotation)
# What is told of a cell in a column that means nothing here.
_UNUSED = {
    ("bind", "calculate"): N_("Beregningen (calculation) er ikke tatt med."),
    ("trigger",): N_("«trigger» er ikke tatt med."),
    ("default",): N_("Svaret som står der fra før (default), er ikke tatt med."),
    ("bind", "readonly"): N_("«readonly» er ikke tatt med."),
    ("choice_filter",): N_("Filteret på svarene (choice_filter) er ikke tatt med. Alle svar vises."),
    ("control", "appearance"): N_("Utseendet «%(value)s» er ikke tatt med."),
    ("parameters",): N_("«parameters» er ikke tatt med."),
    ("media",): N_("Bilder, lyd og film er ikke tatt med."),
    ("bind", "jr:requiredMsg"): N_("Egen melding når svaret mangler, er ikke tatt med."),
    ("bind", "required"): N_("«required» gjelder ikke her."),
    ("bind", "relevant"): N_("Vilkåret «%(value)s» gjelder ikke her. Det er ikke tatt med."),
    ("bind", "constraint"): N_("Kravet «%(value)s» gjelder ikke her. Det er ikke tatt med."),
    ("bind", "jr:constraintMsg"): N_("Meldingen til kravet (constraint_message) er ikke tatt med."),
    ("hint",): N_("Hjelpetekst kan ikke stå her. Den er ikke tatt med."),
}
_OTHER = N_("Kolonnen «%(column)s» er ikke tatt med.")
_QUIET = ("name", "clean_text_values", "allow_choice_duplicates", "omit_instanceID")  # of settings: for the XForm only


def read_xlsx(content: bytes) -> Imported:
    """The question set in a workbook. Raises BadFile when it cannot be read at all, with every reason."""
    book = read_book(content)
    return _Reader(book).read()


class _Reader:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.messages = list(book.told)
        self.settings = next(iter(book.rows("settings")), Row("settings", 2, {}, {}))
        self.ours = bool(self.settings.get("x", "attende"))
        self.languages = Languages(book, self.settings.get("default_language"))
        self.messages += [Message("survey", 1, note) for note in self.languages.told]

    def read(self) -> Imported:
        survey = Survey(self.book, self.languages, self.messages, ours=self.ours)
        if len(survey.made) > MAX_ITEMS:
            note = Note(N_("Arket har %(count)s spørsmål. Et spørsmålssett kan ha %(most)s."),
                        {"count": len(survey.made), "most": MAX_ITEMS})  # fmt: skip
            raise BadFile([Told("survey", note)])
        rules = Rules(survey.scope, self.languages.default, ours=self.ours)
        survey.apply(rules)
        self.more_constraints(survey, rules)
        self.examples(survey)
        survey.choices.tell_rest()
        data = self.set(survey)
        self.rest()
        told = {(message.sheet, message.row) for message in self.messages}
        self.messages += judge(self.book, told)
        try:
            definition = shape(data)
        except BadDefinition as error:
            text = N_("Filen kan ikke leses som et spørsmålssett: %(why)s")
            raise BadFile(Told(fault.item, Note(text, {"why": str(fault)})) for fault in error.faults) from error
        if len(definition.model_dump_json()) > MAX_BYTES:
            raise BadFile([Told("", Note(N_("Spørsmålssettet er for stort.")))])
        return Imported(definition.model_dump(mode="json"), bounded(self.told()))

    def told(self) -> Iterator[Told]:
        order = {name: number for number, name in enumerate(["", *self.book.sheets])}
        by_place = sorted(self.messages, key=lambda message: (order.get(message.sheet, 0), message.row))
        for sheet, rows, note in told_of(by_place):
            yield Told(place(sheet, *rows), note)

    def tell(self, row: Row, note: Note) -> None:
        self.messages.append(Message(row.sheet, row.number, note))

    def teller(self, row: Row) -> Tell:
        return lambda note: self.tell(row, note)

    def more_constraints(self, survey: Survey, rules: Rules) -> None:
        for row in self.book.rows("constraints"):
            tell = self.teller(row)
            name = row.get("question")
            made = next((made for made in survey.made if made.row.get("name") == name), None)
            if made is None:
                self.no_question(row, name)
                continue
            message = self.languages.texts(row, "bind", "jr:constraintMsg", tell=tell)
            if constraint := rules.constraint(row, made.question, message, tell):
                drop_unfit(Constraint, constraint, (), tell)
                made.item.setdefault("constraints", []).append(constraint)

    def examples(self, survey: Survey) -> None:
        by_name = {made.row.get("name"): made.item for made in reversed(survey.made)}
        for row in self.book.rows("examples"):
            item = by_name.get(row.get("question"))
            if item is None:
                self.no_question(row, row.get("question"))
            elif texts := self.languages.texts(row, "label", tell=self.teller(row)):
                item.setdefault("examples", []).append(texts)

    def no_question(self, row: Row, name: str) -> None:
        row.used |= row.cells.keys()
        self.tell(
            row, Note(N_("«%(name)s» er ikke et spørsmål i arket survey. Raden er ikke tatt med."), {"name": name})
        )

    def set(self, survey: Survey) -> dict[str, Any]:
        """The definition, from settings, texts and the items."""
        data: dict[str, Any] = {"schema_version": 1, "key": self.key(), "version": self.version(), "title": {}}
        fill(data, self.settings, SET_EXTRAS)
        if data.setdefault("kind", "plan") not in _KINDS:
            self.tell(
                self.settings,
                Note(N_("«%(value)s» er ikke en type skjema. Det er lest som en plan."), {"value": data["kind"]}),
            )
            data["kind"] = "plan"
        self.texts(data)
        title = self.settings.get("title") or ("" if self.ours else self.settings.get("id_string"))
        if title:
            data["title"][self.languages.default] = title[:MAX_TEXT]
            self.languages.seen.add(self.languages.default)
        data["languages"] = self.chosen_languages()
        return data | {"items": survey.items}

    def texts(self, data: dict[str, Any]) -> None:
        for row in self.book.rows("texts"):
            name = row.get("name")
            texts = self.languages.texts(row, "label", tell=self.teller(row))
            if name in SET_TEXTS:
                put(data, name, {**(at(data, name) or {}), **texts})
            elif texts:
                self.tell(
                    row, Note(N_("«%(name)s» er ikke en tekst i settet. Raden er ikke tatt med."), {"name": name})
                )

    def key(self) -> str:
        """form_id made to fit our rule for keys."""
        given = self.settings.get("id_string")
        if _KEY.fullmatch(given):
            return given
        plain = re.sub(r"[^a-z0-9]+", "-", plain_name(given)).lstrip("-0123456789")[:59].rstrip("-")
        key = plain if len(plain) > 1 else _NO_KEY
        if given:
            self.tell(
                self.settings,
                Note(N_("form_id «%(given)s» er blitt %(key)s."), {"given": shortened(given), "key": key}),
            )
        return key

    def version(self) -> int:
        given = self.settings.get("version")
        if given.isdecimal() and 1 <= int(given[:10]) < 1_000_000:
            return int(given)
        if given:
            self.tell(self.settings, Note(N_("Versjonen «%(given)s» er ikke tatt med."), {"given": shortened(given)}))
        return 1

    def chosen_languages(self) -> list[str]:
        """What settings lists, and what there are texts in besides."""
        listed = [code for code in re.split(r"[,;\s]+", self.settings.get("x", "languages")) if code]
        others = set(re.split(r"[,;\s]+", self.settings.get("x", "other_languages")))
        for code in listed:
            if code not in LANGUAGES:
                self.tell(self.settings, Note(N_("Språket «%(language)s» finnes ikke her."), {"language": code}))
        found = [code for code in dict.fromkeys([*listed, *self.languages.in_order()]) if code in LANGUAGES]
        return [code for code in found if code in listed or code not in others]

    def rest(self) -> None:
        """Every cell that nothing has asked for."""
        for row in self.book.rows("settings")[1:]:
            row.used |= row.cells.keys()
            self.tell(row, Note(N_("Arket skal ha én rad. Denne er ikke lest.")))
        self.settings.used |= {(name,) for name in _QUIET}
        for name, sheet in self.book.sheets.items():
            for row in sheet.rows:
                for tokens, text in row.unused().items():
                    why = _unused(tokens)
                    values = {"column": sheet.headings[tokens], "value": shortened(text)}
                    used = {key: value for key, value in values.items() if f"%({key})s" in why}  # alike is told once
                    self.messages.append(Message(name, row.number, Note(why, used)))


def _unused(tokens: Tokens) -> str:
    return next((_UNUSED[tokens[:size]] for size in (2, 1) if tokens[:size] in _UNUSED), _OTHER)
