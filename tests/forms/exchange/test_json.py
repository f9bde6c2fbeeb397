"""Our own JSON: all of a set and nothing else; what has no right shape is refused with every reason."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from forms.definition import QuestionSetDefinition, canonical, shape
from forms.exchange.common import MAX_TOLD, BadFile, Told, bounded
from forms.exchange.our_json import read_json, write_json
from forms.library import load_shipped, shipped_keys
from forms.texts import Note, translator
from tests.forms.exchange.rich import rich_definitions
from tests.forms.strategies import envelope, question

LIGHT = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def refused(content: bytes) -> list[str]:
    with pytest.raises(BadFile) as error:
        read_json(content)
    return [f"{told.place}: {told.note.say(translator('nb'))}" for told in error.value.told]


@LIGHT
@given(rich_definitions())
def test_a_set_comes_back_as_it_was(definition: QuestionSetDefinition) -> None:
    written = write_json(definition)
    data, left_out = read_json(written)
    again = shape(data)
    assert left_out == ()
    assert canonical(again.model_dump(mode="json")) == canonical(definition.model_dump(mode="json"))
    assert write_json(again) == written


@pytest.mark.parametrize("key", shipped_keys())
def test_shipped_sets_come_back(key: str) -> None:
    assert shape(read_json(write_json(load_shipped(key))).data) == load_shipped(key)


def test_what_is_by_default_is_not_written() -> None:
    text = write_json(shape(envelope([question("a")]))).decode()
    assert json.loads(text)["items"] == [{"id": "a", "type": "text", "text": {"nb": "Spørsmål a"}}]
    assert "ø" in text
    assert text.endswith("}\n")


def test_a_draft_with_faults_can_be_read() -> None:
    data, left_out = read_json(
        json.dumps(envelope([question("a", "choice", visible_if={"answered": "nobody"})])).encode()
    )
    assert (data["items"][0]["visible_if"], left_out) == ({"answered": "nobody"}, ())


def test_all_faults_of_shape_at_once_by_item_and_property() -> None:
    data = envelope(
        [question("a", colour="red"), question("b", max_length="long"), question("c", "odd")],
        shade="blue",
        languages="nb",
    )
    found = refused(json.dumps(data).encode())
    for place in ("a, colour: ", "b, max_length: ", "c, type: ", "shade: ", "languages: "):
        assert any(told.startswith(place) and len(told) > len(place) for told in found), (place, found)


def _nested(depth: int) -> bytes:
    items: list[Any] = []
    for number in range(depth):
        items = [{"id": f"g{number}", "type": "group", "items": items}]
    return json.dumps(envelope(items)).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "JSON"),
        (b'{"a" 1}', "linje 1, tegn 6"),
        (b"[]", "ikke et sp"),
        (b"\xff\xfe\xff", "UTF-8"),
        ('{"title": "blåbær"}'.encode("cp1252"), "UTF-8"),
        (b'{"a":' * 100_000, "dypt"),
        (b'{"a": [' + b"[]," * 600_000 + b"[]]}", "verdier"),
        (b'{"min": Infinity}', "JSON"),
        (b'{"min": 1e999}', "JSON"),
        (_nested(20), "20"),
        (json.dumps(envelope([question(f"q{n}") for n in range(2000)])).encode(), "2000"),
        (b"x" * 5_000_001, "5 MB"),
    ],
)
def test_what_is_no_set_is_refused_in_bounded_time(content: bytes, words: str) -> None:
    start = time.monotonic()
    assert any(words in told for told in refused(content))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(encoding: str) -> None:
    assert read_json(json.dumps(envelope([question("å")]), ensure_ascii=False).encode(encoding)).data["items"]


def test_what_is_told_is_told_once_and_bounded() -> None:
    told = [Told(f"rad {n % 5000}", Note("%(n)s", {"n": n % 5000})) for n in range(10_000)]
    found = bounded(told)
    assert len(found) == MAX_TOLD + 1
    assert found[-1].note.values == {"count": 5000 - MAX_TOLD}
    assert bounded([*told[:3], *told[:3]]) == tuple(told[:3])
