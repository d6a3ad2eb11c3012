"""Summaries out of a text's own sentences: the first, and those with its most frequent words."""

import re
from collections import Counter

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_MARKUP = re.compile(r"[#*_`>|]+|\[([^\]]*)\]\([^)]*\)")
_COMMON_WORDS = """
about after again also because been before being could does doing down during each from have having
here into itself just more most only other over same should some such than that their them then
there these they this those through under until very were what when where which while will with
would your
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_SENTENCES = 3
_LONGEST_SENTENCE = 300


def summarise(text: str) -> str:
    """Pick the sentences that say most, in their order."""
    sentences = [s for raw in _SENTENCE_END.split(text) if (s := _speakable(raw))]
    if len(sentences) <= _SENTENCES:
        return " ".join(sentences)
    frequency = Counter(word for sentence in sentences for word in _words(sentence))
    rest = sorted(sentences[1:], key=lambda s: _weight(s, frequency), reverse=True)
    chosen = {sentences[0], *rest[: _SENTENCES - 1]}
    return " ".join(dict.fromkeys(s for s in sentences if s in chosen))


def _speakable(sentence: str) -> str:
    plain = " ".join(_MARKUP.sub(r"\1", sentence).split())[:_LONGEST_SENTENCE]
    return plain if not plain or plain[-1] in ".!?" else f"{plain}."


def _words(sentence: str) -> list[str]:
    return [w for w in _WORD.findall(sentence.lower()) if w not in _COMMON]


def _weight(sentence: str, frequency: Counter[str]) -> float:
    words = set(_words(sentence))
    return sum(frequency[word] for word in words) / (len(words) + 4) if words else 0.0
