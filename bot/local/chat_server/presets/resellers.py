"""Routers and resellers with a shape of their own."""

from bot.local.chat_server.presets.answers import credited, routed
from bot.local.chat_server.presets.errors import refuse_as_aimlapi, refuse_as_openrouter
from bot.local.chat_server.presets.preset import TEN_VOICES, Preset, same
from bot.local.chat_server.presets.rules import only, sound_streamed_only, within
from bot.local.chat_server.presets.streams import aimlapi_events, openrouter_events

_SAMPLING = (
    "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias",
)  # fmt: skip
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
_COMMON = ("model", "messages", "modalities", "audio", "stream", "stream_options")

OPENROUTER = Preset(
    name="openrouter",
    models=dict.fromkeys(("openai/gpt-audio", "openai/gpt-audio-mini")),
    roots=("/api/v1",),
    rules=(
        only(*_COMMON, *_SAMPLING, *_TOOLS, "max_tokens", "max_completion_tokens", "stop", "user"),
        sound_streamed_only("Audio output requires stream: true"),
    ),
    formats=("pcm16",),
    keeps_ids=False,
    whole=routed,
    events=openrouter_events,
    refuse=refuse_as_openrouter,
)
"""Sound comes in streams only. Unverified, so read strictly: an id is given and not known again,
and a parameter that its documents do not name is refused."""

AIMLAPI = Preset(
    name="aimlapi",
    models=dict.fromkeys(("gpt-4o-audio-preview", "gpt-4o-mini-audio-preview")),
    roots=("/v1", "/v2"),
    rules=(
        only(*_COMMON, *_SAMPLING, *_TOOLS, "max_tokens", "max_completion_tokens", "n"),
        within("seed", 1, 2**53),
        within("top_p", 0.01, 1),
    ),
    voices=same(TEN_VOICES),
    formats=("wav", "mp3", "flac", "opus", "pcm16"),
    status=201,
    whole=credited,
    events=aimlapi_events,
    refuse=refuse_as_aimlapi,
)
"""Good answers are 201, the totals of the tokens are credits, and its models are the retired ones.
That it needs sound as OpenAI does is unverified; its documents let ids through."""
