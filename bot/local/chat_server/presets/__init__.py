"""The systems that the stand-in can be; the first is what it is unless told otherwise.

preset        how a system may differ from OpenAI
openai_like   OpenAI, Azure, LiteLLM, any server with its shapes
relays        codingplanx, kkiai
resellers     OpenRouter, aimlapi
self_hosted   Speaches, vLLM-Omni, Qwen-Omni
rules         what they refuse of a request
answers       whole answers in their shapes; streams: streamed ones; errors: refusals
"""

from bot.local.chat_server.presets.openai_like import AZURE, GENERIC, LITELLM, OPENAI
from bot.local.chat_server.presets.preset import Preset
from bot.local.chat_server.presets.relays import CODINGPLANX, CODINGPLANX_PARTS, KKIAI
from bot.local.chat_server.presets.resellers import AIMLAPI, OPENROUTER
from bot.local.chat_server.presets.self_hosted import QWEN_OMNI, SPEACHES, VLLM_OMNI

PRESETS = {
    preset.name: preset
    for preset in (
        OPENAI,
        AZURE,
        OPENROUTER,
        CODINGPLANX,
        CODINGPLANX_PARTS,
        KKIAI,
        AIMLAPI,
        LITELLM,
        SPEACHES,
        VLLM_OMNI,
        QWEN_OMNI,
        GENERIC,
    )
}

__all__ = ["OPENAI", "PRESETS", "Preset"]
