"""Taking turns, counting queries, and the one table that all benchmarks end in."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line: our median in ms, the peer's when there is one, and what else is worth telling."""

    what: str
    ours: float
    peer: float | None = None
    aim: float | None = None  # of ours / peer
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None

    def line(self) -> str:
        peer = f"{self.peer:9.1f}" if self.peer else " " * 9
        ratio = f"{self.ratio:7.2f}x" if self.ratio is not None else " " * 8
        missed = self.ratio is not None and self.aim is not None and self.ratio > self.aim
        aim = f"{'MISSED' if missed else 'ok'} (≤ {self.aim:g})" if self.aim is not None else ""
        return f"{self.what:<44}{self.ours:9.1f}{peer}{ratio}  {aim:<13} {self.note}".rstrip()


@dataclass
class Report:
    """Figures, and the hard aims that failed: only these make a run fail, since times depend on the machine."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self) -> None:
        print(f"\n{self.title}\n{'':<44}{'ours ms':>9}{'peer ms':>9}{'ratio':>8}  aim")
        for figure in self.figures:
            print(figure.line())
        for note in self.notes:
            print(f"  {note}")
        for failure in self.failures:
            print(f"  FAILED: {failure}")


def finish(*reports: Report) -> int:
    """Print; the exit status."""
    for report in reports:
        report.show()
    return 1 if any(report.failures for report in reports) else 0


def take_turns(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median ms by name. They take turns, so that a busy machine is busy for all; one round first to warm up."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if number:
                times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def median_ms(call: Callable[[], object], rounds: int) -> float:
    return take_turns({"": call}, rounds)[""]


class _Count(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.statements.append(str(record.msg[0] if isinstance(record.msg, tuple) else record.msg))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that peewee sends meanwhile."""
    logger, handler = logging.getLogger("peewee"), _Count()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler.statements
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def queries(call: Callable[[], object]) -> int:
    """Statements that `call` sends, BEGIN and COMMIT apart; the smaller of two: a login is touched once a minute."""
    counts = []
    for _ in range(2):
        with statements() as sent:
            call()
        counts.append(sum(1 for text in sent if text.split()[0].upper() not in ("BEGIN", "COMMIT")))
    return min(counts)
