"""Question sets as our own JSON: all of a set, and nothing that it leaves as it is by default."""

from __future__ import annotations

import json

from forms.definition import BadDefinition, QuestionSetDefinition, shape
from forms.exchange.common import BadFile, Imported, Told, json_object


def write_json(definition: QuestionSetDefinition) -> bytes:
    """The definition, in the order of the format, indented: the same definition gives the same bytes."""
    data = definition.model_dump(mode="json", exclude_defaults=True)
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def read_json(content: bytes) -> Imported:
    """The set in `content`. Raises BadFile with every fault of its shape, by item and property."""
    try:
        definition = shape(json_object(content))
    except BadDefinition as error:
        raise BadFile(told_of(error)) from error
    return Imported(definition.model_dump(mode="json", exclude_defaults=True))


def told_of(error: BadDefinition) -> list[Told]:
    """Faults of a definition by the place "item, property"."""
    return [Told(", ".join(filter(None, (fault.item, fault.property))), fault.why) for fault in error.faults]
