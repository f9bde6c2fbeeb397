"""HR's start page and figures at 100 and at 10,000 running cases, through the whole application.

Hard aim: as many queries at both sizes. Aim: the start page with 10,000 takes under three times that with 100.
The milestones are those that counting makes; of those past due, three in four are done, as many at both sizes.
Run: python -m bench.hr_start [rounds]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack

import models
from bench.figures import Figure, Report, finish, queries, take_turns
from bench.world import fill, fresh_database, logged_in, make_app
from models import Case, Milestone
from services import milestones
from services.clock import today

SIZES = (100, 10_000)
AIM = 3.0
PAGES = (("HR's start page", "/admin/"), ("HR's figures", "/admin/tall/"))


def run(rounds: int = 15, sizes: tuple[int, ...] = SIZES) -> Report:
    few, many = sizes
    report = Report(f"HR's start page and figures: {many:,} running cases (ours) against {few:,} (peer)")
    with ExitStack() as stack:
        pages = {size: _pages(stack, size, report) for size in sizes}
        for name, path in PAGES:
            calls = {str(size): pages[size](path) for size in sizes}
            sent = {size: queries(call) for size, call in calls.items()}
            took = take_turns(calls, rounds)
            note = f"queries {sent[str(many)]} / {sent[str(few)]}"
            report.figures.append(Figure(name, took[str(many)], took[str(few)], AIM, note))
            if len(set(sent.values())) > 1:
                report.failures.append(f"queries of {name!r} are not constant over {sizes} cases: {sent}")
    return report


def _pages(stack: ExitStack, size: int, report: Report) -> Callable[[str], Callable[[], str]]:
    """Gives, by path, what asks for the page of HR in a database of its own; the databases take turns."""
    url = stack.enter_context(fresh_database())
    with models.db.connection_context():
        report.notes.append(f"{size:,} running cases: {_year(size):,} milestones are late")
    client = logged_in(make_app(url), "hr")
    opened = models.db.obj

    def page(path: str) -> Callable[[], str]:
        def get() -> str:
            models.db.initialize(opened)
            answer = client.get(path)
            assert answer.status_code == 200, f"{path} was answered {answer.status_code}"
            text = answer.get_data(as_text=True)
            assert "Hele kommunen" in text, f"{path} has no figures"
            return text

        return get

    return page


def _year(size: int) -> int:
    """`size` running cases, each with its milestones; how many of these are late."""
    world = fill(size + size // 99)  # one in a hundred is in another municipality
    running = Case.municipality == world.storvik
    with models.db.atomic():
        Case.update(status="open", closed_on=None).where(running).execute()
    milestones.recount(world.storvik)
    lagging = Case.select(Case.id).where(Case.id.bin_and(3) == 0)
    with models.db.atomic():
        Milestone.update(state="done", done_on=Milestone.due).where(
            Milestone.due < today(), Milestone.case.not_in(lagging)
        ).execute()
        Case.update(plan_in_time=True, dialogue_in_time=True).where(running, Case.id.not_in(lagging)).execute()
    return int(Milestone.select().where(Milestone.due < today(), Milestone.state == "open").count())


if __name__ == "__main__":
    sys.exit(finish(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)))
