"""Given words spoken word for word: `POST /audio/speech`."""

from functools import partial
from typing import Literal

import aiohttp
import msgspec
from msgspec import UNSET, Struct, UnsetType

from bot.chat_api.address import speech_address
from bot.chat_api.attempts import Patience
from bot.chat_api.failures import RETRIES, Failure, explain, failure
from bot.chat_api.messages import sendable
from bot.chat_api.passages import split_passages
from bot.chat_api.request import VoiceId, voice_field
from bot.chat_api.server import Server
from bot.chat_api.transport import AttemptFailed, Response, fetch
from bot.domain.reply import Sound, SoundFormat
from bot.errors import ChatApiError, Refused, SpeechUnavailable
from bot.words import Sentence

SPEECH_MODEL = "gpt-4o-mini-tts"
MOST_CHARACTERS = 10_000
"""About eleven minutes of speech."""

_MAX_SOUND_BYTES = 32 * 1024 * 1024
_WITHOUT_INSTRUCTIONS = ("tts-1", "tts-1-hd")
_NO_SUCH_CALL = (404, 405, 501)


class _SpeechRequest(Struct):
    model: str
    input: str
    voice: str | VoiceId
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
    speed: float | UnsetType = UNSET
    instructions: str | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


class SpeechApi:
    """The speech endpoint of an OpenAI-style API; implements `Reciter`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: Server,
        model: str = SPEECH_MODEL,
        *,
        max_sound_bytes: int = _MAX_SOUND_BYTES,
        patience: Patience | None = None,
    ) -> None:
        """Prepare the calls.

        Args:
            session: see `open_session`.
            server: where it is, and what lets us in.
            model: free text.
            max_sound_bytes: the largest sound that is read, all passages together.
            patience: for each passage; one minute unless given.

        Raises:
            ValueError: the server has no address.

        """
        self._session = session
        self._address = speech_address(server.base_url, server.provider.root)
        self._target = server.target(model, "SPEECH_MODEL")
        self._key = server.key
        self._provider = server.provider
        self._model = model
        self._max_sound_bytes = max_sound_bytes
        self._patience = patience or Patience(deadline_s=60.0)

    def __repr__(self) -> str:
        return f"SpeechApi({self._model!r} at {self._address!r})"

    @property
    def model(self) -> str:
        """The model that speaks."""
        return self._model

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        format: SoundFormat = "wav",
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        """Speak the text; errors as in `Reciter`.

        Args:
            text: at most `MOST_CHARACTERS`.
            voice: a name, or a custom id.
            format: what comes back, except for a long text: its passages are joined as samples.
            speed: 0.25 to 4, by the server; None for its own.
            instructions: how to speak, for models that can be told.

        """
        passages = _passages(text)
        wanted: SoundFormat = format if len(passages) == 1 else "pcm16"
        made = bytearray()
        for passage in passages:
            body = self._encode(passage, voice, wanted, speed, instructions)
            sound = await self._say(body, max_bytes=self._max_sound_bytes - len(made))
            made += sound if len(passages) == 1 else _samples(sound)
        return Sound(bytes(made), wanted)

    def _encode(
        self,
        text: str,
        voice: str,
        wanted: SoundFormat,
        speed: float | None,
        instructions: str | None,
    ) -> bytes:
        deaf = self._model in _WITHOUT_INSTRUCTIONS
        request = _SpeechRequest(
            model=self._model,
            input=sendable(text),
            voice=voice_field(self._provider.voice_for(voice)),
            response_format="pcm" if wanted == "pcm16" else wanted,
            speed=UNSET if speed is None else float(speed),
            instructions=UNSET if deaf or not instructions else sendable(instructions),
        )
        return _encoder.encode(request)

    async def _say(self, body: bytes, *, max_bytes: int) -> bytes:
        try:
            return await self._patience.insist(partial(self._try, body, max_bytes))
        except AttemptFailed as failed:
            raise failed.failure.error from failed.__cause__

    async def _try(self, body: bytes, max_bytes: int) -> bytes:
        response = await fetch(
            self._session,
            "POST",
            self._address,
            key=self._key,
            max_bytes=max_bytes,
            body=body,
            accept="*/*",
        )
        problem = self._problem(response)
        if problem is not None:
            raise AttemptFailed(problem, response)
        return response.body

    def _problem(self, response: Response) -> Failure | None:
        if response.ok:
            return self._odd_success(response)
        found = explain(
            response.status,
            response.headers,
            response.body,
            sent=None,
            target=self._target,
        )
        lacking = found.error.code in ("model_not_found", "route_not_found")
        return self._unavailable(response) if lacking or response.status in _NO_SUCH_CALL else found

    def _odd_success(self, response: Response) -> Failure | None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            # Relays show their web pages at every path they do not know.
            return self._unavailable(response)
        if kind == "application/json" or kind.startswith("text/"):
            return Failure(_error("answer_unreadable", response), retries=1)
        return None if response.body else Failure(_error("answer_empty", response), retries=RETRIES)

    def _unavailable(self, response: Response) -> Failure:
        error = SpeechUnavailable(status=response.status, request_id=response.request_id)
        hint = f"{self._target.host} does not speak given words with {self._model}"
        return Failure(error, final=True, hint=hint)


def _error(code: str, response: Response) -> ChatApiError:
    return failure(code, status=response.status, request_id=response.request_id)


def _passages(text: str) -> list[str]:
    if len(text) > MOST_CHARACTERS:
        raise Refused(
            "too_long_to_speak",
            Sentence(
                "That is too long to be read aloud: {count} characters, and the most I can "
                "speak at once is {most}.",
                count=len(text),
                most=MOST_CHARACTERS,
            ),
        )
    passages = split_passages(text)
    if not passages:
        raise Refused(
            "nothing_to_speak", Sentence("There are no words in that which I could read aloud.")
        )
    return passages


def _samples(sound: bytes) -> bytes:
    """Give whole samples, so that the next passage joins on.

    Raises:
        ChatApiError: it is a file, though raw samples were asked for.

    """
    if sound.startswith((b"RIFF", b"OggS", b"fLaC", b"ID3")):
        raise failure("answer_unreadable")
    return sound[: len(sound) & ~1]
