"""The draft of a set: saved at every change, shared, with a way back and forth."""

from __future__ import annotations

import pytest

from forms import edit
from forms.definition import say
from forms.edit import Edited, EditRefused
from models import AuditEvent, QuestionSet, SetDraft, SetDraftState, User, UserRole
from services import access, set_drafts
from services.access import Actor, load_actor
from services.errors import NotAllowed, NotVisible, StaleRow
from services.set_drafts import OpenDraft, change, discard, open_draft, redo, undo
from tests.front import plan_set
from tests.world import World, make_user


@pytest.fixture
def anne(library: World) -> Actor:
    return _actor(library.anne)


@pytest.fixture
def the_set(library: World) -> QuestionSet:
    return plan_set(library.storvik)


def _actor(user: User) -> Actor:
    found = load_actor(user.id)
    assert found is not None
    return found


def _text(opened: OpenDraft, item_id: str, language: str = "nb") -> str:
    item = opened.definition.find(item_id)
    return say(item.text, language) if item is not None else "(gone)"


def _reword(item_id: str, text: str, language: str = "nb"):  # type: ignore[no-untyped-def]
    def apply(opened: OpenDraft) -> Edited:
        path = f"text.{language}"
        was = edit.properties(opened.definition.find(item_id))[path]
        return edit.set_properties(opened.definition, item_id, {path: text}, {path: edit.mark(was)})

    return apply


def test_looking_makes_no_draft(anne: Actor, the_set: QuestionSet) -> None:
    opened = open_draft(anne, the_set.id)
    assert opened.revision == 0
    assert opened.definition == opened.live == opened.base
    assert opened.faults() == []
    assert SetDraft.select().count() == 0


def test_the_first_change_makes_it_and_tells_who(anne: Actor, the_set: QuestionSet) -> None:
    changed = change(anne, the_set.id, _reword("conclusion", "Hva ble dere enige om?"), "conclusion")
    assert _text(changed.opened, "conclusion") == "Hva ble dere enige om?"
    again = open_draft(anne, the_set.id)
    assert (again.revision, again.saved_by) == (changed.opened.revision, "Anne Administrator")
    assert again.undo is not None
    assert again.undo.by == "Anne Administrator"
    assert again.redo is None
    assert _text(again, "conclusion") == "Hva ble dere enige om?"
    assert again.live is not None
    assert say(again.live.find("conclusion").text, "nb") != "Hva ble dere enige om?"
    assert AuditEvent.select().where(AuditEvent.tag == "set:changed").count() == 1


def test_a_change_that_changes_nothing_makes_nothing(anne: Actor, the_set: QuestionSet) -> None:
    same = say(open_draft(anne, the_set.id).definition.find("conclusion").text, "nb")
    assert change(anne, the_set.id, _reword("conclusion", same)).opened.revision == 0
    assert SetDraft.select().count() == 0


def test_there_and_back_again(anne: Actor, the_set: QuestionSet) -> None:
    before = open_draft(anne, the_set.id).definition
    change(anne, the_set.id, _reword("conclusion", "Første"), "conclusion")
    change(anne, the_set.id, _reword("facilitation", "Andre"), "facilitation")
    opened = open_draft(anne, the_set.id)
    opened = undo(anne, the_set.id, opened.revision)
    assert _text(opened, "conclusion") == "Første"
    assert opened.redo is not None
    opened = undo(anne, the_set.id, opened.revision)
    assert opened.definition == before
    assert opened.undo is None
    opened = undo(anne, the_set.id, opened.revision)  # nothing more to undo
    assert opened.definition == before
    opened = redo(anne, the_set.id, opened.revision)
    opened = redo(anne, the_set.id, opened.revision)
    assert (_text(opened, "conclusion"), _text(opened, "facilitation")) == ("Første", "Andre")
    assert opened.redo is None


def test_a_change_after_undo_forgets_what_was_undone(anne: Actor, the_set: QuestionSet) -> None:
    change(anne, the_set.id, _reword("conclusion", "Første"), "conclusion")
    opened = undo(anne, the_set.id, open_draft(anne, the_set.id).revision)
    opened = change(anne, the_set.id, _reword("facilitation", "Noe annet"), "facilitation").opened
    assert opened.redo is None
    opened = undo(anne, the_set.id, opened.revision)
    assert opened.definition == opened.live


def test_typing_on_in_one_text_is_one_step(anne: Actor, the_set: QuestionSet) -> None:
    for text in ("H", "Hv", "Hva nå?"):
        change(anne, the_set.id, _reword("conclusion", text), "conclusion")
    opened = undo(anne, the_set.id, open_draft(anne, the_set.id).revision)
    assert opened.definition == opened.live
    opened = redo(anne, the_set.id, opened.revision)
    assert _text(opened, "conclusion") == "Hva nå?"


def test_two_administrators_lose_nothing(anne: Actor, library: World, the_set: QuestionSet) -> None:
    arne = _actor(make_user(library.storvik, "arne", "Arne Administrator", "administrator"))
    seen = open_draft(anne, the_set.id)
    marks = {path: edit.mark(value) for path, value in edit.properties(seen.definition.find("conclusion")).items()}

    def write(**values: str):  # type: ignore[no-untyped-def]
        posted = {path.replace("_", "."): text for path, text in values.items()}
        return lambda opened: edit.set_properties(opened.definition, "conclusion", posted, marks)

    change(anne, the_set.id, write(text_nb="Annes ord"), "conclusion")
    changed = change(arne, the_set.id, write(text_nn="Arnes ord", text_nb="Arnes bokmål"), "conclusion")
    assert _text(changed.opened, "conclusion") == "Annes ord"
    assert _text(changed.opened, "conclusion", "nn") == "Arnes ord"
    assert [(c.path, c.theirs, c.mine) for c in changed.edited.conflicts] == [("text.nb", "Annes ord", "Arnes bokmål")]


def test_going_back_from_what_one_has_not_seen_is_refused(anne: Actor, the_set: QuestionSet) -> None:
    opened = change(anne, the_set.id, _reword("conclusion", "Første"), "conclusion").opened
    change(anne, the_set.id, _reword("facilitation", "Andre"), "facilitation")
    for verb in (undo, redo, discard):
        with pytest.raises(StaleRow):
            verb(anne, the_set.id, opened.revision)
    assert _text(open_draft(anne, the_set.id), "facilitation") == "Andre"


def test_a_refused_edit_leaves_the_draft_whole(anne: Actor, the_set: QuestionSet) -> None:
    change(anne, the_set.id, _reword("conclusion", "Første"), "conclusion")
    before = open_draft(anne, the_set.id)
    with pytest.raises(EditRefused):
        change(anne, the_set.id, lambda opened: edit.delete(opened.definition, "conclusion", opened.kept))
    after = open_draft(anne, the_set.id)
    assert (after.revision, after.definition) == (before.revision, before.definition)


def test_a_discarded_draft_leaves_what_is_published(anne: Actor, the_set: QuestionSet) -> None:
    opened = change(anne, the_set.id, _reword("conclusion", "Første"), "conclusion").opened
    discard(anne, the_set.id, opened.revision)
    assert (SetDraft.select().count(), SetDraftState.select().count()) == (0, 0)
    assert open_draft(anne, the_set.id).definition == opened.live


def test_locked_items_of_the_law_stay(anne: Actor, the_set: QuestionSet) -> None:
    opened = change(anne, the_set.id, lambda opened: edit.hide(opened.definition, "function_now")).opened
    assert "function_now" in {fault.item for fault in opened.faults()}


def test_only_administrators_and_only_of_this_municipality(library: World, the_set: QuestionSet) -> None:
    for name in ("kari", "siri", "per", "aud"):
        with pytest.raises((NotAllowed, NotVisible)):
            open_draft(_actor(getattr(library, name)), the_set.id)
    stranger = make_user(library.fjell, "odd", "Odd Administrator", "administrator")
    for verb in (open_draft, lambda who, row: change(who, row, _reword("conclusion", "Kapret"))):
        with pytest.raises(NotVisible):
            verb(_actor(stranger), the_set.id)
    assert UserRole.select().where(UserRole.user == stranger).count() == 1
    assert access.MAY["administrator"] >= {"set.write"}
    assert SetDraft.select().count() == 0


def test_states_are_not_kept_for_ever(anne: Actor, the_set: QuestionSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_drafts, "STATES", 3)
    for number in range(8):
        change(anne, the_set.id, _reword("conclusion", f"Nummer {number}"), f"conclusion-{number}")
    assert SetDraftState.select().count() <= 4
    opened = open_draft(anne, the_set.id)
    for _ in range(3):
        opened = undo(anne, the_set.id, opened.revision)
    assert _text(opened, "conclusion") == "Nummer 4"
    assert opened.undo is None
