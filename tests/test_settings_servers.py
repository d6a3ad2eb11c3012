"""Whom to ask, and how: one system or several, and the parameters of every question."""

import pytest

from bot.chat_api.providers import PROVIDERS
from bot.domain.sampling import Sampling
from bot.settings import Settings, setting_names
from bot.settings.servers import names_of_servers, prefix_of
from tests.test_settings import LEAST, LOCAL, problems_of

ROUTER = "https://openrouter.ai/api/v1"
DEPLOYMENT = "https://x.openai.azure.com/openai/deployments/a/chat/completions?api-version=2025-01-01-preview"


def read(**env: str) -> Settings:
    return Settings.from_env(LEAST | env)


@pytest.mark.parametrize(
    ("env", "provider", "base_url", "model"),
    [
        ({}, "openai", "https://api.openai.com/v1", "gpt-audio-1.5"),
        ({"OPENAI_MODEL": " "}, "openai", "https://api.openai.com/v1", "gpt-audio-1.5"),
        ({"PROVIDER": "AIMLAPI"}, "aimlapi", "https://api.aimlapi.com/v1", "gpt-4o-audio-preview"),
        (
            {
                "OPENAI_BASE_URL": f"{ROUTER}/",
                "OPENAI_MODEL": "openai/gpt-audio-mini",
            },
            "openrouter",
            ROUTER,
            "openai/gpt-audio-mini",
        ),
        (
            {"OPENAI_BASE_URL": "http://localhost:11434/v1/"},
            "generic",
            "http://localhost:11434/v1",
            "gpt-audio-1.5",
        ),
        ({"OPENAI_BASE_URL": "http://[::1]:1"}, "generic", "http://[::1]:1", "gpt-audio-1.5"),
        (
            {"OPENAI_BASE_URL": DEPLOYMENT},
            "azure",
            DEPLOYMENT,
            "gpt-audio-1.5",
        ),
    ],
)
def test_one_server_is_known_by_its_name_or_its_host(
    env: dict[str, str], provider: str, base_url: str, model: str
) -> None:
    [server] = read(**env).servers
    assert (server.provider.name, server.base_url, server.model) == (provider, base_url, model)
    assert server.settings == "OPENAI"


def test_several_servers_have_settings_of_their_own() -> None:
    first, second, third = read(
        PROVIDERS="openai, aimlapi vllm-omni",
        AIMLAPI_API_KEY="Bearer other-key",
        AIMLAPI_TEXT_MODEL="gpt-4o",
        VLLM_OMNI_BASE_URL="http://127.0.0.1:8091/v1",
        VLLM_OMNI_MODEL="mine",
        TEXT_MODEL="gpt-5-mini",
        SPEECH_MODEL="tts-1",
    ).servers
    assert (first.text_model, first.speech_model) == ("gpt-5-mini", "tts-1")
    assert first.settings == "OPENAI"
    assert (second.key.value, second.text_model) == ("other-key", "gpt-4o")
    assert (second.speech_model, second.settings) == ("gpt-4o-mini-tts", "AIMLAPI")
    assert (third.model, third.text_model, bool(third.key)) == ("mine", None, False)


def test_the_keys_of_all_are_secret() -> None:
    settings = read(PROVIDERS="aimlapi,openai", AIMLAPI_API_KEY="other-key")
    assert {"other-key", LEAST["OPENAI_API_KEY"]} < set(settings.secrets)
    assert "other-key" not in repr(settings)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PROVIDER": "anthropic"}, "PROVIDER must be one of openai, azure"),
        ({"PROVIDERS": "openai,nobody"}, "it has nobody"),
        ({"PROVIDER": "openai", "PROVIDERS": "openai"}, "not both"),
        ({"PROVIDERS": "openai,aimlapi"}, "AIMLAPI_API_KEY is missing"),
        ({"PROVIDERS": "aimlapi"}, "the server that AIMLAPI_BASE_URL names"),
        ({"PROVIDERS": "openai,azure", "AZURE_API_KEY": "k"}, "AZURE_BASE_URL is missing"),
        ({"PROVIDER": "litellm"}, "OPENAI_BASE_URL is missing: every LiteLLM has its own"),
        ({"TEMPERATURE": "0"}, "noise that never stops"),
        ({"TEMPERATURE": "warm"}, "TEMPERATURE must be a number from 0 to 2"),
        ({"RESPONSE_FORMAT": "json_object"}, "audio models refuse structured outputs"),
        ({"RESPONSE_FORMAT": "yaml"}, "RESPONSE_FORMAT must be"),
        ({"PROVIDER": "codingplanx", "SEED": "7"}, "its document lists no such parameter"),
        ({"PROVIDER": "codingplanx", "SAMPLING_ALLOWED": "seed"}, "SAMPLING_ALLOWED has seed"),
        ({"PROVIDER": "aimlapi", "SEED": "0"}, "it takes no seed below 1"),
        ({"SEED": "1.5"}, "SEED must be a whole number"),
        ({"TOP_LOGPROBS": "21"}, "TOP_LOGPROBS must be a whole number from 0 to 20"),
        ({"STOP": '["a","b","c","d","e"]'}, "STOP must be"),
        ({"LOGIT_BIAS": '{"word": 1}'}, "LOGIT_BIAS must be"),
        ({"LOGIT_BIAS": '{"1": 101}'}, "LOGIT_BIAS must be"),
        ({"TOP_LOGPROBS": "2"}, "TOP_LOGPROBS needs LOGPROBS=on"),
        ({"TOOL_CHOICE": "roll_dice", "TOOLS": "pick"}, "TOOL_CHOICE must be auto"),
        ({"TOOLS": "all", "PROVIDER": "kkiai"}, "kkiai is offered no functions"),
        ({"LOGPROBS": "maybe"}, "LOGPROBS must be one of on, off"),
    ],
)  # fmt: skip
def test_what_would_be_set_in_vain_is_told_at_once(env: dict[str, str], sentence: str) -> None:
    assert sentence in problems_of(LEAST | env)


def test_every_parameter_of_the_documents_can_be_set() -> None:
    settings = Settings.from_env(
        LOCAL
        | {
            "TEMPERATURE": "0.8", "TOP_P": "0.9", "FREQUENCY_PENALTY": "-1",
            "PRESENCE_PENALTY": "1", "SEED": "7", "STOP": '["a", "b"]',
            "LOGIT_BIAS": '{"9": 1, "10": -1}', "LOGPROBS": "on", "TOP_LOGPROBS": "2",
            "TOOL_CHOICE": "roll_dice", "TOOLS": "all", "TEXT_MODEL": "gpt-4.1",
            "RESPONSE_FORMAT": "json_object",
        }
    )  # fmt: skip
    assert settings.sampling == Sampling(
        temperature=0.8, top_p=0.9, frequency_penalty=-1, presence_penalty=1, seed=7,
        stop=("a", "b"), logit_bias={"10": -1, "9": 1}, logprobs=True, top_logprobs=2,
        tool_choice="roll_dice", response_format={"type": "json_object"},
    )  # fmt: skip
    assert Settings.from_env(LOCAL).sampling == Sampling()


def test_no_two_systems_share_the_names_of_their_settings() -> None:
    assert len(set(names_of_servers())) == len(names_of_servers())
    assert {prefix_of(name) for name in PROVIDERS} >= {"OPENAI", "VLLM_OMNI"}
    assert set(names_of_servers()) & set(setting_names()) == {
        "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL",
    }  # fmt: skip
