"""PDF of the Nordre Land form: `services.printing` against reportlab platypus used directly, and against WeasyPrint.

Prints medians and ratios. Run: python -m bench.bench_pdf [rounds]
"""

from __future__ import annotations

import importlib
import io
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, PageTemplate, Paragraph, SimpleDocTemplate, Spacer, Table

from forms.definition import QuestionSetDefinition
from forms.library import load_shipped
from forms.sheet import Context, Node, Sheet, build_sheet
from services import printing
from services.sheet_blocks import Block, blocks

TEXT = (
    "Ryggen tåler to timer stående arbeid om gangen. Tunge løft går ikke, men korte vakter har fungert bra så langt. "
    "Vi prøver lettere område og flere pauser, og snakker sammen igjen om fire uker.\nČáhppes, Åse og Ærø. "
)
WIDTH = 174 * mm
HEAD = printing.Head(
    "Nordre Land kommune", "861 381 722", number="2", date="5. mars 2026", fingerprint="ab12cd34ef",
)  # fmt: skip


def sample(definition: QuestionSetDefinition) -> Sheet:
    """The form with every question answered."""
    answers: dict[str, Any] = {}
    for item in definition.questions():
        codes = [option.code for option in item.options]
        answers[item.id] = {
            "text": TEXT * 2, "string": "Kari Berg, Ola Åsen", "integer": 50, "date": "2026-03-05", "time": "12:30",
            "boolean": False, "choice": {"code": codes[0] if codes else ""},
            "multichoice": {"codes": codes[::2], "comments": {}},
            "table": [{column.id: "Tekst" for column in item.columns}] * 3, "checklist": {},
        }[item.type]  # fmt: skip
    facts = {fact.source: "Storgata 1, 2870 Dokka" for item in definition.walk() for fact in item.facts}
    row = {"what": TEXT, "deadline": "1. april 2026", "responsible": "Leder", "status": "Avtalt", "kind": "Arbeid"}
    return build_sheet(definition, "nb", answers, Context(facts=facts, measures=[row] * 5))


class Platypus:
    """The same blocks drawn with reportlab's own flowables: what one would write by hand without HTML."""

    def __init__(self) -> None:
        pdfmetrics.registerFont(TTFont("bench", str(printing.REGULAR)))
        pdfmetrics.registerFont(TTFont("bench-bold", str(printing.BOLD)))
        pdfmetrics.registerFontFamily(
            "bench", normal="bench", bold="bench-bold", italic="bench", boldItalic="bench-bold"
        )
        self.body = ParagraphStyle("body", fontName="bench", fontSize=10.25, leading=13.1)
        self.small = ParagraphStyle("small", self.body, fontSize=8.5, leading=10.2)
        self.label = ParagraphStyle("label", self.body, fontName="bench-bold", spaceBefore=8, keepWithNext=1)
        self.heading = ParagraphStyle("heading", self.label, fontSize=13, leading=15.6, spaceBefore=13, spaceAfter=4)
        self.bullet = ParagraphStyle("bullet", self.body, leftIndent=9, firstLineIndent=-8, fontSize=9.5)
        self.title = ParagraphStyle("title", self.heading, fontSize=17, leading=20.4)

    def render(self, sheet: Sheet) -> bytes:
        out = io.BytesIO()
        paper = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=27 * mm, bottomMargin=18 * mm,
            title=sheet.title, author=HEAD.municipality,
        )  # fmt: skip
        story: list[Any] = [Paragraph(escape(sheet.title), self.title), self.para(sheet.subtitle)]
        for block in blocks(sheet):
            story += self.block(block)
        paper.build(story, onFirstPage=self.furniture, onLaterPages=self.furniture)
        return out.getvalue()

    def furniture(self, canvas: Any, paper: PageTemplate) -> None:
        canvas.setFont("bench", 8.5)
        canvas.drawString(18 * mm, 285 * mm, f"{HEAD.municipality} {HEAD.org_number}")
        canvas.drawString(18 * mm, 11 * mm, f"Plan {HEAD.number} · {HEAD.date} · {HEAD.fingerprint}")
        canvas.drawRightString(192 * mm, 11 * mm, f"Side {canvas.getPageNumber()}")

    def para(self, text: str, style: ParagraphStyle | None = None) -> Paragraph:
        return Paragraph(escape(text).replace("\n", "<br/>"), style or self.body)

    def block(self, block: Block) -> list[Any]:
        node = block.node
        if block.kind == "keep":
            return [KeepTogether([part for inner in block.beside for part in self.block(inner)])]
        if block.kind in ("grid", "facts"):
            return [*(self.question(node) if node else []), *self.grid(block)]
        if block.kind == "side":
            rows = [[self.question(row.node), [self.answer(row.node, row.text)]] for row in block.sides]
            return [self.table(rows, [38, 62])]
        assert node is not None
        if block.kind == "heading":
            return [self.para(node.label, self.heading)]
        if block.kind == "info":
            return [self.para(node.label), *self.bullets(node)]
        return [*self.question(node), *self.content(block, node)]

    def content(self, block: Block, node: Node) -> list[Any]:
        if block.kind == "table":
            rows = [[self.para(column.text, self.label) for column in node.columns]]
            rows += [[self.para(row.get(column.id, "")) for column in node.columns] for row in block.table]
            return [self.table(rows, list(block.widths), repeat=1)]
        if block.kind == "ticks":
            return [
                self.table(
                    [[self.para(self.tick(row[0])), self.para(row[0].comment)] for row in block.options], [42, 58]
                )
            ]
        if block.kind == "options":
            return [self.table([[self.answer(node, "")]], [100])]
        if block.kind == "signatures":
            place = [[self.para("Sted/dato:", self.small), Spacer(1, 20)] for _ in node.signers]
            names = [[Spacer(1, 30), self.para(signer.label, self.small)] for signer in node.signers]
            return [self.table([place, names], [100 // len(names)] * len(names))]
        return [self.table([[self.para(block.text)]], [100])]

    def question(self, node: Node) -> list[Any]:
        parts: list[Any] = [self.para(node.label, self.label)] if node.label else []
        return [*parts, *([self.para(node.help, self.small)] if node.help else []), *self.bullets(node)]

    def bullets(self, node: Node) -> list[Any]:
        return [self.para(f"•  {example}", self.bullet) for example in node.examples]

    @staticmethod
    def tick(option: Any) -> str:
        return f"{'☑' if option.chosen else '☐'}  {option.text}"

    def answer(self, node: Node, text: str) -> Any:
        if node.type == "boolean":
            return self.para(f"Ja: {'☑' if node.value else '☐'}  Nei: {'☐' if node.value else '☑'}")
        if not node.options:
            return self.para(text or node.shown)
        columns = node.print.option_columns
        cells = [self.para(self.tick(option)) for option in node.options]
        rows = [cells[n : n + columns] for n in range(0, len(cells), columns)]
        return Table([[*row, *[""] * (columns - len(row))] for row in rows])

    def grid(self, block: Block) -> list[Any]:
        made = []
        for row in block.cells:
            cells = []
            for cell in row:
                label = cell.fact.label if cell.fact else cell.node.label if cell.node else ""
                value = self.para(cell.fact.value) if cell.fact else self.answer(cell.node, "") if cell.node else ""
                cells.append([self.para(label, self.small), value])
            made.append(self.table([cells], [cell.width for cell in row]))
        return made

    @staticmethod
    def table(rows: list[Any], widths: list[int], repeat: int = 0) -> Table:
        style = [("GRID", (0, 0), (-1, -1), 0.6, colors.HexColor("#707070")), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return Table(rows, [WIDTH * width / 100 for width in widths], style=style, repeatRows=repeat, splitInRow=1)


def weasyprint_render(sheet: Sheet) -> Callable[[], bytes] | None:
    """The same HTML and the same rules with WeasyPrint, or None when it is not installed."""
    try:
        weasyprint = importlib.import_module("weasyprint")
        fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
    except (ImportError, OSError):
        return None
    css = re.sub(r"@page \{.*?\n\}", "", printing.stylesheet(13), flags=re.DOTALL)
    css += """
    @page { size: A4; margin: 27mm 18mm 18mm 18mm; @top-left { content: element(head); width: 100% }
            @bottom-right { content: "Side " counter(page) " av " counter(pages); font-size: 8.5pt } }
    #page-head { position: running(head) }
    table { border-collapse: collapse; display: table; } tr { display: table-row } td, th { display: table-cell }
    thead { display: table-header-group }
    """

    def render() -> bytes:
        html = printing.printable(printing.sheet_html(sheet, HEAD))
        sheets = [weasyprint.CSS(string=css, base_url=printing.FONTS.as_uri(), font_config=fonts)]
        made: bytes = weasyprint.HTML(string=html).write_pdf(stylesheets=sheets, font_config=fonts)
        return made

    return render


def measure(renders: dict[str, Callable[[], bytes]], rounds: int) -> dict[str, float]:
    """Median seconds by name; the renderers take turns, so that a busy machine is busy for all."""
    times: dict[str, list[float]] = {name: [] for name in renders}
    for render in renders.values():
        assert render().startswith(b"%PDF-")
    for _ in range(rounds):
        for name, render in renders.items():
            start = time.perf_counter()
            render()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main(rounds: int = 9) -> int:
    sheet = sample(load_shipped("nordre-land-iop"))
    platypus = Platypus()
    renders: dict[str, Callable[[], bytes]] = {
        "attende": lambda: printing.render_sheet(sheet, HEAD), "platypus": lambda: platypus.render(sheet),
    }  # fmt: skip
    weasy = weasyprint_render(sheet)
    if weasy:
        renders["weasyprint"] = weasy
    else:
        print("WeasyPrint is not installed: left out.")
    medians = measure(renders, rounds)
    for name, seconds in medians.items():
        print(f"pdf of nordre-land-iop, {name:<11} median {seconds * 1000:8.1f} ms  ({rounds} rounds)")
    print(f"attende / platypus    {medians['attende'] / medians['platypus']:6.2f}x  (aim: under 4)")
    if weasy:
        print(f"weasyprint / attende  {medians['weasyprint'] / medians['attende']:6.2f}x  (aim: at least 2)")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
