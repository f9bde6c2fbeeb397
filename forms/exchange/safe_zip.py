"""Workbooks from outside: looked at before they are opened, so that none can fill the memory or run anything."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from zlib import error as zlib_error

from forms.exchange.common import MAX_UNPACKED, BadFile, Told, too_large
from forms.texts import N_, Note

MAX_PARTS = 2000
_CHUNK = 1 << 16
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")  # a sheet cannot hold this text but as an element
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also what a password wraps a workbook in


def check_workbook(content: bytes) -> list[Told]:
    """Every reason why `content` must not be opened as an Excel workbook; empty when it may be."""
    if told := too_large(content):
        return told
    if content.startswith(_OLD_EXCEL):
        return _told(N_("Filen er i et eldre Excel-format eller låst med passord. Lagre den som .xlsx uten passord."))
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return list(_check_parts(archive))
    except (zipfile.BadZipFile, zlib_error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return _told(N_("Filen er ikke en Excel-fil (.xlsx), eller den er ødelagt."))


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """The workbook, checked, for reading row by row. Raises BadFile, also when reading it fails halfway."""
    from openpyxl import load_workbook

    if told := check_workbook(content):
        raise BadFile(told)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and other things that are not read
        try:
            workbook = load_workbook(BytesIO(content), read_only=True, keep_links=False)
            try:
                yield workbook
            finally:
                workbook.close()
        except (BadFile, MemoryError):
            raise
        except Exception as error:  # a damaged workbook may raise anything in the parser
            raise BadFile(_told(N_("Filen er ikke en Excel-fil (.xlsx), eller den er ødelagt."))) from error


def _told(text: str) -> list[Told]:
    return [Told("", Note(text))]


def _check_parts(archive: zipfile.ZipFile) -> Iterator[Told]:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if not any(name.lower() == "xl/workbook.xml" for name in names):
        yield from _told(N_("Filen er ikke en Excel-fil (.xlsx), eller den er ødelagt."))
        return
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        yield from _told(N_("Filen har makroer. Lagre den som .xlsx uten makroer."))
    if any(part.flag_bits & 1 for part in parts):
        yield from _told(N_("Filen er låst med passord. Lagre den uten passord."))
        return
    if len(parts) > MAX_PARTS or any(p.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for p in parts):
        yield from _told(N_("Filen er pakket på en måte som Excel ikke bruker."))
        return
    yield from _check_content(archive, parts)


def _check_content(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Iterator[Told]:
    """Unpack everything once, in small pieces, since the sizes that an archive gives of itself may be false."""
    unpacked = 0
    for part in parts:
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
        before = b""
        with archive.open(part) as stream:
            while piece := stream.read(_CHUNK):
                unpacked += len(piece)
                if unpacked > MAX_UNPACKED:
                    most = {"most": MAX_UNPACKED // 1_000_000}
                    yield Told("", Note(N_("Filen blir større enn %(most)s MB når den pakkes ut."), most))
                    return
                # Excel writes neither: entities grow without bound, zero bytes hide them in another encoding.
                if is_xml and (b"\0" in piece or any(mark in before + piece for mark in (b"<!DOCTYPE", b"<!ENTITY"))):
                    yield Told(part.filename, Note(N_("Filen har innhold som ikke hører hjemme i et regneark.")))
                    break
                before = piece[-10:]


def has_merged_cells(content: bytes) -> bool:
    """Whether any sheet of a workbook that passed `check_workbook` has merged cells: all but the first of them read as
    empty."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/")]
        return any(_MERGED.search(archive.read(name)) for name in sheets)
