"""A municipality's set laid over a shipped one: the operations, doing them again, and what law keeps as it is."""

from __future__ import annotations

from forms.locks import locked_faults
from forms.operations import Operation, derive
from forms.replay import Problem, Replayed, replay
from forms.upgrade import Choice, Upgrade, upgrade
from forms.wording import describe

__all__ = [
    "Choice", "Operation", "Problem", "Replayed", "Upgrade", "derive", "describe", "locked_faults", "replay", "upgrade",
]  # fmt: skip
