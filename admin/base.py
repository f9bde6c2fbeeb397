"""One safe base for every generated view: all off until switched on, every row through the door, saves by services.

Flask-Admin gives routes, paging, sorting and scaffolding; what it does with rows on its own (save, delete, look up by
id, export, show exception text) is replaced here. See docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import peewee as pw
from flask import Response, abort, flash, g, has_request_context, redirect, request, url_for
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_babel import gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from admin.export import EXPORTS, export
from admin.fields import BaseForm, RowChoice, field_for
from models import fold
from services import access
from services.access import Actor
from services.audit import Tag, record
from services.errors import Invalid, NotAllowed, NotVisible, StaleRow

PAGE_SIZES = (10, 20, 50, 100)


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


@dataclass(frozen=True)
class Difference:
    """One field that two people changed."""

    label: str
    mine: str
    theirs: str


class SafeView(ModelView):
    """Rows of one model for those who may see them. A subclass names columns, fields and verbs: no more."""

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

    # --- list ----------------------------------------------------------------------------------------------------

    def get_list(self, page: Any, sort_column: Any, sort_desc: Any, search: Any, filters: Any, execute: bool = True,
                 page_size: Any = None) -> tuple[int, list[Any]]:  # fmt: skip
        query = self.narrowed(search)
        count = query.count()
        query = query.order_by(*self._ordering(sort_column, sort_desc))
        size = page_size or self.page_size
        rows = list(query.paginate((page or 0) + 1, size))
        self.decorate(rows)
        who = actor()
        record(Tag.LIST_READ, municipality=who.municipality_id, actor=who.user_id, subject=self.model._meta.table_name)
        return count, rows

    def narrowed(self, search: str | None) -> pw.ModelSelect:
        """The scope with search words and chosen filters."""
        query = self.get_query()
        for word in fold(search or "").split()[:10]:
            found = None
            for column in self.search_columns:
                found = column.contains(word) if found is None else found | column.contains(word)
            query = query.where(found)
        for chosen in self.filters:
            value = self._filter_value(chosen)
            if value:
                query = query.where(chosen.where(value))
        return query

    def _filter_value(self, chosen: Filter) -> str:
        value = request.args.get(chosen.name, chosen.default)
        if chosen.options is not None:
            return value if value in {str(v) for v, _label in chosen.options()} else chosen.default
        return value if len(value) == 10 and value.replace("-", "").isdecimal() else ""

    def filter_fields(self) -> list[dict[str, Any]]:
        return [
            {
                "name": f.name, "label": f.label(), "kind": "date" if f.options is None else "select",
                "options": f.options() if f.options else [], "value": self._filter_value(f),
            }
            for f in self.filters
        ]  # fmt: skip

    def _ordering(self, sort_column: Any, sort_desc: Any) -> list[Any]:
        if sort_column is None:
            return [*self.order, self.model.id]
        column = self._sortable_columns[sort_column]
        field = getattr(self.model, column) if isinstance(column, str) else column
        return [field.desc(nulls="last") if sort_desc else field.asc(nulls="last"), self.model.id]

    def decorate(self, rows: list[Any]) -> None:
        """Fetch in one query what the page's rows show beside their own columns."""

    def get_safe_page_size(self, page_size: int | None) -> int:
        return page_size if page_size in PAGE_SIZES else actor().page_size

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
            kwargs["list_columns"] = [(name, self.get_column_name(name)) for name, _label in kwargs["list_columns"]]
        kwargs.setdefault("breadcrumbs", self.breadcrumbs(kwargs))
        return str(super().render(template, **kwargs))

    def breadcrumbs(self, shown: Mapping[str, Any]) -> list[tuple[str, str | None]]:
        if "list_columns" in shown:
            return []
        return [(self.heading, self.get_url(".index_view")), (self.title_of(shown.get("model")), None)]

    def title_of(self, row: Any) -> str:
        return str(row) if row is not None else self.create_label

    # --- forms ---------------------------------------------------------------------------------------------------

    def scaffold_form(self) -> type[BaseForm]:
        """A form class from the model's columns; lazily labelled, so that the language is the reader's."""
        return BaseForm

    def _form_class(self) -> type[BaseForm]:
        fields: dict[str, Any] = {"revision": HiddenField(default="0")}
        for name in self.fields():
            fields[name] = self.form_field(name)
        return type("RowForm", (BaseForm,), fields)

    def fields(self) -> tuple[str, ...]:
        """Names of the fields the actor may fill in."""
        return tuple(self.form_columns or ())

    def form_field(self, name: str) -> Any:
        label = self.get_column_name(name)
        help_text = self.helps[name]() if name in self.helps else ""
        needed = name in self.required
        if name in self.lookups:
            field = RowChoice(label, rows=self.lookups[name], description=help_text, empty=_("Velg"))
        else:
            options = self.choices[name]() if name in self.choices else None
            field = field_for(self.model._meta.fields[name], label, help_text, options, needed)
        if needed:
            field.kwargs["render_kw"] = {**field.kwargs.get("render_kw", {}), "aria-required": "true"}
            field.kwargs["validators"] = [_Needed()]
        return field

    def form_for(self, row: Any = None) -> BaseForm:
        """The form bound to the request, filled from `row`."""
        form = self._form_class()(request.form if request.method == "POST" else None, obj=row)
        if request.method == "GET" and row is not None:
            form.revision.data = str(row.revision)
            self.prefill(form, row)
        return form

    def prefill(self, form: BaseForm, row: Any) -> None:
        """Put in what is not a plain column."""

    def values(self, form: BaseForm) -> dict[str, Any]:
        return {name: form[name].data for name in self.fields()}

    def create_row(self, values: dict[str, Any]) -> Any:
        raise NotAllowed

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        raise NotAllowed

    def after(self, row: Any) -> str:
        """Where to go when `row` is saved."""
        return own_path(request.args.get("url")) or str(self.get_url(".index_view"))

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        if not self.can_create:
            abort(404)
        actor().require(self.write_action)
        self.before_create()
        form = self.form_for()
        if request.method == "POST" and form.validate():
            row = _attempt(form, lambda: self.create_row(self.values(form)))
            if row is not None:
                flash(_("Lagret."), "success")
                return redirect(self.after(row), 303)
        return self._form_page(self.create_template, form)

    def before_create(self) -> None:
        """Refuse early what could not be saved; the row it belongs to goes through the door here."""

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        if not self.can_edit:
            abort(404)
        row = self.row_for_writing()
        form = self.form_for(row)
        if request.method == "POST" and form.validate():
            revision = int(form.revision.data) if str(form.revision.data).isdecimal() else 0
            try:
                saved = _attempt(form, lambda: self.change_row(row, self.values(form), revision))
            except StaleRow:
                return self._conflict(form)
            if saved is not None:
                flash(_("Lagret."), "success")
                return redirect(self.after(saved), 303)
        return self._form_page(self.edit_template, form, model=row)

    def _conflict(self, form: BaseForm) -> Any:
        """Both texts, side by side; saving again is a choice made knowingly."""
        row = self.row_for_writing()
        theirs = self._form_class()(None, obj=row)
        self.prefill(theirs, row)
        differences = [
            Difference(str(f.label.text), self.text_of(f), self.text_of(theirs[f.short_name]))
            for f in form
            if f.short_name != "revision" and self.text_of(f) != self.text_of(theirs[f.short_name])
        ]
        form.revision.data, form.revision.raw_data = str(row.revision), None
        return self._form_page(self.edit_template, form, 409, model=row, conflict=differences)

    @staticmethod
    def text_of(field: Any) -> str:
        if hasattr(field, "iter_choices"):
            return next((str(label) for _v, label, chosen, *_r in field.iter_choices() if chosen), "")
        return str(field._value()) if hasattr(field, "_value") else str(field.data)

    def _form_page(self, template: str, form: BaseForm, status: int = 0, **shown: Any) -> Any:
        back = own_path(request.args.get("url")) or self.get_url(".index_view")
        status = status or (422 if request.method == "POST" else 200)
        return self.render(template, form=form, return_url=back, **shown), status

    def edit_heading(self, row: Any) -> str:
        return _("Endre: %(what)s", what=self.title_of(row))

    @expose("/details/")
    def details_view(self) -> Any:
        abort(404)

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Any:
        abort(404)

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> Any:
        abort(404)

    @expose("/ajax/lookup/")
    def ajax_lookup(self) -> Any:
        abort(404)

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
        return export(export_type, self.heading, titles, ([self.export_value(r, c) for c in self.export_columns] for r in rows))

    def export_value(self, row: Any, column: str) -> Any:
        value = row
        for part in column.split("."):
            value = getattr(value, part, None)
        return dict(self.choices[column]()).get(value, value) if column in self.choices else value


class _Needed:
    """Refuses what is empty, but not 0 or False."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors or (field.data is not None and str(field.data).strip()):
            return
        raise ValidationError(_("Dette må fylles ut."))


def _attempt(form: BaseForm, verb: Callable[[], Any]) -> Any:
    """Run a service verb; put its messages at the fields and give None when it refuses."""
    try:
        return verb()
    except Invalid as refused:
        for name, note in refused.messages.items():
            text = note.say(lambda t: _(t))
            if name in form:
                form[name].errors = [*form[name].errors, text]
            else:
                form.form_errors.append(text)
        return None


attempt = _attempt


def link(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)
