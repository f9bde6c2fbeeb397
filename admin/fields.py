"""Form fields of the generated views: they read what Norwegians type and say in Norwegian what is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

import peewee as pw
from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from services.clock import OSLO, local

_TYPED_DAY = re.compile(r"^(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})$")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def tidy(text: str) -> str:
    """Text without control characters; line ends as \\n. Everything else stays as it was typed."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class _NativeInput(TextInput):
    def __init__(self, input_type: str) -> None:
        super().__init__(input_type)


class ParsedField(Field):
    """Keeps the typed text, so that what could not be read is shown again."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if text:
            self.data = self.read(text)

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> str:
        return str(value)


class DateField(ParsedField):
    """A day: from the browser's date field or typed as 5.3.2026."""

    widget = _NativeInput("date")

    def read(self, text: str) -> dt.date:
        typed = _TYPED_DAY.match(text)
        try:
            if typed:
                day, month, year = map(int, typed.groups())
                return dt.date(year, month, day)
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(self.gettext_day()) from error

    def gettext_day(self) -> str:
        return str(_l("Skriv datoen som dag.måned.år, for eksempel 5.3.2026."))

    def write(self, value: dt.date) -> str:
        return value.isoformat()


class MomentField(ParsedField):
    """Day and time on the wall clock in Norway; data is an aware moment."""

    widget = _NativeInput("datetime-local")

    def read(self, text: str) -> dt.datetime:
        try:
            return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO, second=0, microsecond=0)
        except ValueError as error:
            raise ValueError(str(_l("Skriv dag og klokkeslett."))) from error

    def write(self, value: dt.datetime) -> str:
        return f"{local(value):%Y-%m-%dT%H:%M}"


class IntegerField(ParsedField):
    widget = _NativeInput("number")

    def read(self, text: str) -> int:
        try:
            return int(text.rstrip("% "))
        except ValueError as error:
            raise ValueError(str(_l("Skriv et helt tall."))) from error


class TidyString(StringField):
    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = tidy(valuelist[0]).replace("\n", " ").strip() if valuelist else ""


class TidyText(TextAreaField):
    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = tidy(valuelist[0]) if valuelist else ""


class ChoiceField(SelectField):
    """One of the choices, None when it was not part of the request. A forged value is refused in the user's language."""

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError(str(_l("Velg ett av alternativene.")))


class RowChoice(ChoiceField):
    """A row found through the actor's own scope: the choices are exactly what the look-up gives."""

    def __init__(self, label: Any = None, *, rows: Callable[[], Iterable[Any]], empty: Any = "", **kwargs: Any) -> None:
        super().__init__(label, coerce=lambda v: int(getattr(v, "id", v)) if str(getattr(v, "id", v) or "").isdecimal()
                         else None, choices=lambda: [("", empty), *((row.id, str(row)) for row in rows())], **kwargs)

    def iter_choices(self):  # type: ignore[no-untyped-def]
        for value, label in self.choices or ():
            number = value or None
            yield (number if number is not None else "", label, number == self.data, {})

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in {value for value, _ in self.choices or ()}:
            raise ValidationError(str(_l("Velg ett av alternativene.")))


def field_for(column: pw.Field, label: Any, help_text: Any, choices: Any, required: bool) -> Any:
    """The form field that a column asks for."""
    common: dict[str, Any] = {"description": help_text or ""}
    kind: type[Field]
    if choices is not None:
        common["choices"] = lambda: [(value, text) for value, text in choices]
        kind = ChoiceField
    else:
        match column:
            case pw.DateTimeField():
                kind = MomentField
            case pw.DateField():
                kind = DateField
            case pw.BooleanField():
                kind = BooleanField
            case pw.IntegerField():
                kind = IntegerField
            case pw.TextField() | pw.BlobField():
                kind = TidyText
            case _:
                kind = TidyString
    common["render_kw"] = {"maxlength": column.max_length} if kind is TidyString and hasattr(column, "max_length") else {}
    if required:
        common["render_kw"]["aria-required"] = "true"
    return kind(label, **common)


__all__ = ["BaseForm", "ChoiceField", "DateField", "HiddenField", "RowChoice", "field_for", "tidy"]
