"""`flask --app app timeline`: cases and the law's dates from a file of absence periods. Needs no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from admin.cli_base import Fail
from services.timeline_file import timelines


@click.command("timeline")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def timeline(file: Path) -> None:
    """Print cases, milestones and the estimated last day of sick pay for each id in FILE (- is standard input).

    FILE is JSON: [{"id", "periods": [{"from", "to", "grade"}]}]. What is wrong with an item is told in its "error".
    """
    click.echo(json.dumps(timelines(_read(file)), indent=2))


def _read(file: Path) -> list[Any]:
    """Raises Fail when the file cannot be read, or is no list."""
    name = "standard input" if str(file) == "-" else str(file)
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        found = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise Fail(f"cannot read {name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Fail(f"{name} is not JSON") from error
    if not isinstance(found, list):
        raise Fail(f"{name} is not a list of objects with id and periods")
    return found
