"""Texts outside a request: marking, carrying and translating them. Bokmål is the source language of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


def N_(text: str) -> str:
    """Mark `text` for extraction; it is translated where it is shown."""
    return text


class Note(NamedTuple):
    """A message that does not know its reader's language yet; a value may be such a message itself."""

    text: str
    values: Mapping[str, Any] = {}

    def say(self, gettext: Callable[[str], str]) -> str:
        values = {name: v.say(gettext) if isinstance(v, Note) else v for name, v in self.values.items()}
        return gettext(self.text) % values if values else gettext(self.text)


SILENT = Note._make(("", {}))  # says nothing; not written as a text, which would be extracted


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(CATALOGUES), [language])


def translator(language: str) -> Callable[[str], str]:
    """gettext for `language`, without Flask."""
    return _catalogue(language).gettext
