"""Commands about question sets. What reads the shipped library needs no database."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from admin.cli_base import Fail, in_english, open_database, printed, write_file
from admin.cli_text import sheet_text
from forms import exchange as files
from forms.definition import BadDefinition, QuestionSetDefinition, parse
from forms.exchange import BadFile, Told
from forms.library import load_shipped, shipped_keys
from forms.sheet import build_sheet
from forms.texts import Note, translator
from models import Municipality, QuestionSet
from services import exchange, operators, printing
from services.errors import Invalid, NotVisible
from services.exchange import Arrival

questions_group = AppGroup("questions", help="Question sets: the shipped library, and in and out of files.")
_language = click.Choice(["nb", "nn", "en", "se"])


def _shipped(key: str) -> QuestionSetDefinition:
    if key not in shipped_keys():
        raise Fail(f"no question set {key!r}; there are: {', '.join(shipped_keys())}")
    try:
        return load_shipped(key)
    except BadDefinition as error:
        raise Fail(f"{key} is damaged: {error}; run: flask --app app questions check FILE") from error


def _spoken(definition: QuestionSetDefinition, language: str) -> str:
    if language not in definition.languages:
        raise Fail(f"{definition.key} is not in {language!r}; it is in: {', '.join(definition.languages)}")
    return language


@questions_group.command("list")
def _list_sets() -> None:
    """One line per set: key, kind, languages, number of questions, title."""
    for key in shipped_keys():
        one = _shipped(key)
        title = one.title.get("nb") or next(iter(one.title.values()))
        click.echo(f"{key:<28} {one.kind:<12} {','.join(one.languages):<6} {len(one.questions()):>3}  {title}")


@questions_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def _check_file(file: Path) -> None:
    """Check a definition; prints every fault as item: property: why."""
    try:
        parse(file.read_bytes())
    except OSError as error:
        raise Fail(f"cannot read {file}: {error.strerror}") from error
    except BadDefinition as error:
        for fault in error.faults:
            click.echo(str(fault))
        sys.exit(1)
    click.echo("OK")


@questions_group.command("show")
@click.argument("key")
@click.option("--lang", "language", type=_language, default="nb", show_default=True)
def _show_set(key: str, language: str) -> None:
    """The whole set as readable text."""
    definition = _shipped(key)
    click.echo(sheet_text(build_sheet(definition, _spoken(definition, language))))


@questions_group.command("print")
@click.argument("key")
@click.option("--blank", is_flag=True, required=True, help="As an empty form.")
@click.option("--lang", "language", type=_language, default="nb", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
def _print_set(key: str, blank: bool, language: str, out: Path) -> None:
    """The set as a PDF to fill in by hand."""
    definition = _shipped(key)
    sheet = build_sheet(definition, _spoken(definition, language))
    write_file(out, printed(lambda: printing.render_sheet(sheet, printing.Head(municipality=""))))


# --- in and out of files ----------------------------------------------------------------------------------------------

_municipality = click.option("--municipality", "slug", default="", help="Short name; else the first one that fits.")


def _chosen(slug: str, key: str) -> Municipality | None:
    """The municipality named, else the first that has the set, else the first there is."""
    if slug:
        found: Municipality | None = Municipality.get_or_none(Municipality.slug == slug)
        if found is None:
            raise Fail(f"no municipality {slug!r}; there are: {', '.join(operators.slugs()) or 'none, add one first'}")
        return found
    having = QuestionSet.select(QuestionSet.municipality).where(QuestionSet.key == key)
    rows = Municipality.select().order_by(Municipality.id)
    first: Municipality | None = rows.where(Municipality.id.in_(having)).first() or rows.first()
    return first


@questions_group.command("export")
@click.argument("key")
@click.option("--format", "form", required=True, type=click.Choice(files.FORMATS))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--version", "which", default="", help='Number of a version, or "draft"; else what is published last.')
@_municipality
def _export_set(key: str, form: str, out: Path, which: str, slug: str) -> None:
    """A municipality's set as a file; one that only the shipped library has, from there."""
    with open_database():
        place = _chosen(slug, key)
        row = place and QuestionSet.get_or_none(QuestionSet.municipality == place, QuestionSet.key == key)
        if place is None or row is None:
            if slug or which:
                raise Fail(f"no question set {key!r} there")
            write_file(out, files.write(_shipped(key), form))
            return
        try:
            content, _name = exchange.export_set(operators.operator(place), row.id, form, which)
        except NotVisible as error:
            raise Fail(f"{key} has no version {which!r}") from error
    write_file(out, content)


@questions_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "key", default="", help="Key of the set it goes into, or of the new one; else the file's own.")
@_municipality
def _import_set(file: Path, key: str, slug: str) -> None:
    """Make a file (Excel, FHIR, JSON) the draft of a set; prints what it changes and what was left out."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Fail(f"cannot read {file}: {error.strerror}") from error
    with open_database():
        try:
            imported = files.read(content, file.name)
            place = _chosen(slug, key or str(imported.data.get("key", "")))
            if place is None:
                raise Fail("there is no municipality yet; run: flask --app app municipalities add")
            found = exchange.arrival(operators.operator(place), imported, None, key)
            row = exchange.take_in(operators.operator(place), found)
        except BadFile as refused:
            for told in refused.told:
                click.echo(_line(told), err=True)
            sys.exit(1)
        except Invalid as error:
            raise in_english(error) from error
    _tell(place, row.key, found)


def _tell(place: Municipality, key: str, found: Arrival) -> None:
    made = "draft of" if found.question_set is not None else "new set with a draft:"
    click.echo(f"{place.slug}: {made} {key} (publish it in the browser)")
    for change in found.changes:
        click.echo(f"  {change.level}: {change.item_id or '(set)'}: {_english(change.what)}")
    for told in found.left_out:
        click.echo(f"left out: {_line(told)}")
    for note in found.kept:
        click.echo(f"kept: {_english(note)}")
    for fault in found.faults:
        click.echo(f"to mend before publishing: {fault}")


def _line(told: Told) -> str:
    return f"{told.place}: {_english(told.note)}" if told.place else _english(told.note)


def _english(note: Note) -> str:
    return note.say(translator("en"))
