"""Relays that sell OpenAI's models on, as their documents say and nothing more.

Their answers are said to follow the standard; everything else is unverified. So the table of
parameters is taken at its word, and audio ids, which a pooled account seldom meets again, are lost.
"""

from dataclasses import replace

from aiohttp import web

from bot.local.chat_server.presets.errors import refuse_as_relay
from bot.local.chat_server.presets.preset import TEN_VOICES, Preset, same
from bot.local.chat_server.presets.rules import only, plain_messages

_TABLE = only("model", "modalities", "audio", "messages")

CODINGPLANX = Preset(
    name="codingplanx",
    models={"gpt-4o-audio-preview": None},
    rules=(_TABLE, plain_messages),
    needs_sound=False,
    voices=same(TEN_VOICES),
    formats=("wav", "mp3", "flac", "opus", "pcm16"),
    keeps_ids=False,
    refuse=refuse_as_relay,
)
"""Its `content` is typed as a string: messages in parts, so recordings too, are refused."""

CODINGPLANX_PARTS = replace(CODINGPLANX, name="codingplanx-parts", rules=(_TABLE,))
"""The same relay, if it passes on messages in parts after all."""


def _show_page(_request: web.Request) -> web.Response:
    page = '<!doctype html><html lang="zh"><head><title>AI</title></head><body></body></html>'
    return web.Response(text=page, content_type="text/html")


KKIAI = replace(
    CODINGPLANX,
    name="kkiai",
    moved={"/chat/completions": "/v1/chat/completions"},
    lost=_show_page,
)
"""The same table. Only the address with www serves it: the bare one redirects, as the root does
here; and every path that it does not know is its web page."""
