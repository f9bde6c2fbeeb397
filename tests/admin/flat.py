"""What the tests of the builder of letters and schedules share: an administrator with one of them open."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models import QuestionSet, QuestionSetVersion, User
from services import access, set_drafts
from tests.admin.test_builder import controls
from tests.front import Browser, plan_set, said
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
