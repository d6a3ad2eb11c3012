"""The systems we know. What is unverified of one is read so that nothing is sent in vain.

OpenAI, Azure OpenAI, LiteLLM, aimlapi, codingplanx, kkiai, OpenRouter, Speaches, vLLM-Omni,
Qwen-Omni, and any other server with OpenAI's shapes.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from bot.chat_api.provider import Parameter, Parameters, Provider

_TEN_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer",
)  # fmt: skip
_TEN_INSTEAD = {"cedar": "onyx", "marin": "nova", "verse": "ballad"}

_NOISE = Parameter(
    least=0.1, why="near 0 the sound was heard to end in noise that never stops, and is paid for"
)
_NO_SCHEMA = Parameter(
    sent=False, why="audio models refuse structured outputs, whatever catalogues say"
)
_AUDIO: Parameters = {"temperature": _NOISE, "response_format": _NO_SCHEMA}
_FIXED = Parameter(sent=False, why="models that reason take no other value than their own")
_REASONING: Parameters = dict.fromkeys(
    (
        "temperature", "top_p", "frequency_penalty", "presence_penalty", "logprobs",
        "top_logprobs", "logit_bias", "stop",
    ),
    _FIXED,
)  # fmt: skip
_BY_MODEL = (("*audio*", _AUDIO), ("gpt-5*", _REASONING), ("o[0-9]*", _REASONING))


def _with_sound(models: str, common: Parameters) -> tuple[tuple[str, Parameters], ...]:
    """Give what holds for the models of a system that speak, and for its others."""
    return ((models, {**_AUDIO, **common}), ("*", common))


OPENAI = Provider(
    name="openai",
    title="OpenAI",
    hosts=("api.openai.com", "*.api.openai.com"),
    base_url="https://api.openai.com/v1",
    model="gpt-audio-1.5",
    hides_lost_ids=False,
    pads_streams=True,
    parameters=_BY_MODEL,
    retired=dict.fromkeys(
        (
            "gpt-4o-audio-preview",
            "gpt-4o-audio-preview-2024-10-01",
            "gpt-4o-audio-preview-2024-12-17",
            "gpt-4o-audio-preview-2025-06-03",
            "gpt-4o-mini-audio-preview",
            "gpt-4o-mini-audio-preview-2024-12-17",
            "gpt-audio-mini-2025-10-06",
        ),
        "gpt-audio-1.5",
    ),
)

AZURE = replace(
    OPENAI,
    name="azure",
    title="Azure OpenAI",
    hosts=(
        "*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com",
    ),
    root="/openai/v1",
    names_asker=False,
    base_url=None,
    model="gpt-audio-1.5",
    key_header="api-key",
    voices=(
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse",
    ),
    voices_instead={"fable": "ballad", "nova": "coral", "onyx": "echo"},
    pads_streams=False,
    retired={},
)  # fmt: skip
"""A deployment stands for the model. The base URL is that of the resource (`…/openai/v1`), or the
whole address of a deployment with its `api-version`."""

LITELLM = replace(
    OPENAI,
    name="litellm",
    title="LiteLLM",
    hosts=(),
    base_url=None,
    model=None,
    pads_streams=False,
    retired={},
    hides_lost_ids=True,
)

_RELAYED: Parameters = dict.fromkeys(
    (
        "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "stop",
        "logit_bias", "logprobs", "top_logprobs", "response_format", "tools", "tool_choice",
    ),
    Parameter(sent=False, why="its document lists no such parameter"),
)  # fmt: skip

CODINGPLANX = Provider(
    name="codingplanx",
    title="codingplanx",
    hosts=("api.codingplanx.ai",),
    base_url="https://api.codingplanx.ai/v1",
    model="gpt-4o-audio-preview",
    streaming="unable",
    formats=("wav", "mp3", "flac", "opus", "pcm16"),
    voices=_TEN_VOICES,
    voices_instead=_TEN_INSTEAD,
    keeps_ids=False,
    hears="perhaps",
    length_field=None,
    names_asker=False,
    parameters=(("*", _RELAYED),),
)
"""Exactly what its table lists. Its messages are typed as strings: a recording is tried as a part,
and written down where that is refused."""

KKIAI = replace(
    CODINGPLANX,
    name="kkiai",
    title="kkiai",
    hosts=("www.kkiai.com", "kkiai.com"),
    base_url="https://www.kkiai.com/v1",
)
"""The same table. Only the host with www takes calls; the other one redirects."""

_NO_LOGPROBS = Parameter(sent=False, why="its documents list no such parameter")

AIMLAPI = replace(
    OPENAI,
    name="aimlapi",
    title="AI/ML API",
    hosts=("api.aimlapi.com",),
    base_url="https://api.aimlapi.com/v1",
    model="gpt-4o-audio-preview",
    formats=("wav", "mp3", "flac", "opus", "pcm16"),
    voices=_TEN_VOICES,
    voices_instead=_TEN_INSTEAD,
    length_field="max_tokens",
    names_asker=False,
    parameters=_with_sound(
        "*audio*",
        {
            "seed": Parameter(least=1, why="it takes no seed below 1"),
            "top_p": Parameter(least=0.01, why="it takes no top_p below 0.01"),
            **dict.fromkeys(("stop", "logprobs", "top_logprobs"), _NO_LOGPROBS),
        },
    ),
    hides_lost_ids=True,
    pads_streams=False,
    retired={},
)

OPENROUTER = replace(
    OPENAI,
    name="openrouter",
    title="OpenRouter",
    hosts=("openrouter.ai",),
    root="/api/v1",
    base_url="https://openrouter.ai/api/v1",
    model="openai/gpt-audio",
    streaming="only",
    formats=("pcm16",),
    keeps_ids=False,
    names_asker=False,
    parameters=_with_sound("*audio*", dict.fromkeys(("logprobs", "top_logprobs"), _NO_LOGPROBS)),
    hides_lost_ids=True,
    pads_streams=False,
    retired={},
)
"""Sound comes in streams alone. Whether its audio ids are good later is unverified."""

SPEACHES = Provider(
    name="speaches",
    title="Speaches",
    needs_key=False,
    names_asker=False,
    parameters=(
        (
            "*",
            dict.fromkeys(
                ("tools", "tool_choice"),
                Parameter(sent=False, why="its voices cannot speak calls of functions"),
            ),
        ),
    ),
)
"""Its ids are good for an hour and until it restarts; an unknown one ends in a 500."""

VLLM_OMNI = Provider(
    name="vllm-omni",
    title="vLLM-Omni",
    needs_key=False,
    model="Qwen/Qwen3-Omni-30B-A3B-Instruct",
    formats=("wav",),
    voices=("Chelsie", "Ethan", "Aiden"),
    voices_instead={
        "alloy": "Chelsie", "ash": "Ethan", "ballad": "Aiden", "cedar": "Aiden",
        "coral": "Chelsie", "echo": "Ethan", "fable": "Aiden", "marin": "Chelsie",
        "nova": "Chelsie", "onyx": "Ethan", "sage": "Chelsie", "shimmer": "Chelsie",
        "verse": "Aiden",
    },
    streaming="unable",
    keeps_ids=False,
    names_asker=False,
    parameters=_with_sound(
        "*[Oo]mni*",
        dict.fromkeys(
            ("tools", "tool_choice"),
            Parameter(sent=False, why="whether functions work beside sound is unverified"),
        ),
    ),
)  # fmt: skip
"""Words and sound come as two choices. Its ids are stored nowhere."""

QWEN_OMNI = Provider(
    name="qwen-omni",
    title="Qwen-Omni",
    hosts=(
        "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com", "dashscope.aliyuncs.com",
        "*.maas.aliyuncs.com",
    ),
    root="/compatible-mode/v1",
    base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    model="qwen3-omni-flash",
    streaming="only",
    stream_format="wav",
    formats=("wav",),
    voices=("Cherry", "Serena", "Ethan", "Chelsie", "Tina"),
    voices_instead={
        "alloy": "Chelsie", "ash": "Ethan", "ballad": "Ethan", "cedar": "Ethan",
        "coral": "Cherry", "echo": "Ethan", "fable": "Ethan", "marin": "Serena",
        "nova": "Chelsie", "onyx": "Ethan", "sage": "Tina", "shimmer": "Serena",
        "verse": "Ethan",
    },
    keeps_ids=False,
    hears="data_uri",
    length_field="max_tokens",
    names_asker=False,
    parameters=_with_sound(
        "*omni*",
        dict.fromkeys(
            (
                "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "tools",
                "tool_choice",
            ),
            Parameter(sent=False, why="its documents list no such parameter"),
        ),
    ),
)  # fmt: skip
"""Everything comes in streams; asked for `wav`, it sends samples without a header."""

GENERIC = Provider(
    name="generic",
    title="the model's server",
    names_asker=False,
    parameters=_BY_MODEL,
)
"""Any other server: OpenAI's shapes, and nothing that only OpenAI needs."""

PROVIDERS = {
    each.name: each
    for each in (
        OPENAI, AZURE, OPENROUTER, CODINGPLANX, KKIAI, AIMLAPI, LITELLM, SPEACHES, VLLM_OMNI,
        QWEN_OMNI, GENERIC,
    )
}  # fmt: skip
"""By name, in the order in which they are listed to people."""


def provider_at(base_url: str) -> Provider:
    """Find the system behind an address by its host; GENERIC where it is none of those known."""
    try:
        host = (urlsplit(base_url).hostname or "").lower()
    except ValueError:  # whoever reads the address says so
        return GENERIC
    for provider in PROVIDERS.values():
        if any(_is_host(host, pattern) for pattern in provider.hosts):
            return provider
    return GENERIC


def _is_host(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
