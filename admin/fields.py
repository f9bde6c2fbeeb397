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
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from forms.tidy import clean_text
from services.clock import OSLO, local

_TYPED_DAY = re.compile(r"^(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})$")


def number_of(text: Any) -> int:
    """A row's number or revision as a form sends it; 0 when it is none."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


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
        if not valuelist:
            return  # not part of the request: what is stored stays
        text = valuelist[0].strip()
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
            here = dt.datetime.fromisoformat(text).replace(tzinfo=OSLO, second=0, microsecond=0)
            return here.astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
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
        self.data = clean_text(valuelist[0], lines=False) if valuelist else self.data or ""

    def pre_validate(self, form: Any) -> None:
        most = (self.render_kw or {}).get("maxlength")
        if most and len(self.data or "") > most:
            known = {"n": len(self.data or ""), "most": most}
            raise ValidationError(str(_l("Teksten er på %(n)s tegn. Den kan høyst være %(most)s.", **known)))


class TidyText(TextAreaField):
    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean_text(valuelist[0]) if valuelist else self.data or ""


class ChoiceField(SelectField):
    """One of the choices, None when it was not part of the request. A forged value is refused."""

    def pre_validate(self, form: Any) -> None:
        known: Any = self.iter_choices()
        if self.data is not None and self.data not in {choice.value for choice in known}:
            raise ValidationError(str(_l("Velg ett av alternativene.")))


class RowChoice(ChoiceField):
    """A row found through the actor's own scope: the choices are exactly what the look-up gives."""

    def __init__(self, label: Any = None, *, rows: Callable[[], Iterable[Any]], empty: Any = "", **kwargs: Any) -> None:
        super().__init__(
            label,
            coerce=lambda v: int(getattr(v, "id", v)) if str(getattr(v, "id", v) or "").isdecimal() else None,
            choices=lambda: [("", empty), *((row.id, str(row)) for row in rows())],
            **kwargs,
        )

    def iter_choices(self):  # type: ignore[no-untyped-def]
        for value, label in self.pairs():
            yield Choice(value, label, (value or None) == self.data, {})

    def pairs(self) -> list[tuple[Any, Any]]:
        return list(self.choices or ())  # type: ignore[arg-type]

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in {value for value, _label in self.pairs()}:
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
    common["render_kw"] = (
        {"maxlength": column.max_length} if kind is TidyString and hasattr(column, "max_length") else {}
    )
    if required:
        common["render_kw"]["aria-required"] = "true"
    return kind(label, **common)


__all__ = ["BaseForm", "ChoiceField", "DateField", "HiddenField", "RowChoice", "field_for", "number_of"]
