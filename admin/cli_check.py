"""Is the installation whole? One finding per thing that a service needs to run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import peewee as pw

import models
from config import Settings
from forms.texts import CATALOGUES
from models import Answer, Document, Employee
from models.sealing import BadSeal, NoKey
from services import database, printing

LEAST_FREE = 500  # MB
NEEDED_LANGUAGES = ("nn",)  # bokmål is the source language
_SAMI = "áčđŋšŧžÁČĐŊŠŦŽæøåÆØÅ☐☑"


class Finding(NamedTuple):
    name: str
    good: bool
    said: str


def run_checks(settings: Settings) -> list[Finding]:
    """Everything looked at, in the order an operator would put it right. Nothing personal is in what is said."""
    checks: list[tuple[str, Callable[[Settings], tuple[bool, str]]]] = [
        ("configuration", _configuration), ("migrations", _migrations), ("keys", _keys), ("fonts", _fonts),
        ("catalogues", _catalogues), ("disk", _disk),
    ]  # fmt: skip
    return [Finding(name, *check(settings)) for name, check in checks]


def _configuration(settings: Settings) -> tuple[bool, str]:
    return True, f"{settings.env}, {settings.database_url.partition(':')[0]}, hosts {', '.join(settings.allowed_hosts)}"


def _migrations(settings: Settings) -> tuple[bool, str]:
    try:
        waiting = [name for name, applied in database.status(models.db.obj) if not applied]
    except pw.PeeweeException as error:
        return False, f"the database does not answer ({type(error).__name__})"
    return not waiting, f"waiting: {', '.join(waiting)}; run db upgrade" if waiting else "all applied"


def _keys(settings: Settings) -> tuple[bool, str]:
    """Opens the oldest and the newest sealed value of each kind: the oldest may need a key that was taken away."""
    real = models.db.obj
    was_closed = False
    opened = 0
    try:
        was_closed = real.connect(reuse_if_open=True)
        for model, column in ((Employee, "national_id"), (Answer, "value"), (Document, "content")):
            sealed = model.select().where(getattr(model, column).is_null(False))
            for row in {sealed.order_by(order).first() for order in (model.id, model.id.desc())} - {None}:
                row.unseal_bytes(column)
                opened += 1
    except pw.PeeweeException as error:
        return False, f"the database does not answer ({type(error).__name__})"
    except (BadSeal, NoKey) as error:
        return False, f"a stored value does not open ({type(error).__name__}); see DATA_KEYS"
    finally:
        if was_closed:
            real.close()
    return True, f"{opened} stored values opened" if opened else "loaded; nothing is stored yet"


def _fonts(settings: Settings) -> tuple[bool, str]:
    lacking = [path.name for path in (printing.REGULAR, printing.BOLD) if not path.is_file()]
    if lacking:
        return False, f"missing: {', '.join(lacking)}"
    drawn = printing.printable(_SAMI) == _SAMI
    return drawn, "present, with Norwegian and Sámi letters" if drawn else "lack Norwegian or Sámi letters"


def _catalogues(settings: Settings) -> tuple[bool, str]:
    texts = sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po"))
    languages = {path.parts[-3] for path in texts}
    lacking = [language for language in NEEDED_LANGUAGES if language not in languages]
    stale = [path.parts[-3] for path in texts if not _compiled(path)]
    if lacking or stale:
        return False, f"not there or not compiled: {', '.join(lacking + stale)}; run make i18n"
    return True, f"compiled: {', '.join(sorted(languages))}"


def _compiled(source: Path) -> bool:
    made = source.with_suffix(".mo")
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _disk(settings: Settings) -> tuple[bool, str]:
    """Free space where the data are: the folder of an SQLite file, else the working folder."""
    file = getattr(models.db.obj, "database", "") if isinstance(models.db.obj, pw.SqliteDatabase) else ""
    folder = Path(file).resolve().parent if file and file != ":memory:" else Path.cwd()
    free = shutil.disk_usage(folder).free // 1_000_000
    return free >= LEAST_FREE, f"{free} MB free"
