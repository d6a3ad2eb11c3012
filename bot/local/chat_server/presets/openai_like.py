"""OpenAI, and servers that mean to be just like it."""

from aiohttp import web

from bot.local.chat_server.offer import OPENAI_MODELS
from bot.local.chat_server.presets.answers import filtered
from bot.local.chat_server.presets.errors import refuse_as_azure, refuse_as_litellm
from bot.local.chat_server.presets.preset import Endpoint, Preset, same
from bot.local.chat_server.presets.rules import ignore_unknown
from bot.local.chat_server.presets.streams import azure_events
from bot.local.chat_server.refusals import ApiRefusal

_ALL: tuple[Endpoint, ...] = ("models", "speech", "transcriptions")
_ENUM_VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse",
)  # fmt: skip

OPENAI = Preset(
    name="openai",
    models=OPENAI_MODELS,
    endpoints=_ALL,
    has_custom_voices=True,
)


def _require_version(request: web.Request) -> None:
    if "deployment" in request.match_info and "api-version" not in request.query:
        raise ApiRefusal(404, "Resource not found")


AZURE = Preset(
    name="azure",
    models=OPENAI_MODELS,
    roots=("/openai/v1", "/openai/deployments/{deployment}"),
    endpoints=_ALL,
    key_headers=("api-key", "Authorization"),
    admit=_require_version,
    voices=same(_ENUM_VOICES),
    whole=filtered,
    events=azure_events,
    refuse=refuse_as_azure,
)
"""Azure OpenAI. Its voices are unverified: the ten of OpenAI's enum, not the three more of its
prose, and none by an id. The old path refuses calls without `api-version` as one not known."""

LITELLM = Preset(
    name="litellm",
    models=OPENAI_MODELS,
    roots=("/v1", ""),
    endpoints=_ALL,
    has_custom_voices=True,
    refuse=refuse_as_litellm,
)
"""A LiteLLM proxy before one key of OpenAI, with a virtual key of its own. Ids are good."""

GENERIC = Preset(
    name="generic",
    models=None,
    key_headers=(),
    rules=(ignore_unknown,),
    needs_sound=False,
    keeps_ids=False,
)
"""Any other server with OpenAI's shapes: it takes every model name and leaves out what it does not
know. Whether such servers keep ids is unverified: this one gives them, and knows none of them."""
