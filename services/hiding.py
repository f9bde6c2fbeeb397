"""Words typed into a search, hidden in the address: a name must not stand in logs, histories and referrers."""

from __future__ import annotations

import base64
import binascii

from models import keyring
from models.sealing import BadSeal, NoKey
from services.access import Actor

LONGEST = 100  # characters


def hide(actor: Actor, words: str) -> str:
    """`words` as text for an address that only this actor can have shown again."""
    sealed = keyring.seal(words.strip()[:LONGEST].encode(), _place(actor))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def shown(actor: Actor, hidden: str | None) -> str:
    """What `hide` was given; empty when the text is not ours, another actor's or damaged."""
    if not hidden or len(hidden) > LONGEST * 8:
        return ""
    try:
        return keyring.open(base64.urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4)), _place(actor)).decode()
    except (BadSeal, NoKey, binascii.Error, ValueError, IndexError):
        return ""


def _place(actor: Actor) -> str:
    return f"search:{actor.user_id}"
