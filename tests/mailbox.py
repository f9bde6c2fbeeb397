"""A real SMTP server on the loopback that keeps what it is given, refuses whom it is told to, and can be slow."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.integrations.mail import Server

SENDER = "attende@storvik.example"
USER, PASSWORD = "attende", "bare for tester"


class Mailbox:
    """What arrived, as the bytes on the wire. `answers` by address: what the server says instead of yes."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.to: list[str] = []
        self.answers: dict[str, str] = {}
        self.data_answer = "250 OK"
        self.data_delay = 0.0
        self.port = 0
        self.encrypted: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data_answer.startswith("250"):
            self.raw.append(envelope.original_content)
            self.to += envelope.rcpt_tos
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        if self.data_delay:
            await asyncio.sleep(self.data_delay)
        return self.data_answer

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]  # type: ignore[misc]

    def texts(self) -> list[str]:
        return [message.get_content() for message in self.messages()]

    def server(self, **changed: Any) -> Server:
        """How the product should be told to reach this one."""
        plain = {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": SENDER, "patience": 1.0}
        return Server(**{**plain, **changed})


@contextmanager
def mail_server(*, context: ssl.SSLContext | None = None, wrapped: bool = False) -> Iterator[Mailbox]:
    """Listening; with `context` it offers STARTTLS (or speaks TLS from the start) and wants USER to log in."""

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    box = Mailbox()
    box.port = free_port()
    more: dict[str, Any] = (
        {"authenticator": knows, "auth_required": not wrapped, "auth_require_tls": not wrapped} if context else {}
    )
    if context:
        more |= {"ssl_context": context} if wrapped else {"tls_context": context, "require_starttls": True}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def scripted_server(talk: Callable[[Any], None]) -> Iterator[int]:
    """One connection, handed to `talk` as a file to read and write; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            with connection, connection.makefile("rwb", buffering=0) as file:
                talk(file)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for the loopback that nobody trusts yet: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Attende test")])
    span, now = dt.timedelta(days=3650), dt.datetime.now(dt.UTC)  # wide: tests move our clock, not OpenSSL's
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - span).not_valid_after(now + span)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return certificate, context
