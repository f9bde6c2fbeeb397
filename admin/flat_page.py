"""One page of the builder for letters and schedules: what its templates read."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, cast

from flask import get_template_attribute, request, url_for
from flask_babel import gettext as _

from admin import flat_look
from admin.builder_panel import Typed
from admin.builder_tree import MOST_FAULTS, FaultLink
from admin.draft_page import DraftPage
from admin.flat_panel import Card, anchor_of, card_name, cards, fault_text, lost_texts, part_label
from admin.flat_words import BLOCKS, LETTER_WORDS, PLACEHOLDER_WORDS, STEP_WORDS
from admin.listing import actor
from admin.schedule_look import ScheduleLook
from forms.definition import Fault, say
from forms.flat import Flat
from forms.letters import Letter
from forms.steps import Steps
from services.clock import today
from services.schedules import Shelf, shelf
from services.set_drafts import OpenDraft


class FlatPage(DraftPage):
    """The draft with a card for each part, and how it looks."""

    def __init__(self, opened: OpenDraft, typed: Typed) -> None:
        super().__init__(opened, typed)
        self.block_words, self.placeholders = BLOCKS, PLACEHOLDER_WORDS

    @property
    def content(self) -> Flat:
        content: Flat = self.opened.definition
        return content

    @property
    def is_letter(self) -> bool:
        return isinstance(self.content, Letter)

    @property
    def words(self) -> dict[str, str]:
        """What the page calls itself."""
        return {name: str(_(text)) for name, text in (LETTER_WORDS if self.is_letter else STEP_WORDS).items()}

    @property
    def title(self) -> str:
        return say(self.content.title, self.language) or self.row.title

    def url_of(self, anchor: str = "", language: str | None = None, **look: str) -> str:
        """The page as it is looked at now, but for what is given."""
        kept: dict[str, Any] = {name: request.args.get(name) for name in ("example", "view")} | look
        chosen = language or request.args.get("lang")
        return str(url_for("flat_builder.index", id=self.row.id, lang=chosen, **kept, _anchor=anchor or None))

    @property
    def url(self) -> str:
        return self.url_of()

    # --- cards --------------------------------------------------------------------------------------------------------

    @cached_property
    def faults(self) -> list[Fault]:
        return self.opened.faults()

    @cached_property
    def shelf(self) -> Shelf:
        """What can belong to a milestone."""
        return Shelf({}, {}) if self.is_letter else shelf(actor())

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        return cards(self.opened, self.faults, self.typed, self.language, self.shelf)

    @property
    def lost_texts(self) -> list[str]:
        """What was typed in something that is gone."""
        return lost_texts(self.cards, self.typed)

    # --- what is wrong ------------------------------------------------------------------------------------------------

    @cached_property
    def fault_links(self) -> list[FaultLink]:
        order = {"": -1, **{part.id: place for place, part in enumerate(self.content.parts)}}
        found = sorted(self.faults, key=lambda fault: order.get(fault.item, len(order)))
        return [self._fault_link(fault) for fault in found[:MOST_FAULTS]]

    def _fault_link(self, fault: Fault) -> FaultLink:
        part = self.content.find(fault.item) if fault.item else self.content
        name = card_name(part if part is not None else self.content)[1]
        label = part_label(self.content, fault.item, self.language) if part is not None else ""
        anchor = anchor_of(self.content, fault)
        heading = f"{name}: {label}" if label else name
        return FaultLink(heading, fault_text(fault), self.url_of(anchor), fault.item, anchor)

    # --- how it looks -------------------------------------------------------------------------------------------------

    @property
    def look(self) -> list[flat_look.Look]:
        """The letter, filled in for a person who does not exist."""
        values = flat_look.sample_values(self.language, actor().municipality.name, today())
        return flat_look.blocks(cast(Letter, self.content), self.language, values)

    @cached_property
    def schedule(self) -> ScheduleLook:
        """The milestones of an example case, with dates."""
        return ScheduleLook(cast(Steps, self.content), self.language, self._look_url, today(), linked=True)

    def _look_url(self, **look: str) -> str:
        return self.url_of("look", **look)

    # --- pieces -------------------------------------------------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """What the script keeps up to date outside the pieces."""
        return {
            "revision": self.opened.revision, "title": self.title, "page_title": f"{self.title} – Attende",
            "saved": self.saved,
        }  # fmt: skip

    def looks(self) -> dict[str, Any]:
        """What the script needs to show the preview anew."""
        return {"parts": {"look": self.piece("_flat_look.html", "look")}}

    def all_pieces(self) -> dict[str, Any]:
        """Every card anew."""
        return {"parts": {"flat-cards": self.piece("_flat_card.html", "cards")}, "keys": {}}

    def small_pieces(self, parts: Collection[str]) -> dict[str, Any]:
        """What changes around the fields when texts of these parts are stored: headings, faults, summaries, keys."""
        head = get_template_attribute("builder/_flat_card.html", "card_head")
        summary = get_template_attribute("builder/_flat_card.html", "summary")
        faults = get_template_attribute("builder/_field.html", "faults")
        pieces, keys = dict[str, str](), dict[str, str]()
        for card in cards(self.opened, self.faults, self.typed, self.language, self.shelf, self._touched(parts)):
            pieces |= {f"x-{line.anchor}": str(faults(line)) for line in card.all_lines}
            if card.id in parts:
                keys |= {row.id: row.key for row in card.rows}
                pieces |= {f"head-{card.id}": str(head(card)), f"summary-{card.id}": str(summary(card))}
        return {"parts": pieces, "keys": keys}

    def _touched(self, parts: Collection[str]) -> Collection[str] | None:
        """Those with new faults: a milestone may count from another."""
        return parts if self.is_letter else None
