"""The conditions of a workbook: XPath, or our own JSON beside it as long as nobody changed the XPath."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from forms.exchange.common import too_much
from forms.exchange.xlsform_book import Row
from forms.exchange.xlsform_texts import truth
from forms.exchange.xpath import Question, Unreadable, from_xpath, to_xpath
from forms.texts import N_, Note, translator

_SMART = str.maketrans("‘’“”", "''\"\"")  # what a spreadsheet makes of quotes
_INVALID = N_("Svaret er ikke gyldig.")

Tell = Callable[[Note], None]


class Rules:
    """Reads the rules of a sheet, when all its questions are known."""

    def __init__(self, scope: Mapping[str, Question], language: str, *, ours: bool) -> None:
        self.scope, self.ours = scope, ours
        self.kinds = {question.id: question.kind for question in scope.values()}
        self.language = language

    def relevant(self, row: Row, tell: Tell) -> Any:
        """The rule of `visible_if`, None when there is none."""
        text, exact = row.get("bind", "relevant"), _exact(row, "relevant")
        if text and exact is not None and text == to_xpath(exact, self.kinds):
            return exact
        return self.rule(text, None, tell) if text else None

    def required(self, row: Row, tell: Tell) -> Any:
        text = row.get("bind", "required") or row.get("x", "required")
        row.get("x", "required")
        exact = _exact(row, "required")
        if isinstance(exact, dict) and text == to_xpath(exact.get("if", True), self.kinds):
            return exact
        if text.casefold() in ("recommended", "anbefalt"):
            return "recommended"
        word = truth(text)
        if word is not None or not text:
            return bool(word)
        rule = self.rule(text, None, tell)
        return False if rule is None else {"if": rule}

    def constraint(self, row: Row, own: Question, message: dict[str, str], tell: Tell) -> dict[str, Any] | None:
        """One constraint with its message."""
        text, exact = row.get("bind", "constraint"), _exact(row, "constraint")
        if not text:
            if message:
                tell(Note(N_("Meldingen har ikke noe krav i constraint. Den er ikke tatt med.")))
            return None
        unchanged = exact is not None and text == to_xpath(exact, self.kinds, own.id)
        rule = exact if unchanged else self.rule(text, own, tell)
        if rule is None:
            return None
        if not message and not self.ours:
            message = {self.language: translator(self.language)(_INVALID)}
        return {"expr": rule, "message": message}

    def rule(self, text: str, own: Question | None, tell: Tell) -> Any:
        word = truth(text)
        if word is not None:
            return word
        try:
            return from_xpath(text, self.scope, own)
        except Unreadable as error:
            if (straight := text.translate(_SMART)) != text:
                return self.rule(straight, own, tell)
            tell(error.note)
            return None


def _exact(row: Row, column: str) -> Any:
    return json_of(row.get("x", f"exact_{column}"))


def json_of(text: str) -> Any:
    """JSON from a cell, None when it is none or nested beyond reason."""
    try:
        data = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return None if too_much(data) else data
