"""Letters on their shelf: who sees which, new ones from scratch or laid over a shipped one, out of use and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from forms import library as shelf
from forms.contents import handling
from forms.letters import Letter, parse_letter
from models import QuestionSet, QuestionSetVersion, SetDraft
from services import own_sets, set_drafts
from services.access import Actor, load_actor
from services.errors import Invalid, NotAllowed
from services.letters import letters
from tests.front import Browser, pdf_text, plan_set, said, shown
from tests.world import World

LIST = "/admin/brev/"


@pytest.fixture
def anne(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "anne")


@pytest.fixture
def siri(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "siri")


@pytest.fixture
def letter(library: World) -> QuestionSet:
    return plan_set(library.storvik, "brev-8-uker")


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Callable[[dict[str, Any]], None]], None]]:
    """Let the product have a new version of a letter."""
    real = shelf.load_letter

    def new_version(key: str, how: Callable[[dict[str, Any]], None]) -> None:
        data = real(key).model_dump(mode="json", exclude_defaults=True)
        how(data)
        newer = parse_letter({**data, "version": data["version"] + 1})
        monkeypatch.setattr(shelf, "load_letter", lambda asked: newer if asked == key else real(asked))
        handling.cache_clear()

    yield new_version
    monkeypatch.undo()
    handling.cache_clear()


def actor(user: Any) -> Actor:
    found = load_actor(user.id)
    assert found is not None
    return found


def draft_of(row: QuestionSet, user: Any) -> Any:
    return set_drafts.open_draft(actor(user), row.id).definition


def newest() -> QuestionSet:
    return QuestionSet.select().order_by(QuestionSet.id.desc()).get()


def publish(anne: Browser, row: QuestionSet, **more: str) -> None:
    revision = SetDraft.get(SetDraft.question_set == row).revision
    form = {"note": "Første", "revision": revision, **more}
    assert anne.post(f"/admin/skjema/publiser/?id={row.id}", form).status_code == 303


# --- the list ---------------------------------------------------------------------------------------------------------


def test_administrators_see_state_and_ways_to_change_others_only_the_letters(anne: Browser, siri: Browser) -> None:
    mine, hers = anne.get(LIST), siri.get(LIST)
    assert mine.text.count(">i bruk<") == 6
    assert "Nytt brev" in said(mine)
    assert "/admin/brev/bygg/" in mine.text
    for word in ("Nytt brev", "Tilstand", "Endre"):
        assert word not in said(hers)
    assert "/admin/brev/bygg/" not in hers.text


def test_a_draft_is_told_where_one_lies(anne: Browser, letter: QuestionSet) -> None:
    anne.post(f"/admin/brev/bygg/?id={letter.id}", {"do": "add:paragraph:"})
    assert anne.get(LIST).text.count(">har kladd<") == 1
    page = said(anne.get(f"/admin/brev/details/?id={letter.id}"))
    assert "Fortsett på kladden" in page
    assert "Se hva som endres, og publiser" in page


def test_the_list_asks_the_database_few_times(anne: Browser, library: World) -> None:
    from tests.front import traced

    with traced() as few:
        anne.get(LIST)
    for number in range(5):
        own_sets.create_set(actor(library.anne), "letter", f"Eget brev {number}")
    with traced() as more:
        assert "Eget brev 4" in anne.get(LIST).text
    assert len([sql for sql in more if sql.startswith("SELECT")]) <= len(few) + 3


def test_a_new_version_from_attende_is_offered_and_taken_in(
    anne: Browser, letter: QuestionSet, ship: Callable[..., None], library: World
) -> None:
    anne.post(f"/admin/brev/bygg/?id={letter.id}", {"do": "add:closing:"})
    publish(anne, letter)

    def reworded(data: dict[str, Any]) -> None:
        data["blocks"][2]["text"] = {"nb": "Attendes nye ord.", "nn": "Dei nye orda."}

    ship("brev-8-uker", reworded)
    assert ">ny versjon fra Attende<" in anne.get(LIST).text
    assert "Attende har en ny versjon av brevet" in said(anne.get(f"/admin/brev/details/?id={letter.id}"))
    page = anne.get(f"/admin/skjema/publiser/upgrade/?id={letter.id}")
    assert "<ins>Attendes nye ord.</ins>" in page.text
    answer = anne.post(f"/admin/skjema/publiser/upgrade/?id={letter.id}", {"publish": "1"})
    assert answer.location == f"/admin/skjema/publiser/versions/?id={letter.id}"
    text = shown(anne.get(f"/admin/brev/details/?id={letter.id}"))
    assert "Attendes nye ord." in text
    assert "Vennlig hilsen" in text  # the municipality's own block, first
    assert "ny versjon" not in anne.get(LIST).text


# --- out of use -------------------------------------------------------------------------------------------------------


def test_a_letter_is_taken_out_of_use_and_back(anne: Browser, siri: Browser, letter: QuestionSet) -> None:
    answer = anne.post("/admin/skjema/publiser/retire/", {"id": letter.id})
    assert answer.location == f"/admin/brev/details/?id={letter.id}"
    assert f"id={letter.id}" not in siri.get(LIST).text
    page = anne.get(answer.location)
    assert "Brevet er tatt ut av bruk." in said(page)
    assert "Ta i bruk igjen" in said(page)
    assert ">tatt ut av bruk<" in anne.get(LIST).text
    anne.post("/admin/skjema/publiser/retire/", {"id": letter.id, "back": "1"})
    assert f"id={letter.id}" in siri.get(LIST).text


def test_only_administrators_take_letters_out_of_use(siri: Browser, letter: QuestionSet) -> None:
    assert siri.post("/admin/skjema/publiser/retire/", {"id": letter.id}).status_code == 403
    assert QuestionSet.get_by_id(letter.id).active


# --- new ones ---------------------------------------------------------------------------------------------------------


def test_a_letter_from_scratch(anne: Browser, siri: Browser, library: World) -> None:
    answer = anne.post("/admin/brev/new/", {"title": "  Vel   kommen ", "base": "", "kind": "information"})
    row = newest()
    assert answer.location == f"/admin/brev/bygg/?id={row.id}"
    assert (row.kind, row.key, row.base, row.title) == ("information", "vel-kommen", "", "Vel kommen")
    made = draft_of(row, library.anne)
    assert isinstance(made, Letter)
    assert made.title == {"nb": "Vel kommen", "nn": "Vel kommen"}
    assert [block.type for block in made.blocks] == ["place", "paragraph", "closing"]
    page = anne.get(answer.location)
    assert "Ingen andre ser det før du publiserer." in said(page)
    assert "Ingen feil" in said(page)
    assert ">ikke publisert<" in anne.get(LIST).text
    assert "Vel kommen" not in siri.get(LIST).text
    assert siri.get(f"/admin/brev/details/?id={row.id}").status_code == 404
    assert anne.get(f"/admin/brev/details/?id={row.id}").location == f"/admin/brev/bygg/?id={row.id}"
    assert anne.get(f"/admin/brev/blank/?id={row.id}").status_code == 404
    publish(anne, row)
    assert "Vel kommen" in siri.get(LIST).text
    assert "Vel kommen" in pdf_text(siri.get(f"/admin/brev/blank/?id={row.id}").data)


def test_a_letter_that_begins_later_is_planned(anne: Browser, siri: Browser, library: World) -> None:
    row = own_sets.create_set(actor(library.anne), "letter", "Fra neste år")
    publish(anne, row, starts_on=f"{library.today.year + 1}-01-01")
    assert ">planlagt<" in anne.get(LIST).text
    assert "Fra neste år" not in siri.get(LIST).text


def test_a_letter_laid_over_a_shipped_one(anne: Browser, library: World) -> None:
    form = {"title": "Innkalling for lærere", "base": "innkalling-dialogmote-ansatt", "kind": "information"}
    assert anne.post("/admin/brev/new/", form).status_code == 303
    row = newest()
    assert (row.kind, row.base, row.key) == ("letter", "innkalling-dialogmote-ansatt", "innkalling-for-laerere")
    opened = set_drafts.open_draft(actor(library.anne), row.id)
    assert opened.base == shelf.load_letter("innkalling-dialogmote-ansatt")
    assert opened.definition.title["nb"] == "Innkalling for lærere"
    publish(anne, row)
    version = QuestionSetVersion.get(QuestionSetVersion.question_set == row)
    operations = handling("letter").read_operations(version.operations)
    assert {(one.op, one.path) for one in operations} == {("set", "key"), ("set", "title.nb")}  # no copy


def test_the_key_is_nobody_elses(library: World) -> None:
    anne = actor(library.anne)
    keys = [own_sets.create_set(anne, "letter", title).key for title in ("Info 1", "Info 1", "Brev 8 uker", "!")]
    assert keys == ["info-1-2", "info-1-3", "brev-8-uker-2", "skjema"]
    assert own_sets.create_set(anne, "letter", "Lovens minimum").key == "lovens-minimum-2"


@pytest.mark.parametrize(("form", "why"), [
    ({"title": " ", "base": "", "kind": "letter"}, "Skriv hva brevet skal hete."),
    ({"title": "x" * 300, "base": "", "kind": "letter"}, "tegn"),
    ({"title": "Brev", "base": "nordre-land-iop", "kind": "letter"}, "Velg ett av alternativene."),
    ({"title": "Brev", "base": "../x", "kind": "letter"}, "Velg ett av alternativene."),
    ({"title": "Brev", "base": "", "kind": "plan"}, "Ikke et gyldig valg"),
    ({"title": "Brev", "base": "", "kind": "steps"}, "Ikke et gyldig valg"),
])  # fmt: skip
def test_what_is_wrong_with_a_new_letter_is_told(anne: Browser, form: dict[str, str], why: str) -> None:
    rows = QuestionSet.select().count()
    answer = anne.post("/admin/brev/new/", form)
    assert answer.status_code == 422
    assert why in said(answer)
    assert f'value="{form["title"].strip()}"' in answer.text
    assert QuestionSet.select().count() == rows


def test_services_ask_again(library: World) -> None:
    with pytest.raises(NotAllowed):
        own_sets.create_set(actor(library.siri), "letter", "Brev")
    for kind, base in (("steps", "info-1"), ("letter", "lovens-minimum"), ("", "")):
        with pytest.raises(Invalid):
            own_sets.create_set(actor(library.anne), kind, "Enda en liste", base)
    assert [one.row.kind for one in letters(actor(library.siri))].count("letter") == 4
    with pytest.raises(NotAllowed):
        letters(actor(library.per))


# --- where one is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "point"), [
    ("/admin/brev/bygg/?id={letter}", "Brev"), ("/admin/skjema/publiser/versions/?id={letter}", "Brev"),
    ("/admin/brev/new/", "Brev"), ("/admin/lop/", "Løp"), ("/admin/brev/bygg/?id={steps}", "Løp"),
    ("/admin/skjema/publiser/?id={steps}", "Løp"), ("/admin/skjema/publiser/versions/?id={plan}", "Skjema"),
])  # fmt: skip
def test_the_menu_shows_where_one_is(anne: Browser, library: World, path: str, point: str) -> None:
    ids = {"letter": plan_set(library.storvik, "info-1").id, "plan": plan_set(library.storvik).id,
           "steps": plan_set(library.storvik, "lovens-minimum").id}  # fmt: skip
    page = anne.get(path.format(**ids))
    assert f'aria-current="page">{point}</a>' in page.text.split("<main")[0]
