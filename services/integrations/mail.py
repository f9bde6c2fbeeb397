"""Mail over SMTP: one message to one address, and what became of it. Never writes an address or a text to a log.

House rule: nothing that the mail server says leaves this file, only its number: servers quote addresses.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import smtplib
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
PATIENCE = 10.0  # seconds for each answer of the server


@dataclass(frozen=True)
class Server:
    """Where mail goes. `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    patience: float = PATIENCE


class MailFault(Exception):
    """The message was not delivered; `code` is a word, with the server's number where it gave one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(MailFault):
    """The server does not take this message, now or later: no use in trying again."""


class Later(MailFault):
    """The server does not take this message now; surely not delivered, so it may be tried again."""


class Unreachable(Later):
    """It is about the server, not the message: others need not be tried now."""


class Unsure(MailFault):
    """The connection was lost when the text was on its way: delivered or not, nobody knows."""


_server: Server | None = None


def use(server: Server | None) -> None:
    """Set the mail server of this process; None turns mail off."""
    global _server
    _server = server


def is_on() -> bool:
    return _server is not None


def send(address: str, subject: str, text: str, language: str) -> None:
    """Deliver one plain message. Raises Refused, Later, Unreachable or Unsure; LookupError when mail is off."""
    if _server is None:
        raise LookupError("no mail server")
    if not _ADDRESS.fullmatch(address):
        raise Refused("address")
    content = _message(_server, address, subject, text, language)
    with _connected(_server) as connection:
        _envelope(connection, _server, address)
        try:
            code, _said = connection.data(content)
        except smtplib.SMTPDataError as error:  # refused before the text was on its way
            raise _fault(error.smtp_code, "refused") from None
        except (OSError, smtplib.SMTPException):
            raise Unsure("lost") from None
        if not 200 <= code < 300:
            raise _fault(code, "refused") if 400 <= code < 600 else Unsure("lost")


def _message(server: Server, address: str, subject: str, text: str, language: str) -> bytes:
    """Plain text. No name, no number of ours and no name of this machine is in the headers."""
    message = EmailMessage(policy=SMTP)
    message["From"] = server.sender
    message["To"] = address
    message["Subject"] = subject
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = f"<{uuid.uuid4().hex}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = language
    return message.as_bytes()


@contextlib.contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and logged in as the settings say. Raises Unreachable."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _open(server)
    except ssl.SSLError:
        raise Unreachable("tls") from None
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(f"login:{error.smtp_code}") from None
    except UnicodeError:  # smtplib can only log in with ASCII
        raise Unreachable("login") from None
    except smtplib.SMTPNotSupportedError:
        raise Unreachable("tls" if server.security == "starttls" else "login") from None
    except smtplib.SMTPResponseException as error:
        raise Unreachable(f"server:{error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise _lost(error) from None
    try:
        yield connection
    except (Unreachable, Unsure):
        connection.close()
        raise
    except BaseException:
        _close(connection)
        raise
    _close(connection)


def _lost(error: Exception) -> Unreachable:
    """smtplib hides that it waited in vain inside another error."""
    return Unreachable("slow" if isinstance(error.__context__ or error, TimeoutError) else "down")


def _open(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    # A name of our own in the greeting: the machine's own name is nobody's business.
    me, host, port, patience = "attende.invalid", server.host, server.port, server.patience
    connection: smtplib.SMTP
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(host, port, local_hostname=me, timeout=patience, context=context)
    else:
        connection = smtplib.SMTP(host, port, local_hostname=me, timeout=patience)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _close(connection: smtplib.SMTP) -> None:
    """Say goodbye; what was delivered is so, whether the server answers or not."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()


def _envelope(connection: smtplib.SMTP, server: Server, address: str) -> None:
    """Say from whom and to whom. Raises Refused, Later, Unreachable."""
    try:
        code, _said = connection.mail(server.sender)
        if code != 250:
            raise Unreachable(f"sender:{code}")
        code, _said = connection.rcpt(address)
    except (OSError, smtplib.SMTPException) as error:
        raise _lost(error) from None
    if code not in (250, 251):
        raise _fault(code, "refused")


def _fault(code: int, word: str) -> MailFault:
    """5xx is for good, all else may pass."""
    return Refused(f"{word}:{code}") if 500 <= code < 600 else Later(f"later:{code}")
