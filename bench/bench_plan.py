"""A plan of sixty questions: opening, autosave, saving a section, reviewing, finishing.

The peer for opening is what one would write by hand for one municipality: a fixed WTForms class with the same sixty
questions and a Jinja template, answers from one row of JSON; no login, no sealing, no trail, no sections. It is shown
whole (its natural shape) and for the six questions that one of our pages shows. Hard aim: as many queries to open an
empty plan as a full one. Run: python -m bench.bench_plan [rounds]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from wtforms import DateField, Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

import models
from bench.figures import Figure, Report, finish, median_ms, queries, take_turns
from bench.sixty import OPTIONS, SECTIONS, Page, answers, led_by, publish, start_draft
from bench.world import World, fill, fresh_database, logged_in, make_app
from models import Answer, Case, Plan

PEER_CASE = 200  # in the other municipality
TEMPLATE = """<!doctype html><html lang="nb"><head><title>Plan</title></head><body><h1>Plan</h1><form method="post">
{% for field in form %}<div class="question"><label for="{{ field.id }}">{{ field.label.text }}</label>
<p id="{{ field.id }}-help">{{ field.description }}</p><ul><li>Korte økter</li><li>Sitte mer</li></ul>
{{ field(class="form-control") }}{% for error in field.errors %}<p class="error">{{ error }}</p>{% endfor %}</div>
{% endfor %}<button type="submit">Lagre</button></form></body></html>"""


def peer_app() -> FlaskClient:
    """The hand-written form; its answers lie in a text column of a row that nothing else here reads."""
    app = Flask("peer", template_folder=None, static_folder=None)
    app.before_request(lambda: models.db.connect(reuse_if_open=True) and None)
    app.teardown_request(lambda error: models.db.close())
    whole, part = hand_written(range(SECTIONS)), hand_written(range(1))

    @app.route("/")
    def page() -> str:
        held = json.loads(Case.get_by_id(PEER_CASE).ordinary_tasks)
        form = (part if request.args.get("part") else whole)(data=held)
        return render_template_string(TEMPLATE, form=form)

    return app.test_client()


def hand_written(sections: range) -> type[Form]:
    fields: dict[str, Any] = {}
    for n in sections:
        help_text, label = "Skriv kort og konkret.", f"Hva passer best her (s{n})?"
        fields |= {
            f"s{n}_text": TextAreaField(label, [InputRequired(), Length(max=4000)], description=help_text),
            f"s{n}_string": StringField(label, [Length(max=4000)], description=help_text),
            f"s{n}_date": DateField(label, description=help_text),
            f"s{n}_yes": RadioField(label, choices=[("yes", "Ja"), ("no", "Nei")], description=help_text),
            f"s{n}_choice": RadioField(label, choices=OPTIONS, description=help_text),
            f"s{n}_many": SelectMultipleField(label, choices=OPTIONS, description=help_text),
        }
    return type("HandWritten", (Form,), fields)


def store_peer_answers() -> None:
    given = {f"s{n}_text": answers(n)[f"s{n}_text"] for n in range(SECTIONS)}
    Case.update(ordinary_tasks=json.dumps(given)).where(Case.id == PEER_CASE).execute()


def get(client: FlaskClient, address: str) -> Callable[[], str]:
    def call() -> str:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address} was answered {answer.status_code}"
        return answer.get_data(as_text=True)

    return call


def autosave(client: FlaskClient, address: str, question: str) -> Callable[[], None]:
    """One text changed, the whole section sent, as static/autosave.js does."""
    page, numbers = Page(client.get(address).get_data(as_text=True)), count()

    def call() -> None:
        page.put(f"q_{question}", f"Ryggen er bedre nå, gang {next(numbers)}. " * 6)
        answer = client.post(address, data=urlencode(page.fields), headers={"X-Requested-With": "fetch"},
                             content_type="application/x-www-form-urlencoded")  # fmt: skip
        told = answer.get_json()
        assert answer.status_code == 200, answer.status_code
        assert told["status"] == 200, told
        page.put(f"b_{question}", told["bases"][question])

    return call


def save_section(client: FlaskClient, address: str, n: int) -> Callable[[], None]:
    """The form's own button, with every text of the section changed, and the page that follows."""
    numbers = count()

    def call() -> None:
        page = Page(client.get(address).get_data(as_text=True))
        turn = next(numbers)
        page.put(f"q_s{n}_text", f"Gang {turn}. " * 20)
        page.put(f"q_s{n}_string", f"Gang {turn}")
        page.put(f"q_s{n}_date", f"2026-03-{turn % 28 + 1:02}")
        data = urlencode([*page.fields, ("go", "stay")])
        answer = client.post(address, data=data, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 303, answer.status_code

    return call


def finishing(client: FlaskClient, plans: list[Plan]) -> Callable[[], None]:
    """Another plan each time."""
    left: Iterator[Plan] = iter(plans)

    def call() -> None:
        plan = next(left)
        token = dict(Page(client.get(f"/admin/planer/edit/?id={plan.id}").get_data(as_text=True)).fields)["csrf_token"]
        answer = client.post("/admin/planer/finish/", data={"id": plan.id, "csrf_token": token})
        assert answer.status_code == 303, answer.status_code

    return call


def run(rounds: int = 15) -> Report:
    report = Report("A plan of 60 questions (peer: a hand-written WTForms form without login, sealing or trail)")
    with fresh_database() as url:
        with models.db.connection_context():
            world = fill(PEER_CASE)
            publish(world.storvik)
            drafts = make_drafts(world)
        _measure(report, url, drafts, rounds)
    return report


def make_drafts(world: World) -> list[Plan]:
    """An empty draft first, then full ones."""
    employees = led_by(world)
    drafts = [start_draft(world.leader, e, SECTIONS if number else 0) for number, e in enumerate(employees)]
    store_peer_answers()
    assert Answer.select().where(Answer.plan == drafts[1]).count() == 6 * SECTIONS
    return drafts


def _measure(report: Report, url: str, drafts: list[Plan], rounds: int) -> None:
    empty, full, *others = drafts
    client, peer = logged_in(make_app(url), "leder00"), peer_app()
    address = f"/admin/planer/edit/?id={full.id}&section=s4"
    opening = {
        "ours": get(client, address), "whole": get(peer, "/"), "part": get(peer, "/?part=1"),
        "empty": get(client, f"/admin/planer/edit/?id={empty.id}&section=s4"),
    }  # fmt: skip
    sent = {name: queries(call) for name, call in opening.items()}
    if sent["ours"] != sent["empty"]:
        report.failures.append(
            f"opening takes {sent['empty']} queries for an empty plan, {sent['ours']} for a full one"
        )
    ms = take_turns(opening, rounds)
    note = f"queries {sent['ours']} / {sent['whole']}"
    report.figures += [
        Figure("open one section of a full plan; peer: all 60", ms["ours"], ms["whole"], None, note),
        Figure("open one section of a full plan; peer: its 6", ms["ours"], ms["part"], None, note),
        Figure("open an empty plan", ms["empty"]),
    ]
    save = autosave(client, address, "s4_text")
    both = save_section(client, f"/admin/planer/edit/?id={full.id}&section=s5", 5)
    shown, review = ms["ours"], get(client, f"/admin/planer/review/?id={full.id}")
    report.figures += [
        Figure("autosave of one changed answer", median_ms(save, rounds), note=f"queries {queries(save)}"),
        Figure("save a section with its button", median_ms(both, rounds) - shown, note="less opening the page first"),
        Figure("review page", median_ms(review, rounds), note=f"queries {queries(review)}"),
        Figure("finish: freeze, PDF, store", median_ms(finishing(client, others), len(others) - 1) - shown,
               note=f"{len(others) - 1} rounds, less opening the page first"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(finish(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)))
