"""Are the catalogues as the source says, whole and safe?

`python -m tests.rules.catalogues` prints the faults, one a line; with `extract` it writes the template anew.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "messages.pot"
COMPLETE = ("nn", "en")
KEYWORDS = ("N_", "say", "Note", "lazy_gettext", "_l", "pgettext:1c,2", "ngettext:1,2", "lazy_ngettext:1,2")

_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%%|\{\w*\}")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|&(?:[a-z]+|#\d+);")


def extract(target: Path) -> None:
    """Write the template catalogue of the source as it is now."""
    arguments = ["pybabel", "--quiet", "extract", "--mapping-file", "babel.cfg", "--output-file", str(target)]
    arguments += ["--add-location=file", "--sort-output", "--no-wrap", "--project=Attende", "--omit-header"]
    arguments += [f"--keyword={keyword}" for keyword in KEYWORDS]
    CommandLineInterface().run([*arguments, "."])


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3] if path.suffix == ".po" else None)


def texts(catalog: Catalog) -> dict[tuple[str, ...], Message]:
    """Messages by context and text, without the header."""
    return {(m.context or "", *_strings(m.id)): m for m in catalog if m.id}


def catalogues() -> list[Path]:
    """Our own texts in each language that has a catalogue."""
    return sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))


def stale() -> list[str]:
    """Texts that the source and the template, or the template and a catalogue, do not share."""
    with tempfile.TemporaryDirectory() as folder:
        extract(fresh := Path(folder) / "messages.pot")
        now = set(texts(read(fresh)))
    if not TEMPLATE.exists():
        return [f"{TEMPLATE.name} is missing: run make i18n"] if now else []
    kept = set(texts(read(TEMPLATE)))
    faults = [f"{TEMPLATE.name}: {_name(key)} {side}" for key, side in _difference(now, kept)]
    for path in catalogues():
        have = set(texts(read(path)))
        faults += [f"{path.parts[-3]}: {_name(key)} {side}" for key, side in _difference(kept, have)]
    return faults


def incomplete() -> list[str]:
    """Texts that a language we promise to have whole lacks or is unsure of."""
    faults = []
    for language in COMPLETE:
        path = FOLDER / language / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            faults += [f"{language}: no catalogue"] if TEMPLATE.exists() else []
            continue
        for key, message in texts(read(path)).items():
            if message.fuzzy or not all(_strings(message.string)):
                faults.append(f"{language}: {_name(key)} {'is fuzzy' if message.fuzzy else 'is not translated'}")
    return faults


def misplaced() -> list[str]:
    """Translations whose placeholders differ from the source's."""
    return [
        f"{path.parts[-3]}: {_name(key)} has other placeholders"
        for path in catalogues()
        for key, message in texts(read(path)).items()
        if any(_strings(message.string)) and not _placeholders_agree(message)
    ]


def markup() -> list[str]:
    """Translations that bring markup of their own: what a translator writes is text, never a page."""
    return [
        f"{path.relative_to(FOLDER)}: {_name(key)} has markup"
        for path in sorted(FOLDER.glob("*/LC_MESSAGES/*.po"))
        for key, message in texts(read(path)).items()
        if _markup_of(message.string) - _markup_of(message.id)
        or (path.name == "messages.po" and _markup_of(message.string))
    ]


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple | list) else (str(value or ""),)


def _name(key: tuple[str, ...]) -> str:
    return repr(key[1] if len(key[1]) < 70 else key[1][:67] + "...")


def _difference(wanted: set[tuple[str, ...]], have: set[tuple[str, ...]]) -> list[tuple[tuple[str, ...], str]]:
    return [(k, "is missing") for k in sorted(wanted - have)] + [
        (k, "is no longer used") for k in sorted(have - wanted)
    ]


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def _placeholders_agree(message: Message) -> bool:
    # A singular may leave the number out ("one person"), so each form may match either form of the source.
    allowed = [_placeholders(text) for text in _strings(message.id)]
    return all(_placeholders(text) in allowed for text in _strings(message.string))


def _markup_of(value: object) -> set[str]:
    return {tag for text in _strings(value) for tag in _MARKUP.findall(text)}


def main() -> int:
    if sys.argv[1:] == ["extract"]:
        extract(TEMPLATE)
        return 0
    faults = [*stale(), *incomplete(), *misplaced(), *markup()]
    print("\n".join(faults) if faults else "catalogues: fresh, whole and safe")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
