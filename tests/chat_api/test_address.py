import pytest

from bot.chat_api.address import endpoint, model_address, speech_address, transcription_address


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/", "https://api.openai.com/v1/chat/completions"),
        (" https://api.openai.com/v1 ", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        ("https://api.aimlapi.com/v2", "https://api.aimlapi.com/v2/chat/completions"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
        ("http://[::1]:8000", "http://[::1]:8000/v1/chat/completions"),
        ("https://a.example/v1/chat/completions/", "https://a.example/v1/chat/completions"),
        (
            "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
            "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
        ),
        ("https://a.example/v1#part", "https://a.example/v1/chat/completions"),
    ],
)
def test_a_base_address_leads_to_completions_however_it_is_written(
    base_url: str, expected: str
) -> None:
    assert endpoint(base_url) == expected
    assert endpoint(expected) == expected


@pytest.mark.parametrize("base_url", ["", "api.openai.com", "ftp://a.example", "https://", "/v1"])
def test_what_is_no_web_address_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="must begin with https"):
        endpoint(base_url)


def test_a_model_is_described_beside_the_completions() -> None:
    assert (
        model_address("https://a.example", "gpt-audio") == "https://a.example/v1/models/gpt-audio"
    )
    assert (
        model_address("https://a.example/api/v1", "openai/gpt audio?")
        == "https://a.example/api/v1/models/openai/gpt%20audio%3F"
    )


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1/audio/speech"),
        ("https://www.kkiai.com/v1/", "https://www.kkiai.com/v1/audio/speech"),
        (
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
            "https://x.openai.azure.com/openai/deployments/d/audio/speech?api-version=1",
        ),
    ],
)
def test_the_speech_endpoint_is_beside_chat_completions(base_url: str, address: str) -> None:
    assert speech_address(base_url) == address
    written = address.replace("/audio/speech", "/audio/transcriptions")
    assert transcription_address(base_url) == written
