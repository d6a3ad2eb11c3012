"""Questions that want a function called, by its name and its description."""

import re
from dataclasses import dataclass

from bot.local.chat_server.asked import Tool

_EMPTY_WORDS = frozenset({
    "a", "at", "by", "current", "do", "fetch", "find", "for", "from", "get", "in", "look", "my",
    "of", "on", "or", "read", "search", "show", "tell", "the", "to", "up",
})  # fmt: skip
_NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class _Wish:
    """A kind of question, and how functions for it are called or described."""

    function: str
    question: str


_WISHES = (
    _Wish(
        r"time|clock|date\b",
        r"\bwhat time\b|\b(what('s|s| is)|tell me) the (time|date)\b|\bwhat (day|date) is\b"
        r"|\btime is it\b|\bhow late is it\b",
    ),
    _Wish(r"dice|\bdie\b", r"\b(roll|throw|cast)\b.{0,30}\b(die|dice|d\d+)\b|\b\d+d\d+\b"),
    _Wish(
        r"pick|choose|choice|coin|\blots?\b",
        r"\b(pick|choose|decide)\b.+\bor\b|\b(pick|choose) (one|any)\b"
        r"|\b(flip|toss)\b.{0,10}\bcoin\b|\bheads or tails\b",
    ),
    _Wish(
        r"earlier|histor|turns|past|memor|previous",
        r"\bwhat (did|have) (i|we|you|he|she|they)\b.*\b(earlier|before|about|first|so far)\b"
        r"|\b(say|said|asked|talked|told)\b.*\b(earlier|before|in the beginning)\b",
    ),
)


def fits(tool: Tool, words: str) -> bool:
    """Whether a question is one for this function."""
    name = tool.function.name
    wishes = [wish for wish in _WISHES if re.search(wish.question, words, re.IGNORECASE)]
    if any(re.search(wish.function, name.replace("_", " "), re.IGNORECASE) for wish in wishes):
        return True
    # A description mentions many things: it counts where the name says nothing of its own.
    described = [w for w in wishes if re.search(w.function, tool.function.description, re.I)]
    return _is_named(name, words) or bool(described and not _is_known(name))


def _is_known(name: str) -> bool:
    spoken = name.replace("_", " ")
    return any(re.search(wish.function, spoken, re.IGNORECASE) for wish in _WISHES)


def _is_named(name: str, words: str) -> bool:
    """Whether all telling words of its name are in the question: weather, in `get_weather`."""
    telling = {w.lower() for w in _NAME_WORD.findall(name)} - _EMPTY_WORDS
    said = set(re.findall(r"[a-z\d]+", words.lower()))
    return bool(telling) and telling <= said
