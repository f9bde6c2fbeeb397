"""All benchmarks, one table. Run: make bench, or python -m bench.run [quick]

Ends with an error only when a hard aim fails (errors, lost text, queries that grow with the rows): times depend on the
machine, so a ratio that misses its aim is shown as MISSED and judged by a person.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable

from bench import bench_autosave, bench_builder, bench_list, bench_pdf, bench_plan, hr_start
from bench.figures import Figure, Report, finish
from forms.library import load_shipped
from services import printing


def pdf(rounds: int = 9) -> Report:
    """`bench_pdf` as figures of the table."""
    report = Report("PDF of the Nordre Land form, every question answered")
    sheet, platypus = bench_pdf.sample(load_shipped("nordre-land-iop")), bench_pdf.Platypus()
    renders: dict[str, Callable[[], bytes]] = {
        "ours": lambda: printing.render_sheet(sheet, bench_pdf.HEAD),
        "platypus": lambda: platypus.render(sheet),
    }
    weasy = bench_pdf.weasyprint_render(sheet)
    if weasy:
        renders["weasyprint"] = weasy
    ms = {name: seconds * 1000 for name, seconds in bench_pdf.measure(renders, rounds).items()}
    report.figures.append(Figure("peer: reportlab platypus, no HTML", ms["ours"], ms["platypus"], 4))
    if weasy:
        report.figures.append(Figure("peer: WeasyPrint, same HTML", ms["ours"], ms["weasyprint"], 0.5))
    else:
        report.notes.append("WeasyPrint is not installed: left out")
    return report


def attempt(step: Callable[[], Report]) -> Report:
    """A step that breaks is a failure of its own; the figures of the others are shown all the same."""
    try:
        return step()
    except Exception as error:
        traceback.print_exc()
        return Report("A benchmark that broke", failures=[f"{type(error).__name__}: {error}"])


def main(quick: bool) -> int:
    rounds = 5 if quick else 15
    steps: list[Callable[[], Report]] = [
        lambda: bench_list.run(rounds),
        lambda: bench_plan.run(rounds),
        lambda: bench_builder.run(rounds),
        lambda: hr_start.run(rounds),
        lambda: pdf(3 if quick else 9),
        lambda: bench_autosave.run(5 if quick else 20),
    ]
    reports = []
    for number, step in enumerate(steps, 1):
        begun = time.monotonic()
        reports.append(attempt(step))
        print(f"{number} of {len(steps)} done in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return finish(*reports)


if __name__ == "__main__":
    sys.exit(main("quick" in sys.argv[1:]))
