"""What is particular to the cards of milestones: choices from the shelf and the schedule, the law, what is folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from admin.flat_words import MILESTONES
from admin.words import told
from forms.definition import say
from forms.edit.properties import Field
from forms.flat.step_properties import ANCHOR_NAMES, APPLIES_NAMES, DONE_NAMES, RECIPIENT_NAMES, WHO_NAMES
from forms.spans import span_words
from forms.steps import ANCHORS, OF_PLANS, StepRule, Steps
from services.schedules import Shelf

IN_THE_FOLD = ("help", "avoid", "when", "letters", "form", "recipients", "applies", "only_if")


def folded(step: StepRule) -> tuple[str, ...]:
    """What waits behind the summary; letters that must be chosen do not."""
    return tuple(name for name in IN_THE_FOLD if name != "letters" or step.done_by != "letter")


def kind_of(step: StepRule) -> tuple[str, str]:
    """The drawing and the name of a milestone's kind."""
    icon, name = MILESTONES[step.done_by]
    if step.done_by == "meeting" and step.meeting:
        return icon, _("Dialogmøte %(number)s", number=step.meeting)
    return icon, _(name)


def dressed(one: Field, step: StepRule, content: Steps, shelf: Shelf, language: str) -> Field:
    """The field with what can be chosen here, and as a control that the page can draw."""
    about = one.about
    match one.path.rpartition("/")[2]:
        case "anchor":
            return one._replace(about=about._replace(kind="choice", choices=anchors(content, language, step)))
        case "form":
            return one._replace(about=about._replace(kind="choice", choices={**about.choices, **shelf.forms}))
        case "letters":
            return one._replace(about=about._replace(choices=shelf.letters))
        case "meeting":
            return one._replace(about=about._replace(kind="choice"), value="" if one.value is None else str(one.value))
    return one


def anchors(content: Steps, language: str, step: StepRule) -> dict[str, str]:
    """Days of the case, and the other milestones by name."""
    days: dict[str, str] = {code: name for code, name in ANCHOR_NAMES.items() if code != "agreed_day"}
    others = (one for one in content.steps if one.id != step.id and one.done_by not in OF_PLANS)
    return days | {
        one.code: quoted(say(one.text, language) or one.code) for one in others if one.code not in ANCHORS
    }  # fmt: skip


def quoted(name: str) -> str:
    """A milestone's name within a sentence; it may have quotation marks of its own."""
    return f"«{name.replace('«', '“').replace('»', '”')}»"


def law_limit(step: StepRule) -> str:
    """What the law says of when, in a line of its own."""
    if step.at_most is None:
        return step.law
    return _("Loven: senest %(span)s (%(law)s)", span=span(step.at_most), law=step.law)


def span(days: int | None) -> str:
    """In the reader's language: "4 uker"."""
    return "" if days is None else told(span_words(days))


def due_words(step: StepRule, names: Mapping[str, str]) -> str:
    """By when, in plain words: "4 uker fra første dag"."""
    if step.done_by == "evaluation":
        return _("Avtales i planen")
    if step.locked and step.who == "nav":
        return _("Nav bestemmer dagen, senest %(span)s fra første dag", span=span(step.days))
    where = _(ANCHOR_NAMES[step.anchor]) if step.anchor in ANCHOR_NAMES else quoted(names.get(step.anchor, step.anchor))
    if not step.days:
        return where
    if step.days < 0:
        return _("%(span)s %(what)s", span=span(step.days), what=_lower(where))
    return _("%(span)s fra %(what)s", span=span(step.days), what=_lower(where))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def limit_words(step: StepRule) -> str:
    """Below the name of the deadline's field: how it may be written, and what the law says."""
    how = _("Skriv for eksempel 28, 28 dager eller 4 uker.")
    if step.at_most is None:
        return how
    law = _("Loven: senest %(span)s (%(days)s dager). Kommunen kan sette kortere.", span=span(step.at_most),
            days=step.at_most)  # fmt: skip
    return f"{how} {law}"


def law_words(step: StepRule) -> Iterable[str]:
    """Why something cannot be changed."""
    if step.done_by == "evaluation":
        yield _("Datoen avtales i planen, så her er det ingen frist å sette.")
    if step.done_by == "signature":
        yield _("Telles fra den dagen en plan ble ferdig. Hver plan får sin egen.")
    if step.locked and step.who == "nav":
        yield _("Nav kaller inn og bestemmer dagen, senest %(days)s dager fra første sykedag.", days=step.at_most or 0)
        yield _(
            "Låst: loven krever denne milepælen (%(law)s). Du kan endre ordene. Den kan ikke slås av.", law=step.law
        )
    elif step.locked:
        yield _counted_words(step)
        yield _("Låst: loven krever denne milepælen (%(law)s). Du kan endre ordene og sette kortere frist. "
                "Den kan ikke slås av.", law=step.law)  # fmt: skip
    elif step.legal:
        yield _counted_words(step)
        yield _("Loven har en frist her (%(law)s). Du kan sette kortere, eller slå milepælen av.", law=step.law)
    elif step.law:
        yield _("Se %(law)s.", law=step.law)


def _counted_words(step: StepRule) -> str:
    where = _(ANCHOR_NAMES.get(step.anchor, ANCHOR_NAMES["first_day"]))
    if step.anchor == "full_day":
        return _("Telles fra første dag helt borte. Den som er gradert sykmeldt hele tiden, får den ikke.")
    return _("Telles fra %(what)s.", what=_lower(where))


def summary(step: StepRule, shelf: Shelf) -> str:
    """What is chosen in the fold."""
    words = [_("Veiledning") if any(step.help.values()) or any(step.avoid.values()) else _("Ingen veiledning")]
    if step.letters and step.done_by != "letter":
        words.append(_("brev: %(names)s", names=", ".join(shelf.letters.get(key, key) for key in step.letters)))
    if step.form:
        words.append(_("skjema: %(name)s", name=shelf.forms.get(step.form, step.form)))
    if step.recipients:
        words.append(
            _("til: %(names)s", names=", ".join(_lower_name(_(RECIPIENT_NAMES[one])) for one in step.recipients))
        )
    if step.applies != "both":
        words.append(_lower(_(APPLIES_NAMES[step.applies])))
    return " · ".join(words)


def _lower_name(name: str) -> str:
    return name if name in ("HR", "Nav") else _lower(name)


def who(step: StepRule) -> str:
    return _(WHO_NAMES[step.who])


def done(step: StepRule) -> str:
    return _(DONE_NAMES[step.done_by])
