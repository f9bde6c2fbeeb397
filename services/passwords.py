"""Passwords: what is good enough, how they are stored (argon2id), and how they are compared.

House rule: a plain password never leaves this file in an exception, a log or a return value.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from forms.texts import N_, Note
from models import fold

SHORTEST, LONGEST = 12, 128  # characters

_hasher = PasswordHasher()
# Each hashing takes 64 MiB: a burst of logins must queue, not eat the machine's memory.
_slots = threading.BoundedSemaphore(4)

# Stems of what people choose first, folded; digits and signs around them are taken off before comparing.
_COMMON_WORDS = """
    password passwort passord passordet mittpassord hemmelig hemmeligpassord detteeretpassord nyttpassord
    standardpassord midlertidigpassord kommune kommunen kommunenmin kommunepassord radhuset velkommen
    velkommentil velkommenhit welcome welcomeback letmein letmeinnow changeme changemenow endremeg endrepassord
    byttmeg glemtpassord sommer sommeren sommerferie sommertid vinter vinteren vintertid høsten høstferie våren
    vårtid påske påskeferie juleferie julenissen januar februar mars april mai juni juli august september oktober
    november desember mandag tirsdag onsdag torsdag fredag lørdag søndag norge noreg norway oslo bergen trondheim
    stavanger tromsø lillehammer norgenorge jegelskerdeg elskerdeg jegelsker minkatt minhund fotball fotballen
    manchesterunited liverpool liverpoolfc rosenborg brannbergen vålerenga skiskytting langrenn qwerty qwertyuiop
    qwertyuiopå asdfghjkl asdfghjkløæ zxcvbnm qazwsxedc qazwsx abcdefghijkl abcdefgh abcabcabcabc administrator
    admin adminadmin root test testtest testtesttest testpassord demo demodemo bruker brukernavn leder lederen
    ansatt ansatte sykmeldt sykefravær oppfølging iloveyou iloveyouso sunshine princess football baseball
    superman batman dragon monkey starwars trustnoone master whatever computer internet hello hallo heihei
    heiheihei
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


def hash_password(plain: str) -> str:
    """The argon2id hash to store."""
    with _slots:
        return _hasher.hash(_composed(plain))


def verify(stored: str, plain: str) -> bool:
    """True when `plain` is what `stored` was made of. Takes the same time for a text that is too long."""
    too_long = len(plain) > LONGEST
    try:
        with _slots:
            _hasher.verify(_dummy() if too_long else stored, "" if too_long else _composed(plain))
    except (VerificationError, InvalidHashError):
        return False
    return not too_long


def verify_nobody(plain: str) -> None:
    """Spend the time of a comparison, so that an unknown username answers no faster than a known one."""
    verify(_dummy(), plain)


def needs_rehash(stored: str) -> bool:
    """True when the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def fault(plain: str, *own_words: str) -> Note | None:
    """Why `plain` may not be a password; None when it may. `own_words`: username, name, municipality and the like."""
    if len(plain) < SHORTEST:
        return Note(N_("Passordet må ha minst %(least)d tegn."), {"least": SHORTEST})
    if len(plain) > LONGEST:
        return Note(N_("Passordet kan ha høyst %(most)d tegn."), {"most": LONGEST})
    if any(word in _squeezed(plain) for word in _parts(own_words)):
        return Note(N_("Passordet kan ikke inneholde navnet ditt, brukernavnet eller kommunen."))
    if _is_common(plain):
        return Note(N_("Passordet er for lett å gjette. Sett gjerne sammen tre eller fire tilfeldige ord."))
    return None


def _composed(text: str) -> str:
    # The same letter may come composed from one keyboard and decomposed from another.
    return unicodedata.normalize("NFC", text)


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def _parts(words: Iterable[str]) -> set[str]:
    """Each word whole and in parts, folded; parts under four letters would forbid too much."""
    found = set()
    for word in words:
        found.add(_squeezed(word))
        found |= set(fold(word).replace(".", " ").replace("-", " ").replace("@", " ").split())
    return {word for word in found - {"kommune"} if len(word) >= 4}


def _is_common(plain: str) -> bool:
    text = _squeezed(plain)
    bare = text.strip("0123456789!?.,-_*#@$%&+=/ ")
    swapped = bare.translate(str.maketrans("013457@$", "oieastas"))
    return (
        len(set(text)) < 5
        or text in "0123456789" * 13
        or any(bare == stem * (len(bare) // len(stem)) for stem in _COMMON)
        or swapped in _COMMON
    )
