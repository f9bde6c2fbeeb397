"""The builder of letters over HTTP: faults, two administrators at once, what is refused, paper and publishing."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from models import LoginSession, SetDraft
from services import set_drafts
from tests.admin.flat import LETTER, PATH, Builder, anne, arne, steps, versions
from tests.admin.test_builder import controls
from tests.front import Browser, pdf_text, plan_set, said, shown
from tests.world import World

__all__ = ["anne", "arne", "steps"]

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
