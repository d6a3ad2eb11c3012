"""What is installed to hear, think and speak with, and getting it ready.

The packages are extras: the next best stands in for what is missing, and `problems` say what
did not load although it is there.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from bot.local.chat_server.engines import Ears, Line, Mind, Thinker, Voice
from bot.local.chat_server.mind import RuleMind
from bot.local.espeak import Espeak, SpeechMissing
from bot.local.speech.fetch import SMOLLM2

_log = logging.getLogger(__name__)
_Part = TypeVar("_Part")

FOLDER = Path("data/speech")
"""Where the language model lies once it was fetched."""

HEARS, THINKS, THINKS_FURTHER = "Moonshine tiny", "rules", "rules, SmolLM2-135M"
SPEAKS, SPEAKS_ELSE = "hibari", "eSpeak NG"

Progress = Callable[[str, float], None]
"""Told what is being loaded, and the share that is done: 0 to 1."""


@dataclass(frozen=True, slots=True)
class Names:
    """What hears, thinks and speaks; None for what nothing does."""

    hears: str | None
    thinks: str
    speaks: str | None

    def __str__(self) -> str:
        hears, speaks = self.hears or "nothing", self.speaks or "nothing"
        return f"hears: {hears}, thinks: {self.thinks}, speaks: {speaks}"


@dataclass(frozen=True, slots=True)
class Engines:
    """What a `ChatServer` takes, and how to call it on a page.

    Attributes:
        problems: a sentence for each part that is installed and does not load.

    """

    ears: Ears | None
    mind: Mind
    voice: Voice
    names: Names
    problems: tuple[str, ...] = ()


def smallest() -> Names:
    """Choose the least that answers, whatever else there is: it starts at once."""
    speaks = SPEAKS_ELSE if find_spec("espeakng_loader") else None
    return Names(hears=None, thinks=THINKS, speaks=speaks)


def installed(folder: Path = FOLDER) -> Names:
    """Look what there is, without loading any of it."""
    runs = find_spec("onnxruntime") is not None and find_spec("numpy") is not None
    speaks_well = runs and find_spec("hibari") is not None
    speaks = SPEAKS if speaks_well else SPEAKS_ELSE if find_spec("espeakng_loader") else None
    thinks_further = find_spec("numpy") is not None and SMOLLM2.is_in(folder)
    return Names(
        hears=HEARS if runs and find_spec("moonshine_voice") is not None else None,
        thinks=THINKS_FURTHER if thinks_further else THINKS,
        speaks=speaks,
    )


def load(
    folder: Path = FOLDER,
    progress: Progress = lambda _what, _share: None,
    chosen: Names | None = None,
) -> Engines:
    """Load the best of what there is, or what is chosen of it; takes some seconds.

    Raises:
        SpeechMissing: there is nothing to speak with.

    """
    found = chosen or installed(folder)
    problems: list[str] = []
    progress("the voice", 0.0)
    voice = _try(SPEAKS, _natural_voice, problems) if found.speaks == SPEAKS else None
    speaks = SPEAKS if voice is not None else SPEAKS_ELSE
    voice = voice or Espeak()
    progress("the ears", 0.3)
    ears = _try(HEARS, _moonshine, problems) if found.hears else None
    progress("the mind", 0.6)
    thinker = _think_further(folder, problems) if found.thinks != THINKS else None
    progress("ready", 1.0)
    names = Names(found.hears if ears else None, THINKS_FURTHER if thinker else THINKS, speaks)
    return Engines(ears, RuleMind(thinker), voice, names, tuple(problems))


class LoadingEngines:
    """Engines that load in the background; whoever needs one waits until it is there.

    Attributes:
        doing: what is being loaded, "ready" in the end.
        share: how much is done, 0 to 1.

    """

    def __init__(
        self,
        folder: Path = FOLDER,
        progress: Progress = lambda _what, _share: None,
        *,
        tiny: bool = False,
    ) -> None:
        """Begin to load.

        Args:
            folder: where the language model lies, if anywhere.
            progress: called in the thread that loads.
            tiny: whether the least that speaks is wanted, though there is better.

        Raises:
            SpeechMissing: nothing to speak with is installed.

        """
        self._installed = smallest() if tiny else installed(folder)
        self.doing, self.share = "the voice", 0.0
        if self._installed.speaks is None:
            raise SpeechMissing("No speech engine is installed: make demo-tiny brings one.")
        loader = ThreadPoolExecutor(1, thread_name_prefix="engines")
        self._progress = progress
        self._loaded: Future[Engines] = loader.submit(load, folder, self._report, self._installed)
        loader.shutdown(wait=False)

    @property
    def names(self) -> Names:
        """What is installed; once all is loaded, what did load."""
        loaded = self._if_loaded()
        return loaded.names if loaded is not None else self._installed

    @property
    def problems(self) -> tuple[str, ...]:
        """What did not load although it is there; nothing as long as it loads."""
        if self._loaded.done() and (error := self._loaded.exception()) is not None:
            return (f"The model cannot speak here: {error}",)
        loaded = self._if_loaded()
        return loaded.problems if loaded is not None else ()

    @property
    def ears(self) -> Ears | None:
        """Hears; None where nothing is installed for it."""
        return _LaterEars(self._loaded) if self._installed.hears else None

    @property
    def mind(self) -> Mind:
        """Thinks."""
        return _LaterMind(self._loaded)

    @property
    def voice(self) -> Voice:
        """Speaks."""
        return _LaterVoice(self._loaded)

    def _report(self, what: str, share: float) -> None:
        self.doing, self.share = what, share
        self._progress(what, share)

    def _if_loaded(self) -> Engines | None:
        done = self._loaded.done() and self._loaded.exception() is None
        return self._loaded.result() if done else None

    def wait(self, timeout_s: float | None = None) -> Engines:
        """Wait until all is loaded.

        Raises:
            SpeechMissing: there is nothing to speak with after all.
            TimeoutError: it takes longer.

        """
        return self._loaded.result(timeout_s)


class _LaterEars:
    def __init__(self, loaded: "Future[Engines]") -> None:
        self._loaded = loaded

    def hear(self, pcm: bytes) -> str:
        ears = self._loaded.result().ears
        return ears.hear(pcm) if ears is not None else ""


class _LaterMind:
    def __init__(self, loaded: "Future[Engines]") -> None:
        self._loaded = loaded

    def answer(self, conversation: Sequence[Line]) -> str:
        return self._loaded.result().mind.answer(conversation)


class _LaterVoice:
    def __init__(self, loaded: "Future[Engines]") -> None:
        self._loaded = loaded

    def speak(self, text: str, voice: str) -> bytes:
        return self._loaded.result().voice.speak(text, voice)


def _try(name: str, make: Callable[[], _Part], problems: list[str]) -> _Part | None:
    """Load one part; a part that fails is no reason to do without the others."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - logged and told; packages fail in any way
        _log.warning("%s does not load.", name, exc_info=True)
        problems.append(f"{name} is installed, but does not load here: {error}")
        return None


def _natural_voice() -> Voice:
    from bot.local.speech.natural import NaturalVoice

    return NaturalVoice()


def _moonshine() -> Ears:
    from bot.local.speech.moonshine import Moonshine, find_model

    return Moonshine(find_model())


def _think_further(folder: Path, problems: list[str]) -> Thinker | None:
    def make() -> Thinker:
        from bot.local.speech.smollm import SmolLM

        return SmolLM(folder)

    return _try("The language model", make, problems)
