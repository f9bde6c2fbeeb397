"""Every command: what it prints, what it leaves behind, and one line with the right exit code when it cannot."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import peewee as pw
import pytest
from click.testing import Result
from flask import Flask

import models
from admin import cli, cli_check, cli_questions
from admin.cli import init_cli
from config import Settings
from forms.definition import Fault
from forms.library import letter_keys, shipped_file, shipped_keys, steps_keys
from forms.texts import Note
from models import AuditEvent, Employee, Municipality, Plan, QuestionSet, User, UserRole
from models.sealing import BadSeal
from services import access, database, demo, passwords, plans, printing
from tests.world import DATA_KEYS, INDEX_KEY, World

Run = Callable[..., Result]
GOOD_PASSWORD = "trygg-mango-lampe-9"


def _runner(settings: Settings) -> Run:
    """Runs `flask …` on an application that has the command line and nothing else."""
    app = Flask("attende_cli")
    app.config["SETTINGS"] = settings
    init_cli(app)
    return lambda *words, **more: app.test_cli_runner().invoke(args=list(words), **more)


@pytest.fixture
def run(db: pw.Database, settings: Settings) -> Run:
    db.close()  # commands open and close it themselves
    return _runner(settings)


@pytest.fixture
def in_production(db: pw.Database, settings: Settings) -> Run:
    return _runner(dataclasses.replace(settings, env="production"))


@pytest.fixture
def unmigrated(settings: Settings, tmp_path: Path) -> Iterator[Run]:
    opened = database.initialize(f"sqlite:///{tmp_path / 'bare.db'}")
    yield _runner(settings)
    opened.close()


def _refused(result: Result, words: str, code: int = 1) -> None:
    """One line, no traceback."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert words in result.output
    lines = [line for line in result.output.splitlines() if line.strip()]
    assert code == 2 or len([line for line in lines if line.startswith("Error:")]) == 1


def _rows() -> dict[str, int]:
    with models.db.obj.connection_context():
        return {model.__name__: model.select().count() for model in models.TABLES}


# --- database -------------------------------------------------------------------------------------------------------


def test_upgrade_applies_what_is_waiting_once(unmigrated: Run) -> None:
    waiting = unmigrated("db", "status")
    assert waiting.exit_code == 1
    assert "waiting 0001_initial" in waiting.output
    assert "applied 0001_initial" in unmigrated("db", "upgrade").output
    assert unmigrated("db", "upgrade").output == "nothing to apply\n"
    done = unmigrated("db", "status")
    assert (done.exit_code, "waiting" in done.output) == (0, False)


@pytest.mark.parametrize(
    "command",
    [
        ("demo", "seed"),
        ("users", "add", "nils", "--name", "Nils", "--municipality", "x", "--role", "hr", "--password-stdin"),
        ("municipalities", "add", "Prøve", "--slug", "prove", "--org-number", "123456785"),
        ("plans", "print", "1", "--out", "x.pdf"),
    ],
)
def test_a_database_that_is_not_migrated_is_told(unmigrated: Run, command: tuple[str, ...]) -> None:
    _refused(unmigrated(*command), "run: flask --app app db upgrade")


def test_a_file_that_is_no_database_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is not a database, and long enough to be read as one" * 20)
    database.initialize(f"sqlite:///{tmp_path / 'broken.db'}")
    for command in (("db", "status"), ("db", "upgrade"), ("demo", "seed")):
        _refused(_runner(settings)(*command), "the database does not answer as it should (DatabaseError)")
    checked = _runner(settings)("check")
    assert checked.exit_code == 1
    assert checked.output.count("FAIL") >= 2


def test_commands_leave_the_database_closed(run: Run) -> None:
    run("db", "status")
    run("users", "add", "x", "--name", "X", "--municipality", "nowhere", "--role", "hr", "--password-stdin")
    assert models.db.obj.is_closed()


# --- demo -----------------------------------------------------------------------------------------------------------


def test_seed_prints_the_logins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(demo, "seed", lambda if_empty: asked.append(if_empty) or list(demo.LOGINS))
    result = run("demo", "seed", "--if-empty")
    assert (result.exit_code, asked) == (0, [True])
    assert all(login.username in result.output and login.name in result.output for login in demo.LOGINS)
    assert demo.LOGINS[0].password in result.output


def test_seed_is_refused_on_a_database_in_use(world: World, run: Run) -> None:
    before = _rows()
    _refused(run("demo", "seed"), "the database is not empty")
    assert run("demo", "seed", "--if-empty").exit_code == 0
    assert _rows() == before


@pytest.mark.parametrize("command", ["seed", "reset"])
def test_the_demo_is_refused_in_production(in_production: Run, command: str) -> None:
    more = ["--yes"] if command == "reset" else []
    _refused(in_production("demo", command, *more), "not for production")


def test_reset_asks_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(demo, "reset", lambda *, allowed: done.append(allowed) or list(demo.LOGINS))
    assert run("demo", "reset", input="n\n").exit_code == 1
    assert done == []
    assert run("demo", "reset", input="y\n").exit_code == 0
    assert run("demo", "reset", "--yes").exit_code == 0
    assert done == [True, True]


# --- municipalities and users ---------------------------------------------------------------------------------------


def test_upgrade_gives_municipalities_what_is_new_in_the_library(run: Run, db: pw.Database) -> None:
    with models.db.obj.connection_context():
        Municipality.create(name="Tomrom", slug="tomrom", org_number="123456785", language="nb")
    assert run("db", "upgrade").output.startswith("tomrom: added avtale-tre-deler, ")
    with models.db.obj.connection_context():
        assert QuestionSet.select().count() == len({*shipped_keys(), *letter_keys(), *steps_keys()})
    assert run("db", "upgrade").output == "nothing to apply\n"


def test_a_municipality_is_added_with_every_set(run: Run) -> None:
    words = ["Sørfjord kommune", "--slug", "sorfjord", "--org-number", "123 456 785", "--language", "nn"]
    assert run("municipalities", "add", *words).output == "added sorfjord: Sørfjord kommune\n"
    with models.db.obj.connection_context():
        added = Municipality.get(Municipality.slug == "sorfjord")
        assert (added.name, added.org_number, added.language) == ("Sørfjord kommune", "123456785", "nn")
        assert {s.key for s in QuestionSet.select().where(QuestionSet.municipality == added)} == {
            *shipped_keys(),
            *letter_keys(),
            *steps_keys(),
        }


@pytest.mark.parametrize(
    ("name", "slug", "number", "field"),
    [
        ("Prøve", "prove", "123456784", "org_number"),
        ("Prøve", "prove", "tull", "org_number"),
        ("Prøve", "Prøve!", "123456785", "slug"),
        ("Prøve", "storvik", "123456785", "slug"),
        ("  ", "prove", "123456785", "name"),
    ],
)
def test_a_municipality_that_is_wrong_is_refused(
    world: World, run: Run, name: str, slug: str, number: str, field: str
) -> None:
    before = _rows()
    _refused(run("municipalities", "add", name, "--slug", slug, "--org-number", number), f"{field}: ")
    assert _rows() == before


def test_an_unknown_language_is_refused(run: Run) -> None:
    words = ["Prøve", "--slug", "prove", "--org-number", "123456785", "--language", "da"]
    _refused(run("municipalities", "add", *words), "'da' is not one of", 2)


def _add_user(run: Run, *more: str, **extra: str) -> Result:
    return run("users", "add", "nils", "--name", "Nils Ny", "--municipality", "storvik", *more, **extra)


def test_a_user_is_added_from_standard_input(world: World, run: Run) -> None:
    words = ["--role", "hr", "--role", "leader", "--password-stdin"]
    result = _add_user(run, *words, input=GOOD_PASSWORD + "\n")
    assert (result.exit_code, result.output) == (0, "added nils: hr, leader\n")
    with models.db.obj.connection_context():
        user = User.get(User.username == "nils")
        assert passwords.verify(user.password_hash, GOOD_PASSWORD)
        assert user.municipality_id == world.storvik.id
        assert {row.role for row in UserRole.select().where(UserRole.user == user)} == {"hr", "leader"}
        event = AuditEvent.get(AuditEvent.tag == "user:created", AuditEvent.subject_id == user.id)
        assert (event.actor_id, event.municipality_id) == (None, world.storvik.id)


def test_a_password_is_asked_for_twice_and_not_shown(world: World, run: Run) -> None:
    result = _add_user(run, "--role", "hr", input=f"{GOOD_PASSWORD}\n{GOOD_PASSWORD}\n")
    assert result.exit_code == 0
    assert GOOD_PASSWORD not in result.output


@pytest.mark.parametrize("password", ["kort", "", "storvik kommune 1", "passordpassord"])
def test_a_weak_password_is_refused_and_not_repeated(world: World, run: Run, password: str) -> None:
    result = _add_user(run, "--role", "hr", "--password-stdin", input=password + "\n")
    _refused(result, "password: ")
    assert not password or password not in result.output


def test_a_username_that_is_taken_is_refused(world: World, run: Run) -> None:
    words = ["--name", "K", "--municipality", "storvik", "--role", "hr", "--password-stdin"]
    _refused(run("users", "add", "kari", *words, input=GOOD_PASSWORD), "username: ")


def test_an_unknown_municipality_names_those_there_are(world: World, run: Run) -> None:
    words = ["--name", "N", "--municipality", "nowhere", "--role", "hr", "--password-stdin"]
    _refused(run("users", "add", "nils", *words, input=GOOD_PASSWORD), "there are: fjell, storvik")


def test_without_municipalities_it_says_so(run: Run) -> None:
    _refused(_add_user(run, "--role", "hr", "--password-stdin", input=GOOD_PASSWORD), "none, add one first")


def test_an_unknown_role_is_refused(world: World, run: Run) -> None:
    _refused(_add_user(run, "--role", "king", "--password-stdin"), "'king' is not one of", 2)


# --- question sets --------------------------------------------------------------------------------------------------


@pytest.fixture
def without_database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(cli.models.db, "obj", None)
    return _runner(settings)


def test_the_list_has_every_set(without_database: Run) -> None:
    result = without_database("questions", "list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == shipped_keys()


@pytest.mark.parametrize("key", shipped_keys())
def test_a_shipped_file_is_good(without_database: Run, key: str) -> None:
    result = without_database("questions", "check", str(shipped_file(key)))
    assert (result.exit_code, result.output) == (0, "OK\n")


def test_every_fault_is_told_on_a_line(without_database: Run, tmp_path: Path) -> None:
    broken = json.loads(shipped_file("avtale-tre-deler").read_text(encoding="utf-8"))
    broken["items"][0]["id"] = "Not Good"
    broken["items"][1]["nav_field"] = "nothing"
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken), encoding="utf-8")
    result = without_database("questions", "check", str(file))
    assert result.exit_code == 1
    assert len(result.output.splitlines()) >= 2
    assert any(line.startswith("Not Good: id: ") for line in result.output.splitlines())
    assert f"{broken['items'][1]['id']}: nav_field: 'nothing' is not a field of Nav's API\n" in result.output


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"key": 1}'])
def test_what_is_no_definition_is_told(without_database: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)
    result = without_database("questions", "check", str(file))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert all(line.count(": ") >= 2 for line in result.output.splitlines())


def test_a_missing_file_is_told(without_database: Run, tmp_path: Path) -> None:
    _refused(without_database("questions", "check", str(tmp_path / "none.json")), "No such file")
    _refused(without_database("questions", "check", str(tmp_path)), "cannot read")


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("key", shipped_keys())
def test_a_set_is_shown_whole(without_database: Run, key: str, language: str) -> None:
    from forms.definition import say
    from forms.library import load_shipped

    result = without_database("questions", "show", key, "--lang", language)
    assert result.exit_code == 0
    shown = "".join(result.output.split())
    definition = load_shipped(key)
    texts = [definition.title, definition.subtitle]
    for item in definition.walk():
        texts += [item.text, item.help, item.copies_to, *item.examples]
        for part in (*item.options, *item.facts, *item.columns, *item.rows, *item.signers):
            texts.append(part.text)
    lacking = [t for text in texts if (t := say(text, language)) and "".join(t.split()) not in shown]
    lacking = [t for t in lacking if not all("".join(p.split()) in shown for p in t.split("\n"))]
    assert lacking == []


def test_an_unknown_set_names_those_there_are(without_database: Run, tmp_path: Path) -> None:
    _refused(without_database("questions", "show", "../nordre-land-iop"), "avtale-tre-deler, ")
    out = str(tmp_path / "x.pdf")
    _refused(without_database("questions", "print", "nope", "--blank", "--out", out), "no question set 'nope'")


def test_a_language_the_set_lacks_is_refused(without_database: Run) -> None:
    _refused(without_database("questions", "show", "nordre-land-iop", "--lang", "se"), "it is in: nb, nn")
    _refused(without_database("questions", "show", "nordre-land-iop", "--lang", "xx"), "'xx' is not one of", 2)


def test_a_damaged_shipped_set_is_told(without_database: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(key: str) -> None:
        raise cli_questions.BadDefinition([Fault("", "file", Note("is bad"))])

    monkeypatch.setattr(cli_questions, "load_shipped", damaged)
    _refused(without_database("questions", "show", "nordre-land-iop"), "nordre-land-iop is damaged")


def test_a_blank_form_is_printed(without_database: Run, tmp_path: Path) -> None:
    out = tmp_path / "blank.pdf"
    words = ["questions", "print", "avtale-tre-deler", "--blank", "--lang", "nn", "--out", str(out)]
    result = without_database(*words)
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert str(out.stat().st_size) in result.output


def test_a_file_that_cannot_be_written_is_told(without_database: Run, tmp_path: Path) -> None:
    words = ["questions", "print", "notteroy-samtykke", "--blank", "--out", str(tmp_path / "no" / "x.pdf")]
    _refused(without_database(*words), "cannot write")


def test_what_cannot_be_printed_is_told(without_database: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise printing.PrintRefused("warning")

    monkeypatch.setattr(printing, "render_sheet", refuse)
    words = ["questions", "print", "notteroy-samtykke", "--blank", "--out", str(tmp_path / "x.pdf")]
    _refused(without_database(*words), "could not be printed (warning)")


# --- plans ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(library: World) -> Plan:
    actor = access.load_actor(library.kari.id)
    assert actor is not None
    return plans.start_plan(actor, library.per_case.id)


def test_a_plan_is_printed_and_leaves_a_trail(draft: Plan, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "plan.pdf"
    assert run("plans", "print", str(draft.id), "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF-")
    with models.db.obj.connection_context():
        event = AuditEvent.get(AuditEvent.tag == "plan:printed", AuditEvent.subject_id == draft.id)
        assert event.actor_id is None


def test_a_plan_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    _refused(run("plans", "print", "7", "--out", str(tmp_path / "x.pdf")), "no plan 7")
    _refused(run("plans", "print", "seven", "--out", str(tmp_path / "x.pdf")), "not a valid integer", 2)


def test_a_plan_that_the_keys_do_not_open_is_told(
    draft: Plan, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> bytes:
        raise BadSeal

    monkeypatch.setattr(cli.operators, "print_plan", damaged)
    _refused(run("plans", "print", str(draft.id), "--out", str(tmp_path / "x.pdf")), "do not open this plan")


# --- check ----------------------------------------------------------------------------------------------------------


def _findings(result: Result) -> dict[str, str]:
    """ok or FAIL by name."""
    return {line[5:].partition(":")[0]: line[:4].strip() for line in result.output.splitlines()}


@pytest.fixture
def catalogues(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Catalogues of a folder of the test's own: the project's are made by make."""
    folder = tmp_path / "catalogues"
    for language in ("nn", "en"):
        place = folder / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        (place / "messages.po").touch()
        (place / "messages.mo").touch()
    monkeypatch.setattr(cli_check, "CATALOGUES", folder)
    return folder


@pytest.mark.usefixtures("catalogues")
def test_a_whole_installation_is_ok(world: World, run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0, result.output
    assert set(_findings(result).values()) == {"ok"}
    assert list(_findings(result)) == ["configuration", "migrations", "keys", "fonts", "catalogues", "disk"]
    assert DATA_KEYS not in result.output
    assert models.db.obj.is_closed()


@pytest.mark.usefixtures("catalogues")
def test_an_empty_installation_is_ok(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, "nothing is stored yet" in result.output) == (0, True)


def test_waiting_migrations_fail(unmigrated: Run) -> None:
    result = unmigrated("check")
    assert (result.exit_code, _findings(result)["migrations"]) == (1, "FAIL")


def test_a_wrong_key_fails(world: World, run: Run) -> None:
    other = "test1:" + DATA_KEYS.partition(":")[2][::-1].replace("=", "") + "="
    with models.db.obj.connection_context():
        assert Employee.select().exists()
    try:
        models.keyring.load(other, INDEX_KEY)
        result = run("check")
    finally:
        models.keyring.load(DATA_KEYS, INDEX_KEY)
    assert (result.exit_code, _findings(result)["keys"]) == (1, "FAIL")


def test_catalogues_that_are_not_compiled_fail(run: Run, catalogues: Path) -> None:
    (catalogues / "nn" / "LC_MESSAGES" / "messages.mo").unlink()
    assert _findings(run("check"))["catalogues"] == "FAIL"


def test_catalogues_that_are_not_there_fail(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_check, "CATALOGUES", tmp_path / "none")
    assert _findings(run("check"))["catalogues"] == "FAIL"


def test_lacking_fonts_fail(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "BOLD", tmp_path / "none.ttf")
    assert _findings(run("check"))["fonts"] == "FAIL"
    monkeypatch.undo()
    monkeypatch.setattr(printing, "printable", lambda text: text.replace("ŋ", "◊"))
    assert _findings(run("check"))["fonts"] == "FAIL"


def test_a_full_disk_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_check, "LEAST_FREE", 10**12)
    assert _findings(run("check"))["disk"] == "FAIL"


def test_the_application_has_the_commands(app: Flask) -> None:
    assert {"db", "demo", "users", "municipalities", "questions", "plans", "check"} <= set(app.cli.commands)
