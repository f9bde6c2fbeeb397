"""The shipped question sets, letters and steps: data files owned by the product, read and checked once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from forms.definition import QuestionSetDefinition, parse

if TYPE_CHECKING:
    from forms.letters import Letter
    from forms.steps import Steps

_SETS = Path(__file__).resolve().parent
_LETTERS = _SETS / "letters"
_STEPS = _SETS / "steps"


@cache
def _files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def shipped_keys() -> list[str]:
    """Keys of the shipped question sets, sorted."""
    return list(_files(_SETS))


def shipped_file(key: str) -> Path:
    """The file of a shipped question set. Raises KeyError on an unknown key, so a key can never name another file."""
    return _files(_SETS)[key]


@cache
def load_shipped(key: str) -> QuestionSetDefinition:
    """A shipped question set. Raises KeyError on an unknown key, BadDefinition if the file is damaged."""
    return parse(shipped_file(key).read_bytes())


def letter_keys() -> list[str]:
    """Keys of the shipped letters and information sheets, sorted."""
    return list(_files(_LETTERS))


@cache
def load_letter(key: str) -> Letter:
    """A shipped letter. Raises KeyError on an unknown key, BadDefinition if the file is damaged."""
    from forms.letters import parse_letter

    return parse_letter(_files(_LETTERS)[key].read_bytes())


def steps_keys() -> list[str]:
    """Keys of the shipped lists of steps, sorted."""
    return list(_files(_STEPS))


@cache
def load_steps(key: str) -> Steps:
    """A shipped list of steps. Raises KeyError on an unknown key, BadDefinition if the file is damaged."""
    from forms.steps import parse_steps

    return parse_steps(_files(_STEPS)[key].read_bytes())
