"""What XLSForm's question types are here, and what is told when they are not quite that."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from forms.exchange.xlsform_columns import MULTILINE, YES_NO_LIST
from forms.texts import N_, Note


class Kind(NamedTuple):
    """A row's type: ours ("" when it is left out), its list of choices, and what to tell."""

    type: str
    note: Note | None = None
    list_name: str = ""
    with_other: bool = False


class Control(NamedTuple):
    """begin_ or end_ of a group, a repeat or a loop."""

    begins: bool
    what: str


_LINE = N_("«%(type)s» finnes ikke her. Spørsmålet er blitt en linje tekst.")
_NOT_HERE = N_("«%(type)s» finnes ikke her. Raden er ikke tatt med.")
_UNKNOWN = N_("«%(type)s» er en ukjent type. Spørsmålet er blitt en linje tekst.")
_BY_BIND = {
    "string": "string", "int": "integer", "decimal": "string", "date": "date", "time": "time", "dateTime": "date",
    "barcode": "string",
}  # fmt: skip
_TOLD_BY_BIND = {
    "decimal": N_("Desimaltall finnes ikke her. Spørsmålet er blitt en linje tekst."),
    "dateTime": N_("Dato med klokkeslett finnes ikke her. Spørsmålet er blitt en dato."),
    "barcode": _LINE,
}


def control_of(text: str) -> Control | None:
    """What a begin or end row begins or ends; None for any other row."""
    from pyxform import aliases
    from pyxform.xls2json import RE_BEGIN_CONTROL, RE_END_CONTROL

    plain = " ".join(text.lower().split())
    for begins, pattern in ((True, RE_BEGIN_CONTROL), (False, RE_END_CONTROL)):
        if found := pattern.search(plain):
            return Control(begins, aliases.control[found["type"]])
    return None


def kind_of(text: str, appearance: str) -> Kind:
    """The type of a row that is neither begin nor end."""
    text = " ".join(text.split())
    if selected := _select().match(text):
        return _kind_of_select(text, selected)
    plain = text.lower()
    known = _known().get(plain)
    if known is None:
        return Kind("string", Note(_UNKNOWN, {"type": text}))
    tag, bind = known.get("control", {}).get("tag", ""), known.get("bind", {})
    match tag:
        case "input" if bind.get("readonly"):
            return Kind("info")
        case "input" if bind["type"] in _BY_BIND:
            return _kind_of_input(plain, bind, appearance)
        case "trigger" if bind.get("type") != "geopoint":
            return Kind("boolean", Note(N_("«%(type)s» er blitt et spørsmål med ja og nei."), {"type": text}))
        case "range":
            return Kind(
                "integer", Note(N_("«range» er blitt et heltall. Minste og største verdi er tatt med, ikke trinnene."))
            )
        case "select" | "select1":
            return Kind("string", Note(_LINE, {"type": text}))
    if plain.endswith(("calculate", "calculate prompt")):
        return Kind("", Note(N_("Beregninger kan ikke hentes inn. Raden er ikke tatt med.")))
    return Kind("", Note(_NOT_HERE, {"type": text}))


def _kind_of_input(plain: str, bind: dict[str, Any], appearance: str) -> Kind:
    kind = _BY_BIND[bind["type"]]
    if kind == "string" and MULTILINE in appearance.split() and bind["type"] == "string":
        return Kind("text")
    if told := _TOLD_BY_BIND.get(bind["type"]):
        return Kind(kind, Note(told, {"type": plain}))
    if "constraint" in bind:
        note = Note(N_("«%(type)s» er blitt et heltall uten grenser."), {"type": plain})
        return Kind(kind, note)
    return Kind(kind)


def _kind_of_select(text: str, found: re.Match[str]) -> Kind:
    from pyxform import aliases, constants

    name = found["list_name"]
    command = " ".join(found["select_command"].lower().split())
    if command in aliases.select_from_file or command == "select_one_external" or "${" in name:
        note = Note(
            N_("Svarene hentes fra et annet sted i «%(type)s». Spørsmålet er blitt en linje tekst."), {"type": text}
        )
        return Kind("string", note)
    other = found["specify_other"] is not None
    match aliases.select[command]:
        case constants.SELECT_ALL_THAT_APPLY:
            return Kind("multichoice", None, name, other)
        case constants.RANK:
            note = Note(N_("Rangering finnes ikke her. Spørsmålet er blitt ett der flere svar kan velges."))
            return Kind("multichoice", note, name, other)
    return Kind("boolean" if name == YES_NO_LIST else "choice", None, name, other)


@cache
def _known() -> dict[str, dict[str, Any]]:
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    return {name.lower(): known for name, known in QUESTION_TYPE_DICT.items()}


@cache
def _select() -> re.Pattern[str]:
    """pyxform's own pattern, forgiving about case."""
    from pyxform.xls2json import RE_SELECT

    return re.compile(RE_SELECT.pattern, re.IGNORECASE)
