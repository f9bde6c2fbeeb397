"""The builder of letters and steps over HTTP: with and without script, two administrators at once, what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forms.letters import Letter
from forms.steps import Steps
from models import AuditEvent, Case, LoginSession, QuestionSet, QuestionSetVersion, SetDraft, User
from services import access, cases, set_drafts
from tests.admin.test_builder import controls
from tests.front import Browser, pdf_text, plan_set, said, shown
from tests.world import World, make_user

LETTER = "innkalling-dialogmote-ansatt"
PATH = "/admin/brev/bygg/"


class Builder:
    """One administrator with a letter, or the steps, open."""

    def __init__(self, client: FlaskClient, username: str, row: QuestionSet) -> None:
        self.browser, self.row, self.url = Browser(client, username), row, f"{PATH}?id={row.id}"
        self.user = User.get(User.username == username)

    def open(self) -> dict[str, Any]:
        """The fields of the page, as a browser would send them without touching anything."""
        self.page = self.browser.get(self.url)
        assert self.page.status_code == 200, said(self.page)
        return controls(self.page)

    def press(
        self, verb: str, typed: dict[str, str] | None = None, fields: dict[str, Any] | None = None
    ) -> TestResponse:
        """Without script: all of the page is sent, with `typed` over it."""
        sent = {**(fields or self.open()), **(typed or {}), "do": verb}
        return self.browser.post(self.url, sent)

    def fetch(
        self, verb: str, typed: dict[str, str] | None = None, fields: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """With script: only what was typed is sent, with the marks of what was shown."""
        seen = fields or self.open()
        marks = {f"{name}__base": seen[f"{name}__base"] for name in typed or {}}
        sent = {**(typed or {}), **marks, "revision": seen["revision"], "do": verb}
        answer = self.browser.fetch(
            self.url, {**sent, **({"language": seen["language"]} if "language" in seen else {})}
        )
        assert answer.status_code == 200, said(answer)
        told: dict[str, Any] = answer.get_json()
        return told

    @property
    def opened(self) -> set_drafts.OpenDraft:
        actor = access.load_actor(self.user.id)
        assert actor
        return set_drafts.open_draft(actor, self.row.id)

    @property
    def draft(self) -> Any:
        return self.opened.definition

    def text(self, part: str, language: str = "nb") -> str:
        return str(self.draft.find(part).text.get(language, ""))

    @property
    def ids(self) -> list[str]:
        return [part.id for part in self.draft.parts]

    def key(self, part_id: str) -> str:
        """What the page's buttons call a bullet or a row."""
        from forms.flat.letter_edit import part_keys

        block, _slash, place = part_id.partition("/")
        part, _dot, number = place.partition(".")
        return f"{block}:{part}:{{}}:{part_keys(self.draft.find(block), part)[int(number)]}"

    def publish(self, note: str = "Prøve") -> TestResponse:
        return self.browser.post(
            f"/admin/skjema/publiser/?id={self.row.id}", {"note": note, "revision": self.opened.revision}
        )


@pytest.fixture
def anne(app: Flask, library: World) -> Builder:
    return Builder(app.test_client(), "anne", plan_set(library.storvik, LETTER))


@pytest.fixture
def arne(app: Flask, library: World) -> Builder:
    """A second administrator."""
    make_user(library.storvik, "arne", "Arne Administrator", "administrator")
    return Builder(app.test_client(), "arne", plan_set(library.storvik, LETTER))


@pytest.fixture
def steps(app: Flask, library: World) -> Builder:
    return Builder(app.test_client(), "anne", plan_set(library.storvik, "lovens-minimum"))


def versions(row: QuestionSet) -> int:
    return QuestionSetVersion.select().where(QuestionSetVersion.question_set == row).count()


# --- the page ---------------------------------------------------------------------------------------------------------


def test_looking_makes_no_draft_and_touching_nothing_changes_nothing(anne: Builder, steps: Builder) -> None:
    for builder in (anne, steps):
        assert builder.press("save").status_code == 303
        assert builder.opened.revision == 0
    assert SetDraft.select().count() == 0


@pytest.mark.parametrize("key", ["brev-8-uker", "info-1", "info-2", "innkalling-dialogmote-lege"])
def test_every_shipped_letter_opens_and_goes_round_unchanged(app: Flask, library: World, key: str) -> None:
    builder = Builder(app.test_client(), "anne", plan_set(library.storvik, key))
    fields = builder.open()
    assert "Ingen feil" in shown(builder.page)
    assert builder.press("save", fields=fields).status_code == 303
    assert builder.opened.revision == 0


def test_the_page_has_a_card_for_each_block_with_its_texts_side_by_side(anne: Builder) -> None:
    fields = anne.open()
    assert fields["/title.nn"] == "Innkalling til dialogmøte"
    assert fields["/recipient"] == "employee"
    assert fields["addressee/text.nb"] == fields["addressee/text.nn"] == "Til {navn}"
    assert fields["occupational_health/only_if"] == "occupational_health"
    assert fields["occupational_health/note.nb"].startswith("Gjelder kun")
    page = said(anne.page)
    assert "Bare når den ansatte har lovpålagt bedriftshelsetjeneste · har merknad" in page
    assert "{navn} den ansattes navn" in page
    assert "{sykmelder} legen eller behandleren som sykmelder" in page
    for word in ("Sted og tid", "Avsnitt", "Hilsen"):
        assert word in page


def test_the_preview_is_filled_in_for_nobody_and_marked(anne: Builder) -> None:
    anne.press("hide:support_person")
    page = shown(anne.browser.get(f"{anne.url}&lang=nn"))
    look = page[page.index('id="look"') :]
    assert "EKSEMPEL" in look
    assert "Til Ola Eksempel" in look
    assert "Du har no vore 100 % sjukmeld sidan" in look
    assert "bistandsperson" not in look
    assert "Bare når den ansatte har lovpålagt bedriftshelsetjeneste." in look


# --- writing ----------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_in_the_draft_and_nobody_else_sees_it(anne: Builder, app: Flask) -> None:
    before = anne.text("summons", "nn")
    answer = anne.press("save", {"summons/text.nb": "Velkommen til møte.", "/recipient": "certifier"})
    assert answer.status_code == 303
    assert (anne.text("summons"), anne.text("summons", "nn")) == ("Velkommen til møte.", before)
    assert anne.draft.recipient == "certifier"
    assert "Velkommen til møte." in shown(anne.browser.get(anne.url))
    assert "Velkommen" not in Browser(app.test_client(), "siri").get(f"/admin/brev/details/?id={anne.row.id}").text
    assert AuditEvent.select().where(AuditEvent.tag == "set:changed").count() == 1


def test_the_script_sends_a_text_and_gets_its_mark_and_the_preview(anne: Builder) -> None:
    seen = anne.open()
    told = anne.fetch("save", {"summons/text.nb": "Velkommen, {navn}."}, seen)
    assert (told["held"], told["errors"], told["conflicts"], told["refused"]) == (False, {}, [], "")
    assert "Velkommen, Ola Eksempel." in told["parts"]["look"]
    assert "Endret «Velkommen, {navn}.»" in told["parts"]["builder-bar"]
    assert "flat-cards" not in told["parts"]
    again = {**seen, **{f"{name}__base": mark for name, mark in told["marks"].items()}, "revision": told["revision"]}
    told = anne.fetch("save", {"summons/text.nb": "Velkommen igjen."}, again)
    assert told["held"] is False
    assert anne.text("summons") == "Velkommen igjen."
    told = anne.fetch("undo", fields={"revision": told["revision"]})
    assert told["said"] == "Angret: Endret «Velkommen igjen.»."
    assert anne.draft == anne.opened.live  # typing on in one text was one step


def test_several_blocks_at_once_are_one_step(anne: Builder) -> None:
    told = anne.fetch("save", {"summons/text.nb": "En", "purpose/text.nb": "To", "/title.nb": "Tre"})
    assert (anne.text("summons"), anne.text("purpose"), anne.draft.title["nb"]) == ("En", "To", "Tre")
    assert told["title"] == "Tre"
    assert "Endret flere deler" in told["parts"]["builder-bar"]
    assert anne.press("undo").status_code == 303
    assert anne.draft == anne.opened.live


def test_the_size_of_a_heading_and_when_a_block_is_part(app: Flask, library: World) -> None:
    info = Builder(app.test_client(), "anne", plan_set(library.storvik, "info-1"))
    block = next(b for b in info.draft.parts if b.type == "heading" and b.level == 1)
    info.press("save", {f"{block.id}/level": "2", f"{block.id}/only_if": "full_sick"})
    changed = info.draft.find(block.id)
    assert (changed.level, changed.only_if) == (2, "full_sick")
    told = info.fetch("save", {f"{block.id}/level": "9"})
    assert told["errors"] == {f"{block.id}/level": "Skriv et helt tall fra 1 til 2."}
    assert info.draft.find(block.id).level == 2


def test_blocks_come_go_and_move(anne: Builder) -> None:
    told = anne.fetch("add:list:addressee")
    assert told["focus"] == "card-liste_1"
    assert anne.ids[:3] == ["place_and_date", "addressee", "liste_1"]
    assert anne.draft.find("liste_1").items == ({"nb": "Nytt punkt", "nn": "Nytt punkt"},)
    anne.press("add:heading:")
    assert anne.ids[0] == "overskrift_1"
    assert anne.press("up:addressee").location.endswith("#menu-addressee")
    anne.fetch("down:overskrift_1")
    assert anne.ids[:4] == ["addressee", "overskrift_1", "place_and_date", "liste_1"]
    anne.press("copy:greeting")
    assert anne.ids[-2:] == ["greeting", "greeting_1"]
    anne.press("delete:greeting_1")
    anne.press("delete:overskrift_1")
    assert {"greeting_1", "overskrift_1"}.isdisjoint(anne.ids)


def test_what_was_published_is_hidden_not_deleted(anne: Builder) -> None:
    anne.open()
    assert "delete:greeting" not in anne.page.text
    answer = anne.press("delete:greeting")
    assert answer.status_code == 422
    assert "kan bare skjules" in said(answer)
    anne.press("hide:greeting")
    assert anne.draft.find("greeting").hidden
    page = anne.browser.get(anne.url)
    assert "show:greeting" in page.text
    anne.press("show:greeting")
    assert anne.draft == anne.opened.live


def test_bullets_are_added_moved_and_taken_away(anne: Builder) -> None:
    anne.press("add:list:addressee")
    told = anne.fetch("part:liste_1:items:add")
    assert told["focus"] == "part-liste_1/items.1"
    anne.press("save", {"liste_1/items.0.nb": "En", "liste_1/items.1.nb": "To"})
    told = anne.fetch("part:" + anne.key("liste_1/items.1").format("up"))
    assert told["focus"] == "part-liste_1/items.0"
    assert [item["nb"] for item in anne.draft.find("liste_1").items] == ["To", "En"]
    anne.press("part:" + anne.key("liste_1/items.0").format("remove"))
    assert [item["nb"] for item in anne.draft.find("liste_1").items] == ["En"]
    answer = anne.press("part:" + anne.key("liste_1/items.0").format("remove"))
    assert (answer.status_code, len(anne.draft.find("liste_1").items)) == (422, 1)


def test_what_was_typed_in_a_bullet_is_kept_when_it_is_moved(anne: Builder) -> None:
    anne.press("add:list:addressee")
    anne.press("part:liste_1:items:add")
    verb = "part:" + anne.key("liste_1/items.1").format("up")
    told = anne.fetch(verb, {"liste_1/items.1.nb": "Skrevet akkurat nå"})
    assert told["refused"] == ""
    assert anne.draft.find("liste_1").items[0]["nb"] == "Skrevet akkurat nå"
    told = anne.fetch("save", {"liste_1/items.0.nb": "Skrevet om"})  # the button knows what stands there now
    number, _dash, mark = told["keys"]["part-liste_1/items.0"].partition("-")
    assert (number, told["refused"]) == ("0", "")
    assert anne.key("liste_1/items.0").endswith(f":0-{mark}")


def test_nobody_takes_away_another_bullet_than_they_saw(anne: Builder, arne: Builder) -> None:
    anne.press("add:list:addressee")
    anne.press("part:liste_1:items:add")
    verb = "part:" + anne.key("liste_1/items.0").format("remove")
    seen = anne.open()
    arne.press("save", {"liste_1/items.0.nb": "Arnes punkt"})
    answer = anne.press(verb, fields=seen)
    assert answer.status_code == 422
    assert "Noen andre har endret dette i mellomtiden" in said(answer)
    assert anne.draft.find("liste_1").items[0]["nb"] == "Arnes punkt"


def test_rows_and_columns_of_a_table(anne: Builder) -> None:
    anne.press("add:table:addressee")
    anne.press("part:tabell_1:columns:add")
    anne.press("part:tabell_1:rows:add")
    assert [len(row) for row in anne.draft.find("tabell_1").rows] == [3, 3, 3]
    anne.press("save", {"tabell_1/rows.0.2.nb": "Til høyre"})
    anne.press("part:" + anne.key("tabell_1/columns.2").format("up"))
    assert anne.draft.find("tabell_1").rows[0][1]["nb"] == "Til høyre"
    anne.press("part:" + anne.key("tabell_1/columns.0").format("remove"))
    anne.press("part:" + anne.key("tabell_1/rows.2").format("remove"))
    assert [len(row) for row in anne.draft.find("tabell_1").rows] == [2, 2]


def test_languages_come_and_go(anne: Builder) -> None:
    fields = anne.open()
    told = anne.fetch("language:add", fields={**fields, "language": "en"})
    assert anne.draft.languages == ("nb", "nn", "en")
    assert "har ingen tekst på engelsk" in told["parts"]["builder-bar"]
    assert anne.publish().status_code == 422
    anne.press("save", {"/title.en": "Summons"})
    anne.press("language:remove:en")
    assert anne.draft.languages == ("nb", "nn")
    assert anne.opened.faults() == []
    answer = anne.press("language:remove:nb")
    assert answer.status_code == 303
    answer = anne.press("language:remove:nn")
    assert answer.status_code == 422
    assert "Bokmål eller nynorsk må være med." in said(answer)


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "why"), [
    ("Hei {nevn}.", "har {nevn}, som ikke finnes"), ("Hei {navn.", "krøllparentes uten maken sin"),
    ("Hei navn}.", "krøllparentes uten maken sin"), ("{{ navn }}", "som ikke finnes"), ("{% if 1 %}", "som ikke finnes"),
    ("Hei {NAVN}", "har {NAVN}, som ikke finnes"), ("", "har ingen tekst på bokmål"),
])  # fmt: skip
def test_a_placeholder_that_does_not_exist_is_told_at_the_field_and_keeps_from_publishing(
    anne: Builder, text: str, why: str
) -> None:
    told = anne.fetch("save", {"summons/text.nb": text})
    assert told["held"] is False
    assert anne.text("summons") == text  # nothing typed is lost
    at_field = told["parts"]["x-r-summons/text"]
    assert why in at_field
    assert "#r-summons/text" in told["parts"]["builder-bar"]
    assert 'id="r-summons/text"' in anne.browser.get(anne.url).text
    page = anne.browser.get(f"/admin/skjema/publiser/?id={anne.row.id}")
    assert f'href="{PATH}?id={anne.row.id}#card-summons"' in page.text
    answer = anne.publish()
    assert (answer.status_code, versions(anne.row)) == (422, 1)
    anne.press("save", {"summons/text.nb": "Hei {navn}."})
    assert anne.publish().status_code == 303


def test_titles_have_no_placeholders_and_bullets_are_checked_one_by_one(anne: Builder) -> None:
    anne.press("add:list:addressee")
    told = anne.fetch("save", {"/title.nb": "Til {navn}", "liste_1/items.0.nb": "{feil}"})
    assert "kan ikke ha {navn}" in told["parts"]["x-r-/title"]
    assert "{feil}" in told["parts"]["x-r-liste_1/items.0"]
    assert "2 feil" in told["parts"]["builder-bar"]


def test_a_value_with_braces_or_markup_stays_text(anne: Builder) -> None:
    anne.press("save", {"summons/text.nb": "<b>Hei</b> & {navn} %(x)s"})
    page = anne.browser.get(anne.url).text
    assert "&lt;b&gt;Hei&lt;/b&gt; &amp; Ola Eksempel %(x)s" in page
    assert anne.opened.faults() == []
    assert "<b>Hei</b> & …… %(x)s" in pdf_text(anne.browser.get(f"{PATH}paper/?id={anne.row.id}").data)


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_who_write_in_different_texts_lose_nothing(anne: Builder, arne: Builder) -> None:
    seen = anne.open()
    arne.press("save", {"purpose/text.nb": "Arnes", "summons/text.nn": "Arnes nynorsk"})
    told = anne.fetch("save", {"summons/text.nb": "Annes"}, seen)
    assert told["held"] is False
    assert (anne.text("summons"), anne.text("summons", "nn"), anne.text("purpose")) == (
        "Annes",
        "Arnes nynorsk",
        "Arnes",
    )
    assert "Arnes nynorsk" in told["parts"]["flat-cards"]  # what the other wrote is shown


def test_two_who_write_in_the_same_text_see_both(anne: Builder, arne: Builder) -> None:
    seen = anne.open()
    arne.press("save", {"summons/text.nb": "Arnes tekst", "/recipient": "certifier"})
    answer = anne.press("save", {"summons/text.nb": "Annes tekst", "purpose/text.nb": "Annes andre"}, seen)
    assert answer.status_code == 409
    page = shown(answer)
    assert "Annes tekst" in page
    assert 'data-value="Arnes tekst"' in page
    assert "Arne Administrator lagret dette kl." in page
    assert (anne.text("summons"), anne.text("purpose")) == ("Arnes tekst", "Annes andre")
    mine = controls(answer)
    assert mine["summons/text.nb"] == "Annes tekst"
    assert anne.press("save", fields=mine).status_code == 303  # knowingly
    assert (anne.text("summons"), anne.draft.recipient) == ("Annes tekst", "certifier")


def test_a_choice_in_conflict_is_told_in_words(anne: Builder, arne: Builder) -> None:
    seen = anne.open()
    arne.press("save", {"purpose/only_if": "full_sick"})
    told = anne.fetch("save", {"purpose/only_if": "occupational_health"}, seen)
    assert (told["conflicts"], told["held"]) == (["purpose/only_if"], True)
    assert "Bare når den ansatte er helt sykmeldt" in told["parts"]["flat-cards"]


def test_text_in_a_block_that_another_deleted_is_given_back(anne: Builder, arne: Builder) -> None:
    anne.press("add:paragraph:addressee")
    seen = anne.open()
    arne.press("delete:avsnitt_1")
    answer = anne.press("save", {"avsnitt_1/text.nb": "Min lange tekst", "summons/text.nb": "Med også"}, seen)
    assert answer.status_code == 422
    assert "slettet av en annen" in said(answer)
    assert "Min lange tekst" in shown(answer)
    assert anne.text("summons") == "Med også"


def test_nobody_undoes_what_they_did_not_see(anne: Builder, arne: Builder) -> None:
    anne.press("save", {"summons/text.nb": "Annes"})
    seen = anne.open()
    arne.press("save", {"purpose/text.nb": "Arnes"})
    answer = anne.press("undo", fields=seen)
    assert answer.status_code == 422
    assert "Arne Administrator endret kladden mens du så på den. Ingenting er angret." in said(answer)
    assert (anne.text("summons"), anne.text("purpose")) == ("Annes", "Arnes")
    anne.open()
    assert "Dette gjorde Arne Administrator" in anne.page.text
    assert anne.press("undo").status_code == 303
    assert anne.text("purpose") != "Arnes"


def test_text_survives_a_login_that_ran_out(anne: Builder) -> None:
    fields = anne.open()
    LoginSession.update(last_seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)).execute()
    answer = anne.browser.post(anne.url, {**fields, "summons/text.nb": "Skrevet for sent", "do": "save"})
    assert answer.location.startswith("/login?next=")
    anne.browser.log_in("anne", path=answer.location)
    fields = anne.open()
    assert fields["summons/text.nb"] == "Skrevet for sent"
    assert "data-unsaved" in anne.page.text
    assert SetDraft.select().count() == 0
    assert anne.press("save", fields=fields).status_code == 303
    assert anne.text("summons") == "Skrevet for sent"


def test_a_letter_that_became_too_large_keeps_the_text_on_the_page(
    anne: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_drafts, "MAX_BYTES", 100)
    answer = anne.press("save", {"summons/text.nb": "Den lange teksten min"})
    assert answer.status_code == 409
    assert "for stort" in said(answer)
    assert controls(answer)["summons/text.nb"] == "Den lange teksten min"
    assert anne.opened.revision == 0


def test_a_text_that_is_too_long_is_told_at_its_field(anne: Builder) -> None:
    told = anne.fetch("save", {"summons/text.nb": "x" * 20_001, "purpose/text.nb": "Kort"})
    assert told["errors"] == {"summons/text.nb": "20001 tegn; høyst 20000. Kort ned teksten."}
    assert "x" * 20_001 in told["parts"]["flat-cards"]
    assert anne.text("purpose") == "Kort"


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [
    "nothing", "add", "add:void:", "add:list:void", "up", "up:void", "copy:", "hide:", "delete:void", "part:summons",
    "part:summons:items:add", "part:void:items:add", "part:summons:rows:up:0-", "part:summons:items:up:x", "language:add",
    "language:remove:zz", "part:summons:items:remove:" + "9" * 5000, "show:", "up:place_and_date", "down:greeting",
    "part:greeting:__class__:up:0", "redo:x", ":", "part:::::",
])  # fmt: skip
def test_a_forged_button_changes_nothing(anne: Builder, verb: str) -> None:
    answer = anne.browser.post(anne.url, {"do": verb, "revision": "x", "language": "zz"})
    assert answer.status_code == 422
    assert anne.opened.revision == 0


def test_forged_fields_change_nothing(anne: Builder, steps: Builder) -> None:
    forged = {
        "summons/type": "heading", "summons/id": "x", "summons/hidden": "1", "/kind": "information", "/key": "x",
        "/languages": "nn", "void/text.nb": "x", "summons/items.0.nb": "x", "summons/text": "x", "/": "x", "summons/": "x",
        "summons/rows.0.0.nb": "x", "summons/text.nb.nb": "x", "/blocks.0.text.nb": "x",
    }  # fmt: skip
    anne.browser.post(anne.url, {**forged, **{f"{name}__base": "" for name in forged}, "do": "save"})
    law = {"plan/at_most": "99", "plan/locked": "", "plan/law": "x", "plan/code": "sign", "plan/hidden": "1"}
    steps.browser.post(steps.url, {**law, **{f"{name}__base": "" for name in law}, "do": "save"})
    for builder in (anne, steps):
        assert builder.opened.revision == 0


def test_others_are_kept_out(app: Flask, anne: Builder, library: World) -> None:
    foreign = plan_set(library.fjell, LETTER)
    for path in (f"{PATH}?id={foreign.id}", f"{PATH}paper/?id={foreign.id}", f"{PATH}?id=", f"{PATH}paper/?id=abc"):
        assert anne.browser.get(path).status_code == 404
    assert anne.browser.post(f"{PATH}?id={foreign.id}", {"do": "hide:greeting"}).status_code == 404
    for name in ("kari", "siri", "per", "aud"):
        other = Browser(app.test_client(), name)
        assert other.get(anne.url).status_code == 403
        assert other.post(anne.url, {"do": "hide:greeting"}).status_code == 403
        assert other.get(f"{PATH}paper/?id={anne.row.id}").status_code == 403
    assert SetDraft.select().count() == 0


def test_each_kind_has_its_own_builder(anne: Builder, steps: Builder, library: World) -> None:
    the_set = plan_set(library.storvik)
    assert anne.browser.get(f"{PATH}?id={the_set.id}").status_code == 404
    assert anne.browser.get(f"/admin/skjema/bygg/?id={anne.row.id}").status_code == 404
    assert anne.browser.get(f"{PATH}paper/?id={steps.row.id}").status_code == 404  # steps are no paper


# --- paper and publishing ---------------------------------------------------------------------------------------------


def test_the_draft_on_paper_is_marked_as_an_example(anne: Builder) -> None:
    anne.press("save", {"summons/text.nb": "Velkommen, {navn}, til {kommune}.", "summons/text.nn": "Velkomen."})
    answer = anne.browser.get(f"{PATH}paper/?id={anne.row.id}")
    assert answer.mimetype == "application/pdf"
    text = pdf_text(answer.data)
    assert "EKSEMPEL" in text
    assert "Velkommen, ……, til Storvik." in text
    assert "Velkomen." in pdf_text(anne.browser.get(f"{PATH}paper/?id={anne.row.id}&lang=nn").data)
    published = pdf_text(anne.browser.get(f"/admin/brev/blank/?id={anne.row.id}").data)
    assert "EKSEMPEL" not in published
    assert "Velkommen" not in published


def test_a_letter_is_published_compared_and_restored(app: Flask, anne: Builder) -> None:
    anne.press("save", {"summons/text.nb": "Velkommen til møte.", "summons/text.nn": "Velkomen til møte."})
    anne.press("hide:support_person")
    page = anne.browser.get(f"/admin/skjema/publiser/?id={anne.row.id}")
    assert "Velkommen til møte." in shown(page)
    assert "1 større endring, 2 endrede tekster." in said(page)
    assert f'href="{PATH}?id={anne.row.id}"' in page.text
    assert anne.publish("Kortere").status_code == 303
    letter = shown(Browser(app.test_client(), "siri").get(f"/admin/brev/details/?id={anne.row.id}"))
    assert "Velkommen til møte." in letter
    assert "bistandsperson" not in letter
    assert anne.publish().status_code == 409  # there is no draft any more
    listed = anne.browser.get(f"/admin/skjema/publiser/versions/?id={anne.row.id}")
    assert "Kortere" in shown(listed)
    assert f"/admin/brev/details/?id={anne.row.id}&amp;version=1" in listed.text
    old = shown(anne.browser.get(f"/admin/brev/details/?id={anne.row.id}&version=1"))
    assert "100 % sykemeldt" in old
    assert "Dette er versjon 1." in old
    compared = anne.browser.get(f"/admin/skjema/publiser/compare/?id={anne.row.id}&from=1&to=2")
    assert "<ins>Velkommen til møte.</ins>" in compared.text
    answer = anne.browser.post("/admin/skjema/publiser/restore/", {"id": anne.row.id, "number": "1"})
    assert answer.status_code == 303
    assert "100 % sykemeldt" in anne.text("summons")
    assert not anne.draft.find("support_person").hidden


def test_the_draft_can_be_thrown_away(anne: Builder) -> None:
    anne.press("save", {"summons/text.nb": "Nei"})
    assert "publishing/discard" not in anne.browser.get(anne.url).text
    answer = anne.browser.post(
        "/admin/skjema/publiser/discard/", {"id": anne.row.id, "revision": anne.opened.revision - 1}
    )
    assert answer.location == f"{PATH}?id={anne.row.id}"  # somebody changed it in between
    answer = anne.browser.post("/admin/skjema/publiser/discard/", {"id": anne.row.id, "revision": anne.opened.revision})
    assert answer.location == f"/admin/brev/details/?id={anne.row.id}"
    assert anne.opened.revision == 0


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_step_shows_what_the_law_says_of_it(steps: Builder) -> None:
    fields = steps.open()
    assert fields["plan/days"] == "28"
    assert "evaluate/days" not in fields
    assert "dialogue_2/days" not in fields
    page = said(steps.page)
    assert "Loven: senest 28 dager. Kommunen kan sette færre." in page
    assert "Låst: loven krever dette steget (aml § 4-6 tredje ledd)." in page
    assert "Datoen avtales i planen" in page
    assert "Nav kaller inn og bestemmer dagen, senest 182 dager fra første sykedag." in page
    assert "add:" not in steps.page.text
    assert "delete:" not in steps.page.text


def test_the_days_are_shown_as_dates(steps: Builder) -> None:
    told = steps.fetch("save", {"plan/days": "21", "contact/text.nb": "Ring den ansatte"})
    look = told["parts"]["look"]
    assert "Ring den ansatte" in look
    assert "dag 21 (loven: " in look
    told = steps.fetch("hide:contact")
    assert "Ring den ansatte" not in told["parts"]["look"]
    told = steps.fetch("save", {"plan/days": ""})
    assert "Antall dager mangler" in told["parts"]["x-r-plan/days"]
    assert "dag 28" in told["parts"]["look"]  # the law's, while nothing is set


@pytest.mark.parametrize(("step", "days", "why"), [
    ("plan", "29", "kan ikke være flere enn 28, som er lovens frist"), ("dialogue_1", "50", "kan ikke være flere enn 49"),
    ("plan", "", "mangler"),
])  # fmt: skip
def test_a_step_of_the_law_cannot_come_later(steps: Builder, step: str, days: str, why: str) -> None:
    told = steps.fetch("save", {f"{step}/days": days})
    assert why in told["parts"][f"x-r-{step}/days"]
    assert "1 feil" in told["parts"]["builder-bar"]
    assert (steps.publish().status_code, versions(steps.row)) == (422, 1)


@pytest.mark.parametrize("days", ["fire", "-1", "1.5", "999999", "2८x"])
def test_days_that_are_no_number_stay_on_the_page(steps: Builder, days: str) -> None:
    answer = steps.press("save", {"plan/days": days, "contact/text.nb": "Ring"})
    assert answer.status_code == 422
    assert controls(answer)["plan/days"] == days
    assert (steps.draft.find("plan").days, steps.text("contact")) == (28, "Ring")


@pytest.mark.parametrize("verb", ["hide:plan", "hide:dialogue_1", "hide:dialogue_2"])
def test_a_step_of_the_law_cannot_be_hidden(steps: Builder, verb: str) -> None:
    answer = steps.press(verb)
    assert answer.status_code == 422
    assert "Loven krever" in said(answer)
    assert steps.opened.revision == 0


@pytest.mark.parametrize("verb", ["add:paragraph:", "copy:plan", "up:plan", "delete:sign", "part:plan:items:add"])
def test_steps_are_what_they_are(steps: Builder, verb: str) -> None:
    assert steps.press(verb).status_code == 422
    assert steps.opened.revision == 0


def test_a_stricter_deadline_counts_at_once_in_open_cases(app: Flask, steps: Builder, library: World) -> None:
    for case in (library.per_case, library.lise_case, library.bjarte_case):
        milestones.refresh(case)
    Case.update(status="closed").where(Case.id == library.lise_case.id).execute()
    first = library.per_case.first_day
    for case in library.refresh().per_case, library.bjarte_case:
        assert (case.next_step, case.next_due) == ("contact", first + dt.timedelta(days=7))
    steps.press("save", {"plan/days": "14"})
    steps.press("hide:contact")
    before = library.lise_case.next_due
    assert steps.publish("Strengere").status_code == 303
    library.refresh()
    assert (library.per_case.next_step, library.per_case.next_due) == ("plan", first + dt.timedelta(days=14))
    assert library.lise_case.next_due == before  # closed
    assert library.bjarte_case.next_step == "contact"  # another municipality's
    page = said(Browser(app.test_client(), "kari").get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert "Lag oppfølgingsplanen sammen" in page


def test_the_municipalitys_words_are_what_leaders_read(app: Flask, steps: Builder, library: World) -> None:
    milestones.refresh(library.per_case)
    words = {
        "contact/text.nb": "Ring den ansatte", "contact/text.nn": "Ring den tilsette",
        "contact/help.nb": "Ring innen uka er omme.\nIkke spør om diagnosen.", "contact/help.nn": "Ring i løpet av veka.",
        "dialogue_1/text.nb": "Møte med lege", "dialogue_1/text.nn": "Møte med lege",
    }  # fmt: skip
    steps.press("save", words)
    kari = Browser(app.test_client(), "kari")
    assert "Ring den ansatte" not in kari.get(f"/admin/saker/details/?id={library.per_case.id}").text
    assert steps.publish("Egne ord").status_code == 303
    page = shown(kari.get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert '<h2 id="next-step-title">Ring den ansatte</h2>' in page.replace("\n", "")
    assert "Ring innen uka er omme.\nIkke spør om diagnosen." in page
    assert "Møte med lege" in page
    for path in ("/admin/saker/", "/admin/"):
        assert "Ring den ansatte" in kari.get(path).text
    kari.post("/sprak", {"language": "nn", "next": "/admin/"})
    page = shown(kari.get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert "Ring den tilsette" in page
    assert "Ring i løpet av veka." in page


def test_shapes_are_what_the_page_takes_them_for(anne: Builder, steps: Builder) -> None:
    assert isinstance(anne.draft, Letter)
    assert isinstance(steps.draft, Steps)
