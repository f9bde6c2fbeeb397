"""A letter from a case when something is wrong: told at the field, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from forms.letters import parse_letter
from models import Case, Dispatch, Document, QuestionSet, QuestionSetVersion, now
from services import dispatches, own_sets
from services.access import load_actor
from services.login import park
from services.printing import PrintRefused
from tests.admin.test_case_letters import controls, opened, send, stored, words_of
from tests.front import Browser, said
from tests.world import World


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.mark.parametrize(("values", "why"), [
    ({"sent_on": "2999-01-01"}, "Datoen er ikke kommet ennå."), ({"sent_on": "1999-01-01"}, "før første dag i saken"),
    ({"sent_on": "i går"}, "Skriv datoen som dag.måned.år"), ({"how": ""}, "Velg hvordan brevet er sendt."),
    ({"how": "due"}, "Velg hvordan brevet er sendt."), ({"recipient_name": " "}, "Skriv hvem brevet er til."),
    ({"t-get_well": "x" * 10_001}, "Den kan høyst være 10000."), ({"klokkeslett": "halv ti"}, "Skriv klokkeslettet som"),
    ({"sheets": ["info-9"]}, "info-9"), ({"meeting": "999"}, ""),
])  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    kari: Browser, library: World, values: dict[str, Any], why: str
) -> None:
    path, fields = opened(kari, library.per_case)
    typed = {"t-addressee": "Kjære <Per> & co", "sted": "Rom {navn}", "sent_on": library.today.isoformat(), **values}
    answer = send(kari, path, {**fields, **typed})
    assert Dispatch.select().count() == 0
    if not why:
        assert answer.status_code == 404  # a meeting that is not there
        return
    assert answer.status_code == 422
    assert why in said(answer)
    assert 'role="alert"' in answer.text
    after = controls(answer)
    for name, value in typed.items():
        if name not in ("how", "sheets"):
            assert after[name] == value.strip(), name
    assert after["token"] == fields["token"]


def test_a_page_that_is_sent_twice_is_one_letter(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    answers = [send(kari, path, fields) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Dispatch.select().count() == Document.select().count() == 1


def test_braces_and_html_are_text(kari: Browser, library: World) -> None:
    text = "<b>Hei</b> {navn} {{ 7*7 }} & <script>alert(1)</script> </textarea>"
    path, fields = opened(kari, library.per_case)
    page = kari.post(path, {**fields, "t-addressee": text, "do": "fill"})
    assert controls(page)["t-addressee"] == text
    assert "<script>alert" not in page.text
    assert send(kari, path, {**fields, "t-addressee": text}).status_code == 303
    assert text in words_of(stored())


def test_pasted_control_characters_do_no_harm(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    pasted = "Til\x00 Per\x0b\x1b[31m\u202e \ud83d\ude00 \u200bÅs\u2028ny linje".encode("utf-16", "surrogatepass")
    answer = send(kari, path, {**fields, "t-addressee": pasted.decode("utf-16")})
    assert answer.status_code == 303
    assert "Til Per" in stored()
    assert "\x00" not in stored()


def test_a_letter_of_300_blocks(kari: Browser, library: World) -> None:
    who = load_actor(library.anne.id)
    assert who
    row = own_sets.create_set(who, "letter", "Langt brev")
    letter = {
        "schema_version": 1, "key": row.key, "version": 1, "kind": "letter", "languages": ["nb"], "recipient": "employee",
        "title": {"nb": "Langt brev"},
        "blocks": [{"id": f"b{n}", "type": "paragraph", "text": {"nb": f"Avsnitt {n} til {{navn}}"}} for n in range(300)],
    }  # fmt: skip
    QuestionSetVersion.create(
        municipality=library.storvik, question_set=row, number=1, published_at=now(), sha256="x",
        definition=parse_letter(letter).model_dump_json(exclude_defaults=True),
    )  # fmt: skip
    path, fields = opened(kari, library.per_case, row.key)
    assert len([name for name in fields if name.startswith("t-")]) == 300
    assert send(kari, path, {**fields, "t-b299": "Siste avsnitt"}).status_code == 303
    assert "Avsnitt 298 til Per Ås" in stored()
    assert "Siste avsnitt" in stored()


def test_a_paper_that_cannot_be_made_loses_nothing(
    kari: Browser, library: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise PrintRefused("warning")

    path, fields = opened(kari, library.per_case)
    monkeypatch.setattr(dispatches.printing, "render_letter", refuse)
    for page in (path, path.replace("/write/", "/preview/")):
        answer = send(kari, page, {**fields, "t-get_well": "God bedring, Per!"})
        assert answer.status_code == 503
        assert "PDF-en kunne ikke lages nå." in said(answer)
        assert controls(answer)["t-get_well"] == "God bedring, Per!"
        assert controls(answer)["token"] == fields["token"]
    assert Document.select().count() == 0
    monkeypatch.undo()
    assert send(kari, path, fields).status_code == 303


def test_a_case_that_was_closed_meanwhile(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    Case.update(status="closed", closed_on=library.today).where(Case.id == library.per_case.id).execute()
    answer = send(kari, path, {**fields, "t-get_well": "God bedring, Per!"})
    assert answer.status_code == 409
    assert "Saken er avsluttet." in said(answer)
    assert controls(answer)["t-get_well"] == "God bedring, Per!"
    assert kari.get(path).status_code == 409


def test_a_letter_that_got_new_words_meanwhile_is_the_one_on_the_page(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    row = QuestionSet.get(QuestionSet.municipality == library.storvik, QuestionSet.key == "brev-8-uker")
    old = QuestionSetVersion.get(QuestionSetVersion.question_set == row)
    QuestionSetVersion.create(
        municipality=library.storvik, question_set=row, number=2, published_at=now(), sha256="x",
        definition=old.definition.replace("get_well", "other"),
    )  # fmt: skip
    QuestionSet.update(active=False).where(QuestionSet.id == row.id).execute()
    assert send(kari, path, {**fields, "t-get_well": "God bedring, Per!"}).status_code == 303
    assert "God bedring, Per!" in stored()
    assert kari.get(path).status_code == 404  # out of use


def test_text_that_was_written_when_the_login_ran_out_comes_back(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    kept = [(name, value) for name, value in {**fields, "t-get_well": "God bedring, Per!"}.items() if value]
    park(library.kari.id, path.rstrip("?"), [(n, v) for n, v in kept if isinstance(v, str)])
    with kari.client.session_transaction() as session:
        session["parked"] = path
    assert controls(kari.get(path))["t-get_well"] == "God bedring, Per!"
