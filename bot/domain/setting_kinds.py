"""What values of settings look like: read from text, written back to it, shown to people.

What is stored is text that `parse` reads, too, so that a value set in the database by hand is
read as one that a member typed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from bot.errors import Refused
from bot.words import Sentence

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MOST_ROLES = 25
"""What a select of roles can hold."""

MOST_MODELS = 25

_DECIMAL = re.compile(r"[+-]?\d{1,6}(\.\d{1,6})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_ROLE = re.compile(r"(?:<@&)?(\d{1,19})>?", re.ASCII)
_MODEL = re.compile(r"[!-~]{1,100}")
_LARGEST_ID = 2**63 - 1
_ON, _OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0")


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose: what is stored, and what a member reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How a value is read, stored and shown.

    Attributes:
        parse: reads what was typed or stored; raises `Refused` for anything else.
        write: gives the text to store.
        show: gives the text for people.
        options: what to suggest; all there is, unless `open`.
        open: whether values beside the options are taken.

    """

    parse: Callable[[str], T]
    write: Callable[[T], str]
    show: Callable[[T], str]
    options: tuple[Option, ...] = ()
    open: bool = False


def words(labels: Mapping[E, str]) -> Kind[E]:
    """Make the kind of a few words, given with their labels."""
    by_word = {_plain(word): choice for choice in labels for word in (choice, labels[choice])}

    def parse(text: str) -> E:
        if (choice := by_word.get(_plain(text))) is None:
            raise Refused(
                "value_unknown", Sentence("Choose one of: {words}.", words=", ".join(labels))
            )
        return choice

    options = tuple(Option(choice.value, label) for choice, label in labels.items())
    return Kind(parse, lambda choice: choice.value, lambda choice: labels[choice], options)


def _plain(text: str) -> str:
    return "_".join(text.replace("-", " ").replace("_", " ").lower().split())


def switch() -> Kind[bool]:
    """Make the kind of a switch."""

    def parse(text: str) -> bool:
        word = text.strip().lower()
        if word not in (*_ON, *_OFF):
            raise Refused("value_unknown", Sentence("Choose one of: on, off."))
        return word in _ON

    def write(value: bool) -> str:
        return _ON[0] if value else _OFF[0]

    def show(value: bool) -> str:
        return Sentence("on") if value else Sentence("off")

    return Kind(parse, write, show, (Option("on", show(True)), Option("off", show(False))))


def decimal(
    least: float, most: float, presets: Sequence[float], show: Callable[[float], str] | None = None
) -> Kind[float]:
    """Make the kind of a number with at most three decimals, bounds included."""

    def parse(text: str) -> float:
        word = text.strip().rstrip("×x").strip().replace(",", ".")  # noqa: RUF001 - meant
        value = round(float(word), 3) if _DECIMAL.fullmatch(word) else None
        if value is None or not least <= value <= most:
            raise Refused(
                "number_outside",
                Sentence("Give a number from {least:g} to {most:g}.", least=least, most=most),
            )
        return value

    shown = show or _decimal_text
    options = tuple(Option(_decimal_text(value), shown(value)) for value in presets)
    return Kind(parse, _decimal_text, shown, options, open=True)


def _decimal_text(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def whole(least: int, most: int, presets: Sequence[int]) -> Kind[int]:
    """Make the kind of a whole number, bounds included."""

    def parse(text: str) -> int:
        word = text.strip()
        value = int(word) if _WHOLE.fullmatch(word) else None
        if value is None or not least <= value <= most:
            raise Refused(
                "number_outside",
                Sentence("Give a whole number from {least} to {most}.", least=least, most=most),
            )
        return value

    return Kind(parse, str, str, tuple(Option(str(n), str(n)) for n in presets), open=True)


def roles() -> Kind[frozenset[int]]:
    """Make the kind of a list of roles, by mention or by id."""

    def parse(text: str) -> frozenset[int]:
        found = [_ROLE.fullmatch(word) for word in _split(text)]
        ids = frozenset(int(match[1]) for match in found if match)
        if not ids or None in found or len(ids) > MOST_ROLES or max(ids) > _LARGEST_ID:
            raise Refused(
                "roles_unclear", Sentence("Name 1 to {most} roles of this server.", most=MOST_ROLES)
            )
        return ids

    def write(ids: frozenset[int]) -> str:
        return " ".join(str(id_) for id_ in sorted(ids))

    def show(ids: frozenset[int]) -> str:
        return " ".join(f"<@&{id_}>" for id_ in sorted(ids))

    return Kind(parse, write, show, open=True)


def model() -> Kind[str]:
    """Make the kind of a model's name; which ones there are, the owner says."""

    def parse(text: str) -> str:
        [name] = _model_names(text, most=1)
        return name

    return Kind(parse, str, str, open=True)


def models() -> Kind[frozenset[str]]:
    """Make the kind of a list of models."""

    def parse(text: str) -> frozenset[str]:
        return frozenset(_model_names(text, most=MOST_MODELS))

    def write(names: frozenset[str]) -> str:
        return " ".join(sorted(names))

    def show(names: frozenset[str]) -> str:
        return ", ".join(sorted(names))

    return Kind(parse, write, show, open=True)


def _model_names(text: str, *, most: int) -> list[str]:
    names = _split(text)
    if not 1 <= len(names) <= most or not all(_MODEL.fullmatch(name) for name in names):
        wanted = Sentence("a model") if most == 1 else Sentence("1 to {most} models", most=most)
        raise Refused(
            "model_unclear",
            Sentence("Name {wanted} of those that whoever runs me allows.", wanted=wanted),
        )
    return names


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()
