"""Numbers in words, as recognised speech spells them, put into figures."""

import re

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {"hundred": 100, "thousand": 1000}
_SMALL = {
    **{word: number for number, word in enumerate(_ONES.split())},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), 2)},
}
_WORD = "|".join([*_SMALL, *_UNITS])
_AFTER_UNIT = rf"(?:(?<=hundred)|(?<=thousand))(?: and)? (?:{_WORD})"
_RUN = re.compile(rf"\b(?:a )?(?:{_WORD})(?:{_AFTER_UNIT}|[ -](?:{_WORD}))*\b")


def write_in_figures(text: str) -> str:
    """Replace number words by figures: "two hundred and five" becomes "205"."""
    return _RUN.sub(lambda found: " ".join(map(str, _numbers(found[0]))), text)


def _numbers(run: str) -> list[int]:
    """Read words in a row, which may be several numbers: "five six" are two."""
    numbers: list[int] = []
    for word in re.findall(rf"\b(?:{_WORD})\b", run):
        if word in _UNITS:
            _raise(numbers, _UNITS[word])
        elif numbers and _takes(numbers[-1], _SMALL[word]):
            numbers[-1] += _SMALL[word]
        else:
            numbers.append(_SMALL[word])
    return numbers


def _raise(numbers: list[int], unit: int) -> None:
    """Count hundreds, or thousands; "hundred" alone is one."""
    if not numbers:
        numbers.append(1)
    if unit == 100 and numbers[-1] > 1000:
        numbers[-1] += numbers[-1] % 1000 * 99
    else:
        numbers[-1] *= unit


def _takes(number: int, small: int) -> bool:
    """Whether a number goes on with this one, as "forty" does with "two"."""
    room = 1000 if number % 1000 == 0 else 100 if number % 100 == 0 else 10
    return number >= 20 and number % 10 == 0 and 0 < small < room
