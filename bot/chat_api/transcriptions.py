"""What is said in recordings, written down: `POST /audio/transcriptions`."""

import io
from functools import partial

import aiohttp
import msgspec
from msgspec import Struct

from bot.chat_api.address import transcription_address
from bot.chat_api.attempts import Patience
from bot.chat_api.failures import Failure, explain, failure
from bot.chat_api.server import Server
from bot.chat_api.transport import AttemptFailed, Response, fetch
from bot.domain.reply import Heard, ModelAudio, Usage
from bot.errors import TranscriptionUnavailable

TRANSCRIPTION_MODEL = "gpt-transcribe"

_MAX_WORDS_BYTES = 1024 * 1024
_NO_SUCH_CALL = (404, 405, 501)
_MOST_TOKENS = 10**9
_KINDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}


class _InDetails(Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None


class _UsageFields(Struct):
    """Tokens, or seconds; every field may be missing or null."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: _InDetails | None = None
    seconds: float | None = None


class _Answer(Struct):
    text: str
    usage: _UsageFields | None = None


_decoder = msgspec.json.Decoder(_Answer)


class TranscriptionApi:
    """The transcriptions endpoint of an OpenAI-style API; implements `Writer`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: Server,
        model: str = TRANSCRIPTION_MODEL,
        *,
        max_words_bytes: int = _MAX_WORDS_BYTES,
        patience: Patience | None = None,
    ) -> None:
        """Prepare the calls.

        Args:
            session: see `open_session`.
            server: where it is, and what lets us in.
            model: free text.
            max_words_bytes: the largest answer that is read.
            patience: for each clip; one minute unless given.

        Raises:
            ValueError: the server has no address.

        """
        self._session = session
        self._address = transcription_address(server.base_url, server.provider.root)
        self._target = server.target(model, "TRANSCRIBE_MODEL")
        self._key = server.key
        self._model = model
        self._max_words_bytes = max_words_bytes
        self._patience = patience or Patience(deadline_s=60.0)

    def __repr__(self) -> str:
        return f"TranscriptionApi({self._model!r} at {self._address!r})"

    async def write_down(self, clip: ModelAudio, *, language: str | None = None) -> Heard:
        """Write down what is said; errors as in `Writer`.

        Args:
            clip: the recording.
            language: the one that is spoken (ISO 639-1); None for whichever it may be.

        """
        try:
            return await self._patience.insist(partial(self._try, clip, language))
        except AttemptFailed as failed:
            raise failed.failure.error from failed.__cause__

    async def _try(self, clip: ModelAudio, language: str | None) -> Heard:
        response = await fetch(
            self._session,
            "POST",
            self._address,
            key=self._key,
            max_bytes=self._max_words_bytes,
            body=self._form(clip, language),
        )
        if not response.ok:
            raise AttemptFailed(self._problem(response), response)
        return self._read(response, clip)

    def _form(self, clip: ModelAudio, language: str | None) -> aiohttp.FormData:
        """Lay out the request; the file's ending is what servers tell its container by."""
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("model", self._model)
        form.add_field("response_format", "json")
        if language is not None:
            form.add_field("language", language)
        name, kind = f"recording.{clip.format}", _KINDS[clip.format]
        form.add_field("file", io.BytesIO(clip.data), filename=name, content_type=kind)
        return form

    def _read(self, response: Response, clip: ModelAudio) -> Heard:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            # Relays show their web pages at every path they do not know.
            raise AttemptFailed(self._unavailable(response), response)
        try:
            answer = _decoder.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            unreadable = failure(
                "answer_unreadable", status=response.status, request_id=response.request_id
            )
            raise AttemptFailed(Failure(unreadable, retries=1), response) from error
        return Heard(
            answer.text.strip(),
            usage=_count(answer.usage),
            seconds=_billed_seconds(answer.usage, clip),
            model=self._model,
        )

    def _problem(self, response: Response) -> Failure:
        found = explain(
            response.status, response.headers, response.body, sent=None, target=self._target
        )
        lacking = found.error.code in ("model_not_found", "route_not_found")
        return self._unavailable(response) if lacking or response.status in _NO_SUCH_CALL else found

    def _unavailable(self, response: Response) -> Failure:
        error = TranscriptionUnavailable(status=response.status, request_id=response.request_id)
        hint = f"{self._target.host} writes nothing down with {self._model}"
        return Failure(error, final=True, hint=hint)


def _count(fields: _UsageFields | None) -> Usage | None:
    """Count tokens by kind; what is not said to be text was sound."""
    if fields is None or fields.input_tokens is None:
        return None
    details = fields.input_token_details or _InDetails()
    heard, told = _sane(fields.input_tokens), _sane(details.text_tokens)
    audio_in = heard - told if details.audio_tokens is None else _sane(details.audio_tokens)
    return Usage(told, max(audio_in, 0), _sane(fields.output_tokens))


def _billed_seconds(fields: _UsageFields | None, clip: ModelAudio) -> float:
    told = fields.seconds if fields is not None else None
    return clip.seconds if told is None else min(max(told, 0.0), _MOST_TOKENS)


def _sane(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), _MOST_TOKENS)
