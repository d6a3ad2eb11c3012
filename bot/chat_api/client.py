"""The calls to the model's server: deadlines, byte caps, retries."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import aiohttp

from bot.chat_api import request
from bot.chat_api.address import endpoint, model_address
from bot.chat_api.assembling import Answer, Expected, assemble, weigh
from bot.chat_api.attempts import Patience
from bot.chat_api.failures import (
    Failure,
    explain,
    failure,
)
from bot.chat_api.heavy import work_on
from bot.chat_api.midway import stated_status
from bot.chat_api.model_info import ModelInfo, read_model_info
from bot.chat_api.receiving import OnWords, receive
from bot.chat_api.server import Server
from bot.chat_api.transport import AttemptFailed, Response, call, fetch, open_session
from bot.domain.prompt import FromMember, Prompt
from bot.domain.reply import ModelAudio, SpokenReply
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError

__all__ = ["ChatApi", "ModelInfo", "open_session"]

log = logging.getLogger(__name__)

OnWaste = Callable[[Waste], None]

_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
_DESCRIBE_S = 15.0


def _ignore(_told: object) -> None:
    """Take no note of it."""


class ChatApi:
    """The model behind an OpenAI-style API; implements `Speaker`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: Server,
        model: str,
        *,
        max_response_bytes: int = _MAX_RESPONSE_BYTES,
        stream: bool = False,
        stall_s: float = 60.0,
        patience: Patience | None = None,
    ) -> None:
        """Prepare the calls.

        Args:
            session: see `open_session`.
            server: where it is, and what lets us in.
            model: free text.
            max_response_bytes: the largest answer that is read, after decompression.
            stream: ask for answers in pieces where the provider leaves the choice; their sound
                is pcm16 whatever a prompt wants.
            stall_s: how long a streamed answer may stand still.
            patience: for each answer; two minutes unless given.

        Raises:
            ValueError: the server has no address.

        """
        streaming = server.provider.streaming
        self._session = session
        self._server = server
        self._provider = server.provider
        self._endpoint = endpoint(server.base_url, server.provider.root)
        self._key = server.key
        self._model = model
        self._max_response_bytes = max_response_bytes
        self._stream = streaming == "only" or (stream and streaming == "able")
        self._stall_s = stall_s
        self._patience = patience or Patience()

    def __repr__(self) -> str:
        return f"ChatApi({self._model!r} at {self._endpoint!r})"

    @property
    def origin(self) -> str:
        """Server, key and model as one opaque name."""
        return self.origin_of(None)

    def origin_of(self, model: str | None) -> str:
        """Server, key and a model as one opaque name; None for the model of this client."""
        return _name_origin(self._endpoint, self._server.secret, model or self._model)

    def origins(self, model: str | None) -> tuple[str, ...]:
        """Name the one origin of what that model says; see `Speaker`."""
        return (self.origin_of(model),)

    async def speak(
        self, prompt: Prompt, on_waste: OnWaste = _ignore, on_words: OnWords = _ignore
    ) -> SpokenReply:
        """Ask for one answer in words and sound, or in words alone; errors as in `Speaker`.

        Args:
            prompt: what is asked.
            on_waste: see `Speaker`.
            on_words: is told of the words of a streamed answer as they come; what an attempt
                told before it failed is told once more by the next.

        """
        encode = partial(
            request.encode, prompt, self._model, provider=self._provider, stream=self._stream
        )
        body = await work_on(_sound_bytes(prompt), encode)
        try:
            return await self._patience.insist(partial(self._ask, body, prompt, on_waste, on_words))
        except AttemptFailed as failed:
            raise self._last_word(failed.failure.error, prompt) from failed.__cause__

    async def _ask(
        self, body: bytes, prompt: Prompt, on_waste: OnWaste, on_words: OnWords
    ) -> SpokenReply:
        async with call(
            self._session,
            "POST",
            self._endpoint,
            key=self._key,
            max_bytes=self._max_response_bytes,
            body=body,
            stall_s=self._stall_s if self._stream else None,
        ) as incoming:
            if not incoming.head.ok:
                raise self._failed(await incoming.read(), prompt)
            answer = await receive(incoming, on_words)
        try:
            return self._read(answer, incoming.head, prompt)
        except AttemptFailed:
            waste = weigh(answer, prompt.model or self._model)
            if waste is not None:
                on_waste(waste)
            raise

    def _read(self, answer: Answer, head: Response, prompt: Prompt) -> SpokenReply:
        if answer.error is not None:
            failed = self._failed(
                Response(stated_status(answer.error), head.headers, answer.error), prompt
            )
            if not any(said.sound for said in answer.choices):
                raise failed
            failed.log()
            # What was heard is paid for: it is worth more than another attempt.
            answer = replace(answer, error=None, cut=True)
        asked_format = "pcm16" if self._stream else self._provider.format_for(prompt.format)
        expected = Expected(
            wanted=None if prompt.voice is None else asked_format,
            model=prompt.model or self._model,
            origin=self.origin_of(prompt.model),
            now=self._patience.now(),
            request_id=head.request_id,
        )
        try:
            reply = assemble(answer, expected)
            return reply if self._provider.keeps_ids else replace(reply, handle=None)
        except ChatApiError as error:
            retries = 1 if error.code in ("answer_unreadable", "answer_empty") else 0
            raise AttemptFailed(Failure(error, retries=retries), head) from error

    async def describe_model(self, model: str | None = None) -> ModelInfo | None:
        """Ask what the server says about a model; None for the model of this client.

        Returns:
            None when it does not tell about models at all.

        Raises:
            ChatApiError: it does not offer the model (`model_not_found`), could not be asked, or
                refused.

        """
        asked = model or self._model
        try:
            async with asyncio.timeout(min(self._patience.deadline_s, _DESCRIBE_S)):
                response = await fetch(
                    self._session,
                    "GET",
                    model_address(self._server.base_url, asked, self._provider.root),
                    key=self._key,
                    max_bytes=self._max_response_bytes,
                )
            if not response.ok:
                raise self._failed(response, None, model)
        except TimeoutError as error:
            raise failure("timed_out") from error
        except AttemptFailed as failed:
            if failed.failure.error.code == "route_not_found":
                return None
            failed.log()
            raise failed.failure.error from failed.__cause__
        return read_model_info(response, asked)

    def _failed(
        self, response: Response, sent: Prompt | None, model: str | None = None
    ) -> AttemptFailed:
        other = model if sent is None else sent.model
        setting = f"{self._server.settings}_MODEL" if other is None else None
        target = self._server.target(other or self._model, setting)
        failure_ = explain(
            response.status, response.headers, response.body, sent=sent, target=target
        )
        return AttemptFailed(self._perhaps_deaf(failure_, sent), response)

    def _perhaps_deaf(self, found: Failure, sent: Prompt | None) -> Failure:
        """Blame the clips for a refusal where nobody knows whether the system takes any."""
        blamed = self._provider.hears == "perhaps" and sent is not None and _sound_bytes(sent)
        if not blamed or found.error.code != "request_refused":
            return found
        status, request_id = found.error.status, found.error.request_id
        return replace(
            found, error=failure("model_cannot_hear", status=status, request_id=request_id)
        )

    def _last_word(self, error: ChatApiError, prompt: Prompt) -> ChatApiError:
        """Blame the audio ids for a lasting 500: that is how some servers say that one is gone."""
        suspect = error.status == 500 and prompt.handles and self._provider.hides_lost_ids
        return AudioGone(None, status=500, request_id=error.request_id) if suspect else error


@lru_cache(maxsize=64)
def _name_origin(address: str, key: str, model: str) -> str:
    return hashlib.sha256("\n".join((address, key, model)).encode()).hexdigest()[:32]


def _sound_bytes(prompt: Prompt) -> int:
    parts = (p for m in prompt.messages if isinstance(m, FromMember) for p in m.parts)
    return sum(len(part.data) for part in parts if isinstance(part, ModelAudio))
