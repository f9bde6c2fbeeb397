"""A question set of sixty questions in ten sections, a draft plan on it, and its pages read as a browser reads them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from bench.world import World
from forms.definition import QuestionSetDefinition, parse
from models import Case, Employee, Municipality, Plan, QuestionSet, QuestionSetVersion, User, now
from services import access, plans

SECTIONS = 10
KEY = "sixty"
OPTIONS = [("a", "Lettere oppgaver"), ("b", "Kortere dager"), ("c", "Hjemmekontor"), ("d", "Annet")]


def both(text: str) -> dict[str, str]:
    return {"nb": text, "nn": text}


def definition() -> QuestionSetDefinition:
    """Ten sections with a text, a line, a date, yes or no, a choice with a comment and ticks; some rules among them."""
    return parse({
        "schema_version": 1, "key": KEY, "version": 1, "kind": "plan", "languages": ["nb", "nn"],
        "title": both("Seksti spørsmål"), "items": [section(n) for n in range(SECTIONS)],
    })  # fmt: skip


def section(n: int) -> dict[str, Any]:
    options = [{"code": code, "text": both(text)} for code, text in OPTIONS]
    comment = [*options[:-1], {**options[-1], "comment": "text"}]
    asked = {"answered": f"s{n}_yes"}
    return {
        "id": f"s{n}", "type": "group", "text": both(f"Del {n + 1}"), "help": both("Snakk om dette sammen."),
        "items": [
            _item(f"s{n}_text", "text", required=True, law_part="assessment" if n == 0 else None),
            _item(f"s{n}_string", "string"),
            _item(f"s{n}_date", "date", required="recommended"),
            _item(f"s{n}_yes", "boolean", required=True),
            _item(f"s{n}_choice", "choice", options=comment, visible_if=asked),
            _item(f"s{n}_many", "multichoice", options=options, required={"if": asked}),
        ],
    }  # fmt: skip


def _item(name: str, kind: str, **more: Any) -> dict[str, Any]:
    texts = {"text": both(f"Hva passer best her ({name})?"), "help": both("Skriv kort og konkret.")}
    return {"id": name, "type": kind, **texts, "examples": [both("Korte økter"), both("Sitte mer")], **more}


def answers(n: int) -> dict[str, Any]:
    """An answer to each question of section `n`."""
    return {
        f"s{n}_text": "Ryggen tåler to timer stående arbeid om gangen. " * 6, f"s{n}_string": "Kari Berg, Ola Åsen",
        f"s{n}_date": "2026-03-05", f"s{n}_yes": True, f"s{n}_choice": {"code": "d", "comments": {"d": "Bytte vakter"}},
        f"s{n}_many": {"codes": ["a", "c"], "comments": {}},
    }  # fmt: skip


def publish(place: Municipality) -> None:
    """Make the set the municipality's own."""
    made = definition()
    question_set = QuestionSet.create(municipality=place, key=KEY, kind="plan", title="Seksti spørsmål", shipped=False)
    QuestionSetVersion.create(
        municipality=place, question_set=question_set, number=1, sha256=made.sha256(), published_at=now(),
        definition=made.model_dump_json(exclude_defaults=True),
    )  # fmt: skip
    Municipality.update(standard_set=KEY).where(Municipality.id == place.id).execute()


def start_draft(leader: User, employee_id: int, filled: int = 0) -> Plan:
    """A draft on the newest set for the employee's case, with the first `filled` sections answered."""
    actor = access.load_actor(leader.id)
    assert actor is not None
    plan = plans.start_plan(actor, Case.get(Case.employee == employee_id).id)
    for n in range(filled):
        plans.save_answers(actor, plan.id, answers(n), {})
    return plan


def led_by(world: World) -> list[int]:
    """Employees of the first leader whose case is open."""
    rows = Case.select(Case.employee).join(Employee).where(Case.status == "open", Case.employee <= 24)
    return [row.employee_id for row in rows if row.employee_id % 2 == 1]


class Page(HTMLParser):
    """The form of an edit page, with what a browser would send if nothing was touched."""

    def __init__(self, html: str, form: str = "plan-form") -> None:
        super().__init__()
        self._form = form
        self.fields: list[tuple[str, str]] = []
        self._inside, self._area = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == self._form
        name = given.get("name", "")
        if not self._inside or not name or tag not in ("input", "textarea"):
            return
        if tag == "textarea":
            self._area = name
            self.fields.append((name, ""))
        elif given.get("type") not in ("checkbox", "radio") or "checked" in given:
            self.fields.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, text = self.fields.pop()
            self.fields.append((name, (text + data).removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._inside = False

    def put(self, name: str, value: str) -> None:
        """As if typed: the field keeps its place."""
        assert any(key == name for key, _old in self.fields), f"the page has no field {name}"
        self.fields = [(key, value if key == name else old) for key, old in self.fields]
