"""What keeps a definition of right shape from being used: everything named, in bounded time and number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from forms.conditions import check_condition, variables
from forms.conditions.checks import misfits, named, unreadable
from forms.conditions.subjects import VARIABLES, Placed, Subject, placed, subject_of
from forms.fault_words import LANGUAGE_NAMES, no_text, short, type_name
from forms.format import (
    ANSWERABLE,
    BOUND_COLUMNS,
    CALCULATIONS,
    FACTS,
    NAV_FIELDS,
    Condition,
    Fault,
    Item,
    QuestionSetDefinition,
    Texts,
    say,
)
from forms.texts import Note

MAX_OPTIONS = 500
MAX_FAULTS = 500  # told one by one
MAX_ALIKE = 20  # of one property of one item
MAX_CIRCLES = 5  # through one item
# Two _ in a row would make names of form fields ambiguous, see forms/builder.py.
ID = re.compile(r"(?!.*__)[a-z][a-z0-9_]{0,58}\Z")


def faults(definition: QuestionSetDefinition) -> list[Fault]:
    """Everything that keeps a definition of right shape from being used."""
    return bounded(every_fault(definition))


def bounded(found: Iterable[Fault]) -> list[Fault]:
    """The first faults of each property and of all, then how many more there are: ten thousand faulty options of one
    question do not hide the fault of another."""
    kept: list[Fault] = []
    counts: Counter[tuple[str, str]] = Counter()
    for fault in found:
        place = (fault.item, fault.property)
        counts[place] += 1
        if counts[place] <= MAX_ALIKE:
            kept.append(fault)
    if len(kept) > MAX_FAULTS:
        return [*kept[:MAX_FAULTS], Fault("", "file", _more(counts.total() - MAX_FAULTS))]
    return kept + [Fault(*place, _more(n - MAX_ALIKE)) for place, n in counts.items() if n > MAX_ALIKE]


def _more(count: int) -> Note:
    return Note("har %(count)s feil til", {"count": count})


@dataclass(frozen=True)
class _Around:
    """What the check of one item needs to know of the set."""

    languages: tuple[str, ...]  # those whose texts are looked for
    places: dict[str, Placed]
    before: set[str] = field(default_factory=set)  # ids of what comes before the item
    subjects: dict[str, Subject | None] = field(default_factory=lambda: dict(VARIABLES))

    def subject(self, name: str) -> Subject | None:
        if name not in self.subjects:
            place = self.places.get(name)
            self.subjects[name] = subject_of(place.item) if place else None
        return self.subjects[name]


def every_fault(definition: QuestionSetDefinition) -> Iterator[Fault]:
    """`faults` without a bound on their number."""
    order = list(placed(definition.items))
    yield from _check_ids(order)
    written = _written(definition, order)
    yield from _check_languages(definition, written)
    spoken = tuple(language for language in dict.fromkeys(definition.languages) if language in written)
    around = _Around(spoken, {place.item.id: place for place in reversed(order)})
    yield from _check_texts("", _texts_of_set(definition), around)
    if all(place.hidden for place in order):
        yield Fault("", "items", Note("har ingenting som vises"))
    for place in order:
        yield from _check_item(place, around)
        around.before.add(place.item.id)
    yield from _check_circles(definition, around)


def _check_ids(order: list[Placed]) -> Iterator[Fault]:
    for name, times in Counter(place.item.id for place in order).items():
        if not ID.match(name):
            yield Fault(name, "id", Note("må ha små bokstaver, tall og enkle _ (høyst 59 tegn), med en bokstav først"))
        if times > 1:
            yield Fault(name, "id", Note("er brukt på flere punkter"))


def _check_languages(definition: QuestionSetDefinition, written: set[str]) -> Iterator[Fault]:
    """A language without any text is one fault, not one for each text."""
    if "nb" not in definition.languages and "nn" not in definition.languages:
        yield Fault("", "languages", Note("må ha bokmål eller nynorsk"))
    for language, times in Counter(definition.languages).items():
        name = {"language": LANGUAGE_NAMES[language]}
        if times > 1:
            yield Fault("", "languages", Note("har %(language)s mer enn én gang", name))
        if language not in written:
            yield Fault("", "languages", Note("har %(language)s, men ingen tekster på %(language)s", name))


class _Said(NamedTuple):
    """A text that must be in every language; `part` is the name of what it belongs to, if it is one of several."""

    property: str
    texts: Texts
    part: str = ""


def _texts_of_set(definition: QuestionSetDefinition) -> Iterator[_Said]:
    yield _Said("title", definition.title)
    for prop, text in (
        ("subtitle", definition.subtitle),
        ("paper.head", definition.paper.head),
        ("paper.made_by", definition.paper.made_by),
        ("paper.approved_by", definition.paper.approved_by),
    ):
        if text:
            yield _Said(prop, text)


def _texts_of(item: Item) -> Iterator[_Said]:
    if item.text or item.type not in ("facts", "signatures", "group"):
        yield _Said("text", item.text)
    for prop in ("help", "copies_to", "unit"):
        if getattr(item, prop):
            yield _Said(prop, getattr(item, prop))
    for number, example in enumerate(item.examples, 1):
        yield _Said("examples", example, str(number))
    for number, constraint in enumerate(item.constraints, 1):
        yield _Said("constraints", constraint.message, str(number))
    for option in item.options:
        if not option.retired:  # nobody chooses it, and it may be older than a language of the set
            yield _Said("options", option.text, option.code)
    for column in item.columns:
        yield _Said("columns", column.text, column.id)
    for row in item.rows:
        yield _Said("rows", row.text, row.id)
        yield _Said("rows", row.when, row.id)
    for fact in item.facts:
        yield _Said("facts", fact.text, fact.source)
    for signer in item.signers:
        yield _Said("signers", signer.text, signer.role)


def _written(definition: QuestionSetDefinition, order: list[Placed]) -> set[str]:
    """The languages that some text of the set is in."""
    texts = [*_texts_of_set(definition), *(said for place in order for said in _texts_of(place.item))]
    return {language for said in texts for language, words in said.texts.items() if words.strip()}


def _check_texts(item_id: str, texts: Iterable[_Said], around: _Around) -> Iterator[Fault]:
    for prop, text, part in texts:
        for language in around.languages:
            if not text.get(language, "").strip():  # type: ignore[call-overload]
                yield Fault(item_id, prop, no_text(language, part and (say(text, "nb") or part)))


def _check_item(place: Placed, around: _Around) -> Iterator[Fault]:
    item = place.item
    if not place.hidden:  # nobody reads them
        yield from _check_texts(item.id, _texts_of(item), around)
    yield from _check_needs(item)
    yield from _check_codes(item)
    yield from _check_case(item)
    yield from _check_limits(item)
    yield from _check_calculation(item)
    yield from _check_required(item)
    for prop, rule in _rules(item):
        yield from (Fault(item.id, prop, note) for note in _check_rule(place, prop, rule, around))


def _rules(item: Item) -> Iterator[tuple[str, Condition]]:
    if item.visible_if is not None:
        yield "visible_if", item.visible_if
    if isinstance(item.required, dict):
        yield "required", item.required.get("if", True)
    for constraint in item.constraints:
        yield "constraints", constraint.expr


def _check_rule(place: Placed, prop: str, rule: Condition, around: _Around) -> Iterator[Note]:
    found = check_condition(rule)
    yield from found
    itself = place.item.id if prop == "constraints" else ""
    for name in dict.fromkeys(variables(rule)):
        if name != itself and name not in VARIABLES:
            yield from unreadable(name, around.places.get(name), place, came_before=name in around.before)
    if not found:
        yield from misfits(rule, around.subject)


_NEEDS = {
    "choice": "options", "multichoice": "options", "table": "columns", "measures": "columns",
    "contact_log": "columns", "absence": "columns", "checklist": "rows", "facts": "facts",
    "signatures": "signers", "group": "items", "calculated": "calculate",
}  # fmt: skip


def _check_needs(item: Item) -> Iterator[Fault]:
    """What belongs to a type is there, and nothing that belongs to another."""
    kind = {"type": type_name(item.type)}
    for prop in dict.fromkeys(_NEEDS.values()):
        mine, there = _NEEDS.get(item.type) == prop, bool(getattr(item, prop))
        if mine and not there:
            yield Fault(item.id, prop, Note("må fylles ut når typen er %(type)s", kind))
        if there and not mine:
            yield Fault(item.id, prop, Note("hører ikke til typen %(type)s", kind))


def _check_codes(item: Item) -> Iterator[Fault]:
    for prop, names in (
        ("options", [o.code for o in item.options]),
        ("columns", [c.id for c in item.columns]),
        ("rows", [r.id for r in item.rows]),
        ("signers", [str(s.role) for s in item.signers]),
    ):
        for name, times in Counter(names).items():
            said = {"name": short(name)}
            if not ID.match(name):
                yield Fault(
                    item.id,
                    prop,
                    Note(
                        "har «%(name)s», men slike navn må ha små bokstaver, tall og enkle _, med en bokstav først",
                        said,
                    ),
                )
            if times > 1:
                yield Fault(item.id, prop, Note("har «%(name)s» mer enn én gang", said))


def _check_case(item: Item) -> Iterator[Fault]:
    """What is taken from the case, or sent to Nav, exists there."""
    for column in item.columns:
        if column.id not in BOUND_COLUMNS.get(item.type, (column.id,)):
            allowed = ", ".join(BOUND_COLUMNS[item.type])
            said = {"name": short(column.id), "allowed": allowed}
            yield Fault(item.id, "columns", Note("har «%(name)s», som ikke er en av: %(allowed)s", said))
    for fact in item.facts:
        if fact.source not in FACTS:
            yield Fault(
                item.id,
                "facts",
                Note("har «%(name)s», som ikke er en opplysning i saken", {"name": short(fact.source)}),
            )
    if item.nav_field is not None and item.nav_field not in NAV_FIELDS:
        yield Fault(
            item.id, "nav_field", Note("er «%(name)s», som ikke finnes hos Nav", {"name": short(item.nav_field)})
        )


def _check_limits(item: Item) -> Iterator[Fault]:
    if len(item.options) > MAX_OPTIONS:
        values = {"count": len(item.options), "most": MAX_OPTIONS}
        yield Fault(item.id, "options", Note("har %(count)s valg; høyst %(most)s er tillatt", values))
    if item.min is not None and item.max is not None and item.min > item.max:
        yield Fault(item.id, "min", Note("er høyere enn det høyeste tallet"))
    if item.repeat.min > item.repeat.max:
        yield Fault(item.id, "repeat", Note("har en minste verdi som er høyere enn den største"))


def _check_calculation(item: Item) -> Iterator[Fault]:
    if item.calculate is None:
        return
    if item.calculate.get("rule") not in CALCULATIONS:
        allowed = {"allowed": ", ".join(CALCULATIONS)}
        yield Fault(item.id, "calculate", Note("må ha en av disse reglene: %(allowed)s", allowed))
    if not set(item.calculate) <= {"rule", "weeks"} or type(item.calculate.get("weeks", 0)) is not int:
        yield Fault(item.id, "calculate", Note("kan bare ha en regel og, som et helt tall, antall uker"))


def _check_required(item: Item) -> Iterator[Fault]:
    if item.type not in ANSWERABLE and item.required is not False:
        yield Fault(item.id, "required", Note("betyr ingenting for typen %(type)s", {"type": type_name(item.type)}))
    if isinstance(item.required, dict) and set(item.required) != {"if"}:
        yield Fault(item.id, "required", Note("må være ja, nei, anbefalt eller en betingelse"))


def _check_circles(definition: QuestionSetDefinition, around: _Around) -> Iterator[Fault]:
    """Groups make their content depend on what the group depends on, so a circle may go through a parent."""
    needs = _needs(definition.items, frozenset())
    told: Counter[str] = Counter()
    done: set[str] = set()
    for start in needs:
        trail, left = [start], {start: iter(sorted(needs[start]))}
        while trail:
            name = trail[-1]
            following = next(left[name], None)
            if following is None:
                done.add(trail.pop())
                del left[name]
            elif following in left:
                told[name] += 1
                if told[name] <= MAX_CIRCLES:
                    circle = [around.places[one].item for one in [*trail[trail.index(following) :], following]]
                    yield Fault(name, "visible_if", Note("går i ring: %(circle)s", {"circle": _chain(circle)}))
            elif following in needs and following not in done:
                trail.append(following)
                left[following] = iter(sorted(needs[following]))


def _needs(items: tuple[Item, ...], inherited: frozenset[str]) -> dict[str, frozenset[str]]:
    """By item, what its own condition and those of the groups around it read."""
    found = {}
    for item in items:
        found[item.id] = inherited | set(variables(item.visible_if) if item.visible_if is not None else ())
        found |= _needs(item.items, found[item.id])
    return found


def _chain(circle: list[Item]) -> str:
    """a → b → a; a long one without its middle."""
    shown = circle if len(circle) <= 8 else [*circle[:6], None, circle[-1]]
    return " → ".join("…" if item is None else named(item) for item in shown)
