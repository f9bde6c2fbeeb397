"""Content as plain JSON, and its values by path ("text.nb", "items.2.nn"): read, written and compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel


def dump(model: BaseModel) -> dict[str, Any]:
    """Without what is default, so that absent, None and empty are one."""
    return model.model_dump(mode="json", exclude_defaults=True)


def get(data: Any, path: str) -> Any:
    """The value at `path`, None when there is none."""
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        else:
            data = data[int(step)] if isinstance(data, list) and step.isdigit() and int(step) < len(data) else None
    return data


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Write `value`, or take away what is there when it is None. Raises KeyError where the path does not lead."""
    *way, last = path.split(".")
    node: Any = data
    for step, following in zip(way, [*way, last][1:], strict=True):
        if isinstance(node, dict) and not following.isdigit():
            node = node.setdefault(step, {})
        elif get(node, step) is not None:
            node = get(node, step)
        else:
            raise KeyError(path)
    if isinstance(node, dict):
        node.pop(last, None)
        if value is not None:
            node[last] = value
    elif isinstance(node, list) and last.isdigit() and int(last) < len(node):
        node[int(last)] = {} if value is None else value
    else:
        raise KeyError(path)


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each smallest value that is not the same: path, before, after. A list that grew or shrank is one value."""
    if before == after:
        return
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        before, after = before or {}, after or {}
        for name in dict.fromkeys([*before, *after]):
            yield from differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(after, list) and _same_shape(before, after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}.{number}")
    else:
        yield path, before, after


def _same_shape(one: list[Any], other: list[Any]) -> bool:
    """As long, and so are the lists in them: a table with a column more is another table."""
    inner = ((a, b) for a, b in zip(one, other, strict=False) if isinstance(a, list) and isinstance(b, list))
    return len(one) == len(other) and all(_same_shape(a, b) for a, b in inner)


def overlap(one: str, other: str) -> str | None:
    """The shorter of two paths when it holds the other; None when they have nothing in common."""
    shorter, longer = sorted((one, other), key=len)
    return shorter if f"{longer}.".startswith(f"{shorter}.") else None
