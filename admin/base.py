"""One safe base for every generated view: all off until switched on, every row through the door, saves by services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from admin.fields import BaseForm, RowChoice, field_for, number_of
from admin.listing import Filter, ListView, actor, own_path
from services.errors import Invalid, NotAllowed, NotVisible, StaleRow


@dataclass(frozen=True)
class Difference:
    """One field that two people changed."""

    label: str
    mine: str
    theirs: str


class SafeView(ListView):
    """Rows of one model for those who may see them. A subclass names columns, fields and verbs: no more."""

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
        field: Any
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
        if not self.creates:
            raise NotVisible
        actor().require(self.write_action)
        self.before_create()
        form = self.form_for()
        if request.method == "POST" and form.validate():
            row = attempt(form, lambda: self.create_row(self.values(form)))
            if row is not None:
                flash(_("Lagret."), "success")
                return redirect(self.after(row), 303)
        return self._form_page(self.create_template, form)

    def before_create(self) -> None:
        """Refuse early what could not be saved; the row it belongs to goes through the door here."""

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        if not self.edits:
            raise NotVisible
        if not self.can_edit:
            raise NotAllowed
        row = self.row_for_writing()
        form = self.form_for(row)
        if request.method == "POST" and form.validate():
            revision = number_of(request.form.get("revision"))
            try:
                saved = attempt(form, lambda: self.change_row(row, self.values(form), revision))
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
            if f.short_name != "revision"
            and f.type != "PasswordField"
            and self.text_of(f) != self.text_of(theirs[f.short_name])
        ]
        form.revision.data, form.revision.raw_data = str(row.revision), None
        return self._form_page(self.edit_template, form, 409, model=row, conflict=differences)

    @staticmethod
    def text_of(field: Any) -> str:
        if hasattr(field, "iter_choices"):
            return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.selected)
        return str(field._value()) if hasattr(field, "_value") else str(field.data)

    def _form_page(self, template: str, form: BaseForm, status: int = 0, **shown: Any) -> Any:
        back = own_path(request.args.get("url")) or self.get_url(".index_view")
        status = status or (422 if request.method == "POST" else 200)
        return self.render(template, form=form, return_url=back, **shown), status

    def edit_heading(self, row: Any) -> str:
        return _("Endre: %(what)s", what=self.title_of(row))

    @expose("/details/")
    def details_view(self) -> Any:
        raise NotVisible

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Any:
        raise NotVisible

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> Any:
        raise NotVisible

    @expose("/ajax/lookup/")
    def ajax_lookup(self) -> Any:
        raise NotVisible


class _Needed:
    """Refuses what is empty, but not 0 or False."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors or (field.data is not None and str(field.data).strip()):
            return
        raise ValidationError(_("Dette må fylles ut."))


def attempt(form: BaseForm, verb: Callable[[], Any]) -> Any:
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


__all__ = ["Filter", "SafeView", "actor", "attempt", "own_path"]
