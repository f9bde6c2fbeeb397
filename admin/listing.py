"""The safe list: every row through the door, found, filtered, sorted and exported by our own queries.

Flask-Admin gives routes and paging; what it does with rows on its own (look up by id, delete, export, show exception
text) is replaced here. See docs/decisions.md.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import peewee as pw
from flask import Response, abort, g, has_request_context, redirect, request
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_babel import gettext as _

from admin.export import EXPORTS, export
from models import fold
from services import access, hiding, people
from services.access import Actor
from services.audit import Tag, record
from services.errors import NotAllowed, NotVisible

PAGE_SIZES = (10, 20, 50, 100)
_LAST_PAGE = 1_000_000


def actor() -> Actor:
    """Who is asking. The security hook has let nobody else through."""
    found: Actor | None = g.get("actor")
    if found is None:
        abort(401)
    return found


def own_path(text: str | None) -> str | None:
    """`text` when it is a path on this site, else None."""
    if not text or not text.startswith("/") or text.startswith("//") or any(c in text for c in "\\\r\n\t"):
        return None
    return text


@dataclass(frozen=True)
class Filter:
    """A filter above a list. `where` turns the chosen value into a condition; it never sees an unknown option."""

    name: str
    label: Callable[[], str]
    where: Callable[[str], Any]
    options: Callable[[], list[tuple[str, str]]] | None = None  # None: a date
    default: str = ""


class ListView(ModelView):
    """The rows of one model that the actor may know of."""

    # what it is called
    heading_text: Callable[[], str]
    lead_text: Callable[[], str] | None = None
    create_text: Callable[[], str] | None = None
    empty_words: Callable[[], str] | None = None
    # who may
    see_action = ""
    write_action = ""
    export_action = ""
    # what is shown
    labels: Mapping[str, Callable[[], str]] = {}
    helps: Mapping[str, Callable[[], str]] = {}
    choices: Mapping[str, Callable[[], list[tuple[Any, str]]]] = {}
    lookups: Mapping[str, Callable[[], Iterable[Any]]] = {}
    required: tuple[str, ...] = ()
    search_columns: tuple[pw.Field, ...] = ()
    filters: tuple[Filter, ...] = ()
    order: tuple[Any, ...] = ()
    # Scope and filters speak only of the model's own columns: rows are counted and paged before anything is joined.
    lean = False

    creates = edits = False
    can_delete = can_view_details = False
    can_set_page_size = True
    page_size = 20
    page_size_options = PAGE_SIZES
    action_disallowed_list = ("delete",)
    column_display_actions = False
    named_filter_urls = True

    # --- the door ----------------------------------------------------------------------------------------------

    def is_accessible(self) -> bool:
        return self._may(self.see_action)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    def get_query(self) -> pw.ModelSelect:
        return self.scope(actor())

    def scope(self, who: Actor) -> pw.ModelSelect:
        """The rows `who` may know of, with what the list shows already joined."""
        raise NotImplementedError

    def get_one(self, id: Any) -> Any:
        return access.get(actor(), self.model, id, self.see_action)

    def row_for_writing(self) -> Any:
        return access.get(actor(), self.model, request.args.get("id"), self.write_action)

    def _may(self, action: str) -> bool:
        return bool(action) and has_request_context() and bool(g.get("actor")) and actor().may(action)

    @property
    def can_create(self) -> bool:  # type: ignore[override]
        return self.creates and self._may(self.write_action)

    @property
    def can_edit(self) -> bool:  # type: ignore[override]
        return self.edits and self._may(self.write_action)

    @property
    def can_export(self) -> bool:  # type: ignore[override]
        return self._may(self.export_action)

    # --- what Flask-Admin would do on its own and must not --------------------------------------------------------

    def delete_model(self, model: Any) -> bool:
        raise NotAllowed

    def handle_view_exception(self, exc: Exception) -> bool:
        raise exc

    def init_search(self) -> bool:
        return bool(self.search_columns)

    def is_action_allowed(self, name: str) -> bool:
        return False

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        """A batch action on chosen rows; one that is not there for the actor is refused, not ignored."""
        name = request.form.get("action", "")
        if name not in self._actions_data or not self.is_action_allowed(name):
            raise NotAllowed
        return self._actions_data[name][0](request.form.getlist("rowid"))

    @expose("/search/", methods=("POST",))
    def search(self) -> Any:
        """Words are posted, and stand hidden in the address of the list that answers."""
        names = {chosen.name for chosen in self.filters} | {"sort", "desc", "page_size", "choose"}
        kept = {name: value for name, value in request.form.items() if name in names and value}
        words = request.form.get("search", "").strip()
        if words:
            kept["search"] = hiding.hide(actor(), words)
        return redirect(self.get_url(".index_view", **kept), 303)

    # --- list ----------------------------------------------------------------------------------------------------

    def get_list(self, page: Any, sort_column: Any, sort_desc: Any, search: Any, filters: Any, execute: bool = True,
                 page_size: Any = None) -> tuple[int, list[Any]]:  # fmt: skip
        query: Any = self.narrowed(search)
        ordering = self._ordering(sort_column, sort_desc)
        place = min(max(page or 0, 0), _LAST_PAGE) + 1, page_size or self.page_size
        keys: Any = query.select(self.model.id).from_(self.model) if self.lean else query
        count = keys.count()
        if self.lean and self._own_order(sort_column):
            chosen = [row.get_id() for row in keys.order_by(*ordering).paginate(*place)]
            found = {row.get_id(): row for row in self.get_query().where(self.model.id.in_(chosen))}
            rows = [found[key] for key in chosen if key in found]
        else:
            rows = list(query.order_by(*ordering).paginate(*place))
        self.decorate(rows)
        who = actor()
        record(Tag.LIST_READ, municipality=who.municipality_id, actor=who.user_id, subject=self.model._meta.table_name)
        return count, rows

    def narrowed(self, search: str | None) -> pw.ModelSelect:
        """The scope with search words and chosen filters."""
        query = self.get_query()
        for word in fold(hiding.shown(actor(), search)).split()[:10]:
            found = None
            for column in self.search_columns:
                has = self._has(column, word)
                found = has if found is None else found | has
            query = query.where(found)
        for chosen in self.filters:
            value = self._filter_value(chosen)
            if value:
                query = query.where(chosen.where(value))
        return query

    def _has(self, column: pw.Field, text: str) -> Any:
        """`text` in a column, of a joined model too; a lean list asks that model by itself."""
        if not self.lean or column.model is self.model:
            return column.contains(text)
        key = next(key for key, model in self.model._meta.refs.items() if model is column.model)
        other = self.model.alias()
        holding = column.model.select(column.model.id).where(column.contains(text))
        # By way of ids, which every index holds: counting then reads no rows.
        return self.model.id.in_(other.select(other.id).where(getattr(other, key.name).in_(holding)))

    def _filter_value(self, chosen: Filter) -> str:
        value = request.args.get(chosen.name, chosen.default)
        if value == chosen.default:
            return value
        if chosen.options is not None:
            return value if value in {str(v) for v, _label in chosen.options()} else chosen.default
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            return ""

    def filter_fields(self) -> list[dict[str, Any]]:
        return [
            {
                "name": f.name, "label": f.label(), "kind": "date" if f.options is None else "select",
                "options": f.options() if f.options else [], "value": self._filter_value(f), "default": f.default,
            }
            for f in self.filters
        ]  # fmt: skip

    def _ordering(self, sort_column: Any, sort_desc: Any) -> list[Any]:
        if sort_column not in self._sortable_columns:
            return [*self.order, self.model.id]
        column = self._sortable_columns[sort_column]
        field = getattr(self.model, column) if isinstance(column, str) else column
        return [field.desc(nulls="last") if sort_desc else field.asc(nulls="last"), self.model.id]

    def _own_order(self, sort_column: Any) -> bool:
        column = self._sortable_columns.get(sort_column)
        return not isinstance(column, pw.Field) or column.model is self.model

    def decorate(self, rows: list[Any]) -> None:
        """Fetch in one query what the page's rows show beside their own columns."""

    def get_safe_page_size(self, page_size: int | None) -> int:
        who = actor()
        if page_size not in PAGE_SIZES:
            return who.page_size
        if page_size != who.page_size:
            people.remember_page_size(who, page_size)
            g.actor = dataclasses.replace(who, page_size=page_size)
        return page_size

    def get_column_name(self, field: str) -> str:
        return self.labels[field]() if field in self.labels else field

    def get_list_columns(self) -> list[tuple[str, str]]:
        return [(c, c) for c in self.column_list or ()]

    @property
    def heading(self) -> str:
        return self.heading_text()

    @property
    def lead(self) -> str:
        return self.lead_text() if self.lead_text else ""

    @property
    def create_label(self) -> str:
        return self.create_text() if self.create_text else ""

    @property
    def empty_text(self) -> str:
        return self.empty_words() if self.empty_words else _("Her er det ikke noe ennå.")

    def render(self, template: str, **kwargs: Any) -> str:
        if "list_columns" in kwargs:
            kwargs["search_words"] = hiding.shown(actor(), kwargs.get("search"))
            kwargs["list_columns"] = [(name, self.get_column_name(name)) for name, _label in kwargs["list_columns"]]
        kwargs.setdefault("breadcrumbs", self.breadcrumbs(kwargs))
        return str(super().render(template, **kwargs))

    def breadcrumbs(self, shown: Mapping[str, Any]) -> list[tuple[str, str | None]]:
        if "list_columns" in shown:
            return []
        return [(self.heading, self.get_url(".index_view")), (self.title_of(shown.get("model")), None)]

    def title_of(self, row: Any) -> str:
        return str(row) if row is not None else self.create_label

    # --- export --------------------------------------------------------------------------------------------------

    export_columns: tuple[str, ...] = ()

    @property
    def export_types(self) -> list[str]:  # type: ignore[override]
        return list(EXPORTS)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        """The narrowed list as a file. Types stay types; text never becomes a formula."""
        if not self.export_action or export_type not in EXPORTS:
            raise NotVisible
        who = actor()
        who.require(self.export_action)
        rows = list(self.narrowed(request.args.get("search")).order_by(*self.order, self.model.id).limit(50_000))
        self.decorate(rows)
        titles = [self.get_column_name(name) for name in self.export_columns]
        record(
            Tag.EXPORTED, municipality=who.municipality_id, actor=who.user_id, subject=self.model._meta.table_name,
            fields=self.export_columns,
        )  # fmt: skip
        return export(
            export_type, self.heading, titles, ([self.export_value(r, c) for c in self.export_columns] for r in rows)
        )

    def export_value(self, row: Any, column: str) -> Any:
        value = row
        for part in column.split("."):
            value = getattr(value, part, None)
        return dict(self.choices[column]()).get(value, value) if column in self.choices else value
