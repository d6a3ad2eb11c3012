"""Words to a language model's tokens and back: byte-pair encoding, as GPT-2's."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

_PIECES = re.compile(
    r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"
)  # fmt: skip
_SPECIAL = re.compile(r"(<\|\w+\|>)")
_NEVER = 1 << 30
_REMEMBERED = 8192


class Tokenizer:
    """Knows one model's vocabulary."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._words: list[str] = about["tokenizer.ggml.tokens"]
        self._ids = {word: number for number, word in enumerate(self._words)}
        merges = (tuple(merge.split(" ")) for merge in about["tokenizer.ggml.merges"])
        self._ranks = {merge: rank for rank, merge in enumerate(merges)}
        self._letters = _letters()
        self._bytes = {letter: byte for byte, letter in self._letters.items()}
        self._encode_piece = lru_cache(_REMEMBERED)(self._merge)

    def special(self, name: str) -> int | None:
        """Find a token such as `<|im_end|>`."""
        return self._ids.get(name) if _SPECIAL.fullmatch(name) else None

    def encode(self, text: str) -> list[int]:
        """Take words apart; names of special tokens in them are no more than words."""
        return [t for piece in _PIECES.findall(text) for t in self._encode_piece(piece)]

    def decode(self, tokens: Sequence[int]) -> str:
        """Put words together; half a letter at the end is left out."""
        letters = "".join(self._words[token] for token in tokens)
        return bytes(self._bytes.get(x, 0x20) for x in letters).decode("utf-8", "ignore")

    def _merge(self, piece: str) -> tuple[int, ...]:
        """Join the neighbours that belong together most, again and again."""
        parts = [self._letters[byte] for byte in piece.encode("utf-8", "replace")]
        while len(parts) > 1:
            ranks = [self._ranks.get(pair, _NEVER) for pair in pairwise(parts)]
            best = min(ranks)
            if best == _NEVER:
                break
            at = ranks.index(best)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self._ids[part] for part in parts if part in self._ids)


def _letters() -> dict[int, str]:
    """A printable letter for each byte: its own where it has one, else one from 256 on."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in set(own)]
    return {b: chr(b) for b in own} | {b: chr(256 + n) for n, b in enumerate(others)}
