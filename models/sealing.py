"""AES-256-GCM for single columns: bound to its row, key id in the envelope, keys outside the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SCHEME = b"\x01"
_NONCE = 12


class BadSeal(Exception):
    """Sealed bytes that do not open: another row, another key, or damaged."""


class NoKey(Exception):
    """No key is loaded, or a key id is unknown."""


class Keyring:
    """Keys by id; the first seals, all open. A separate key makes the blind index."""

    def __init__(self) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._current = b""
        self._index_key = b""

    def load(self, keys: str, index_key: str) -> None:
        """`keys` is "id:base64,id:base64" with 32-byte keys, newest first. Raises ValueError on a bad key."""
        loaded: dict[bytes, AESGCM] = {}
        for part in filter(None, (p.strip() for p in keys.split(","))):
            kid, _, text = part.partition(":")
            raw = base64.b64decode(text, validate=True)
            if len(raw) != 32 or not 1 <= len(kid.encode()) <= 16:
                raise ValueError("each key is id:base64 of 32 bytes")
            loaded[kid.encode()] = AESGCM(raw)
        index_raw = base64.b64decode(index_key, validate=True)
        if not loaded or len(index_raw) != 32:
            raise ValueError("a data key and an index key of 32 bytes are needed")
        self._keys, self._current, self._index_key = loaded, next(iter(loaded)), index_raw

    @property
    def ids(self) -> list[str]:
        return [kid.decode() for kid in self._keys]

    def seal(self, plain: bytes, place: str) -> bytes:
        """Envelope: scheme, length of key id, key id, nonce, ciphertext. `place` is authenticated, not stored."""
        if not self._current:
            raise NoKey
        nonce = os.urandom(_NONCE)
        cipher = self._keys[self._current].encrypt(nonce, plain, place.encode())
        return _SCHEME + bytes([len(self._current)]) + self._current + nonce + cipher

    def open(self, sealed: bytes, place: str) -> bytes:
        """The plain bytes. Raises BadSeal or NoKey."""
        if sealed[:1] != _SCHEME:
            raise BadSeal
        end = 2 + sealed[1]
        key = self._keys.get(sealed[2:end])
        if key is None:
            raise NoKey
        try:
            return key.decrypt(sealed[end : end + _NONCE], sealed[end + _NONCE :], place.encode())
        except InvalidTag as error:
            raise BadSeal from error

    def index(self, value: str) -> str:
        """Keyed hash for looking a value up without storing it."""
        if not self._index_key:
            raise NoKey
        return hmac.new(self._index_key, value.encode(), hashlib.sha256).hexdigest()


keyring = Keyring()
