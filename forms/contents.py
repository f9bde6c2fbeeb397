"""The kinds of content a municipality adjusts (question sets, letters, steps) behind one interface.

Each has stable ids, is laid over a shipped one as operations, and is compared and published in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from forms.definition import Fault
from forms.texts import Note

SET_KINDS = ("plan", "checklist", "minutes", "consent", "preparation")
LETTER_KINDS = ("letter", "information")
STEP_KINDS = ("steps",)

Content = Any  # QuestionSetDefinition, Letter or Steps: immutable, with key, version, kind, languages and title


@dataclass(frozen=True)
class Handling:
    """What can be done with one kind of content. `shipped` and `shipped_keys` read the product's library."""

    shape: Callable[[str | dict[str, Any]], Content]  # may have faults; raises BadDefinition when it cannot be read
    faults: Callable[[Content], list[Fault]]
    locked_faults: Callable[[Content, Content], list[Fault]]  # (base, edited)
    reused: Callable[[Sequence[Content], Content], list[Fault]]  # (published, edited)
    keep_published: Callable[[Sequence[Content], Content], tuple[Content, list[Note]]]
    derive: Callable[[Content, Content], Sequence[Any]]  # (base, edited) → operations
    replay: Callable[[Content, Sequence[Any]], Any]
    read_operations: Callable[[str], Sequence[Any]]
    upgrade: Callable[..., Any]  # (old base, new base, operations, choices, language, gettext)
    compare: Callable[..., list[Any]]  # (old or None, new, language, gettext)
    stale: Callable[[Content, Content], list[Any]]
    shipped: Callable[[str], Content]
    shipped_keys: Callable[[], list[str]]


@cache
def handling(kind: str) -> Handling:
    """How to handle content of `kind`. Raises KeyError on an unknown one."""
    if kind in SET_KINDS:
        return _of_sets()
    if kind in LETTER_KINDS:
        return _of_letters()
    if kind in STEP_KINDS:
        return _of_steps()
    raise KeyError(kind)


def _of_sets() -> Handling:
    from forms import definition, library, overlay
    from forms.overlay import compare

    return Handling(
        shape=definition.shape, faults=definition.faults, locked_faults=overlay.locked_faults, reused=compare.reused,
        keep_published=compare.keep_published, derive=overlay.derive, replay=overlay.replay,
        read_operations=TypeAdapter(tuple[overlay.Operation, ...]).validate_json, upgrade=overlay.upgrade,
        compare=compare.compare, stale=compare.stale, shipped=library.load_shipped, shipped_keys=library.shipped_keys,
    )  # fmt: skip


def _of_letters() -> Handling:
    from forms import letters, library

    return _of_flat(
        shape=letters.shape_letter, faults=letters.faults_of_letter, locked_faults=lambda base, edited: [],
        shipped=library.load_letter, shipped_keys=library.letter_keys,
    )  # fmt: skip


def _of_steps() -> Handling:
    from forms import library, steps

    return _of_flat(
        shape=steps.shape_steps, faults=steps.faults_of_steps, locked_faults=steps.locked_faults,
        shipped=library.load_steps, shipped_keys=library.steps_keys,
    )  # fmt: skip


def _of_flat(**own: Callable[..., Any]) -> Handling:
    from forms.flat import compare as flat_compare
    from forms.flat import overlay as flat_overlay
    from forms.flat import upgrade as flat_upgrade

    return Handling(
        reused=flat_compare.reused, keep_published=flat_compare.keep_published, derive=flat_overlay.derive,
        replay=flat_overlay.replay, compare=flat_compare.compare, stale=flat_compare.stale,
        read_operations=TypeAdapter(tuple[flat_overlay.FlatOperation, ...]).validate_json,
        upgrade=flat_upgrade.upgrade, **own,
    )  # fmt: skip
