"""What questions say: places, numbers, choices, subjects."""

import re

from bot.local.chat_server.numerals import write_in_figures

_NAMED_PLACE = re.compile(
    r"\b(?:in|at|for|of) (?:the )?([A-Z][\w'\N{RIGHT SINGLE QUOTATION MARK}/-]*"
    r"(?:,? (?:(?:of|de|da|do|la|el|the) )?[A-Z][\w'/-]*)*)"
)
_LAST_PLACE = re.compile(
    r"\bin (?:the )?(\w[\w' -]{1,40}?)(?: right now| now| today)?[?.! ]*\Z", re.I
)
_NO_PLACE = re.compile(r"\A(morning|evening|afternoon|night|end|beginning)\b", re.I)
_DICE_CODE = re.compile(r"\b(\d*)d(\d+)\b", re.IGNORECASE)
_SIDES = re.compile(r"\b(\d+)[- ]sid|\bwith (\d+) (?:sides|faces)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.-])")
_COIN = re.compile(r"\bcoin\b|\bheads or tails\b", re.IGNORECASE)
_CHOICES = re.compile(
    r"\b(?:pick|choose|decide)\b(?: for (?:me|us))?"
    r"(?: (?:between|among|from|one of|out of))?:? (.+)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r",? or |,? and |, ", re.IGNORECASE)
_SUBJECT = re.compile(r"\babout (?:the |my |our |your )?(.+)", re.IGNORECASE)


def find_place(words: str) -> str | None:
    """Find a place: what stands with a capital behind "in", else what ends the question."""
    named = _NAMED_PLACE.search(words)
    if named is not None:
        return named[1]
    last = _LAST_PLACE.search(words)
    return last[1] if last and not _NO_PLACE.match(last[1]) else None


def find_number(words: str) -> int | None:
    """Find how many: the first number that is not part of something else."""
    code = _DICE_CODE.search(words)
    if code is not None:
        return int(code[1]) if code[1] else None
    rest = _SIDES.sub("", write_in_figures(words.lower()))
    found = _NUMBER.search(rest)
    return int(found[0]) if found else None


def find_sides(words: str) -> int | None:
    """Find how many sides a die has: "d20", "20-sided", "with twenty sides"."""
    code = _DICE_CODE.search(words)
    if code is not None:
        return int(code[2])
    found = _SIDES.search(write_in_figures(words.lower()))
    return int(found[1] or found[2]) if found else None


def find_choices(words: str) -> list[str] | None:
    """Find what to choose from: "tea, coffee or cocoa"."""
    if _COIN.search(words):
        return ["heads", "tails"]
    found = _CHOICES.search(words)
    if found is None:
        return None
    options = [option.strip(" ?.!") for option in _BETWEEN.split(found[1])]
    return [option for option in options if option] if len(options) > 1 else None


def find_subject(words: str) -> str | None:
    """Find what it is about."""
    found = _SUBJECT.search(words)
    if found is None:
        return None
    return re.sub(r"\b(earlier|before|first)\b", "", found[1]).strip(" ?.!,") or None
