"""What letters and steps have in common: a head, and a flat list of parts with ids that stay for ever."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import Field, ValidationError

from forms.checks import bounded
from forms.definition import ID, BadDefinition, Fault, Strict, Texts, canonical, read_object
from forms.fault_words import no_text, shape_note
from forms.texts import N_, Note


class Part(Strict):
    """One of the parts. A hidden one is left out where the content is used, but its id stays taken."""

    TYPE: ClassVar[str]  # the property that says what a part is; it never changes

    id: str
    hidden: bool = False


class Flat(Strict):
    """Content that is kept, adjusted and versioned like a question set, but has no depth."""

    LIST: ClassVar[str]  # the property that holds the parts
    MOST: ClassVar[int]  # parts allowed

    schema_version: Literal[1]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
    version: int = Field(ge=1)
    languages: tuple[Literal["nb", "nn", "en", "se"], ...]
    title: Texts
    description: Texts = {}  # for the one who chooses
    source: str = ""

    @property
    def parts(self) -> tuple[Any, ...]:
        parts: tuple[Any, ...] = getattr(self, self.LIST)
        return parts

    def walk(self) -> Iterator[Any]:
        """Every part in order; named as in question sets."""
        yield from self.parts

    def find(self, part_id: str) -> Any | None:
        return next((part for part in self.parts if part.id == part_id), None)

    def texts(self) -> Iterator[tuple[str, str, Texts]]:
        """Every text with where it stands: part ("" for the head) and path, as "title", "items.0" or "rows.1.2"."""
        yield from (("", path, texts) for path, texts in texts_of(self))
        for part in self.parts:
            yield from ((part.id, path, texts) for path, texts in texts_of(part))

    def without_hidden(self) -> Self:
        """What is used: the parts that are not hidden."""
        return self.model_copy(update={self.LIST: tuple(part for part in self.parts if not part.hidden)})

    def sha256(self) -> str:
        """Hash of the canonical JSON."""
        return hashlib.sha256(canonical(self.model_dump(mode="json")).encode()).hexdigest()


F = TypeVar("F", bound=Flat)


def texts_of(holder: Flat | Part) -> Iterator[tuple[str, Texts]]:
    """Every text of a part, or of the head, by path."""
    for name in type(holder).model_fields:
        if not isinstance(holder, Flat) or name != holder.LIST:
            yield from _texts_in(getattr(holder, name), name)


def label_of(content: Flat, part_id: str) -> Texts:
    """What a part is known by: its first text; the title for ""."""
    part = content.find(part_id) if part_id else content
    return next((texts for _, texts in texts_of(part) if any(texts.values())), {}) if part is not None else {}


def _texts_in(value: Any, path: str) -> Iterator[tuple[str, Texts]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _texts_in(inner, f"{path}.{number}")


def shape_flat(model: type[F], source: str | bytes | dict[str, Any]) -> F:
    """Read content that may still have faults, as a draft has. Raises BadDefinition when it has no right shape, or when
    two parts have the same id: everything else goes by ids."""
    data = read_object(source)
    try:
        content = model.model_validate(data)
    except ValidationError as error:
        raise BadDefinition(bounded(_shape_faults(model, error, data))) from error
    twice = [part for part, times in Counter(part.id for part in content.parts).items() if times > 1]
    if twice:
        raise BadDefinition(bounded(Fault(part, "id", Note(N_("er brukt mer enn én gang"))) for part in twice))
    return content


def parse_flat(model: type[F], source: str | bytes | dict[str, Any], faults: Callable[[F], list[Fault]]) -> F:
    """Read and check. Raises BadDefinition with every fault found."""
    content = shape_flat(model, source)
    found = faults(content)
    if found:
        raise BadDefinition(found)
    return content


def common_faults(content: Flat, needed: Collection[str]) -> Iterator[Fault]:
    """What is wrong with ids, languages and texts; a text at one of the `needed` paths cannot be empty.

    A hidden part may lack translations: nobody reads it.
    """
    yield from _id_faults(content)
    if "nb" not in content.languages and "nn" not in content.languages:
        yield Fault("", "languages", Note(N_("må ha med bokmål eller nynorsk")))
    hidden = {part.id for part in content.parts if part.hidden}
    for where, path, texts in content.texts():
        if where not in hidden and (any(texts.values()) or path.split(".")[0] in needed):
            for language in content.languages:
                if not texts.get(language, "").strip():
                    yield Fault(where, path, no_text(language))


def _id_faults(content: Flat) -> Iterator[Fault]:
    for part in content.parts:
        if not ID.match(part.id):
            note = N_("må ha små bokstaver, tall og enkle _ (høyst 59 tegn), med en bokstav først")
            yield Fault(part.id, "id", Note(note))
    if all(part.hidden for part in content.parts):
        yield Fault("", content.LIST, Note(N_("har ingenting som vises")))
    if len(content.parts) > content.MOST:
        note = N_("har for mange deler; høyst %(most)s er tillatt")
        yield Fault("", content.LIST, Note(note, {"most": content.MOST}))


def _shape_faults(model: type[Flat], error: ValidationError, data: dict[str, Any]) -> list[Fault]:
    """Faults of shape, each with the part it stands in."""
    found = []
    for detail in error.errors(include_url=False):
        steps, where = list(detail["loc"]), ""
        if len(steps) > 2 and steps[0] == model.LIST and isinstance(steps[1], int):
            part = data[model.LIST][steps[1]]
            if isinstance(part, dict) and isinstance(part.get("id"), str):
                where, steps = part["id"], steps[2:]
        found.append(Fault(where, ".".join(str(step) for step in steps) or "value", shape_note(detail)))
    return found
