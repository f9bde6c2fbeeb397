"""The builder of letters over HTTP: the page and writing, with and without script."""

from __future__ import annotations

import pytest
from flask import Flask

from forms.letters import Letter
from forms.steps import Steps
from models import AuditEvent, SetDraft
from tests.admin.flat import Builder, anne, arne, steps
from tests.front import Browser, plan_set, said, shown
from tests.world import World

__all__ = ["anne", "arne", "steps"]

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


def test_shapes_are_what_the_page_takes_them_for(anne: Builder, steps: Builder) -> None:
    assert isinstance(anne.draft, Letter)
    assert isinstance(steps.draft, Steps)
