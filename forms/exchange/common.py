"""What every way in and out of question sets shares: what is told, what is refused, how large a file may be."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from forms.texts import N_, Note

MAX_FILE = 5_000_000
MAX_UNPACKED = 50_000_000
MAX_VALUES = 400_000  # in a JSON file
MAX_NESTING = 100
MAX_TOLD = 1000  # one by one


class Told(NamedTuple):
    """Something about one place of a file: "survey, rad 12", "item[linkId=x]" or a key; "" is the whole file."""

    place: str
    note: Note


class Imported(NamedTuple):
    """What a file holds: a definition as JSON, of right shape, perhaps with faults; and what did not carry over."""

    data: dict[str, Any]
    left_out: tuple[Told, ...] = ()


class BadFile(Exception):
    """A file that cannot be read at all; `told` holds all reasons."""

    def __init__(self, told: Iterable[Told]) -> None:
        self.told = list(bounded(told))
        super().__init__(f"{len(self.told)} reason(s)")


def bounded(told: Iterable[Told]) -> tuple[Told, ...]:
    """Each thing told once; what is beyond MAX_TOLD is counted."""
    all_told = list({(item.place, item.note.text, str(item.note.values)): item for item in told}.values())
    if len(all_told) > MAX_TOLD:
        more = Note(N_("%(count)s merknader til er ikke vist."), {"count": len(all_told) - MAX_TOLD})
        all_told = [*all_told[:MAX_TOLD], Told("", more)]
    return tuple(all_told)


def too_large(content: bytes) -> list[Told]:
    if len(content) <= MAX_FILE:
        return []
    return [Told("", Note(N_("Filen er større enn %(most)s MB."), {"most": MAX_FILE // 1_000_000}))]


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object in a file, bounded in size and nesting. Raises BadFile."""
    if told := too_large(content):
        raise BadFile(told)
    try:
        data = json.loads(content, parse_float=_finite, parse_constant=_finite)
    except UnicodeDecodeError as error:
        raise BadFile([Told("", Note(N_("Filen er ikke lagret som UTF-8.")))]) from error
    except json.JSONDecodeError as error:
        note = Note(N_("Filen er ikke gyldig JSON: feil i linje %(line)s, tegn %(column)s."),
                    {"line": error.lineno, "column": error.colno})  # fmt: skip
        raise BadFile([Told("", note)]) from error
    except RecursionError as error:
        raise BadFile([_too_deep()]) from error
    except ValueError as error:  # a number without end, or of thousands of digits
        raise BadFile([Told("", Note(N_("Filen er ikke gyldig JSON.")))]) from error
    if not isinstance(data, dict):
        raise BadFile([Told("", Note(N_("Filen er ikke et spørsmålssett.")))])
    if told := too_much(data):
        raise BadFile(told)
    return data


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(number)
    return value


def too_much(data: Any) -> list[Told]:
    """Why JSON is too deep or too much for what reads it by recursion; it is counted without."""
    count, layer = 0, [data]
    for _ in range(MAX_NESTING):
        below: list[Any] = []
        for node in layer:
            below += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        count += len(below)
        if count > MAX_VALUES:
            return [Told("", Note(N_("Filen har flere enn %(most)s verdier."), {"most": MAX_VALUES}))]
        if not below:
            return []
        layer = below
    return [_too_deep()]


def _too_deep() -> Told:
    return Told("", Note(N_("Filen er for dypt nøstet.")))
