"""Workbooks from elsewhere: real-looking XLSForms come in as far as they go, and what does not is told with its row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.definition import ID, MAX_DEPTH, Item, faults, shape, walk
from forms.exchange.common import BadFile
from forms.exchange.xlsx_in import read_xlsx
from tests.forms.exchange.workbooks import read, rows, told, workbook

HOUSEHOLD = workbook(
    survey="""
        type|name|label::English (en)|label::Norsk bokmål (nb)|hint::Norsk bokmål (nb)|relevant|required|constraint|constraint_message::Norsk bokmål (nb)|calculation|appearance|default|choice_filter|media::image|parameters|repeat_count
        start|start
        deviceid|deviceid
        calculate|today_text||||||||format-date(today(), '%e %b')
        begin_group|About|About you|Om deg|||||||field-list
        text|fullName|Your name|Navnet ditt|Fornavn først||yes||||||
        integer|age|Age|Alder|||true()|. >= 16 and . <= 75|Mellom 16 og 75
        select_one yes_no|has_leader|Do you have a leader?|Har du en leder?|||yes||||minimal
        text|leader|Who?|Hvem?||${has_leader} = 'yes'|${age} > 18|||||Kari
        end_group
        begin_repeat|children|Children|Barn||${has_leader} != 'no' and not(${age} < 20)||||||||||3
        text|child_name|Name|Navn
        integer|child_age|Age|Alder||||. < 18|Barn
        select_one sex|child_sex|Sex|Kjønn
        begin_repeat|toys|Toys|Leker
        text|toy_name|Toy|Leke
        end_repeat
        end_repeat
        select_multiple langs or_other|languages|Languages|Språk|||||||||region = ${region}
        text|why|Why those?|Hvorfor disse?||selected(${languages}, 'nb-NO') or selected(${languages}, 'other')|||||multiline
        note|thanks|Thank you|Takk
        geopoint|place|Where|Hvor
        image|photo|Photo|Bilde
        acknowledge|ok|OK|OK
        range|scale|How well?|Hvor bra?|||||||||||start=1 end=10 step=1
        rank langs|order|Order|Rekkefølge
        decimal|weight|Weight|Vekt|||||||||||
        dateTime|meeting|Meeting|Møte
        barcode|code|Code|Kode
        """,
    choices="""
        list_name|name|label::English (en)|label::Norsk bokmål (nb)|region
        yes_no|yes|Yes|Ja
        yes_no|no|No|Nei
        sex|1|Male|Mann
        sex|2|Female|Kvinne
        langs|nb-NO|Norwegian|Norsk|north
        langs|EN|English|Engelsk|south
        """,
    settings="""
        form_title|form_id|version|default_language|style
        Husholdning|Household_v2|2024010101|Norsk bokmål (nb)|pages
        """,
)


def by_id(content: bytes) -> dict[str, Item]:
    return {item.id: item for item in read(content).walk()}


def simple(
    *lines: str, head: str = "type|name|label|relevant|constraint|constraint_message|required", **more: str
) -> bytes:
    return workbook(survey="\n".join([head, *lines]), **more)


def test_a_real_form_comes_in_with_its_groups_languages_and_conditions() -> None:
    definition = read(HOUSEHOLD)
    assert (definition.key, definition.languages) == ("household-v2", ("nb", "en"))
    assert definition.title == {"nb": "Husholdning"}
    assert [item.id for item in definition.items] == [
        "about", "children", "toys", "languages", "why", "thanks", "ok", "scale", "order", "weight", "meeting", "code",
    ]  # fmt: skip
    items = {item.id: item for item in definition.walk()}
    assert items["about"].items[0].text == {"en": "Your name", "nb": "Navnet ditt"}
    assert items["fullname"].help == {"nb": "Fornavn først"}
    assert items["fullname"].required is True
    assert items["age"].constraints[0].expr == {"and": [{">=": [{"var": "age"}, 16]}, {"<=": [{"var": "age"}, 75]}]}
    assert items["age"].constraints[0].message == {"nb": "Mellom 16 og 75"}
    assert items["leader"].visible_if == {"==": [{"var": "has_leader"}, "yes"]}
    assert items["leader"].required == {"if": {">": [{"var": "age"}, 18]}}
    assert items["children"].visible_if == {
        "and": [{"!=": [{"var": "has_leader"}, "no"]}, {"!": {"<": [{"var": "age"}, 20]}}]
    }
    assert [(column.id, column.type) for column in items["children"].columns] == [
        ("child_name", "string"), ("child_age", "integer"), ("child_sex", "string"),
    ]  # fmt: skip
    assert (items["children"].repeat.min, items["children"].repeat.max) == (3, 3)
    assert items["toys"].type == "table"
    assert [(option.code, option.comment) for option in items["languages"].options] == [
        ("nb_no", None), ("en", None), ("annet", "text"),
    ]  # fmt: skip
    assert items["languages"].options[2].text == {"nb": "Annet", "en": "Other"}
    assert items["why"].type == "text"
    assert items["why"].visible_if == {
        "or": [{"in": ["nb_no", {"var": "languages"}]}, {"in": ["annet", {"var": "languages"}]}]
    }
    kinds = {
        item_id: items[item_id].type for item_id in ("thanks", "ok", "scale", "order", "weight", "meeting", "code")
    }
    assert kinds == {
        "thanks": "info", "ok": "boolean", "scale": "integer", "order": "multichoice", "weight": "string",
        "meeting": "date", "code": "string",
    }  # fmt: skip
    assert (items["scale"].min, items["scale"].max) == (1, 10)


def test_what_does_not_carry_over_is_told_with_its_row() -> None:
    found = told(read_xlsx(HOUSEHOLD))
    for place, word in {
        "survey, rad 2": "start", "survey, rad 3": "deviceid", "survey, rad 4": "Beregninger", "survey, rad 5": "field-list",
        "survey, rad 6": "fullname", "survey, rad 8": "minimal", "survey, rad 9": "default", "survey, rad 13": ". < 18",
        "survey, rad 14": "linje tekst", "survey, rad 15": "etter den", "survey, rad 19": "choice_filter",
        "survey, rad 22": "geopoint", "survey, rad 23": "image", "survey, rad 24": "acknowledge", "survey, rad 25": "range",
        "survey, rad 26": "Rangering", "survey, rad 27": "Desimaltall", "survey, rad 28": "klokkeslett",
        "survey, rad 29": "barcode", "choices, rad 6": "nb_no", "choices, rad 7": "en",
        "choices, rad 6–7": "region", "settings, rad 2": "household-v2",
    }.items():  # fmt: skip
        assert any(word in line for line in found.get(place, [])), (place, word, found.get(place))
    assert any("style" in line for line in found["settings, rad 2"])
    assert any("2024010101" in line for line in found["settings, rad 2"])


def test_a_plain_form_without_anything_special_leaves_nothing_out() -> None:
    content = workbook(
        survey="""
            type|name|label|hint|required|relevant
            begin group|g|Del 1
            select_one yn|a|Har du det bra?||yes
            text|b|Hvorfor?|Skriv kort||${a} = 'n'
            date|d|Når?||no|${b} != '' and ${a} = 'n'
            time|t|Klokka?
            end group
            """,
        choices="list_name|name|label\nyn|y|Ja\nyn|n|Nei",
        settings="form_title|form_id\nTrivsel|trivsel",
    )
    imported = read_xlsx(content)
    assert imported.left_out == ()
    definition = shape(imported.data)
    assert faults(definition) == []
    assert (definition.key, definition.kind, definition.languages) == ("trivsel", "plan", ("nb",))
    assert definition.items[0].items[2].visible_if == {
        "and": [{"answered": "b"}, {"==": [{"var": "a"}, "n"]}],
    }


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("${nobody} = 1", "nobody"), ("${a", "«${a»"), ("today() > '2020-01-01'", "today"), ("${a} + 1 > 2", "${a} + 1"),
        ("regex(${a}, 'x')", "regex"), ("${c} = 'z'", "z"), ("${c} > 3", "tall"), ("${a} > 3", "tall"),
        ("jr:choice-name(${c}, 'x') = 'X'", "jr:choice-name"), ("../a = 1", "../a"), ("(" * 500, "((("),
        ("position(..) = 1", "position"), ("${t} = 1", "t"),
    ],
)  # fmt: skip
def test_an_expression_that_we_cannot_say_is_quoted_and_left_out(expression: str, word: str) -> None:
    content = simple(
        "text|a|A", "select_one l|c|C", "begin_repeat|tab|T", "text|t|T", "end_repeat", f"text|b|B|{expression}",
        choices="list_name|name|label\nl|x|X",
    )  # fmt: skip
    imported = read_xlsx(content)
    assert by_id(content)["b"].visible_if is None
    assert any(word in line for line in told(imported)["survey, rad 7"])


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("selected(${m}, '1') and count-selected(${m}) > 1",
         {"and": [{"in": ["n_1", {"var": "m"}]}, {">": [{"count": "m"}, 1]}]}),
        ("${n}>=50 or (${n} < 10 and ${a}!='')",
         {"or": [{">=": [{"var": "n"}, 50]}, {"and": [{"<": [{"var": "n"}, 10]}, {"answered": "a"}]}]}),
        ("${a} = ''", {"!": {"answered": "a"}}), ("not(${a})", {"!": {"answered": "a"}}),
        ("${d} <= date('2026-01-31')", {"<=": [{"var": "d"}, "2026-01-31"]}),
        ("${m} = '2'", {"==": [{"var": "m"}, ["n_2"]]}), ("selected(${o}, 2)", {"==": [{"var": "o"}, "n_2"]}),
        ("${o} = 2", {"==": [{"var": "o"}, "n_2"]}), ("${n} = ${n}", {"==": [{"var": "n"}, {"var": "n"}]}),
        ("${n} = '5'", {"==": [{"var": "n"}, 5]}), ("count(${tab}) > 2", {">": [{"count": "tab"}, 2]}),
        ("contains(${a}, 'x')", {"in": ["x", {"var": "a"}]}), ("${ok} = 'yes'", {"==": [{"var": "ok"}, True]}),
        ("${a} = ‘x’", {"==": [{"var": "a"}, "x"]}), ('${a} = concat("it", "\'", "s")', {"==": [{"var": "a"}, "it's"]}),
        ("false()", False), ("true()", True),
    ],
)  # fmt: skip
def test_expressions_are_read(expression: str, rule: Any) -> None:
    content = simple(
        "text|a|A", "integer|n|N", "date|d|D", "select_one l|o|O", "select_multiple l|m|M", "acknowledge|ok|OK",
        "begin_repeat|tab|T", "text|t|T", "end_repeat", f"text|q|Q|{expression}",
        choices="list_name|name|label\nl|1|En\nl|2|To",
    )  # fmt: skip
    assert by_id(content)["q"].visible_if == rule


def test_names_are_made_to_fit_and_every_reference_with_them() -> None:
    content = simple(
        "text|Q-1|A", "text|q_1|B", "text|a__b|C|${Q-1} != ''", f"text|{'x' * 80}|D", "text|Hva skjedde?|E", "text|1|F",
        "text|Q-1|G",
    )  # fmt: skip
    definition = read(content)
    ids = [item.id for item in definition.walk()]
    assert ids == ["q_1_2", "q_1", "a_b", "x" * 59, "hva_skjedde", "n_1", "q_1_3"]
    assert definition.items[2].visible_if == {"answered": "q_1_2"}
    found = told(read_xlsx(content))
    for row in (2, 4, 5, 6, 7, 8):
        assert any("har fått navnet" in line for line in found[f"survey, rad {row}"])
    assert "survey, rad 3" not in found


def test_groups_that_do_not_match_are_closed_and_told() -> None:
    content = simple(
        "end_repeat",
        "begin_group|g|G",
        "begin_repeat|t|T",
        "text|a|A",
        "end_group",
        "text|b|B",
        "begin_group|h|H",
        "text|c|C",
    )
    definition = read(content)
    assert [item.id for item in definition.items] == ["g", "b", "h"]
    found = told(read_xlsx(content))
    assert set(found) == {"survey, rad 2", "survey, rad 6", "survey, rad 8"}


def test_rows_without_type_or_name_are_told() -> None:
    content = rows(
        survey=[
            ["type", "name", "label", "disabled"], ["", "x", "X"], ["text", "", "Uten navn"], [], ["", "", "Bare tekst"],
            ["txt", "y", "Y"], ["text", "z", "Z", "yes"], ["select_one missing", "m", "M"], ["text", 7, 3.0],
        ],
    )  # fmt: skip
    assert [(item.id, item.type) for item in read(content).items] == [
        ("sporsmal", "string"), ("y", "string"), ("m", "choice"), ("n_7", "string"),
    ]  # fmt: skip
    found = told(read_xlsx(content))
    for place, word in (
        ("survey, rad 2, 5", "ingen type"), ("survey, rad 3", "mangler name"), ("survey, rad 6", "txt"),
        ("survey, rad 7", "slått av"), ("survey, rad 9", "n_7"),
    ):  # fmt: skip
        assert any(word in line for line in found[place]), found
    assert any("choices" in line for lines in found.values() for line in lines)


def test_groups_deeper_than_we_can_have_are_dissolved() -> None:
    content = simple(
        *(f"begin_group|g{n}|G{n}" for n in range(20)), "text|a|A", *["end_group"] * 20, "text|b|B"
    )  # fmt: skip
    definition = read(content)
    assert {item.id for item in definition.walk()} == {"a", "b", *(f"g{n}" for n in range(20))}
    assert {item.type for item in walk(definition.items) if item.id.startswith("g")} == {"group", "info"}
    assert any(f"{MAX_DEPTH - 1} nivåer" in line for lines in told(read_xlsx(content)).values() for line in lines)


def test_texts_in_languages_that_we_do_not_have() -> None:
    content = workbook(survey="type|name|label::Français (fr)|label::English (en)\ntext|a|Nom|Name")
    assert read(content).items[0].text == {"en": "Name"}
    assert any("Français" in line for line in told(read_xlsx(content))["survey, rad 1"])
    only = workbook(survey="type|name|label::Français (fr)|label::Deutsch (de)\ntext|a|Nom|Name")
    assert read(only).items[0].text == {"nb": "Nom"}
    assert any("lest som bokmål" in line for line in told(read_xlsx(only))["survey, rad 1"])


@pytest.mark.parametrize(
    ("heading", "language"),
    [
        ("label", "nn"), ("label::Bokmål", "nb"), ("label::nb-NO", "nb"), ("label::Norwegian (no)", "nb"), ("label:en", "en"),
        ("label::Nynorsk (nn)", "nn"), ("label::Davvisámegiella (se)", "se"), ("label::Northern Sami (sme)", "se"),
    ],
)  # fmt: skip
def test_languages_are_recognised(heading: str, language: str) -> None:
    content = workbook(
        survey=f"type|name|{heading}\ntext|a|Tekst", settings="form_id|default_language\nabc|Nynorsk (nn)"
    )
    assert read(content).items[0].text == {language: "Tekst"}


def test_answers_within_texts_and_other_helps_are_told_and_kept() -> None:
    content = workbook(
        survey="type|name|label|hint|guidance_hint\ntext|a|Navn\ntext|b|Hvor gammel er ${a}?|Hint|Bare på papir"
    )
    item = by_id(content)["b"]
    assert (item.text, item.help) == ({"nb": "Hvor gammel er ${a}?"}, {"nb": "Hint\nBare på papir"})
    assert len(told(read_xlsx(content))["survey, rad 3"]) == 2


def test_a_constraint_without_a_message_gets_one_and_a_message_without_a_constraint_is_told() -> None:
    content = simple("integer|a|A||. > 5", "text|b|B|||Feil")
    items = by_id(content)
    assert items["a"].constraints[0].expr == {">": [{"var": "a"}, 5]}
    assert items["a"].constraints[0].message["nb"]
    assert items["b"].constraints == ()
    assert "Meldingen" in told(read_xlsx(content))["survey, rad 3"][0]


def test_the_errors_of_pyxform_come_through_with_sheet_and_row_and_all_at_once() -> None:
    content = workbook(
        survey="""
            type|name|label::Bokmål (nb)|label::Nynorsk (nn)|hint::Bokmål (nb)|relevant
            select_one l|a|A|A
            select_one missing|b|B|B
            integer|c|C|C||${a
            text|d|D|D||${gone} != ''
            """,
        choices="list_name|name|label::Bokmål (nb)\nl|x|X\nl|x|Igjen\nl||Uten navn\nl|y",
    )
    found = told(read_xlsx(content))
    lines = [f"{place}: {line}" for place, lines in found.items() for line in lines]
    for wanted in (
        "survey, rad 3: Listen «missing» finnes ikke", "survey, rad 4: «${a»", "survey, rad 5: «${gone} != ''»",
        "choices, rad 3: Svaret «x» har fått navnet x_2", "choices, rad 4: Svaret mangler name",
        "choices, rad 5: Svaret mangler tekst", "survey: Språket «Nynorsk (nn)» mangler i arket survey: hint",
    ):  # fmt: skip
        assert any(line.startswith(wanted) for line in lines), (wanted, lines)


_cells = st.sampled_from(
    ["", "", "a", "b", "A b", "text", "begin_group", "end_group", "begin_repeat", "end_repeat", "select_one l", "note",
     "select_multiple l or_other", "${a} = 1", "${", "yes", "calculate", "👩‍🚒", "=1+1", "1", "x" * 300, "hidden",
     "plan.kind", "true()", "selected(${b}, 'x')", "{\"!\": 1}", "begin loop over l", "range", "meta", "[[[[", "facts"]
)  # fmt: skip
_HEADS = ["type", "name", "label", "label::English (en)", "relevant", "required", "constraint", "x::type", "x::rule",
          "x::exact_relevant", "x::exact_required", "x::min", "parameters", "repeat_count", "media::image"]  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(_cells, min_size=1, max_size=len(_HEADS)), max_size=12),
    st.lists(st.lists(_cells, max_size=4), max_size=5), st.booleans(),
)  # fmt: skip
def test_whatever_stands_in_the_cells_the_result_has_the_right_shape(
    survey: list[list[str]], choices: list[list[str]], ours: bool
) -> None:
    settings_sheet = [["form_id", "x::attende", "x::languages"], ["abc", "1" if ours else "", "nb"]]
    content = rows(
        survey=[_HEADS, *survey],
        choices=[["list_name", "name", "label", "x_comment"], *choices],
        settings=settings_sheet,
    )
    try:
        imported = read_xlsx(content)
    except BadFile:
        return
    definition = shape(imported.data)
    ids = [item.id for item in definition.walk()]
    assert len(ids) == len(set(ids))
    assert all(ID.match(item_id) for item_id in ids)
    assert all(note.say(str) for _, note in imported.left_out)
