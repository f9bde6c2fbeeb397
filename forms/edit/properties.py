"""The properties of an item, or of the whole set, as flat paths with JSON values; and those values as form fields.

Paths: "text.nb", "required", "print.layout", "options.<code>.text.nb", "columns.<id>.type", "facts.<n>.source" with n
from 0; a part whose own name cannot stand in a path is "#<n>". A form field is named by its path. Beside it may stand
`<path>__base` (the `mark` of the value that was shown), `<path>__shown` (a tick box was there, ticked or not) and
`required__if` (the condition, as JSON).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from forms.conditions import check_condition
from forms.definition import LANGUAGES, Item, QuestionSetDefinition, canonical
from forms.edit.table import EXCEPTIONS, ITEM_PROPERTIES, PARTS, SET_PROPERTIES, STRAY, Kind, Property
from forms.spans import read_span, span_text
from forms.texts import N_, Note
from forms.tidy import clean, clean_text

Source = Item | QuestionSetDefinition
BASE, SHOWN, IF = "__base", "__shown", "__if"
LONGEST = 20_000  # characters of one text, see format.Strict
_LARGEST = 10**12  # a number that an answer can be, see tidy.py
_TEXTS = ("text", "long")
_NUMBER = Item(id="number", type="integer")
_BLANK = Item(id="blank", type="info")

_LONG = N_("%(count)s tegn; høyst %(max)s. Kort ned teksten.")
_WHOLE = N_("Skriv et helt tall, bare med siffer.")
_BETWEEN = N_("Skriv et helt tall fra %(min)s til %(max)s.")
_CHOOSE = N_("Velg ett av alternativene.")
_SPAN = N_("Skriv et antall dager eller uker, for eksempel 28, 28 dager eller 4 uker.")
_MOST_CHOSEN = 10
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,58}")
_SHAPE = N_("Verdien har feil form. Last siden på nytt og prøv igjen.")
_CONDITION = N_("Betingelsen kan ikke leses. Lag den på nytt.")
_MISSING = N_("Lag en betingelse.")


class EditRefused(Exception):
    """An edit that is not done; `note` tells the administrator why."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.note = Note(text, values)


class Field(NamedTuple):
    """One property as a form shows it. `part` and `key` name the option, column … it belongs to."""

    path: str
    about: Property
    value: Any
    language: str = ""
    part: str = ""
    key: str = ""

    @property
    def base(self) -> str:
        return mark(self.value)

    @property
    def typed(self) -> Mapping[str, list[str]]:
        """What its controls send when they are not touched."""
        return render(self.path, self.about, self.value)

    @property
    def choices(self) -> Mapping[str, str]:
        """What can be chosen, also the present value when it is none of that."""
        given = self.about.choices
        known = self.about.kind != "choice" or (self.value or "") in given
        return given if known else {**given, self.value: self.value}


def fields(source: Source, languages: Iterable[str] = LANGUAGES) -> list[Field]:
    """All that a form for the item or the set shows, in order. Give the languages of the set."""
    languages = tuple(dict.fromkeys(languages))
    return [field for path, about, value in _laid_out(source) for field in _spread(path, about, value, languages)]


def properties(source: Source, languages: Iterable[str] = LANGUAGES) -> dict[str, Any]:
    """The values of `fields` by path: what means something for the item's type, and what is set though it does not.
    Empty texts are part of it."""
    return {field.path: field.value for field in fields(source, languages)}


def marks(source: Source, languages: Iterable[str] = LANGUAGES) -> dict[str, str]:
    """The `mark` of each of the `properties`."""
    return {path: mark(value) for path, value in properties(source, languages).items()}


def _laid_out(source: Source) -> Iterator[tuple[str, Property, Any]]:
    """Path without language, property and value."""
    kind = kind_of_source(source)
    for root, patterns in groupby(_table(kind), key=lambda pattern: pattern.split(".")[0]):
        if root in PARTS:
            tails = [pattern.removeprefix(f"{root}.*") for pattern in patterns]
            for key, part in zip(part_keys(source, root), getattr(source, root), strict=True):
                for tail in tails:
                    yield f"{root}.{key}{tail}", _about(kind, f"{root}.*{tail}"), _read(part, tail)
            continue
        for pattern in patterns:
            about, value = _about(kind, pattern), _read(source, pattern)
            if kind in ("", *about.types) or (root in STRAY and value != _read(_BLANK, pattern)):
                yield pattern, about, value


def _spread(path: str, about: Property, value: Any, languages: Sequence[str]) -> Iterator[Field]:
    root, key, *_ = *path.split("."), ""
    part = (root, key) if root in PARTS else ("", "")
    if about.kind in _TEXTS:
        yield from (Field(f"{path}.{code}", about, value.get(code, ""), code, *part) for code in languages)
    else:
        yield Field(path, about, list(value) if isinstance(value, tuple) else value, "", *part)


def _read(holder: Any, pattern: str) -> Any:
    for step in filter(None, pattern.split(".")):
        holder = holder.get(step) if isinstance(holder, dict) else getattr(holder, step, None)
    return holder


def part_keys(source: Source, part: str) -> list[str]:
    """What names each of the parts in a path: its own id, or its place where it has none or that cannot stand there."""
    things, name = getattr(source, part), PARTS[part]
    if not name:
        return [str(number) for number in range(len(things))]
    own = [str(getattr(thing, name)) for thing in things]
    times = Counter(own)
    return [
        key if key and times[key] == 1 and "." not in key and not key.startswith("#") else f"#{number}"
        for number, key in enumerate(own)
    ]


def kind_of_source(source: Source) -> str:
    """The item's type; "" for the set."""
    return source.type if isinstance(source, Item) else ""


def property_of(item_type: str, path: str) -> Property | None:
    """What a form says of the property at `path` of an item of this type ("" for the set); None when there is none."""
    steps, language = path.split("."), ""
    if len(steps) > 1 and steps[-1] in LANGUAGES:
        language = steps.pop()
    if steps[0] in PARTS and len(steps) > 1:
        steps[1] = "*"
    pattern = ".".join(steps)
    if pattern not in _table(item_type):
        return None
    about = _about(item_type, pattern)
    return about if bool(language) is (about.kind in _TEXTS) else None


def kind_of(item_type: str, path: str) -> Kind | None:
    """Which control draws the property; None when there is no such property."""
    about = property_of(item_type, path)
    return about.kind if about else None


def _table(kind: str) -> Mapping[str, Property]:
    return ITEM_PROPERTIES if kind else SET_PROPERTIES


def _about(kind: str, pattern: str) -> Property:
    return EXCEPTIONS.get((kind, pattern)) or _table(kind)[pattern]


def mark(value: Any) -> str:
    """A short mark of a value as it was shown, "" when it was empty. Line ends and outer space do not count."""
    if isinstance(value, str):
        value = clean_text(value)
    if value is None or value == "":
        return ""
    return hashlib.blake2s(canonical(value).encode(errors="surrogatepass"), digest_size=6).hexdigest()


def same(about: Property, one: Any, other: Any) -> bool:
    """Whether two values of a property are equal as its control shows them."""

    def seen(value: Any) -> Any:
        if about.kind == "several":
            return sorted(value or ())
        return clean_text(value, lines=about.kind == "long") if isinstance(value, str) else value

    return mark(seen(one)) == mark(seen(other))


def render(path: str, about: Property, value: Any) -> dict[str, list[str]]:
    """The fields that a browser sends for a property that was shown with `value` and not touched."""
    match about.kind:
        case "bool":
            return {f"{path}{SHOWN}": ["1"]} | ({path: ["1"]} if value else {})
        case "condition":
            return {path: ["" if value is None else canonical(value)]}
        case "required":
            rule = isinstance(value, dict)
            word = "if" if rule else value if value == "recommended" else "yes" if value else "no"
            return {path: [word], f"{path}{IF}": [canonical(value.get("if", value)) if rule else ""]}
        case "several":
            return {path: [str(one) for one in value or ()]}
        case "span":
            return {path: [span_text(value)]}
        case "fixed":
            return {}
    return {path: ["" if value is None else str(value)]}


def read_posted(source: Source, posted: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, Note]]:
    """Values by path, and why others cannot be taken, by path. What was not part of the request is in neither; other
    fields of the request are passed over. What cannot be taken is still in `posted`, to be shown again as typed."""
    kind, values, errors = kind_of_source(source), dict[str, Any](), dict[str, Note]()
    present = {path: value for path, _, value in _laid_out(source)}
    for path in dict.fromkeys(name.removesuffix(SHOWN) for name in posted):
        about = property_of(kind, path)
        if about is None or about.kind == "fixed" or (path not in posted and about.kind != "bool"):
            continue
        try:
            if path in present and _untouched(about, path, present[path], posted):
                values[path] = present[path]
            else:
                values[path] = tidy(about, _typed(about, path, posted))
        except EditRefused as refused:
            errors[path] = refused.note
    return values, errors


def _untouched(about: Property, path: str, value: Any, posted: Mapping[str, Sequence[str]]) -> bool:
    """A draft may hold what `tidy` would refuse: it is no error to send that back."""
    shown = render(path, about, value).items()
    kinds = ("choice", "condition", "required")
    return about.kind in kinds and all(list(posted.get(name, [""])) == given for name, given in shown)


def read_bases(posted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The marks that came with a form, by path."""
    return {name.removesuffix(BASE): given[0] for name, given in posted.items() if name.endswith(BASE) and given}


def _typed(about: Property, path: str, posted: Mapping[str, Sequence[str]]) -> Any:
    """What a request says of one property, not yet checked. Raises EditRefused when it cannot be read."""
    text = next(iter(posted.get(path, ())), "")
    match about.kind:
        case "bool":
            return bool(text)
        case "int":
            return clean(_NUMBER, text)
        case "choice":
            return text or None
        case "condition":
            return _json(text)
        case "required" if text == "if":
            return {"if": _json(next(iter(posted.get(path + IF, ())), ""))}
        case "required":
            return {"no": False, "yes": True}.get(text, text)
    return text


def _json(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EditRefused(_CONDITION) from error


def tidy(about: Property, value: Any) -> Any:
    """`value` as it is stored. Raises EditRefused when the property cannot have it."""
    match about.kind:
        case "bool":
            return value if isinstance(value, bool) else _refuse(_SHAPE)
        case "int":
            return _tidy_number(about, value)
        case "choice":
            known = isinstance(value, str | None) and (value or "") in about.choices
            return value or None if known else _refuse(_CHOOSE)
        case "condition":
            return None if value is None and about.optional else _tidy_condition(value)
        case "required":
            if isinstance(value, dict) and set(value) == {"if"}:
                return {"if": _tidy_condition(value["if"])}
            return value if isinstance(value, bool) or value == "recommended" else _refuse(_CHOOSE)
        case "span":
            return _tidy_span(about, value)
        case "ref":
            fits = isinstance(value, str | None) and (_NAME.fullmatch(value) if value else about.optional)
            return value or None if fits else _refuse(_CHOOSE)
        case "several":
            return _tidy_several(about, value)
        case "fixed":
            return _refuse(_SHAPE)
    return _tidy_text(about, value)


def _tidy_span(about: Property, value: Any) -> int | None:
    try:
        days = read_span(value) if isinstance(value, str) else value
    except ValueError as error:
        raise EditRefused(_SPAN) from error
    if days is None and about.optional:
        return None
    return days if type(days) is int and abs(days) <= _LARGEST else _refuse(_SPAN)


def _tidy_several(about: Property, value: Any) -> list[str]:
    """Each once, in the order of the choices; what is not among them, as a letter that was taken out of use, last."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        _refuse(_SHAPE)
    chosen = dict.fromkeys(name for one in value for name in one.split("\n") if name)
    if len(chosen) > _MOST_CHOSEN or not all(_NAME.fullmatch(one) for one in chosen):
        _refuse(_CHOOSE)
    if about.choices and not set(chosen) <= set(about.choices):
        _refuse(_CHOOSE)
    return [one for one in about.choices if one in chosen] or list(chosen)


def _tidy_text(about: Property, value: Any) -> str | None:
    if not isinstance(value, str | None):
        _refuse(_SHAPE)
    text = clean_text(value or "", lines=about.kind == "long")
    if len(text) > LONGEST:
        _refuse(_LONG, count=len(text), max=LONGEST)
    return text or (None if about.optional else "")


def _tidy_number(about: Property, value: Any) -> int | None:
    if value is None and about.optional:
        return None
    low, high = -_LARGEST if about.low is None else about.low, _LARGEST if about.high is None else about.high
    if type(value) is not int or not low <= value <= high:
        return _refuse(_WHOLE) if about.high is None else _refuse(_BETWEEN, min=low, max=high)
    return value


def _tidy_condition(value: Any) -> Any:
    if value is None:
        _refuse(_MISSING)
    if not isinstance(value, dict | bool):
        _refuse(_CONDITION)
    for why in check_condition(value):
        _refuse(N_("Betingelsen kan ikke brukes: %(why)s."), why=why)
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:  # also lone surrogates
        raise EditRefused(_CONDITION) from error
    return value


def _refuse(text: str, **values: Any) -> Any:
    raise EditRefused(text, **values)
