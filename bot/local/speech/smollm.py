"""Words to an answer: SmolLM2-135M-Instruct, a very small language model."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.local.chat_server.engines import Line
from bot.local.speech.fetch import SMOLLM2
from bot.local.speech.gguf import read_gguf
from bot.local.speech.llama import Llama
from bot.local.speech.pinned import verify
from bot.local.speech.tokens import Tokenizer

# It answers best when told what it was told in training.
_TOLD = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
_MOST_TOKENS = 40
_LONGEST_S = 4.0
_LONGEST_FOR_ONE_SENTENCE_S = 10.0
_LINES = 5
_LINE_TOKENS = 120
_SENTENCES = re.compile(r".*[.!?](?=\s|\Z)", re.DOTALL)


class SmolLM:
    """Answers in a sentence or two, seldom wisely. Safe to share: one answer at a time."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Load the model.

        Raises:
            DataDamaged: the file is not there, or not the one this was written for.

        """
        verify(folder, {SMOLLM2.name: SMOLLM2.sha256})
        model = read_gguf(folder / SMOLLM2.name)
        self._clock = clock
        self._tokens = Tokenizer(model.about)
        self._model = Llama(model)
        self._begin, self._end = (self._special(name) for name in ("<|im_start|>", "<|im_end|>"))
        self._busy = threading.Lock()

    def think(self, lines: Sequence[Line]) -> str | None:
        """Answer the last line; None when nothing comes to its mind in time."""
        prompt = self._prompt(lines)
        with self._busy:
            reading = self._model.read(len(prompt) + _MOST_TOKENS)
            written, in_time = self._collect(reading.write(prompt, _MOST_TOKENS))
        return whole_sentences(self._tokens.decode(written), keep_part=in_time) or None

    def _collect(self, tokens: Iterator[int]) -> tuple[list[int], bool]:
        """Write to the end of the answer, and tell whether that was in time."""
        began = self._clock()
        written: list[int] = []
        for token in tokens:
            if token in (self._begin, self._end):
                break
            if self._is_late(self._clock() - began, written):
                return written, False
            written.append(token)
        return written, True

    def _is_late(self, seconds: float, written: Sequence[int]) -> bool:
        """A slow machine gets more time for the first sentence: less is no answer."""
        if seconds <= _LONGEST_S:
            return False
        said = whole_sentences(self._tokens.decode(written), keep_part=False)
        return bool(said) or seconds > _LONGEST_FOR_ONE_SENTENCE_S

    def _prompt(self, lines: Sequence[Line]) -> list[int]:
        said = [line for line in lines if line.by != "system"][-_LINES:]
        turns = [("system", _TOLD), *((_ROLES[line.by], line.text) for line in said)]
        spelt = [token for role, words in turns for token in self._turn(role, words)]
        return [*spelt, self._begin, *self._tokens.encode("assistant\n")]

    def _turn(self, role: str, words: str) -> list[int]:
        spelt = self._tokens.encode(words)[-_LINE_TOKENS:]
        ending = [self._end, *self._tokens.encode("\n")]
        return [self._begin, *self._tokens.encode(f"{role}\n"), *spelt, *ending]

    def _special(self, name: str) -> int:
        token = self._tokens.special(name)
        if token is None:
            raise ValueError(f"the model has no {name}")
        return token


_ROLES = {"member": "user", "model": "assistant"}


def whole_sentences(text: str, *, keep_part: bool) -> str:
    """Leave out the sentence that was cut off; `keep_part` keeps it where it is the only one."""
    plain = " ".join(text.split())
    found = _SENTENCES.match(plain)
    if found is not None:
        return found[0]
    return f"{plain.rstrip(',;:')}." if plain and keep_part else ""
