"""Servers of other models: in one's own house, or Alibaba's."""

import uuid

from bot.audio.encode import encode
from bot.domain.reply import SoundFormat
from bot.domain.voices import VOICES
from bot.local.chat_server.presets.answers import counted_in_total, two_choices
from bot.local.chat_server.presets.errors import (
    refuse_as_dashscope,
    refuse_as_speaches,
    refuse_as_vllm,
)
from bot.local.chat_server.presets.preset import FORMATS, Preset, same
from bot.local.chat_server.presets.rules import (
    all_but,
    data_uris,
    ignore_unknown,
    leave_out,
    no_audio_ids,
    one_choice,
    only,
    streamed_only,
)
from bot.local.chat_server.presets.streams import qwen_events, speaches_events, vllm_events

_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
_OF_SPEACHES = (
    "speech_model", "transcription_model", "speech_extra_body", "transcription_extra_body",
)  # fmt: skip
_KOKORO = {
    "af_heart": "coral", "af_bella": "nova", "af_sarah": "shimmer", "am_adam": "ash",
    "am_michael": "echo", "bf_emma": "sage", "bm_george": "fable", "bm_lewis": "onyx",
}  # fmt: skip


def _speaches_id(_created: int) -> str:
    return f"audio_{uuid.uuid4()}"


SPEACHES = Preset(
    name="speaches",
    models=None,
    key_headers=(),
    endpoints=("models", "speech", "transcriptions"),
    rules=(leave_out(*_OF_SPEACHES), all_but(*_TOOLS, "safety_identifier"), one_choice),
    needs_sound=False,
    voices={**same(VOICES), **_KOKORO},
    audio_id=_speaches_id,
    whole=counted_in_total,
    events=speaches_events,
    refuse=refuse_as_speaches,
)
"""Speaches: recognition, any model of words, and a voice, one after the other. That it refuses
parameters newer than its list is unverified; functions are left to the model behind it."""


def _vllm_id(_created: int) -> str:
    return f"audio-{uuid.uuid4().hex[:16]}"


def _wav(pcm: bytes, _wanted: SoundFormat) -> bytes:
    return encode(pcm, "wav")


VLLM_OMNI = Preset(
    name="vllm-omni",
    models={"Qwen/Qwen3-Omni-30B-A3B-Instruct": None},
    key_headers=(),
    rules=(no_audio_ids, ignore_unknown, all_but(*_TOOLS)),
    needs_sound=False,
    voices={"Chelsie": "coral", "Ethan": "echo", "Aiden": "ash"},
    stream_formats=FORMATS,
    write=_wav,
    audio_id=_vllm_id,
    audio_life_s=24 * 3600,
    keeps_ids=False,
    whole=two_choices,
    events=vllm_events,
    refuse=refuse_as_vllm,
)
"""vLLM-Omni with Qwen: always WAV, whatever was asked for. Its ids are stored nowhere. That it
refuses ids and voices it does not know is unverified, as are functions with it."""


def _samples(pcm: bytes, _wanted: SoundFormat) -> bytes:
    return pcm


QWEN_OMNI = Preset(
    name="qwen-omni",
    models=dict.fromkeys(("qwen3.5-omni-plus", "qwen3-omni-flash", "qwen-omni-turbo")),
    roots=("/compatible-mode/v1",),
    rules=(
        only(
            "model", "messages", "modalities", "audio", "stream", "stream_options",
            "max_tokens", "temperature", "top_p", "presence_penalty", "seed", "stop",
        ),
        streamed_only(
            "This model only support stream mode, please enable the stream parameter to access "
            "the model. "
        ),
        no_audio_ids,
        data_uris,
    ),
    needs_sound=False,
    voices={
        "Cherry": "coral", "Serena": "shimmer", "Ethan": "echo", "Chelsie": "nova",
        "Tina": "sage",
    },
    formats=("wav",),
    stream_formats=("wav",),
    write=_samples,
    keeps_ids=False,
    events=qwen_events,
    refuse=refuse_as_dashscope,
)  # fmt: skip
"""Qwen-Omni at DashScope: asked for `wav`, it sends samples without a header. Which parameters it
refuses is unverified: here all that its documents do not name; of its voices five are known."""
