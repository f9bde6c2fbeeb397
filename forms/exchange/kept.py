"""Items as flat paths, and what a format could not say about one: kept beside it, and put back unless it was changed.

{"text": {"nb": "Ja"}, "options": [{"code": "a", "text": {"nb": "A"}}]} is
{"text/nb": "Ja", "options": ["a"], "options/a/text/nb": "A"}: so a change of one text meets only that text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.format import canonical

Flat = dict[str, Any]
KEYED = {"options": "code", "columns": "id", "rows": "id", "facts": "source", "signers": "role"}
_NESTED = {"text", "help", "unit", "copies_to", "print", "repeat", "title", "subtitle", "description", "paper", "when"}
_NESTED_TEXTS = {"paper/head", "paper/made_by", "paper/approved_by"}
# What parts of an item must have, though it be empty.
_MUST = {"options": ("text",), "columns": ("text",), "rows": ("text", "when"), "facts": ("text",), "signers": ("text",)}
_NONE = object()


def flatten(data: Mapping[str, Any], path: str = "") -> Flat:
    """`data` (an item, a part of one, or a set) by path; a group's items are not in it."""
    found: Flat = {}
    for name, value in data.items():
        here = f"{path}{name}"
        if name == "items" and data.get("type", "group") == "group":
            continue
        if isinstance(value, dict) and (name in _NESTED or here in _NESTED_TEXTS):
            found |= flatten(value, f"{here}/")
        elif name in KEYED and _has_plain_keys(value, KEYED[name]):
            found[here] = [part[KEYED[name]] for part in value]
            for part in value:
                rest = {key: content for key, content in part.items() if key != KEYED[name]}
                found |= flatten(rest, f"{here}/{part[KEYED[name]]}/")
        else:
            found[here] = value
    return found


def _has_plain_keys(parts: Any, key: str) -> bool:
    keys = [part.get(key) for part in parts]
    return len(set(keys)) == len(keys) and all(isinstance(name, str) and "/" not in name for name in keys)


def unflatten(flat: Flat) -> dict[str, Any]:
    """The data of `flatten`. Paths of parts that are not in their list are dropped."""
    data: dict[str, Any] = {}
    parts: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(flat, key=lambda path: path.count("/")):
        value = flat[path]
        head, *rest = path.split("/")
        if not rest and head in KEYED and isinstance(value, list) and all(isinstance(name, str) for name in value):
            parts[head] = {name: {KEYED[head]: name} | {must: {} for must in _MUST[head]} for name in value}
            data[head] = list(parts[head].values())
        elif head in KEYED and rest:
            if rest[0] in parts.get(head, {}):
                _put(parts[head][rest[0]], rest[1:], value)
        else:
            _put(data, [head, *rest], value)
    return data


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def beside(ours: Flat, read: Flat) -> dict[str, Flat]:
    """What must be kept beside a file so that `restored` makes `ours` of what is `read` from it; {} for nothing."""
    differ = [path for path in sorted(ours.keys() | read.keys()) if not _same(ours, read, path)]
    kept = {"is": ours, "read": read}
    found = {name: {path: flat[path] for path in differ if path in flat} for name, flat in kept.items()}
    return {name: flat for name, flat in found.items() if flat}


def restored(read: Flat, kept: Mapping[str, Flat]) -> Flat:
    """`read` with what was kept `beside` it, where the file still says what it said then; a change in it wins."""
    ours, was = kept.get("is", {}), kept.get("read", {})
    result = dict(read)
    for path in sorted(ours.keys() | was.keys()):
        if _same(read, was, path):
            result.pop(path, None)
            if path in ours:
                result[path] = ours[path]
    return result


def _same(one: Mapping[str, Any], other: Mapping[str, Any], path: str) -> bool:
    a, b = one.get(path, _NONE), other.get(path, _NONE)
    if a is _NONE or b is _NONE:
        return a is b
    return canonical(a) == canonical(b)  # 1 is not True here
