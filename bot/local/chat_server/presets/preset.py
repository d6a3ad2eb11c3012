"""How a system that serves chat completions differs from OpenAI's, as data."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from bot.domain.reply import SoundFormat
from bot.domain.voices import VOICES
from bot.local.chat_server.bodies import Completion
from bot.local.chat_server.refusals import ApiRefusal
from bot.local.chat_server.sound import write_answer
from bot.local.chat_server.streaming import stream_events

Fields = dict[str, Any]
"""The JSON object of a request."""

Rule = Callable[[Fields], Fields]
"""Refuses a request, or puts it as OpenAI would have it."""

Endpoint = Literal["models", "speech", "transcriptions"]

FORMATS = ("wav", "aac", "mp3", "flac", "opus", "pcm16")
TEN_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer",
)  # fmt: skip
"""The voices that relays and resellers list."""


def same(names: tuple[str, ...]) -> Mapping[str, str]:
    """Let each voice be spoken by the engine's own of that name."""
    return {name: name for name in names}


def openai_audio_id(created: int) -> str:
    """Name a sound as OpenAI does: the id begins with its time."""
    return f"audio_{created:08x}{uuid.uuid4().hex[:24]}"


def _as_it_is(completion: Completion) -> Completion:
    return completion


def _anywhere(_request: web.Request) -> None:
    """Ask no more of a call than that its address is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One system; whatever is not said is as at OpenAI.

    Attributes:
        name: what it is called on the command line.
        models: what is on offer and the day it ends, or None; None where any name will do.
        roots: where the API lies; the first is the base URL's path.
        endpoints: what there is besides chat completions.
        key_headers: where the key may stand; none where no key is asked for.
        admit: refuses calls that lack something in their address.
        moved: paths that are answered with a redirect, and where it leads.
        lost: answers at paths that it does not know; None for an error of its shape.
        rules: refuse what it does not take, and put the rest as OpenAI would have it.
        needs_sound: whether requests without any sound are refused.
        voices: its voices, each with the engine's voice that speaks it.
        has_custom_voices: whether voices may be given by an id.
        formats: what sound can be asked for.
        stream_formats: the same for streams.
        write: makes the sound of samples, whatever was asked for.
        audio_id: names a sound, told when it was made.
        audio_life_s: how long a sound is said to be known by its id.
        keeps_ids: whether it really is.
        status: of a good answer.
        whole: puts OpenAI's answer into its shape.
        events: the same for a stream; told whether the tokens are wanted.
        refuse: puts a refusal into its shape.

    """

    name: str
    models: Mapping[str, str | None] | None
    roots: tuple[str, ...] = ("/v1",)
    endpoints: tuple[Endpoint, ...] = ("models",)
    key_headers: tuple[str, ...] = ("Authorization",)
    admit: Callable[[web.Request], None] = _anywhere
    moved: Mapping[str, str] = field(default_factory=dict)
    lost: Callable[[web.Request], web.Response] | None = None
    rules: tuple[Rule, ...] = ()
    needs_sound: bool = True
    voices: Mapping[str, str] = field(default_factory=lambda: same(VOICES))
    has_custom_voices: bool = False
    formats: tuple[str, ...] = FORMATS
    stream_formats: tuple[str, ...] = ("pcm16",)
    write: Callable[[bytes, SoundFormat], bytes] = write_answer
    audio_id: Callable[[int], str] = openai_audio_id
    audio_life_s: int = 3600
    keeps_ids: bool = True
    status: int = 200
    whole: Callable[[Completion], Completion] = _as_it_is
    events: Callable[[Completion, bool], Iterator[bytes]] = stream_events
    refuse: Callable[[ApiRefusal], web.Response] = ApiRefusal.respond

    @property
    def provider(self) -> str:
        """What the bot is to take it for: variants of a system have its name and more."""
        return self.name.removesuffix("-parts")
