"""Plain input forms, made for one reader: `say` translates. Shape only; whether a password is right is for services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import Form, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from forms.texts import N_

Say = Callable[[str], str]
# Longer than any username or password may be; the services say what is too long for a password.
_LONGEST = 1000


def login_form(say: Say, posted: Any = None) -> Form:
    """Username and password."""

    class LoginForm(Form):
        username = StringField(
            say(N_("Brukernavn")),
            [
                InputRequired(say(N_("Skriv brukernavnet ditt."))),
                Length(max=_LONGEST, message=say(N_("For lang tekst."))),
            ],
        )
        password = PasswordField(
            say(N_("Passord")),
            [InputRequired(say(N_("Skriv passordet ditt."))), Length(max=_LONGEST, message=say(N_("For lang tekst.")))],
        )

    return LoginForm(posted)


def password_form(say: Say, posted: Any = None) -> Form:
    """The present password and the new one twice."""

    class PasswordForm(Form):
        old_password = PasswordField(
            say(N_("Passordet du har nå")),
            [InputRequired(say(N_("Skriv passordet du har nå."))), Length(max=_LONGEST)],
        )
        new_password = PasswordField(
            say(N_("Nytt passord")),
            [
                InputRequired(say(N_("Skriv et nytt passord."))),
                Length(max=_LONGEST, message=say(N_("For lang tekst."))),
            ],
            description=say(N_("Minst 12 tegn. Tre eller fire tilfeldige ord er lett å huske og vanskelig å gjette.")),
        )
        repeat_password = PasswordField(
            say(N_("Nytt passord en gang til")),
            [EqualTo("new_password", message=say(N_("De to nye passordene er ikke like.")))],
        )

    return PasswordForm(posted)


def add_errors(form: Form, messages: Mapping[str, str]) -> None:
    """Put messages of a service at their fields; those of no field go to the form."""
    for name, message in messages.items():
        if name in form:
            form[name].errors = [*form[name].errors, message]
        else:
            form.form_errors.append(message)
