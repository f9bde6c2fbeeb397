"""`questions import` and `questions export`: a file goes out, comes back as a draft, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

import models
from forms.definition import shape
from forms.exchange import FORMATS
from forms.library import load_shipped, shipped_keys
from models import AuditEvent, QuestionSet, QuestionSetVersion, SetDraft
from tests.front import plan_set
from tests.test_cli import Run, _refused, _rows, run
from tests.world import World

__all__ = ["run"]

KEY = "nordre-land-iop"
WHOLE = [form for form in FORMATS if form != "translations"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "set"


def _draft(key: str) -> tuple[QuestionSet, SetDraft]:
    with models.db.obj.connection_context():
        row = QuestionSet.get(QuestionSet.key == key)
        return row, SetDraft.get(SetDraft.question_set == row)


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("key", shipped_keys())
def test_every_shipped_set_goes_out_and_comes_back_the_same(
    library: World, run: Run, out: Path, form: str, key: str
) -> None:
    assert run("questions", "export", key, "--format", form, "--out", str(out)).exit_code == 0
    result = run("questions", "import", str(out), "--as", "et-annet")
    assert result.exit_code == 0, result.output
    assert "left out" not in result.output
    _row, draft = _draft("et-annet")
    assert shape(draft.definition).items == load_shipped(key).items
    assert run("questions", "export", "et-annet", "--format", "json", "--out", str(out)).exit_code == 0
    assert shape(out.read_bytes()).items == load_shipped(key).items


def test_an_export_of_what_only_the_library_has(run: Run, out: Path) -> None:
    assert run("questions", "export", KEY, "--format", "json", "--out", str(out)).exit_code == 0
    assert shape(out.read_bytes()) == load_shipped(KEY)


def test_translations_go_out_as_a_sheet(library: World, run: Run, out: Path) -> None:
    assert run("questions", "export", KEY, "--format", "translations", "--out", str(out)).exit_code == 0
    file = out.with_suffix(".xlsx")
    out.rename(file)
    book = load_workbook(file)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    assert ("conclusion.text", "Konklusjon") in {(row[0], row[2]) for row in rows}


def test_an_import_into_a_set_makes_its_draft_and_tells_what_changes(library: World, run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    data = json.loads(out.read_bytes())
    data["subtitle"]["nb"] = "for alle i Storvik"
    out.write_text(json.dumps(data))
    before = _rows()
    result = run("questions", "import", str(out))
    assert result.exit_code == 0, result.output
    assert f"storvik: draft of {KEY}" in result.output
    assert "patch: (set)" in result.output
    changed = {name: count - before[name] for name, count in _rows().items() if count != before[name]}
    assert set(changed) == {"SetDraft", "SetDraftState", "AuditEvent"}
    with models.db.obj.connection_context():
        assert (
            QuestionSetVersion.select().where(QuestionSetVersion.question_set == plan_set(library.storvik)).count() == 1
        )
        assert AuditEvent.select().where(AuditEvent.tag == "set:changed", AuditEvent.actor.is_null()).exists()


def test_what_a_file_leaves_out_is_hidden_not_gone(library: World, run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    data = json.loads(out.read_bytes())
    situation = next(item for item in data["items"] if item["id"] == "situation")
    situation["items"] = [item for item in situation["items"] if item["id"] != "how_now"]
    out.write_text(json.dumps(data))
    result = run("questions", "import", str(out))
    assert "kept: " in result.output
    _row, draft = _draft(KEY)
    item = shape(draft.definition).find("how_now")
    assert item is not None
    assert item.hidden


def test_what_the_law_demands_is_told_when_a_file_leaves_it_out(library: World, run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    data = json.loads(out.read_bytes())
    situation = next(item for item in data["items"] if item["id"] == "situation")
    situation["items"] = [item for item in situation["items"] if item["id"] != "function_now"]
    out.write_text(json.dumps(data))
    result = run("questions", "import", str(out))
    assert result.exit_code == 0
    assert "to mend before publishing: function_now" in result.output


def test_the_municipality_can_be_named(library: World, run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    assert run("questions", "import", str(out), "--as", "fjell-plan", "--municipality", "fjell").exit_code == 0
    with models.db.obj.connection_context():
        assert QuestionSet.get(QuestionSet.key == "fjell-plan").municipality_id == library.fjell.id
    _refused(run("questions", "import", str(out), "--municipality", "nowhere"), "no municipality 'nowhere'")


def test_what_cannot_be_read_is_told_with_every_reason(library: World, run: Run, out: Path) -> None:
    out.write_text(json.dumps({"schema_version": 1, "key": "x", "kind": "nothing", "items": [{"id": 1}]}))
    before = _rows()
    result = run("questions", "import", str(out))
    assert result.exit_code == 1
    assert len(result.output.splitlines()) >= 4
    assert "Traceback" not in result.output
    assert _rows() == before


def test_what_is_not_there_is_one_line(library: World, run: Run, out: Path) -> None:
    _refused(run("questions", "export", "nope", "--format", "json", "--out", str(out)), "no question set 'nope'")
    _refused(
        run("questions", "export", KEY, "--format", "json", "--out", str(out), "--version", "7"), "has no version '7'"
    )
    _refused(run("questions", "export", KEY, "--format", "csv", "--out", str(out)), "'csv' is not one of", 2)
    _refused(run("questions", "import", str(out / "none")), "cannot read")


def test_a_key_that_is_not_one_is_refused(library: World, run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    _refused(run("questions", "import", str(out), "--as", "Ikke en nøkkel"), "key")


def test_without_a_municipality_there_is_nowhere_to_put_it(run: Run, out: Path) -> None:
    run("questions", "export", KEY, "--format", "json", "--out", str(out))
    _refused(run("questions", "import", str(out)), "there is no municipality yet")
