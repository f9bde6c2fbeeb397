"""One page of the builder: what its templates read."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext as _

from admin.builder_actions import dependents
from admin.builder_panel import Section, Typed, general_faults, lines_of, lost_texts, sections
from admin.builder_tree import FaultLink, Row, fault_links, faults_of, item_label, item_url, tree
from admin.builder_words import TYPE_GROUPS, TYPES
from admin.draft_page import DraftPage
from forms.definition import Item, QuestionSetDefinition
from forms.edit.table import LAW_PART_NAMES
from forms.edit.tree import Place, locate
from services.publishing import uncovered
from services.set_drafts import OpenDraft


class Page(DraftPage):
    """The draft with one item open; without a known item the set itself is."""

    def __init__(self, opened: OpenDraft, item_id: str, typed: Typed) -> None:
        super().__init__(opened, typed)
        found = opened.definition.find(item_id) if item_id else None
        self.missing = bool(item_id) and found is None
        self.item: Item | QuestionSetDefinition = found or opened.definition
        self.item_id = found.id if found else ""
        self.kinds, self.kind_groups = TYPES, TYPE_GROUPS

    @property
    def definition(self) -> QuestionSetDefinition:
        definition: QuestionSetDefinition = self.opened.definition
        return definition

    @cached_property
    def faults(self) -> list[Any]:
        return faults_of(self.opened)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tree(self.opened, self.language)

    @cached_property
    def fault_links(self) -> list[FaultLink]:
        return fault_links(self.opened, self.faults, self.language)

    @property
    def set_title(self) -> str:
        return item_label(self.definition, self.language) or self.row.title

    @property
    def title(self) -> str:
        return item_label(self.item, self.language)

    @property
    def heading(self) -> str:
        """Title of the page in the browser."""
        return f"{self.set_title}: {self.title}" if self.item_id else self.set_title

    @property
    def url(self) -> str:
        return item_url(self.row.id, self.item_id)

    def url_of(self, item_id: str) -> str:
        return item_url(self.row.id, item_id, "panel")

    # --- the panel ----------------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return self.item.type if isinstance(self.item, Item) else "set"

    @property
    def kind_name(self) -> str:
        return _(TYPES[self.kind].name) if self.kind in TYPES else _("Hele skjemaet")

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.opened, self.item, self.faults, self.typed, self.language)

    @cached_property
    def general_faults(self) -> list[str]:
        return general_faults(self.item, self.faults, self.sections)

    @cached_property
    def place(self) -> Place | None:
        return locate(self.definition, self.item_id) if self.item_id else None

    @property
    def group_above(self) -> str:
        """Label of the group that the item can be moved into."""
        above = self.place.siblings[self.place.at - 1] if self.place and self.place.at else None
        return item_label(above, self.language) if above is not None and above.type == "group" else ""

    @property
    def group_around(self) -> str:
        return item_label(self.place.above[-1], self.language) if self.place and self.place.above else ""

    @property
    def deletable(self) -> bool:
        """Nothing in it was published or came with the shipped set."""
        if not isinstance(self.item, Item):
            return False
        return not {one.id for one in (self.item, *_inside(self.item))} & self.opened.kept

    @property
    def retypable(self) -> bool:
        return isinstance(self.item, Item) and self.item_id not in self.opened.kept and not self.item.items

    @property
    def locked(self) -> bool:
        """The law demands it, or something in it."""
        return isinstance(self.item, Item) and any(one.locked for one in (self.item, *_inside(self.item)))

    @property
    def law_name(self) -> str:
        return _(LAW_PART_NAMES[self.item.law_part]) if isinstance(self.item, Item) and self.item.law_part else ""

    @cached_property
    def dependents(self) -> list[str]:
        return dependents(self.definition, self.item) if isinstance(self.item, Item) else []

    @property
    def count_inside(self) -> int:
        return sum(1 for _one in _inside(self.item)) if isinstance(self.item, Item) else 0

    @property
    def lost_texts(self) -> list[str]:
        """What was typed in something that is gone."""
        return lost_texts(self.sections, self.typed)

    @property
    def law(self) -> list[tuple[str, bool]]:
        """The parts of aml § 4-6 and whether the set speaks of each; nothing for other sets than plans."""
        lacking = set(uncovered(self.definition))
        names = LAW_PART_NAMES if self.row.kind == "plan" else {}
        return [(_(name), part not in lacking) for part, name in names.items()]

    # --- pieces -------------------------------------------------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """What the script keeps up to date outside the pieces."""
        return {
            "revision": self.opened.revision, "saved": self.saved, "item": self.item_id, "url": self.url,
            "set_title": self.set_title, "page_title": f"{self.heading} – Attende",
        }  # fmt: skip

    def opened_panel(self) -> dict[str, Any]:
        """What the script needs to show another item."""
        return {
            **self.told(), "refused": _("Det du ville åpne, finnes ikke lenger.") if self.missing else "",
            "parts": {"builder-bar": self.piece("_bar.html", "bar"), **self.panel_pieces()},
        }  # fmt: skip

    def panel_pieces(self) -> dict[str, str]:
        """The panel, and the menu of what can be added beside what is open."""
        return {"panel": self.piece("_panel.html", "panel"), "add-menu": self.piece("_tree.html", "add_menu")}

    def small_pieces(self, sent: Collection[str]) -> dict[str, str]:
        """What changes around the fields when something in the panel is stored: heading, faults, what folded boxes say,
        and the sentences among the paths that were sent."""
        around = get_template_attribute("builder/_panel.html", "panel_head")
        pieces = {"panel-head": str(around(self))}
        sentence = get_template_attribute("builder/_sentence.html", "sentence")
        summary = get_template_attribute("builder/_panel.html", "summary")
        faults = get_template_attribute("builder/_field.html", "faults")
        for section in self.sections:
            pieces[f"summary-{section.id}"] = str(summary(section))
            pieces |= {f"x-{box.anchor}": str(faults(box)) for box in section.boxes if box.anchor}
            for line in lines_of(section):
                if line.sentence is not None and line.path in sent:
                    pieces[f"sentence-{line.sentence.path}"] = str(sentence(line.sentence, self.language))
        return pieces


def _inside(item: Item) -> Any:
    for inner in item.items:
        yield inner
        yield from _inside(inner)


def anchor_of(path: str) -> str:
    """The id of what an edit added, as "options.valg_3"."""
    return f"p-{path}" if path else ""
