"""The builder of question sets at 20 and 200 items: one text changed, a row moved, a question added, a page opened.

Ours stores only what changed, three-way against what the writer saw, with a step to undo and one event in the trail, checks
the whole set for faults and answers with the pieces of the page that changed. The peer is stock Flask-Admin saving the
form of one row that holds the same set as text: no login, no check, no history, and the page is still to be fetched.
Hard aim: as many queries at 200 items as at 20. Aim: an edit under 100 ms. Run: python -m bench.bench_builder [rounds]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.contrib.peewee import ModelView
from flask_babel import Babel

import models
from bench.figures import Figure, Report, finish, queries
from bench.sixty import OPTIONS, Page, both
from bench.world import PASSWORD, fresh_database, logged_in, make_app, make_user
from forms.definition import QuestionSetDefinition, parse
from models import Municipality, QuestionSet, QuestionSetVersion, SetDraft, now
from services import passwords

SIZES = (20, 200)
GROUPS = 4
LIMIT = 100  # ms
TYPES = ("text", "boolean", "choice", "date")


def definition(items: int) -> QuestionSetDefinition:
    """So many items in four groups; every fifth is shown when the one before it is answered."""
    return parse({
        "schema_version": 1, "key": "large", "version": 1, "kind": "plan", "languages": ["nb", "nn"],
        "title": both("Stort skjema"), "items": [_group(n, items // GROUPS - 1) for n in range(GROUPS)],
    })  # fmt: skip


def _group(n: int, questions: int) -> dict[str, Any]:
    return {"id": f"g{n}", "type": "group", "text": both(f"Del {n}"), "items": [_item(n, k) for k in range(questions)]}


def _item(n: int, k: int) -> dict[str, Any]:
    kind = TYPES[k % len(TYPES)]
    more: dict[str, Any] = {"visible_if": {"answered": f"q{n}_{k - 1}"}} if k % 5 == 1 else {}
    if kind == "choice":
        more["options"] = [{"code": code, "text": both(text)} for code, text in OPTIONS]
    return {
        "id": f"q{n}_{k}",
        "type": kind,
        "text": both(f"Spørsmål {k} om arbeidet?"),
        "help": both("Skriv kort."),
        **more,
    }


class Writer:
    """An administrator with the builder open, as static/builder.js has it."""

    def __init__(self, client: FlaskClient, set_id: int, item: str) -> None:
        self.client, self.address = client, f"/admin/skjema/bygg/?id={set_id}&item={item}"
        self.fields = dict(Page(self.open(), "panel-form").fields)
        self.revision, self.mark, self.turn = 0, self.fields["text.nb__base"], count()

    def open(self) -> str:
        answer = self.client.get(self.address)
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True)

    def send(self, verb: str, **fields: str) -> dict[str, Any]:
        sent = {"csrf_token": self.fields["csrf_token"], "do": verb, "revision": self.revision, **fields}
        answer = self.client.post(self.address, data=sent, headers={"X-Requested-With": "fetch"})
        told: dict[str, Any] = answer.get_json()
        assert answer.status_code == 200, answer.status_code
        assert not told["refused"], told["refused"]
        assert not told["held"], told
        self.revision = told["revision"]
        return told

    def write(self) -> None:
        text = f"Hva er det viktigste nå, gang {next(self.turn)}?"
        self.mark = self.send("save", **{"text.nb": text, "text.nb__base": self.mark})["marks"]["text.nb"]

    def move(self) -> None:
        self.send("down" if next(self.turn) % 2 else "up")

    def add(self) -> None:
        self.send("add:choice")

    def take_back(self) -> None:
        """Outside the time taken, so that the set keeps its size."""
        self.send("undo")


def stock_app(items: int) -> Callable[[], None]:
    """Flask-Admin alone: the form of one row with the whole set as text, saved with a small change in it."""
    app = Flask("stock", template_folder=None, static_folder=None)  # not our templates
    app.secret_key = "stock"
    Babel(app)
    app.before_request(lambda: models.db.connect(reuse_if_open=True) and None)
    app.teardown_request(lambda error: models.db.close())
    view = type("StockView", (ModelView,), {"form_columns": ("definition",)})
    Admin(app, name="Stock").add_view(view(SetDraft, name="Kladd", endpoint="draft"))
    client, text, turn = app.test_client(), definition(items).model_dump_json(exclude_defaults=True), count()
    with models.db.connection_context():
        row = SetDraft.get(SetDraft.question_set == QuestionSet.get(QuestionSet.key == "peer"))

    def save() -> None:
        answer = client.post(
            f"/admin/draft/edit/?id={row.id}", data={"definition": text.replace("Del 0", f"Del {next(turn)}")}
        )
        assert answer.status_code == 302, answer.status_code

    return save


def prepare(items: int) -> int:
    """An administrator and a published set; its id. The peer gets a draft of its own."""
    hashed = passwords.hash_password(PASSWORD)
    with models.db.atomic():
        place = Municipality.create(name="Storvik", slug="storvik", org_number="123456785")
        make_user(place, "bygger", "administrator", hashed)
        made = definition(items)
        row = QuestionSet.create(municipality=place, key="large", kind="plan", title="Stort skjema", base="large")
        text = made.model_dump_json(exclude_defaults=True)
        QuestionSetVersion.create(
            municipality=place, question_set=row, number=1, definition=text, base_definition=text, sha256=made.sha256(),
            published_at=now(),
        )  # fmt: skip
        peer = QuestionSet.create(municipality=place, key="peer", kind="plan", title="Stort skjema")
        SetDraft.create(municipality=place, question_set=peer, definition=text)
    return int(row.id)


def run(rounds: int = 15, sizes: tuple[int, ...] = SIZES) -> Report:
    report = Report("Builder of question sets (peer: stock Flask-Admin saves one row that holds the set as text)")
    counts: dict[str, list[int]] = {}
    for items in sizes:
        with fresh_database() as url:
            with models.db.connection_context():
                set_id = prepare(items)
            writer = Writer(logged_in(make_app(url), "bygger"), set_id, "q2_1")
            writer.write()  # makes the draft
            stock = stock_app(items)
            for name, call, after in [
                ("change a text", writer.write, None), ("move a question", writer.move, None),
                ("add a question", writer.add, writer.take_back), ("open the page", writer.open, None),
            ]:  # fmt: skip
                times = take_turns_with({"ours": (call, after), "stock": (stock, None)}, rounds)
                sent = queries(call)
                for _ in range(2 if after else 0):  # so many times `queries` called
                    after()
                counts.setdefault(name, []).append(sent)
                _note(report, f"{items} items: {name}", times, sent)
    report.failures = [
        f"queries of {name!r} are not constant over {sizes} items: {found}"
        for name, found in counts.items()
        if len(set(found)) > 1
    ]
    return report


def take_turns_with(
    calls: Mapping[str, tuple[Callable[[], object], Callable[[], object] | None]], rounds: int
) -> dict[str, list[float]]:
    """As figures.take_turns, with every time, and a step after each call that is not timed."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, (call, after) in calls.items():
            start = time.perf_counter()
            call()
            if number:
                times[name].append((time.perf_counter() - start) * 1000)
            if after:
                after()
    return times


def _note(report: Report, what: str, times: Mapping[str, list[float]], sent: int) -> None:
    ours, stock = statistics.median(times["ours"]), statistics.median(times["stock"])
    worst = statistics.quantiles(times["ours"], n=20, method="inclusive")[18]
    slow = f", MISSED: over {LIMIT} ms" if ours > LIMIT else ""
    report.figures.append(Figure(what, ours, stock, None, f"p95 {worst:.0f} ms, queries {sent}{slow}"))


if __name__ == "__main__":
    sys.exit(finish(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)))
