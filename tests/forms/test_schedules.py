"""Every row of the statutory schedule and of the two municipal ones: what it is, and which date it gets."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from forms.definition import say
from forms.library import letter_keys, load_shipped, load_steps, shipped_keys
from services import absence, deadlines
from services.steps import rules_of

FIRST = dt.date(2026, 1, 5)  # a Monday
READY = FIRST + dt.timedelta(days=28)  # the plan
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
# code | when the paper says | days, counted from | who | done by | letters, form | on, or off as repealed | date
LAW = """
contact      |  |    7 first_day    | leader | contact    |  |  on | 2026-01-12
plan         |  |   28 first_day    | leader | plan       |  |  on | 2026-02-02
sign         |  |    7 plan_day     | leader | signature  |  |  on | 2026-02-09
evaluate     |  |    - agreed_day   | leader | evaluation |  |  on | 2026-03-16
dialogue_1   |  |   49 full_day     | leader | meeting 1  | innkalling-dialogmote-ansatt innkalling-dialogmote-lege notteroy-dialogmotereferat |  on | 2026-02-23
activity     |  |   56 full_day     | nav    | tick       |  |  on | 2026-03-02
nav_need     |  |  112 first_day    | nav    | tick       |  |  on | 2026-04-27
plan_for_nav |  |   -7 dialogue_2   | leader | plan       |  |  on | 2026-06-29
dialogue_2   |  |  182 first_day    | nav    | meeting 2  |  |  on | 2026-07-06
nav_39_weeks |  |  273 first_day    | nav    | tick       |  |  on | 2026-10-05
sick_pay_end |  |    0 sick_pay_end | nav    | tick       |  |  on | 2027-01-01
"""
NORDRE_LAND = """
yellow_light   | Gult lys     |    7 first_day    | leader | contact    | nordre-land-iop |  on | -
contact        | 0–4 uker     |   28 first_day    | leader | contact    |  |  on | 2026-02-02
plan           | 4 uker       |   28 first_day    | leader | plan       | nordre-land-iop |  on | 2026-02-02
sign           |              |    7 plan_day     | leader | signature  |  |  on | 2026-02-09
evaluate       |              |    - agreed_day   | leader | evaluation |  |  on | 2026-03-16
bht_dialogue_1 | 7 uker       |  -14 dialogue_1   | leader | tick       |  |  on | 2026-02-09
dialogue_1     | 7 uker       |   49 full_day     | leader | meeting 1  | innkalling-dialogmote-ansatt innkalling-dialogmote-lege notteroy-dialogmotereferat |  on | 2026-02-23
activity       |              |   56 full_day     | nav    | tick       |  |  on | 2026-03-02
report_9_weeks | Innen 9 uker |   63 first_day    | leader | tick       |  | off | -
update_7_26    | 7–26 uker    |  182 first_day    | leader | tick       |  |  on | 2026-07-06
plan_for_nav   |              |   -7 dialogue_2   | leader | plan       | nordre-land-iop |  on | 2026-06-29
dialogue_2     | 26 uker      |  182 first_day    | nav    | meeting 2  |  |  on | 2026-07-06
pension_talk   | 9 mndr       |  273 first_day    | leader | tick       |  |  on | 2026-10-05
update_26      | 26 uker –    |    0 sick_pay_end | leader | tick       |  |  on | 2027-01-01
dialogue_3     | 26 uker –    |    0 sick_pay_end | nav    | meeting 3  |  |  on | 2027-01-01
sick_pay_end   |              |    0 sick_pay_end | nav    | tick       |  |  on | 2027-01-01
"""
NOTTEROY = """
day_1                | 1. fraværsdag  |    0 first_day    | employee | tick       |  |  on | 2026-01-05
day_8                | 8. fraværsdag  |    7 first_day    | employee | tick       |  |  on | 2026-01-12
day_9                | 9. fraværsdag  |    8 first_day    | employee | tick       |  |  on | 2026-01-13
week_2               | 2. fraværsuke  |   13 first_day    | leader   | contact    | info-1 |  on | 2026-01-18
week_3               | 3. fraværsuke  |   20 first_day    | leader   | contact    |  |  on | 2026-01-25
week_4               | 4. fraværsuke  |   27 first_day    | leader   | letter     | brev-8-uker |  on | 2026-02-01
plan                 |                |   28 first_day    | leader   | plan       | notteroy-plan |  on | 2026-02-02
sign                 |                |    7 plan_day     | leader   | signature  |  |  on | 2026-02-09
evaluate             |                |    - agreed_day   | leader   | evaluation |  |  on | 2026-03-16
invite_dialogue_1    |                |  -14 dialogue_1   | leader   | letter     | innkalling-dialogmote-ansatt innkalling-dialogmote-lege |  on | 2026-02-09
week_6               | 6. fraværsuke  |   41 first_day    | leader   | plan       | notteroy-plan | off | -
consent_week_6       | 6. fraværsuke  |   41 first_day    | leader   | tick       | notteroy-samtykke |  on | 2026-02-15
ongoing_from_week_6  |                |   28 plan         | leader   | tick       |  |  on | 2026-03-02
dialogue_1           |                |   49 full_day     | leader   | meeting 1  | innkalling-dialogmote-ansatt innkalling-dialogmote-lege notteroy-dialogmotereferat |  on | 2026-02-23
activity             |                |   56 full_day     | nav      | tick       |  |  on | 2026-03-02
week_10              | 10. fraværsuke |   69 first_day    | leader   | letter     | innkalling-dialogmote-ansatt innkalling-dialogmote-lege | off | -
week_12              | 12. fraværsuke |   83 first_day    | leader   | meeting 1  | notteroy-dialogmotereferat | off | -
week_24              | 24. fraværsuke |  167 first_day    | nav      | meeting 2  |  | off | -
plan_for_nav         |                |   -7 dialogue_2   | leader   | plan       | notteroy-plan |  on | 2026-06-29
dialogue_2           |                |  182 first_day    | nav      | meeting 2  |  |  on | 2026-07-06
week_38              | 38. fraværsuke |  265 first_day    | leader   | tick       | brev-38-uker info-2 |  on | 2026-09-27
week_38_nav          | 38. fraværsuke |  265 first_day    | leader   | tick       |  | off | -
ongoing_from_week_38 |                |   56 week_38      | leader   | tick       |  |  on | 2026-11-22
sick_pay_end         |                |    0 sick_pay_end | nav      | tick       |  |  on | 2027-01-01
week_92              | 92. fraværsuke |  643 first_day    | leader   | tick       | notteroy-dialogmotereferat |  on | 2027-10-10
"""
TABLES = {"lovens-minimum": LAW, "nordre-land": NORDRE_LAND, "notteroy": NOTTEROY}
ROWS = [
    (key, place, *(" ".join(cell.split()) for cell in line.split("|")))
    for key, table in TABLES.items()
    for place, line in enumerate(table.strip().splitlines())
]


def facts(kind: str = "sick_leave", grade: int = 100) -> deadlines.Facts:
    """An example case: the plan was ready on its last day, and is evaluated six weeks later."""
    plan = deadlines.Plan(1, READY, None, READY + dt.timedelta(weeks=6))
    periods = [absence.Period(FIRST, None, grade)] if kind == "sick_leave" else []
    return deadlines.Facts(kind, FIRST, periods=periods, plans=[plan])


def dates(key: str, known: deadlines.Facts) -> dict[str, str]:
    return {step.code: str(step.due) for step in deadlines.steps(known, rules_of(load_steps(key)))}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[2]}")
def test_every_row_of_every_schedule(row: tuple[Any, ...]) -> None:
    key, place, code, when, counted, who, done_by, belongs, state, date = row
    step = load_steps(key).steps[place]
    assert (step.code, step.id, say(step.when, "nb"), step.who) == (code, code, when, who)
    assert f"{'-' if step.days is None else step.days} {step.anchor}" == counted
    assert f"{step.done_by} {step.meeting}" == done_by if step.done_by == "meeting" else step.done_by == done_by
    assert " ".join(filter(None, [*step.letters, step.form])) == belongs
    assert step.hidden is (state == "off")
    assert dates(key, facts()).get(code, "-") == date


@pytest.mark.parametrize("key", TABLES)
def test_the_table_has_every_row(key: str) -> None:
    assert len(TABLES[key].strip().splitlines()) == len(load_steps(key).steps)


def test_what_belongs_to_a_milestone_is_in_the_library() -> None:
    for key in TABLES:
        for step in load_steps(key).steps:
            assert set(step.letters) <= set(letter_keys())
            assert not step.form or step.form in shipped_keys()
    used = {letter for step in load_steps("notteroy").steps for letter in step.letters}
    assert used == set(letter_keys())  # all of the handbook's


@pytest.mark.parametrize("key", TABLES)
def test_what_graded_leave_and_yellow_light_give(key: str) -> None:
    graded = dates(key, facts(grade=50))
    assert graded["plan"] == str(READY)
    assert graded["dialogue_2"] == "2026-07-06"
    assert not {"dialogue_1", "activity"} & set(graded)
    preventive = dates(key, facts("preventive"))
    assert preventive["plan"] == str(READY)
    assert not {"dialogue_1", "dialogue_2", "activity", "sick_pay_end", "week_38", "pension_talk"} & set(preventive)
    assert ("yellow_light" in preventive) is (key == "nordre-land")


def test_full_sickness_that_begins_later_moves_only_what_counts_from_it() -> None:
    late = FIRST + dt.timedelta(days=21)
    periods = [absence.Period(FIRST, late - dt.timedelta(days=1), 60), absence.Period(late, None, 100)]
    found = dates("notteroy", deadlines.Facts("sick_leave", FIRST, periods=periods))
    assert (found["dialogue_1"], found["invite_dialogue_1"]) == ("2026-03-16", "2026-03-02")
    assert (found["plan"], found["dialogue_2"], found["week_38"]) == ("2026-02-02", "2026-07-06", "2026-09-27")


def test_a_week_of_the_handbook_ends_on_its_last_day() -> None:
    for step in load_steps("notteroy").steps:
        found = re.fullmatch(r"(\d+)\. fravær(suke|sdag)", say(step.when, "nb"))
        if found:
            number = int(found[1])
            assert step.days == (7 * number - 1 if found[2] == "suke" else number - 1), step.code


def test_every_row_of_the_handbooks_checklist_is_there_in_order() -> None:
    checklist: Any = next(item for item in load_shipped("notteroy-sjekkliste").walk() if item.type == "checklist")
    codes = [step.code for step in load_steps("notteroy").steps]
    rows = [row.id for row in checklist.rows]
    assert len(rows) == 14
    assert [code for code in codes if code in rows] == rows
    by_code = {step.code: step for step in load_steps("notteroy").steps}
    for row in checklist.rows:
        if row.when["nb"] != "Jevnlig":  # the paper has nothing there
            assert by_code[row.id].when == row.when


@pytest.mark.skipif(not SEEDS.exists(), reason="the papers lie beside the repository")
def test_the_times_of_the_papers_are_those_of_the_schedules() -> None:
    handbook = next(SEEDS.glob("002_*")).read_text().partition("Samtykke erklæring")[0]
    times = re.findall(r"(?m)^(\d+\. fravær\w+)\t", handbook)
    shown = [say(step.when, "nb") for step in load_steps("notteroy").steps]
    assert list(dict.fromkeys(filter(None, shown))) == times
    form = next(SEEDS.glob("000_*")).read_text()
    for time in (
        "Gult lys",
        "0-4 uker",
        "4 uker",
        "7 uker",
        "innen 9 uker",
        "7-26 uker",
        "26 uker",
        "9 mndr",
        "26 uker -",
    ):
        assert time in form
        wanted = time.replace("-", "–").casefold()
        assert wanted in {say(step.when, "nb").casefold() for step in load_steps("nordre-land").steps}


@pytest.mark.parametrize(("key", "words"), [
    ("notteroy", {"week_2": "avkorte sykefraværet", "week_38": "«Hva videre?»", "week_92": "klargjør eventuelt for opphør",
                  "day_1": "maks 24 dager pr. 12 mndr", "week_12": "vurdering av situasjon og muligheter"}),
    ("nordre-land", {"yellow_light": "Arbeidstaker kontakter arbeidsgiver for samtale", "plan": "Faggruppe HR",
                     "dialogue_3": "innen utløpet av sykepengeperioden", "contact": "våre oppfølgingsrutiner"}),
])  # fmt: skip
def test_the_words_of_the_paper_are_known_again(key: str, words: dict[str, str]) -> None:
    for code, text in words.items():
        assert text in load_steps(key).find(code).help["nb"]  # type: ignore[union-attr]


def test_what_is_repealed_says_so_and_undated_rows_say_where_the_date_is_from() -> None:
    for key in ("nordre-land", "notteroy"):
        for step in load_steps(key).steps:
            if step.hidden:
                assert "lått av" in step.help["nb"] or "er slått av" in step.help["nb"], step.code
                assert not step.legal
    for key, code in (("notteroy", "ongoing_from_week_6"), ("notteroy", "ongoing_from_week_38"),
                      ("nordre-land", "yellow_light"), ("nordre-land", "update_26")):  # fmt: skip
        step = load_steps(key).find(code)
        assert step is not None
        assert re.search(r"har ingen (slutt)?dato", step.help["nb"])
    for key in TABLES:
        for step in load_steps(key).steps:
            assert "NAV" not in say(step.text, "nb") + say(step.help, "nb")
            assert "trygd" not in say(step.text, "nb").replace("uføretrygd", "")
