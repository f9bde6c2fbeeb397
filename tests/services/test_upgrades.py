"""A new version of a shipped set: the municipality's changes are done again, and what needs a choice is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forms import library
from forms.definition import QuestionSetDefinition, parse, say
from models import QuestionSet, QuestionSetVersion
from services import questions, upgrades
from services.access import Actor
from services.publishing import publish
from services.set_drafts import open_draft, undo
from tests.front import plan_set
from tests.services.test_publishing import actor, add, item_in, published, put
from tests.world import World

KEY = "nordre-land-iop"


@pytest.fixture
def anne(library: World) -> Actor:
    return actor(library.anne)


@pytest.fixture
def the_set(library: World) -> QuestionSet:
    return plan_set(library.storvik)


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[dict[str, Any]], None]], None]]:
    """Let the product have a new version of Nordre Land's set."""
    from forms.contents import handling

    real = library.load_shipped

    def new_version(how: Callable[[dict[str, Any]], None]) -> None:
        data = real(KEY).model_dump(mode="json", exclude_defaults=True)
        how(data)
        newer = parse({**data, "version": data["version"] + 1})

        def load(key: str) -> QuestionSetDefinition:
            return newer if key == KEY else real(key)

        monkeypatch.setattr(library, "load_shipped", load)
        handling.cache_clear()

    yield new_version
    monkeypatch.undo()
    handling.cache_clear()


def reword(item_id: str, text: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: item_in(data, item_id)["text"].update(nb=text, nn=text)


def text_of(definition: Any, item_id: str) -> str:
    return say(definition.find(item_id).text, "nb")


def test_nothing_is_offered_while_nothing_is_new(anne: Actor, the_set: QuestionSet) -> None:
    assert upgrades.look(anne, the_set.id) is None
    assert upgrades.offered([the_set]) == frozenset()
    published(anne, the_set, add("own_question"))
    assert upgrades.offered([the_set]) == frozenset()


def test_one_click_when_nothing_conflicts(anne: Actor, the_set: QuestionSet, ship: Any) -> None:
    published(anne, the_set, add("own_question"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    assert upgrades.offered([the_set]) == {the_set.id}
    assert questions.ensure_shipped(the_set.municipality) == []  # never taken in by itself
    offer = upgrades.look(anne, the_set.id)
    assert offer is not None
    assert offer.at_once
    assert {change.item_id for change in offer.report.came_in} == {"conclusion"}
    version = upgrades.accept_at_once(anne, the_set.id, "Ny versjon fra Attende")
    definition = questions.definition_of(version)
    assert text_of(definition, "conclusion") == "Ny ordlyd fra Attende"
    assert definition.find("own_question") is not None
    assert upgrades.look(anne, the_set.id) is None


@pytest.mark.parametrize(("choice", "wanted"), [("ours", "Kommunens ordlyd"), ("theirs", "Ny ordlyd fra Attende")])
def test_a_conflict_waits_for_a_choice(anne: Actor, the_set: QuestionSet, ship: Any, choice: str, wanted: str) -> None:
    published(anne, the_set, reword("conclusion", "Kommunens ordlyd"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    offer = upgrades.look(anne, the_set.id)
    assert offer is not None
    assert not offer.at_once
    assert {c.item_id for c in offer.report.choices} == {"conclusion"}
    choices = {c.id: choice for c in offer.report.choices}
    changed = upgrades.accept(anne, the_set.id, choices)
    assert text_of(changed.opened.definition, "conclusion") == wanted
    version = publish(anne, the_set.id, changed.opened.revision, note="Oppgradert")
    assert text_of(questions.definition_of(version), "conclusion") == wanted
    assert upgrades.offered([the_set]) == frozenset()


def test_taking_it_in_can_be_undone(anne: Actor, the_set: QuestionSet, ship: Any) -> None:
    published(anne, the_set, add("own_question"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    changed = upgrades.accept(anne, the_set.id, {})
    opened = undo(anne, the_set.id, changed.opened.revision)
    assert opened.definition == opened.live
    assert upgrades.look(anne, the_set.id) is not None


def test_a_draft_that_is_under_way_is_kept(anne: Actor, the_set: QuestionSet, ship: Any) -> None:
    put(anne, the_set, add("own_question"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    offer = upgrades.look(anne, the_set.id)
    assert offer is not None
    assert not offer.at_once
    upgrades.accept(anne, the_set.id, {})
    opened = open_draft(anne, the_set.id)
    assert opened.definition.find("own_question") is not None
    assert text_of(opened.definition, "conclusion") == "Ny ordlyd fra Attende"


def test_a_new_library_gives_missing_sets_only(anne: Actor, library: World) -> None:
    count = QuestionSetVersion.select().count()
    assert questions.ensure_shipped(library.storvik) == []
    assert QuestionSetVersion.select().count() == count
