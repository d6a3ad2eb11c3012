"""The models on offer; some do not hear and speak: they write, read aloud, or write down."""

from collections.abc import Collection, Mapping
from typing import Literal

from aiohttp import web

from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.refusals import ApiRefusal, no_such_model

TEXT_MODELS = ("gpt-5-mini", "gpt-4o-mini")
"""The first one refuses `modalities`, as all models of its family do."""

SPEECH_MODELS = ("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "tts-1", "tts-1-hd")
TRANSCRIBING_MODELS = {
    "gpt-transcribe": None,
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe-2025-12-15": "2027-02-26",
    "whisper-1": "2027-02-26",
}
"""With the days they end."""

OPENAI_MODELS: Mapping[str, str | None] = {
    "gpt-audio-1.5": None,
    "gpt-audio": "2027-01-20",
    "gpt-audio-2025-08-28": "2027-01-20",
    "gpt-audio-mini": "2027-01-20",
    "gpt-audio-mini-2025-12-15": "2027-01-20",
    **dict.fromkeys((*TEXT_MODELS, *SPEECH_MODELS)),
    **TRANSCRIBING_MODELS,
}
"""The models on offer and the days they end; retired ones are unknown, as at OpenAI."""

_FOR: Mapping[str, Collection[str]] = {
    "speech": SPEECH_MODELS,
    "transcriptions": TRANSCRIBING_MODELS,
}
_MODELS_SINCE = 1_767_225_600


class Offer:
    """The models of a system; None where it takes every name."""

    def __init__(self, models: Mapping[str, str | None] | None, *, hears: bool) -> None:
        """Prepare the list; without ears (`hears`) there are no models to write down with."""
        self._takes_all = models is None
        self._hears = hears
        self._models = {
            model: day
            for model, day in (OPENAI_MODELS if models is None else models).items()
            if hears or model not in TRANSCRIBING_MODELS
        }

    def require(self, model: str) -> None:
        """Refuse a model that is not on offer.

        Raises:
            ApiRefusal: there is none of that name.

        """
        if model not in self._models and (not self._takes_all or model in TRANSCRIBING_MODELS):
            raise no_such_model(model)

    def require_for(self, endpoint: Literal["speech", "transcriptions"], model: str) -> None:
        """Refuse a model that is not on offer, or not for this work.

        Raises:
            ApiRefusal: there is none of that name, or it does something else.

        """
        self.require(model)
        if endpoint == "transcriptions" and not self._hears:
            raise no_such_model(model)
        if not self._takes_all and model not in _FOR[endpoint]:
            message = f"This model is not supported in the v1/audio/{endpoint} endpoint."
            raise ApiRefusal(404, message)

    async def list_all(self, _request: web.Request) -> web.Response:
        """Answer which models there are."""
        return json_response({"object": "list", "data": list(map(self._about, self._models))})

    async def show(self, request: web.Request) -> web.Response:
        """Answer what is known of one model."""
        model = request.match_info["model"]
        self.require(model)
        return json_response(self._about(model))

    def _about(self, model: str) -> dict[str, object]:
        about = {"id": model, "object": "model", "created": _MODELS_SINCE, "owned_by": "system"}
        return {**about, "shutdown_date": self._models.get(model)}
