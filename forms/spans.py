"""Lengths of time as people write them: "28", "28 dager", "4 uker", "2 uker før"."""

from __future__ import annotations

import re

from forms.texts import N_, Note

_TYPED = re.compile(
    r"(?P<minus>[-−–])? ?(?P<number>[0-9]{1,6}) ?(?P<unit>[^\W\d]+)?\.?(?: (?P<before>før|framfor|before|ovdal))?", re.I
)
_DAYS = ("d", "dag", "dager", "dagar", "day", "days", "beaivi", "beaivvi")
_WEEKS = ("u", "uke", "uka", "uker", "v", "veke", "veka", "veker", "w", "week", "weeks", "vahkku", "vahku")


def read_span(text: str) -> int | None:
    """Days, negative for what comes before; None when nothing is written. Raises ValueError when it is no such length.

    A number alone is days."""
    text = " ".join(text.replace("\u00a0", " ").split())
    if not text:
        return None
    found = _TYPED.fullmatch(text)
    unit = (found["unit"] or "d").lower() if found else ""
    if found is None or unit not in (*_DAYS, *_WEEKS):
        raise ValueError("no length")
    days = int(found["number"]) * (7 if unit in _WEEKS else 1)
    return -days if found["minus"] or found["before"] else days


def span_words(days: int) -> Note:
    """A number of days as it is best said: whole weeks from two on, else days."""
    if days < 0:
        return Note(N_("%(span)s før"), {"span": span_words(-days)})
    if days >= 14 and not days % 7:
        return Note(N_("%(number)s uker"), {"number": days // 7})
    return Note(N_("1 dag")) if days == 1 else Note(N_("%(number)s dager"), {"number": days})


def span_text(days: int | None) -> str:
    """In bokmål, as a field shows it; `read_span` reads it back."""
    return "" if days is None else span_words(days).say(str)
