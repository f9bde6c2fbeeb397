"""`flask --app app timeline`: golden cases on *Lovens minimum 2026*, and files and items that are up to no good."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from admin.cli import init_cli
from services.timeline_file import timelines

DAY = dt.timedelta(days=1)


def _run(file: Path | str, content: bytes | None = None) -> Result:
    """The command alone: it needs neither settings nor a database."""
    app = Flask("attende_cli")
    init_cli(app)
    return app.test_cli_runner().invoke(args=["timeline", str(file)], input=content)


def _one(*periods: tuple[Any, ...]) -> dict[str, Any]:
    """The row of one item; a period is (from, to, grade), or (from, to, grade, kind)."""
    names = ("from", "to", "grade", "kind")
    given = [dict(zip(names, period, strict=False)) for period in periods]
    row = timelines([{"id": "a", "periods": given}])[0]
    assert row["id"] == "a"
    return row


def _milestones(*periods: tuple[Any, ...]) -> dict[str, str]:
    (case,) = _one(*periods)["cases"]
    found: dict[str, str] = case["milestones"]
    return found


# ---------------------------------------------------------------- golden cases


def test_an_unbroken_absence(tmp_path: Path) -> None:
    """Word for word, through the command; the dates counted by hand and by the table of the reference (3.5)."""
    file = tmp_path / "periods.json"
    file.write_text(json.dumps([
        {"id": "per", "periods": [{"from": "2026-01-05", "to": "2026-08-31", "grade": 100}]},
        {"id": 7, "periods": [{"from": "2026-01-07", "to": None, "grade": 50}]},
        {"id": "ingen", "periods": []},
    ]), "utf-8")  # fmt: skip
    result = _run(file)
    assert result.exit_code == 0
    assert result.output.startswith('[\n  {\n    "id": "per",\n')
    assert json.loads(result.output) == [
        {"id": "per", "cases": [{
            "first_day": "2026-01-05", "last_day": "2026-08-31",
            "milestones": {"plan": "2026-02-02", "dialogue_1": "2026-02-23", "activity": "2026-03-02",
                           "dialogue_2": "2026-07-06"},
            "max_date": "2027-01-01",
        }]},
        {"id": 7, "cases": [{
            "first_day": "2026-01-07", "last_day": None,
            "milestones": {"plan": "2026-02-04", "dialogue_2": "2026-07-08"}, "max_date": "2027-01-05",
        }]},
        {"id": "ingen", "cases": []},
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "max_date"), [
    ("2026-01-05", "2027-01-01"), ("2026-01-07", "2027-01-05"), ("2026-01-09", "2027-01-06"),
])  # fmt: skip
def test_the_table_of_last_days(first: str, max_date: str) -> None:
    assert _one((first, None, 100))["cases"][0]["max_date"] == max_date


@pytest.mark.parametrize(("periods", "since_1", "since_activity"), [
    ([("2026-03-02", "2026-03-31", 50), ("2026-04-01", "2026-12-31", 100)], "2026-04-01", "2026-04-01"),
    ([("2026-03-02", "2026-03-31", 100)], "2026-03-02", "2026-03-02"),  # short, but running when it ends
    ([("2026-03-02", "2026-03-31", 100), ("2026-04-01", "2026-12-31", 50)], None, None),
    ([("2026-03-02", "2026-04-19", 100), ("2026-04-20", "2026-12-31", 50)], "2026-03-02", None),  # 49 days
    ([("2026-03-02", "2026-04-18", 100), ("2026-04-19", "2026-12-31", 50)], None, None),  # 48
    ([("2026-03-02", "2026-04-26", 100), ("2026-04-27", "2026-12-31", 50)], "2026-03-02", "2026-03-02"),  # 56
    ([("2026-03-02", "2026-04-25", 100), ("2026-04-26", "2026-12-31", 50)], "2026-03-02", None),  # 55
    ([("2026-03-02", "2026-04-20", 100), ("2026-04-21", "2026-04-30", 50), ("2026-05-01", "2026-05-10", 100)],
     "2026-03-02", "2026-05-01"),  # each by itself: 50 days are enough for the one
    ([("2026-03-02", "2026-03-20", 100), ("2026-03-25", "2026-06-30", 100)], "2026-03-25", "2026-03-25"),  # at work
    ([("2026-03-02", "2026-03-20", 100), ("2026-03-21", "2026-06-30", 100)], "2026-03-02", "2026-03-02"),  # in a row
    ([("2026-03-02", "2026-12-31", 99)], None, None),
    ([("2026-03-02", "2026-03-20", 100), ("2026-03-21", "2026-04-10", 100, "holiday"), ("2026-04-11", None, 100)],
     "2026-03-02", "2026-03-02"),  # holiday goes on as before it
])  # fmt: skip
def test_what_runs_from_the_first_day_fully_away(
    periods: list[tuple[Any, ...]], since_1: str | None, since_activity: str | None
) -> None:
    found = _milestones(*periods)
    wanted = {"plan": "2026-03-30", "dialogue_2": "2026-08-31"}
    for code, since, days in (("dialogue_1", since_1, 49), ("activity", since_activity, 56)):
        if since:
            wanted[code] = (dt.date.fromisoformat(since) + days * DAY).isoformat()
    assert found == wanted


@pytest.mark.parametrize(("periods", "cases"), [
    ([("2026-01-01", "2026-01-10", 100), ("2026-01-26", "2026-02-05", 100)], [("2026-01-01", "2026-02-05")]),
    ([("2026-01-01", "2026-01-10", 100), ("2026-01-27", "2026-02-05", 100)],
     [("2026-01-01", "2026-01-10"), ("2026-01-27", "2026-02-05")]),
    ([("2026-01-27", "2026-02-05", 100), ("2026-01-01", "2026-01-10", 100)],  # out of order
     [("2026-01-01", "2026-01-10"), ("2026-01-27", "2026-02-05")]),
    ([("2026-07-01", "2026-07-05", 100), ("2026-07-06", "2026-07-26", 100, "holiday"), ("2026-08-11", None, 80)],
     [("2026-07-01", None)]),
    ([("2026-07-01", "2026-07-05", 100), ("2026-07-07", "2026-07-26", 100, "holiday"), ("2026-07-27", None, 80)],
     [("2026-07-01", "2026-07-05"), ("2026-07-27", None)]),  # a day at work before the holiday
    ([("2026-07-01", "2026-07-05", None, "holiday")], []),
    ([("2026-07-01", "2026-07-03", 100, "self_declared"), ("2026-07-04", "2026-07-20", 100, "sick")],
     [("2026-07-01", "2026-07-20")]),
    ([("2028-02-29", "2028-02-29", 100)], [("2028-02-29", "2028-02-29")]),
    ([("2027-12-20", "2027-12-31", 100), ("2028-01-01", "2028-01-10", 100)], [("2027-12-20", "2028-01-10")]),
    ([("2026-03-29", "2026-03-29", 100), ("2026-04-14", "2026-04-14", 100)], [("2026-03-29", "2026-04-14")]),  # DST
    ([("2026-10-25", "2026-10-25", 100), ("2026-11-11", "2026-11-11", 100)],
     [("2026-10-25", "2026-10-25"), ("2026-11-11", "2026-11-11")]),
    ([("1990-01-01", "1990-02-01", 100), ("2100-12-31", "2100-12-31", 1)],
     [("1990-01-01", "1990-02-01"), ("2100-12-31", "2100-12-31")]),
])  # fmt: skip
def test_cases_by_navs_rule(periods: list[tuple[Any, ...]], cases: list[tuple[str, str | None]]) -> None:
    row = _one(*periods)
    assert "error" not in row
    assert [(case["first_day"], case["last_day"]) for case in row["cases"]] == cases


@pytest.mark.parametrize(("first", "milestones", "max_date"), [
    # 29 February is a day as any other, and so is the one when clocks change
    ("2028-02-01", {"plan": "2028-02-29", "dialogue_1": "2028-03-21", "activity": "2028-03-28",
                    "dialogue_2": "2028-08-01"}, "2029-01-29"),
    ("2028-02-29", {"plan": "2028-03-28", "dialogue_1": "2028-04-18", "activity": "2028-04-25",
                    "dialogue_2": "2028-08-29"}, "2029-02-26"),
    ("2026-12-07", {"plan": "2027-01-04", "dialogue_1": "2027-01-25", "activity": "2027-02-01",
                    "dialogue_2": "2027-06-07"}, "2027-12-03"),
    ("2026-03-01", {"plan": "2026-03-29", "dialogue_1": "2026-04-19", "activity": "2026-04-26",
                    "dialogue_2": "2026-08-30"}, "2027-02-25"),
    # the rows of 2026 also for the past, where the law had others
    ("2008-09-01", {"plan": "2008-09-29", "dialogue_1": "2008-10-20", "activity": "2008-10-27",
                    "dialogue_2": "2009-03-02"}, "2009-08-28"),
])  # fmt: skip
def test_dates_that_try_the_calendar(first: str, milestones: dict[str, str], max_date: str) -> None:
    (case,) = _one((first, None, 100))["cases"]
    assert (case["milestones"], case["max_date"], case["last_day"]) == (milestones, max_date, None)


# ---------------------------------------------------------------- overlaps, and many


def test_overlapping_days_are_counted_once_and_told() -> None:
    row = _one(("2026-05-01", "2026-05-31", 50), ("2026-05-20", "2026-06-30", 100), ("2026-07-01", "2026-07-05", 20))
    assert row["error"] == (
        "periods overlap: 2026-05-01–2026-05-31 and 2026-05-20–2026-06-30; each day is counted once"
    )
    (case,) = row["cases"]
    assert (case["first_day"], case["last_day"]) == ("2026-05-01", "2026-07-05")
    assert case["milestones"] == {"plan": "2026-05-29", "dialogue_2": "2026-10-30"}  # 42 days at 100 %
    full = _one(("2026-05-01", None, 100), ("2026-05-10", "2026-05-12", 50))
    assert full["cases"][0]["milestones"]["dialogue_1"] == "2026-06-19"  # the highest grade holds
    assert full["error"].startswith("periods overlap: 2026-05-01– and 2026-05-10–2026-05-12")


def test_few_of_many_overlaps_are_named() -> None:
    row = _one(*[("2026-05-01", "2026-05-31", 100)] * 6)
    assert row["error"].count("2026-05-01–2026-05-31 and") == 3
    assert "and 2 more" in row["error"]


@pytest.mark.parametrize("touching", [True, False])
def test_periods_that_only_touch_do_not_overlap(touching: bool) -> None:
    second = ("2026-05-11" if touching else "2026-05-10", "2026-05-20", 100)
    assert ("error" in _one(("2026-05-01", "2026-05-10", 100), second)) is not touching


def test_three_thousand_periods_take_well_under_a_second(tmp_path: Path) -> None:
    start = dt.date(1990, 1, 1)
    periods = [
        {"from": (start + 13 * n * DAY).isoformat(), "to": (start + (13 * n + 9) * DAY).isoformat(),
         "grade": 1 + n % 100}
        for n in range(3000)
    ]  # fmt: skip
    random.Random(4).shuffle(periods)
    overlapping = [{**period, "to": "2100-12-31"} for period in periods]
    file = tmp_path / "many.json"
    file.write_text(json.dumps([{"id": "a", "periods": periods}, {"id": "b", "periods": overlapping}]))
    before = time.perf_counter()
    result = _run(file)
    assert time.perf_counter() - before < 1.5  # both, with the command's own start
    one, other = json.loads(result.output)
    assert [(c["first_day"], c["last_day"]) for c in one["cases"]] == [("1990-01-01", "2096-10-07")]
    assert "error" not in one
    assert [(c["first_day"], c["last_day"]) for c in other["cases"]] == [("1990-01-01", "2100-12-31")]
    assert "and 2996 more" in other["error"]


# ---------------------------------------------------------------- items that are wrong


@pytest.mark.parametrize(("period", "why"), [
    ({"from": "2026-02-02", "to": "2026-02-01", "grade": 100}, "to (2026-02-01) is before from (2026-02-02)"),
    ({"from": "2026-02-30", "to": None, "grade": 100}, "from is a day that does not exist (2026-02-30)"),
    ({"from": "2026-02-01", "to": "2026-02-29", "grade": 100}, "to is a day that does not exist (2026-02-29)"),
    ({"from": "2026-13-01", "grade": 100}, "from is a day that does not exist"),
    ({"from": "01.02.2026", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "20260201", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "2026-W05-1", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "2026-02-01T00:00", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": " 2026-02-01", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "2026-02-01\n", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "٢٠٢٦-٠٢-٠١", "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": 20260201, "grade": 100}, "from is not a date as YYYY-MM-DD"),
    ({"from": "2026-02-01", "to": "", "grade": 100}, "to is not a date as YYYY-MM-DD"),
    ({"from": "2026-02-01", "to": False, "grade": 100}, "to is not a date as YYYY-MM-DD"),
    ({"to": "2026-02-01", "grade": 100}, "from is missing"), ({"from": None, "grade": 100}, "from is missing"),
    ({"from": "1989-12-31", "grade": 100}, "from is not in the years 1990 to 2100 (1989-12-31)"),
    ({"from": "2026-02-01", "to": "2101-01-01", "grade": 100}, "to is not in the years 1990 to 2100"),
    ({"from": "0000-01-01", "grade": 100}, "from is a day that does not exist"),
    ({"from": "9999-12-31", "grade": 100}, "from is not in the years"),
    ({"from": "2026-02-01"}, "grade is missing"), ({"from": "2026-02-01", "grade": None}, "grade is missing"),
    *[({"from": "2026-02-01", "grade": odd}, "grade is not a whole number from 1 to 100")
      for odd in (0, 101, -5, 50.5, 100.0, "100", True, [100], {}, 10**30)],
    ({"from": "2026-02-01", "grade": 100, "kind": "ferie"}, "kind is none of sick, self_declared, holiday"),
    ({"from": "2026-02-01", "grade": 100, "kind": None}, "kind is none of"),
    ({"from": "2026-02-01", "grade": 100, "kind": ["sick"]}, "kind is none of"),
    ("2026-02-01", "not an object with from, to and grade"), (None, "not an object with from, to and grade"),
    ([], "not an object with from, to and grade"),
])  # fmt: skip
def test_wrong_periods(period: Any, why: str) -> None:
    good = {"from": "2026-01-01", "to": "2026-01-05", "grade": 100}
    row, after = timelines([{"id": "a", "periods": [good, period]}, {"id": "b", "periods": [good]}])
    assert row.keys() == {"id", "error", "cases"}
    assert (row["id"], row["cases"]) == ("a", [])
    assert row["error"].startswith("period 2: ")
    assert why in row["error"]
    assert (after["id"], len(after["cases"]), "error" in after) == ("b", 1, False)


@pytest.mark.parametrize(("item", "id_", "why"), [
    ({"periods": []}, None, "id is missing"), ({"id": None, "periods": []}, None, "id is missing"),
    ({"id": True, "periods": []}, None, "id is neither text nor a whole number"),
    ({"id": ["a"], "periods": []}, None, "id is neither"), ({"id": 1.5, "periods": []}, None, "id is neither"),
    ({"id": "a"}, "a", "periods is missing"), ({"id": "a", "periods": None}, "a", "periods is missing"),
    ({"id": "a", "periods": {}}, "a", "periods is not a list"), ({"id": 0, "periods": "x"}, 0, "periods is not"),
    ({}, None, "id is missing"), ([], None, "not an object"), (None, None, "not an object"), ("a", None, "not an"),
    (5, None, "not an object"),
])  # fmt: skip
def test_wrong_items_stop_no_other(item: Any, id_: Any, why: str) -> None:
    good = {"id": "b", "periods": [{"from": "2026-01-01", "grade": 100}]}
    row, after = timelines([item, good])
    assert (row["id"], row["cases"]) == (id_, [])
    assert why in row["error"]
    assert len(after["cases"]) == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "periods", "from", "to", "grade", "kind"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(_json, max_size=5))
def test_no_item_is_too_strange(items: list[Any]) -> None:
    rows = timelines(items)
    assert len(rows) == len(items)
    assert all(row.keys() <= {"id", "error", "cases"} for row in rows)
    assert json.loads(json.dumps(rows)) == rows


# ---------------------------------------------------------------- files that are wrong


@pytest.mark.parametrize(("content", "why"), [
    (b"", "is not JSON"), (b"not json", "is not JSON"), (b"[{]", "is not JSON"), (b"\xff\xfe\x00", "is not JSON"),
    (b"[" * 100_000, "is not JSON"), (b"[" + b"9" * 5000 + b"]", "is not JSON"),
    (b"{}", "is not a list of objects"), (b"null", "is not a list"), (b'"a"', "is not a list"), (b"3", "is not a list"),
])  # fmt: skip
def test_files_that_are_no_list(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    result = _run(file)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert result.output.count("\n") == 1
    assert result.output.startswith(f"Error: {file} ")
    assert why in result.output


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        result = _run(path)
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: cannot read {path}: ")


def test_standard_input_and_a_mark_before_the_text() -> None:
    content = '\ufeff[{"id": "Åse 🙂", "periods": [{"from": "2026-01-05", "to": null, "grade": 100}]}]'.encode()
    result = _run("-", content)
    assert result.exit_code == 0
    assert json.loads(result.output)[0]["id"] == "Åse 🙂"
    refused = _run("-", b"{")
    assert (refused.exit_code, refused.output) == (1, "Error: standard input is not JSON\n")


def test_single_faults_do_not_fail_the_command(tmp_path: Path) -> None:
    file = tmp_path / "half.json"
    file.write_text('[{"id": "a", "periods": [{"from": "x"}]}, 5]')
    result = _run(file)
    assert result.exit_code == 0
    assert [row["id"] for row in json.loads(result.output)] == ["a", None]
