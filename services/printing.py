"""Sheets and letters as PDF on A4. The only file that imports xhtml2pdf and reportlab.

Every warning of the renderer is an error here, and none of its log lines, which quote the document, gets out.
"""

from __future__ import annotations

import io
import logging
import math
import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import font_source_sans_pro
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus.flowables import CondPageBreak, Flowable, KeepTogether
from xhtml2pdf.builders.printmarks import MarkedCanvas
from xhtml2pdf.config.resources import ResourceAccessPolicy, render_budget, use_policy
from xhtml2pdf.context import pisaContext
from xhtml2pdf.document import pisaStory
from xhtml2pdf.files import cleanFiles
from xhtml2pdf.util import reset_caches
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlFlowingCell, PmlKeepInFrame, PmlTable

from forms.letters import FilledBlock
from forms.sheet import Sheet, SheetSigner
from forms.texts import translator
from services.print_head import Foot, drawn_logo, fitting, fitting_sheet, foot_of, short
from services.print_head import Head as Head
from services.print_head import municipal_head as municipal_head
from services.sheet_blocks import LINE, blocks, option_rows, pieces

if TYPE_CHECKING:
    from services.checklist import Checklist

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "print"
FONTS = Path(font_source_sans_pro.font_directory)
REGULAR = FONTS / "SourceSansPro-Regular.ttf"
BOLD = FONTS / "SourceSansPro-Bold.ttf"
MAX_SECONDS = 30
MAX_HTML_BYTES = 4 * 1024 * 1024
UNKNOWN = "◊"  # what is printed for a character that the font does not have
_LANG = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "se": "se-NO"}
_LEFT, _RIGHT, _FOOT = 18 * mm, A4[0] - 18 * mm, 11 * mm
_WIDTH = 174 * mm
_HEAD = 13  # mm: the least height of a page's head
_WORTH = 62  # points: less than this of a question's box is not begun at the foot of a page
_LONG_CELL = 700  # characters


class PrintRefused(Exception):
    """The document could not be printed as it should. `reason` is a code, never a piece of the document."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Complaints(logging.Handler):
    """Counts what the renderer complains of and keeps none of its words."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


_GAP = re.compile(r"\n{4,}")
_lock = threading.Lock()
_complaints = _Complaints()


def _silence() -> None:
    """The renderer's loggers quote documents: nothing of them may reach the application's log."""
    for name in ("xhtml2pdf", "reportlab", "svglib", "fontTools"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = [logging.NullHandler()]
    logging.getLogger("xhtml2pdf").handlers.append(_complaints)
    logging.getLogger("xhtml2pdf").setLevel(logging.WARNING)


_silence()


class _Printable(dict[int, str | None]):
    """A table for str.translate that keeps what the font can draw; filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = made = _drawn(code)
        return made


@cache
def _probe(path: Path) -> TTFont:
    """A face to measure and ask with; the renderer registers its own."""
    return TTFont(f"probe-{path.stem}", str(path))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset.intersection(*(frozenset(_probe(path).face.charToGlyph) for path in (REGULAR, BOLD)))


def _drawn(code: int) -> str | None:
    char = chr(code)
    category = unicodedata.category(char)
    if char in "\n\r\x0b\x0c\u2028\u2029\x85":
        return "\n"
    if category == "Zs" or char == "\t":
        return char if char in " \xa0" else " "
    if category in ("Cc", "Cf") or 0xFE00 <= code <= 0xFE0F:  # controls, zero-width, bidi, variation selectors
        return None
    if char == "\u2011":
        return "-"
    return char if code in _glyphs() else UNKNOWN


_printable = _Printable()


def printable(text: str) -> str:
    """`text` with every character that the font lacks replaced by ◊, and what cannot be seen left out."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_printable)


def _lines(text: str) -> list[str]:
    """The lines of `text`; more than two empty ones in a row are two."""
    return _GAP.sub("\n\n\n", printable(text)).split("\n")


def _signer_rows(signers: Sequence[SheetSigner]) -> list[list[SheetSigner]]:
    """Three beside each other, four as two and two."""
    wide = 3 if len(signers) == 3 else 2
    return [list(signers[n : n + wide]) for n in range(0, len(signers), wide)]


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(lines=_lines, pieces=pieces, option_rows=option_rows, signer_rows=_signer_rows)
    environment.globals["_"] = translator(language)
    return environment


@cache
def stylesheet(head: int) -> str:
    """The stylesheet with room for a head of `head` mm. No text from people is ever in it."""
    plain = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined)  # noqa: S701
    return plain.get_template("print.css").render(head=head, regular=REGULAR.as_posix(), bold=BOLD.as_posix())


def render_sheet(sheet: Sheet, head: Head) -> bytes:
    """The sheet as a PDF file. Raises PrintRefused."""
    fitted = fitting(head, sheet.language)
    height = _head_height(fitted, fitting_sheet(sheet))
    return _pdf(sheet_html(sheet, head), height, foot_of(sheet.title, fitted, sheet.language))


def _head_height(head: Head, sheet: Sheet | None = None) -> int:
    """Millimetres that the head of each page needs, of fitting `head` and `sheet`. See page.html and print.css."""
    logo = drawn_logo(head.logo)
    wide = _WIDTH * (0.64 - (logo.share / 100 if logo else 0))
    name = 12.6 * _rows(head.municipality, BOLD, 10.5, wide) + 10.8 * bool(head.org_number)
    right = 10.8 * _rows(f"{head.status} · {head.number}", BOLD, 9, _WIDTH * 0.36)
    points = max(name, right, logo.height if logo else 0) + 2
    if sheet and (sheet.head or sheet.made_by or sheet.approved_by or sheet.revised):
        say = translator(sheet.language)
        cells = (
            ("Utarbeidet av:", sheet.made_by),
            ("Godkjent av:", sheet.approved_by),
            ("Sist revidert:", sheet.revised),
        )
        rows = max(_rows(f"{say(label)} {text}", REGULAR, 8.5, _WIDTH * 0.3 - 8) for label, text in cells)
        rows += sum(_rows(line, REGULAR, 8.5, _WIDTH - 8) for line in sheet.head.split("\n"))
        points += 3 + 2 * 4.5 + 10.1 * rows
    return max(_HEAD, math.ceil(points / mm))


def _rows(text: str, face: Path, size: float, width: float) -> int:
    """Lines that `text` takes in `width` points, with slack for words that do not fill their line."""
    wide = _probe(face).stringWidth(printable(text), size)
    return 1 if wide < width - 4 else math.ceil(wide * 1.25 / width) + 1


def sheet_html(sheet: Sheet, head: Head) -> str:
    """The sheet as the HTML that is laid out."""
    head, sheet = fitting(head, sheet.language), fitting_sheet(sheet)
    title = " – ".join(part for part in (short(sheet.title, 120), head.number) if part)
    return _templates(sheet.language).get_template("sheet.html").render(
        sheet=sheet, head=head, title=title, lang=_LANG[sheet.language], logo=drawn_logo(head.logo),
        blocks=blocks(sheet),
    )  # fmt: skip


def render_batch(sheets: Sequence[tuple[Sheet, Head]]) -> bytes:
    """One file of many sheets; page numbers begin anew in each. Raises PrintRefused, also when there are none."""
    if not sheets:
        raise PrintRefused("empty")
    writer = PdfWriter()
    for sheet, head in sheets:
        writer.append(PdfReader(io.BytesIO(render_sheet(sheet, head))))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def render_letter(title: str, language: str, blocks: Sequence[FilledBlock], head: Head) -> bytes:
    """A filled letter or information sheet as a PDF file. Raises PrintRefused."""
    head = fitting(head, language)
    html = _templates(language).get_template("letter.html").render(
        head=head, sheet=None, title=short(title, 120), lang=_LANG.get(language, "nb-NO"), logo=drawn_logo(head.logo),
        blocks=blocks,
    )  # fmt: skip
    return _pdf(html, _head_height(head), foot_of(title, head, language))


def render_checklist(made: Checklist, head: Head, date: str = "") -> bytes:
    """A schedule as a paper to tick off, its table's head on each page. Raises PrintRefused."""
    head = fitting(replace(head, date=date), made.language)
    title = short(made.title, 120)
    html = _templates(made.language).get_template("checklist.html").render(
        head=head, title=title, lang=_LANG.get(made.language, "nb-NO"), logo=drawn_logo(head.logo), list=made,
    )  # fmt: skip
    return _pdf(html, _head_height(head), foot_of(made.title, head, made.language))


@cache
def _policy() -> ResourceAccessPolicy:
    """Nothing may be read but the fonts and what is inside the document, and every limit is on."""
    return ResourceAccessPolicy.server(
        base_dir=FONTS, allow_remote=False, max_render_seconds=MAX_SECONDS, max_document_bytes=MAX_HTML_BYTES,
    )  # fmt: skip


def _pdf(html: str, head: int, foot: Foot) -> bytes:
    """Lay out and draw. One at a time in a process: the renderer keeps fonts and caches in globals."""
    with _lock:
        _complaints.count = 0
        try:
            with use_policy(_policy()), render_budget(_policy()):
                data, warned = _drawn_pdf(printable(html), head, foot)
        except Exception as error:  # the renderer raises of many kinds, and quotes the document in them
            raise PrintRefused(type(error).__name__) from None
        finally:
            cleanFiles()
            reset_caches()
        if warned or _complaints.count:
            raise PrintRefused("warning")
    if not data.startswith(b"%PDF-"):
        raise PrintRefused("no-pdf")
    return data


def _drawn_pdf(html: str, head: int, foot: Foot) -> tuple[bytes, bool]:
    """The file, and whether the renderer complained.

    `pisaDocument` does the same, but lays every document out twice to learn how many pages there are, which is half
    of its time. Here the foot is drawn when the last page is done, and the document is laid out once.
    """
    context = pisaStory(
        html, context=pisaContext(""), default_css=stylesheet(head), encoding="utf-8", resource_policy=_policy(),
    )  # fmt: skip
    out = io.BytesIO()
    paper = _Paper(
        out, foot, pagesize=A4, title=context.meta["title"].strip(), author=context.meta["author"].strip(),
        subject=context.meta["subject"].strip(), lang=context.lang_tag or None, creator="Attende", allowSplitting=1,
        initialFontName=_font(),
    )  # fmt: skip
    paper.addPageTemplates([context.templateList["body"]])
    paper.pisaPositioned = context.positioned
    paper.build(_with_room(context.story), canvasmaker=_Canvas)
    return out.getvalue(), bool(context.err or context.warn)


class _Paper(PmlBaseDoc):  # type: ignore[misc]
    """Reserves the foot of each page, to be drawn when the number of pages is known."""

    def __init__(self, out: io.BytesIO, foot: Foot, **options: Any) -> None:
        super().__init__(out, **options)
        self.foot = foot

    def afterPage(self) -> None:
        self.canv.foot = self.foot
        self.canv.doForm(f"foot{self.canv.getPageNumber()}")


class _Canvas(MarkedCanvas):  # type: ignore[misc]
    """Draws the feet that `_Paper` reserved."""

    foot = Foot("", "")

    def save(self) -> None:
        foot, pages = self.foot, self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self.beginForm(f"foot{page}", 0, 0, *A4)
            self.setFont(_font(), 8.5)
            self.setFillGray(0.27)
            self.drawString(_LEFT, _FOOT, printable(foot.left))
            self.drawRightString(_RIGHT, _FOOT, printable(foot.right % {"page": page, "pages": pages}))
            self.endForm()
        super().save()


def _font() -> str:
    """The regular face under the name that the stylesheet gave it."""
    return next(name for name in ("attende_00", "attende") if name in pdfmetrics.getRegisteredFontNames())


class _Room(CondPageBreak):  # type: ignore[misc]
    """Begins a new page where a question and the first row of its table do not both fit.

    The renderer's own way keeps a heading with the whole of what follows, which leaves half pages empty.
    """

    def __init__(self, lead: Sequence[Flowable], following: Flowable) -> None:
        super().__init__(0)
        self.lead, self.following = lead, following

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        frame = self._doctemplateAttr("frame")
        if frame is None or frame._atTop:
            return 0, 0
        self.height = sum(
            part.wrapOn(self.canv, width, height)[1] + part.getSpaceBefore() + part.getSpaceAfter()
            for part in self.lead
        )
        self.height += self._beginning(width, height)
        self.height = min(self.height, frame._height * 0.7)
        return super().wrap(width, height)  # type: ignore[no-any-return]

    def _beginning(self, width: float, height: float) -> float:
        """The height of as much of the following as is worth beginning on this page."""
        whole: float = self.following.wrapOn(self.canv, width, height)[1]
        if not isinstance(self.following, PmlTable):
            return min(whole, _WORTH)
        rows, header = self.following._rowHeights, self.following.repeatRows or 0
        need: float = sum(rows[:header])
        for row in rows[header:]:
            need += row
            if need >= _WORTH:
                break
        return need


def _with_room(story: Sequence[Flowable]) -> list[Flowable]:
    """The story with room seen to before each question, and with table rows that may run over pages."""
    made: list[Flowable] = []
    lead: list[Flowable] = []
    for part in story:
        if part.getKeepWithNext():
            lead.append(part)
            continue
        _let_flow(part)
        if lead and not isinstance(part, KeepTogether):
            for above in lead:
                above.keepWithNext = 0
            made.append(_Room(lead, part))
        made += [*lead, part]
        lead = []
    return made + lead


def _let_flow(part: Flowable) -> None:
    """Rows with a long text are cut between two lines where the page ends; otherwise they are shrunk to fit a page."""
    if isinstance(part, KeepTogether):
        for inner in part._content:
            _let_flow(inner)
    if not isinstance(part, PmlTable):
        return
    for row in part._cellvalues:
        if any(_letters(cell) > _LONG_CELL for cell in row):
            row[:] = [PmlFlowingCell(cell._content) if isinstance(cell, PmlKeepInFrame) else cell for cell in row]


def _letters(cell: Any) -> int:
    content = cell._content if isinstance(cell, PmlKeepInFrame) else ()
    frags = [frag for part in content for frag in getattr(part, "frags", ())]
    return sum(len(frag.text) + LINE * bool(getattr(frag, "lineBreak", False)) for frag in frags)
