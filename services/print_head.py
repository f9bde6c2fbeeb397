"""What stands around a printed sheet: the municipality's name and logo, the paper form's head, the foot.

Everything is cut to fit its frame: a head that outgrows it would be shrunk or lost.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from forms.sheet import Sheet
from forms.texts import N_, translator
from models import Municipality

MAX_LOGO_PIXELS = 25_000_000
_LOGO_HEIGHT = 34  # points
_LOGO_WIDTH = 74
_WIDTH = 493  # points between the margins


@dataclass(frozen=True)
class Head:
    """What stands around the sheet. All is ready text in the sheet's language."""

    municipality: str
    org_number: str = ""
    logo: bytes | None = None  # PNG or JPEG
    number: str = ""  # "Plan 2"; empty when blank
    date: str = ""
    fingerprint: str = ""  # the first 10 hex digits of the snapshot's hash
    status: str = ""  # printed above the title, "UTKAST" when not finished
    reference: str = ""  # in the file's metadata only; never a person's name


def municipal_head(municipality: Municipality, status: str = "") -> Head:
    """The municipality's own head, for paper that is about nobody yet."""
    return Head(
        municipality=municipality.name, org_number=municipality.org_number, status=status,
        logo=bytes(municipality.logo) if municipality.logo else None,
    )  # fmt: skip


class Logo(NamedTuple):
    uri: str
    width: int  # points
    height: int
    share: int  # of the head's width, in per cent


class Foot(NamedTuple):
    """The line at the bottom of each page: at the left as it is, at the right with `page` and `pages` put in."""

    left: str
    right: str


@lru_cache(maxsize=32)
def drawn_logo(data: bytes | None) -> Logo | None:
    """The logo redrawn as PNG, so that no byte of the upload is in the file. None when it is no picture."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_LOGO_PIXELS:
                return None
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    drawn.thumbnail((600, 300))
    white = Image.new("RGB", drawn.size, "white")
    white.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    white.save(out, "PNG", optimize=True)
    scale = min(_LOGO_HEIGHT / drawn.height, _LOGO_WIDTH / drawn.width)
    uri = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    width = max(int(drawn.width * scale), 1)
    return Logo(uri, width, max(int(drawn.height * scale), 1), 3 + 100 * width // _WIDTH)


def short(text: str, most: int) -> str:
    """`text` on one line, at most `most` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def fitting(head: Head, language: str) -> Head:
    """The head's texts, cut so that they cannot outgrow their frames."""
    number = short(head.number, 40)
    if number.isdecimal():
        number = translator(language)(N_("Plan %(number)s")) % {"number": number}
    return Head(
        municipality=short(head.municipality, 70), org_number=short(head.org_number, 20), logo=head.logo,
        number=number, date=short(head.date, 40), fingerprint=short(head.fingerprint, 16),
        status=short(head.status, 40), reference=short(head.reference, 80),
    )  # fmt: skip


def foot_of(title: str, head: Head, language: str) -> Foot:
    """The foot of a document; `head` is a fitting one."""
    say = translator(language)
    parts = (short(title, 50), head.number, head.date, head.fingerprint)
    return Foot(" · ".join(part for part in parts if part), say("Side %(page)s av %(pages)s"))


def fitting_sheet(sheet: Sheet) -> Sheet:
    """The sheet with the paper form's head cut to its box, two lines at most."""
    head = "\n".join(short(line, 95) for line in sheet.head.split("\n")[:2])
    return sheet.model_copy(
        update={
            "head": head, "made_by": short(sheet.made_by, 60), "approved_by": short(sheet.approved_by, 60),
            "revised": short(sheet.revised, 30),
        }
    )  # fmt: skip
