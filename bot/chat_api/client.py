"""The calls to the model's server: deadlines, byte caps, retries."""

import asyncio
import hashlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from bot.chat_api import answer, request
from bot.chat_api.address import endpoint, model_address
from bot.chat_api.attempts import Patience
from bot.chat_api.failures import (
    MODEL_SETTING,
    OPENAI_HOST,
    Failure,
    explain,
    failure,
)
from bot.chat_api.transport import AttemptFailed, Response, fetch, open_session
from bot.domain.prompt import FromMember, Prompt
from bot.domain.reply import ModelAudio, SpokenReply
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError

__all__ = ["ChatApi", "ModelInfo", "open_session"]

log = logging.getLogger(__name__)

T = TypeVar("T")

OnWaste = Callable[[Waste], None]

_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
_HEAVY_BYTES = 128 * 1024
_DESCRIBE_S = 15.0


def _ignore(_waste: Waste) -> None:
    """Take no note of it."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the server says about the model. `shutdown_date` is None when it names no day."""

    id: str
    shutdown_date: date | None


class ChatApi:
    """The model behind an OpenAI-style API; implements `Speaker`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        key: str,
        model: str,
        deadline_s: float = 120.0,
        max_response_bytes: int = _MAX_RESPONSE_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare the calls.

        Args:
            session: see `open_session`.
            base_url: see `endpoint`.
            key: sent as the bearer token; never shown.
            model: free text.
            deadline_s: seconds for one answer, waits and retries included.
            max_response_bytes: the largest answer that is read, after decompression.
            now: the time of day, UTC.
            jitter: 0 to 1, spreads retries.
            pause: waits between retries.

        Raises:
            ValueError: `base_url` is no address.

        """
        self._session = session
        self._endpoint = endpoint(base_url)
        self._model_address = model_address(base_url, model)
        self._host = urlsplit(self._endpoint).hostname or ""
        self._key = key
        self._model = model
        self._max_response_bytes = max_response_bytes
        self._patience = Patience(deadline_s, now, jitter, pause)

    def __repr__(self) -> str:
        return f"ChatApi({self._model!r} at {self._endpoint!r})"

    @property
    def origin(self) -> str:
        """Server, key and model as one opaque name."""
        return self.origin_of(None)

    def origin_of(self, model: str | None) -> str:
        """Server, key and a model as one opaque name; None for the model of this client."""
        return _name_origin(self._endpoint, self._key, model or self._model)

    async def speak(self, prompt: Prompt, on_waste: OnWaste = _ignore) -> SpokenReply:
        """Ask for one answer in words and sound, or in words alone; errors as in `Speaker`."""
        heavy = _sound_bytes(prompt) > _HEAVY_BYTES
        body = await _run(partial(request.encode, prompt, self._model), off_loop=heavy)
        try:
            return await self._patience.insist(partial(self._ask, body, prompt, on_waste))
        except AttemptFailed as failed:
            raise self._last_word(failed.failure.error, prompt) from failed.__cause__

    async def _ask(self, body: bytes, prompt: Prompt, on_waste: OnWaste) -> SpokenReply:
        response = await self._fetch("POST", self._endpoint, body)
        if not response.ok:
            raise self._failed(response, prompt)
        read = partial(
            answer.decode,
            response.body,
            wanted=None if prompt.voice is None else prompt.format,
            asked_model=prompt.model or self._model,
            origin=self.origin_of(prompt.model),
            now=self._patience.now(),
            request_id=response.request_id,
        )
        heavy = len(response.body) > _HEAVY_BYTES
        try:
            return await _run(read, off_loop=heavy)
        except ChatApiError as error:
            asked = prompt.model or self._model
            weigh = partial(answer.read_waste, response.body, asked_model=asked)
            if (waste := await _run(weigh, off_loop=heavy)) is not None:
                on_waste(waste)
            retries = 1 if error.code in ("answer_unreadable", "answer_empty") else 0
            raise AttemptFailed(Failure(error, retries=retries), response) from error

    async def describe_model(self) -> ModelInfo | None:
        """Ask what the server says about the model.

        Returns:
            None when it does not tell about models at all.

        Raises:
            ChatApiError: it does not offer the model (`model_not_found`), could not be asked, or
                refused.

        """
        try:
            async with asyncio.timeout(min(self._patience.deadline_s, _DESCRIBE_S)):
                response = await self._fetch("GET", self._model_address)
            if not response.ok:
                raise self._failed(response, None)
        except TimeoutError as error:
            raise failure("timed_out") from error
        except AttemptFailed as failed:
            if failed.failure.error.code == "route_not_found":
                return None
            failed.log()
            raise failed.failure.error from failed.__cause__
        return _model_info(response, self._model)

    async def _fetch(self, method: str, url: str, body: bytes | None = None) -> Response:
        return await fetch(
            self._session,
            method,
            url,
            key=self._key,
            max_bytes=self._max_response_bytes,
            body=body,
        )

    def _failed(self, response: Response, sent: Prompt | None) -> AttemptFailed:
        other = sent.model if sent is not None else None
        failure_ = explain(
            response.status,
            response.headers,
            response.body,
            sent=sent,
            model=other or self._model,
            host=self._host,
            setting=MODEL_SETTING if other is None else "the setting that names it",
        )
        return AttemptFailed(failure_, response)

    def _last_word(self, error: ChatApiError, prompt: Prompt) -> ChatApiError:
        """Blame the audio ids for a lasting 500: that is how some servers say that one is gone."""
        suspect = error.status == 500 and prompt.handles and self._host != OPENAI_HOST
        return AudioGone(None, status=500, request_id=error.request_id) if suspect else error


class _ModelFields(msgspec.Struct):
    id: str = ""
    shutdown_date: str | None = None


def _model_info(response: Response, asked: str) -> ModelInfo:
    try:
        fields = msgspec.json.decode(response.body, type=_ModelFields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise failure(
            "answer_unreadable", status=response.status, request_id=response.request_id
        ) from error
    try:
        shutdown = date.fromisoformat(fields.shutdown_date or "")
    except ValueError:
        shutdown = None
    return ModelInfo(fields.id or asked, shutdown)


def _name_origin(address: str, key: str, model: str) -> str:
    return hashlib.sha256("\n".join((address, key, model)).encode()).hexdigest()[:32]


def _sound_bytes(prompt: Prompt) -> int:
    parts = (p for m in prompt.messages if isinstance(m, FromMember) for p in m.parts)
    return sum(len(part.data) for part in parts if isinstance(part, ModelAudio))


async def _run(work: Callable[[], T], *, off_loop: bool) -> T:
    """Do small work at once and heavy work in a thread, so that the loop never stalls."""
    return await asyncio.to_thread(work) if off_loop else work()
