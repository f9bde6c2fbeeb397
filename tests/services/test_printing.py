"""Paper: what is on it, where it breaks, and what can never get into or out of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from forms.definition import Item, QuestionSetDefinition, parse
from forms.letters import FilledBlock
from forms.library import load_shipped, shipped_keys
from forms.sheet import Context, Sheet, build_sheet
from services import printing
from services.printing import Head, PrintRefused, printable, render_batch, render_letter, render_sheet

SAMI = "Čáhppes ŋ đ ŧ ž Ærø Åse"
HEAD = Head("Nordre Land kommune", "861 381 722", number="2", date="5. mars 2026", fingerprint="ab12cd34ef")


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def joined(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def squeezed(text: str) -> str:
    """Without spaces: a line break in a table cell may be read as a space or as none."""
    return "".join(printable(text).split())


def texts(text: str) -> dict[str, str]:
    return {"nb": text, "nn": text}


def form(*items: dict[str, Any], **more: Any) -> QuestionSetDefinition:
    return parse(
        {
            "schema_version": 1, "key": "proeve", "version": 1, "kind": "plan", "languages": ["nb", "nn"],
            "title": texts("Prøveskjema"), "items": list(items), **more,
        }
    )  # fmt: skip


def question(name: str, kind: str = "text", layout: str = "stack", **more: Any) -> dict[str, Any]:
    hints = {"layout": layout, **more.pop("print", {})}
    return {"id": name, "type": kind, "text": texts(f"Spørsmål {name}"), "print": hints, **more}


SIGNATURES: dict[str, Any] = {
    "id": "signatures", "type": "signatures", "text": texts("Underskrifter"), "copies_to": texts("sykmelder"),
    "signers": [
        {"role": "employer", "text": texts("Arbeidsgivers signatur")},
        {"role": "employee", "text": texts("Arbeidstakers signatur")},
    ],
}  # fmt: skip


def sheet_of(*items: dict[str, Any], answers: dict[str, Any] | None = None, **more: Any) -> Sheet:
    return build_sheet(form(*items, **more), "nb", answers)


def labels(items: tuple[Item, ...], language: str) -> list[str]:
    found = []
    for item in items:
        if item.print.show == "screen":
            continue
        parts: list[Any] = [
            item.text, item.help, *item.examples, *(o.text for o in item.options), *(c.text for c in item.columns),
            *(row.text for row in item.rows), *(row.when for row in item.rows), *(fact.text for fact in item.facts),
            *(signer.text for signer in item.signers),
        ]  # fmt: skip
        found += [part[language] for part in parts if part]
        found += labels(item.items, language)
    return found


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("key", shipped_keys())
def test_blank_of_every_shipped_set_holds_every_text(key: str, language: str) -> None:
    definition = load_shipped(key)
    found = squeezed(joined(render_sheet(build_sheet(definition, language), Head("Prøve kommune"))))
    missing = [text for text in labels(definition.items, language) if squeezed(text) not in found]
    assert missing == []


@pytest.mark.parametrize("key", shipped_keys())
def test_filled_sheet_prints_its_answers(key: str) -> None:
    definition = load_shipped(key)
    answers = {item.id: f"Svar på {item.id}" for item in definition.questions() if item.type == "text"}
    sheet = build_sheet(definition, "nb", answers, Context(variables={"plan.kind": "first"}))
    found = squeezed(joined(render_sheet(sheet, HEAD)))
    shown = [node.shown for node in _leaves(sheet.nodes) if node.type == "text" and node.print.show != "screen"]
    assert [text for text in shown if squeezed(text) not in found] == []


def _leaves(nodes: Any) -> list[Any]:
    return [leaf for node in nodes for leaf in ([node] if not node.items else _leaves(node.items))]


def test_foot_of_every_page_has_plan_date_hash_and_page_of_pages() -> None:
    made = pages(render_sheet(sheet_of(question("a"), answers={"a": "Et svar. " * 1500}), HEAD))
    assert len(made) > 2
    for number, text in enumerate(made, 1):
        assert f"Side {number} av {len(made)}" in text
        assert "Plan 2 · 5. mars 2026 · ab12cd34ef" in text
        assert "Nordre Land kommune" in text


def test_metadata_names_title_language_and_municipality_only() -> None:
    reader = PdfReader(io.BytesIO(render_sheet(sheet_of(question("a"), answers={}), HEAD)))
    assert reader.metadata is not None
    assert reader.metadata.title == "Prøveskjema – Plan 2"
    assert reader.metadata.author == "Nordre Land kommune"
    assert reader.trailer["/Root"]["/Lang"] == "nb-NO"  # type: ignore[index]
    nynorsk = build_sheet(form(question("a")), "nn")
    assert PdfReader(io.BytesIO(render_sheet(nynorsk, HEAD))).trailer["/Root"]["/Lang"] == "nn-NO"  # type: ignore[index]


def test_status_is_on_every_page() -> None:
    made = pages(render_sheet(sheet_of(question("a"), answers={"a": "x. " * 4000}), Head("Prøve", status="UTKAST")))
    assert len(made) > 1
    assert all("UTKAST" in text for text in made)


def test_sami_letters_are_drawn_with_the_embedded_font() -> None:
    sheet = sheet_of(question("a", print={"option_columns": 1}), answers={"a": SAMI})
    pdf = render_sheet(sheet, Head(SAMI))
    assert joined(pdf).count(SAMI) >= 2
    fonts = {
        font.get_object()["/BaseFont"]
        for page in PdfReader(io.BytesIO(pdf)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert {str(font).split("+")[-1] for font in fonts} >= {"SourceSansPro-Regular", "SourceSansPro-Bold"}


def test_the_font_has_every_character_that_the_templates_draw() -> None:
    for path in printing.TEMPLATES.glob("*.html"):
        source = path.read_text(encoding="utf-8")
        assert printable(source) == source, path.name


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{7*7}}", "=cmd()", "<b>ikke fet</b> & slikt", "&#x41;", "</p></td></table>"]
)
@pytest.mark.parametrize("layout", ["stack", "side", "inline"])
def test_text_from_people_is_printed_as_it_is(text: str, layout: str) -> None:
    assert text in joined(render_sheet(sheet_of(question("a", layout=layout), answers={"a": text}), HEAD))


def test_lines_are_kept() -> None:
    pdf = render_sheet(sheet_of(question("a"), answers={"a": "første\nandre\r\ntredje\x0bfjerde"}), HEAD)
    lines = [line.strip() for page in PdfReader(io.BytesIO(pdf)).pages for line in page.extract_text().splitlines()]
    assert [word for word in ("første", "andre", "tredje", "fjerde") if word in lines] == [
        "første", "andre", "tredje", "fjerde",
    ]  # fmt: skip


def test_a_character_without_a_glyph_is_replaced_not_refused() -> None:
    pdf = render_sheet(sheet_of(question("a"), answers={"a": "Glad 😀 漢 slutt\u200b\u202e\x00."}), HEAD)
    assert "Glad ◊ ◊ slutt." in joined(pdf)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(max_size=400) | st.text("<>&\"'{}%\\;:=/()[]#\n\t ab", max_size=400),
    layout=st.sampled_from(["stack", "side", "inline"]),
)
def test_no_text_makes_printing_fail(text: str, layout: str) -> None:
    sheet = sheet_of(question("a", layout=layout), question("b", "string"), answers={"a": text, "b": text})
    head = Head(text, text, number=text, date=text, fingerprint=text, status=text, reference=text)
    assert render_sheet(sheet, head).startswith(b"%PDF-")


@given(st.text(max_size=200))
def test_printable_is_idempotent(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize("layout", ["stack", "side"])
@pytest.mark.parametrize("length", range(200, 6200, 750))
def test_signatures_are_never_alone_on_a_page(layout: str, length: int) -> None:
    answer = " ".join(f"ord{number}" for number in range(length // 7))
    sheet = sheet_of(
        question("a", layout=layout), question("b", layout=layout), SIGNATURES, answers={"a": answer, "b": answer}
    )
    page = next(text for text in pages(render_sheet(sheet, HEAD)) if "Arbeidsgivers signatur" in text)
    assert answer.split()[-1] in page
    assert "Arbeidstakers signatur" in page
    assert "Sted/dato:" in page
    assert "Kopi sendes til: sykmelder" in page


def test_checklist_has_its_header_on_every_page() -> None:
    row = {"when": texts("1. uke"), "text": texts("Leder tar kontakt med den syke og spør hvordan det går. " * 4)}
    item = question("c", "checklist", rows=[{"id": f"r{number}", **row} for number in range(40)])
    made = pages(render_sheet(sheet_of(item), HEAD))
    assert len(made) > 2
    assert all("Tidspunkt Hva gjøres Dato Sign leder Sendt" in text for text in made)


def test_a_table_has_its_header_on_every_page() -> None:
    item = question(
        "t", "table", columns=[{"id": "c", "type": "text", "text": texts("Kolonnehode")}], repeat={"max": 50}
    )
    made = pages(render_sheet(sheet_of(item, answers={"t": [{"c": "Tekst. " * 60}] * 30}), HEAD))
    assert len(made) > 2
    assert all("Kolonnehode" in text for text in made)


def test_paper_head_is_on_every_page() -> None:
    paper = {
        "head": texts("HMS-håndbok\nDel 4"),
        "made_by": texts("Personal"),
        "approved_by": texts("Rådmannen"),
        "revised": "23.03.07",
    }
    made = pages(render_sheet(sheet_of(question("a"), answers={"a": "Svar. " * 3000}, paper=paper), HEAD))
    assert len(made) > 2
    for text in made:
        assert "HMS-håndbok Del 4" in text
        assert "Utarbeidet av: Personal Godkjent av: Rådmannen Sist revidert: 23.03.07" in text


@pytest.mark.parametrize("letter", ["W", "i", "Porsáŋggu ", "😀"])
@pytest.mark.parametrize("logo", [False, True])
def test_a_head_of_any_length_fits(letter: str, logo: bool) -> None:
    text = letter * 900
    paper = {"head": texts(f"{text}\n{text}"), "made_by": texts(text), "approved_by": texts(text), "revised": text}
    head = Head(text, text, picture("PNG", (900, 300)) if logo else None, text, text, text, text, text)
    assert render_sheet(sheet_of(question("a"), paper=paper), head).startswith(b"%PDF-")
    assert render_letter(text, "nb", [FilledBlock(type="paragraph", text=text)], head).startswith(b"%PDF-")


def test_tick_boxes() -> None:
    options = [{"code": "a", "text": texts("Ergonomi")}, {"code": "b", "text": texts("Annet"), "comment": "text"}]
    items = (question("m", "multichoice", options=options), question("j", "boolean"))
    filled = joined(
        render_sheet(sheet_of(*items, answers={"m": {"codes": ["b"], "comments": {"b": "Ny stol"}}, "j": False}), HEAD)
    )
    assert "☐ Ergonomi" in filled
    assert "☑ Annet: Ny stol" in filled
    assert "Ja: ☐ Nei: ☑" in filled
    blank = joined(render_sheet(sheet_of(*items), HEAD))
    assert "Ja: ☐ Nei: ☐" in blank
    assert "☑" not in blank


def test_options_with_comments_are_a_table() -> None:
    options = [{"code": code, "text": texts(f"Tiltak {code}"), "comment": "text"} for code in "ab"]
    sheet = sheet_of(
        question("m", "multichoice", options=options), answers={"m": {"codes": ["a"], "comments": {"a": "Uke 12"}}}
    )
    assert "Sett kryss Kommentar ☑ Tiltak a Uke 12 ☐ Tiltak b" in joined(render_sheet(sheet, HEAD))


def test_what_is_for_the_screen_only_or_hidden_when_empty_is_left_out() -> None:
    items = (
        question("skjerm", print={"show": "screen"}), question("tom", print={"hide_if_empty": True}),
        question("papir", print={"show": "paper"}), question("bedt", required="recommended"),
    )  # fmt: skip
    filled = joined(render_sheet(sheet_of(*items, answers={}), HEAD))
    assert "Spørsmål skjerm" not in filled
    assert "Spørsmål tom" not in filled
    assert "Spørsmål papir" in filled
    assert "Spørsmål bedt ikke utfylt" in filled
    assert "Spørsmål tom" in joined(render_sheet(sheet_of(*items), HEAD))


def test_batch_is_one_file_with_page_numbers_per_plan() -> None:
    long = (sheet_of(question("a"), answers={"a": "Svar. " * 1500}), HEAD)
    short = (sheet_of(question("b"), answers={"b": "kort"}), Head("Prøve kommune", number="3"))
    made = pages(render_batch([long, short]))
    assert "Side 1 av 2" in made[0]
    assert "Side 2 av 2" in made[1]
    assert "Side 1 av 1" in made[2]
    with pytest.raises(PrintRefused):
        render_batch([])


def test_letter() -> None:
    parts = [
        FilledBlock(type="place", text="Dokka, 5. mars 2026"),
        FilledBlock(type="heading", text="Overskrift", level=2),
        FilledBlock(type="paragraph", text=f"Hei {SAMI}\n<b>"),
        FilledBlock(type="list", text="Ta med:", items=("en ting", "to")),
        FilledBlock(type="table", rows=(("Nav", "55 55 33 33"), ("KLP", ""))),
        FilledBlock(type="closing", text="Vennlig hilsen\nKari"),
    ]
    text = joined(render_letter("Innkalling", "nn", parts, HEAD))
    for part in (
        "Innkalling",
        "Dokka, 5. mars 2026",
        "Overskrift",
        f"Hei {SAMI} <b>",
        "Ta med:",
        "• en ting",
        "55 55 33 33",
        "Kari",
    ):
        assert part in text
    assert "Side 1 av 1" in text


CANARY = "kanarifugl-fnr-01018012345"


@pytest.fixture
def root_log() -> Iterator[io.StringIO]:
    """What the application's own handlers would be given. `caplog` also listens at loggers that do not propagate."""
    out = io.StringIO()
    handler, root = logging.StreamHandler(out), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("text", [CANARY, CANARY + " 漢", f"<img src='file:///etc/hosts'>{CANARY}", CANARY * 100])
def test_no_text_reaches_the_log(text: str, root_log: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    render_sheet(sheet_of(question("a", layout="side"), question("b"), answers={"a": text, "b": text}), HEAD)
    assert CANARY not in caplog.text
    logging.getLogger("xhtml2pdf.parser").warning("with %s", CANARY)
    logging.getLogger("reportlab.platypus").error("with %s", CANARY)
    assert CANARY not in root_log.getvalue()


def test_a_warning_of_the_renderer_is_an_error_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "sheet_html", lambda *_: f"<p>漢 {CANARY}</p><table></table>")
    with pytest.raises(PrintRefused) as refused:
        render_sheet(sheet_of(question("a"), answers={}), HEAD)
    assert CANARY not in str(refused.value)
    assert refused.value.reason == "warning"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "source",
    ["file:///etc/hosts", "/etc/hosts", "../../etc/hosts", "http://127.0.0.1:9/x.png", "https://example.org/x.png"],
)
def test_nothing_outside_the_document_is_read(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "sheet_html", lambda *_: f'<p>Hei</p><img src="{source}">')
    with pytest.raises(PrintRefused):
        render_sheet(sheet_of(question("a"), answers={}), HEAD)


def test_markup_that_points_to_files_is_printed_as_text() -> None:
    text = '<img src="file:///etc/hosts"> <link rel="stylesheet" href="http://127.0.0.1/x.css"> @import url(x)'
    assert text in joined(render_sheet(sheet_of(question("a"), answers={"a": text}), HEAD))


def picture(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else (0, 90, 80, 120)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "logo",
    [
        picture("PNG"),
        picture("JPEG"),
        picture("PNG", (20, 900)),
        picture("PNG", (900, 20)),
        picture("PNG", mode="RGBA"),
    ],
)
def test_logo_is_drawn_on_every_page(logo: bytes) -> None:
    pdf = render_sheet(sheet_of(question("a"), answers={"a": "Svar. " * 2000}), Head("Prøve kommune", "1", logo=logo))
    assert all(len(page.images) == 1 for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    "logo",
    [
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"file:///etc/hosts",
        picture("PNG")[:60],
        picture("GIF"),
    ],
)
def test_a_logo_that_is_no_picture_is_left_out(logo: bytes) -> None:
    pdf = render_sheet(sheet_of(question("a"), answers={}), Head("Prøve kommune", logo=logo))
    assert not any(page.images for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "Prøve kommune" in joined(pdf)
