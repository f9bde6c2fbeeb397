"""The question-set format: strict models of what a set can say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from forms.texts import Note, translator

LANGUAGES = ("nb", "nn", "en", "se")

Texts = dict[Literal["nb", "nn", "en", "se"], str]
Condition = dict[str, Any] | bool
ItemType = Literal[
    "group",  # a section or a box; holds items
    "info",  # text only
    "facts",  # heading block from the case
    "text",  # several lines
    "string",  # one line
    "integer",
    "date",
    "time",
    "boolean",  # yes / no / not answered
    "choice",
    "multichoice",
    "table",  # rows added by the user, `columns` given
    "checklist",  # fixed `rows`, columns done / signed / sent
    "measures",  # the case's measures
    "contact_log",  # the case's contact log
    "absence",  # the case's absence periods
    "calculated",  # read only, from `calculate`
    "signatures",
]
ANSWERABLE = {"text", "string", "integer", "date", "time", "boolean", "choice", "multichoice", "table", "checklist"}
FACTS = (
    "employee.name", "employee.national_id", "employee.resource_number", "employee.address", "employee.postal",
    "employee.phone_private", "employee.phone_work", "employee.position", "employee.position_percent",
    "employee.nav_office", "employee.certifier", "municipality.name", "municipality.org_number", "unit.name",
    "unit.phone", "leader.name", "leader.phone", "case.first_day", "case.grade", "case.sick_pay_end",
    "case.ordinary_tasks", "case.period", "plan.kind", "meeting.number", "meeting.date", "meeting.time",
    "meeting.place", "meeting.present",
)  # fmt: skip
# Columns of the tables that show rows of the case.
BOUND_COLUMNS = {
    "measures": ("what", "kind", "responsible", "deadline", "status", "effect"),
    "contact_log": ("date", "kind", "participants", "text", "result"),
    "absence": ("from", "to", "grade"),
}
CALCULATIONS = ("weeks_after_first_day", "sick_pay_end", "previous_contact", "evaluation_date")
LAW_PARTS = ("assessment", "employer_measures", "public_measures", "follow_up")
NAV_FIELDS = (
    "typicalWorkday", "tasksThatCanStillBeDone", "tasksThatCanNotBeDone", "previousFacilitation",
    "plannedFacilitation", "otherFacilitationOptions", "followUp", "evaluationDate",
    "employeeHasContributedToPlan", "employeeHasNotContributedToPlanDescription", "additionalInformation",
)  # fmt: skip


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=20_000)


class Option(Strict):
    code: str
    text: Texts
    comment: Literal["text", "date"] | None = None  # opens a field of its own when ticked
    retired: bool = False
    dead_term: bool = False  # a term no longer in use, kept since the paper form has it


class Column(Strict):
    id: str
    type: Literal["string", "text", "date", "integer"]
    text: Texts
    width: int = Field(default=1, ge=1, le=12)


class Row(Strict):
    """A fixed row of a checklist."""

    id: str
    when: Texts
    text: Texts
    milestone: str | None = None
    repealed: bool = False


class Repeat(Strict):
    min: int = Field(default=0, ge=0, le=50)
    max: int = Field(default=20, ge=1, le=50)
    blank_rows: int = Field(default=3, ge=0, le=30)  # printed when the form is blank


class Fact(Strict):
    source: str
    text: Texts
    width: int = Field(default=1, ge=1, le=4)  # of the grid's columns


class Signer(Strict):
    role: Literal["employer", "employee", "doctor", "assistant"]
    text: Texts
    required: bool = True


class Print(Strict):
    layout: Literal["side", "stack", "inline"] = "stack"  # side: question left, answer right
    blank_lines: int = Field(default=3, ge=0, le=40)
    option_columns: int = Field(default=1, ge=1, le=4)
    grid_columns: int = Field(default=2, ge=1, le=4)
    keep_together: bool = False
    hide_if_empty: bool = False
    show: Literal["both", "screen", "paper"] = "both"


class Constraint(Strict):
    expr: Condition
    message: Texts


class Item(Strict):
    id: str
    type: ItemType
    text: Texts = {}
    help: Texts = {}
    examples: tuple[Texts, ...] = ()  # bullets under the question
    visible_if: Condition | None = None
    required: bool | Literal["recommended"] | dict[str, Any] = False
    constraints: tuple[Constraint, ...] = ()
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    facts: tuple[Fact, ...] = ()
    signers: tuple[Signer, ...] = ()
    copies_to: Texts = {}  # signatures: "kopi sendes til"
    repeat: Repeat = Repeat()
    min: int | None = None
    max: int | None = None
    unit: Texts = {}  # after a number: %
    max_length: int = Field(default=4000, ge=1, le=20_000)
    calculate: dict[str, Any] | None = None  # {"rule": one of CALCULATIONS, "weeks": n}
    carry: bool = True  # answer is offered in the next plan
    law_part: Literal["assessment", "employer_measures", "public_measures", "follow_up"] | None = None
    nav_field: str | None = None
    print: Print = Print()
    locked: bool = False  # the law demands it: may be reworded and explained, not hidden or loosened
    hidden: bool = False  # neither asked nor printed, but its id stays taken
    sensitivity: Literal["normal", "health", "identifier"] = "normal"
    items: tuple[Item, ...] = ()


class Paper(Strict):
    """Head of every printed page, as the paper form has it."""

    head: Texts = {}
    made_by: Texts = {}
    approved_by: Texts = {}
    revised: str = ""


class QuestionSetDefinition(Strict):
    schema_version: Literal[1]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
    version: int = Field(ge=1)
    kind: Literal["plan", "checklist", "minutes", "consent", "preparation"]
    languages: tuple[Literal["nb", "nn", "en", "se"], ...]
    title: Texts
    subtitle: Texts = {}
    description: Texts = {}  # for the administrator who chooses a set
    source: str = ""  # which paper form it is faithful to
    paper: Paper = Paper()
    items: tuple[Item, ...]

    def walk(self) -> Iterator[Item]:
        """Every item, groups before their content, in the order of the form."""
        yield from walk(self.items)

    def find(self, item_id: str) -> Item | None:
        return next((item for item in self.walk() if item.id == item_id), None)

    def questions(self) -> list[Item]:
        """The items that take an answer."""
        return [item for item in self.walk() if item.type in ANSWERABLE]

    def sha256(self) -> str:
        """Hash of the canonical JSON."""
        return hashlib.sha256(canonical(self.model_dump(mode="json")).encode()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """What is wrong, where: item id ("" for the set), property (`fault_words.property_name` says it), and why.

    Administrators read `why` in their language; `str(fault)` is English, for operators."""

    item: str
    property: str
    why: Note

    def __str__(self) -> str:
        return f"{self.item or '(set)'}: {self.property}: {self.why.say(translator('en'))}"


class BadDefinition(Exception):
    """A definition that is refused; `faults` holds all of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} fault(s)")
        self.faults = faults


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from walk(item.items)


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spare space: the same data gives the same text."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def say(texts: Texts, language: str) -> str:
    """The text in `language`, else bokmål, else any, else empty."""
    return texts.get(language) or texts.get("nb") or next(iter(texts.values()), "")  # type: ignore[call-overload, no-any-return]
