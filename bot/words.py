"""Words that members read: English as they stand here, and sayable in other languages."""

from collections.abc import Iterable
from typing import Self


class Sentence(str):
    """English text that knows its template and what was filled in, so that it can be translated.

    It is text wherever text will do: logs, tests and comparisons see English. Formatting it into
    other text, or joining it, makes plain English of it; `join` does not.

    Attributes:
        template: what translators are given, with named places such as `{voice}`.
        several: the template for all counts but one, chosen by the value `count`; None for none.
        values: what was filled in, which may be sentences too.

    """

    __slots__ = ("several", "template", "values")

    template: str
    several: str | None
    values: dict[str, object]

    def __new__(cls, template: str, several: str | None = None, /, **values: object) -> Self:
        """Fill in the values, or without any keep the template as it is."""
        chosen = several if several is not None and values.get("count") != 1 else template
        sentence = super().__new__(cls, chosen.format_map(values) if values else chosen)
        sentence.template, sentence.several, sentence.values = template, several, values
        return sentence

    def __getnewargs__(self) -> tuple[str]:
        """Make copies of what the words are by now; the rest of them follows by itself."""
        return (str(self),)

    def format(self, *_: object, **values: object) -> "Sentence":
        """Fill in the template's places, by their names."""
        return Sentence(self.template, self.several, **values)


def join(separator: str, parts: Iterable[str]) -> Sentence:
    """Put texts together; those that are sentences stay translatable."""
    named = {f"part_{index}": part for index, part in enumerate(parts)}
    template = "{separator}".join(f"{{{name}}}" for name in named)
    return Sentence(template, separator=separator, **named)
