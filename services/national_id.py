"""Norwegian national identity numbers. Never derive sex or birth century: from 2032 neither can be read from them.

Source: Skatteetaten, new control from 1 January 2032: first check digit may leave remainder 0 to 3.
"""

from __future__ import annotations

from forms.texts import N_, Note

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def normalise(text: str) -> str:
    """Digits only, as they are often typed with a space after the date."""
    return "".join(c for c in text if c not in " \u00a0-.")


def fault(number: str, *, allow_synthetic: bool) -> Note | None:
    """Why `number` is refused, None when it is good. D-numbers are accepted; H-numbers never."""
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        return Note(N_("Fødselsnummeret skal ha 11 siffer."))
    digits = [int(c) for c in number]
    first = (sum(w * d for w, d in zip(_FIRST, digits, strict=False)) + digits[9]) % 11
    second = (sum(w * d for w, d in zip(_SECOND, digits, strict=False)) + digits[10]) % 11
    if first > 3 or second:
        return Note(N_("Fødselsnummeret stemmer ikke. Se etter om et siffer er feil."))
    day, month = int(number[:2]), int(number[2:4])
    day -= 40 if day > 40 else 0
    synthetic = month > 80 or (40 < month <= 52 and allow_synthetic)
    if synthetic and not allow_synthetic:
        return Note(N_("Dette er et testnummer. Bruk et ekte fødselsnummer."))
    if 40 < month <= 52 and not synthetic:
        return Note(N_("Dette er et hjelpenummer (H-nummer). Bruk fødselsnummer eller D-nummer."))
    month -= 80 if month > 80 else 40 if month > 40 else 0
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return Note(N_("Fødselsnummeret begynner ikke med en gyldig dato."))
    return None


def masked(birth_hint: str) -> str:
    """The six date digits and dots, for lists and screens."""
    return f"{birth_hint} •••••" if birth_hint else ""
