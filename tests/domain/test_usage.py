import pytest

from bot.domain.reply import Sound, SpokenReply, Usage
from bot.domain.usage import (
    Spent,
    cost_microusd,
    cost_of,
    estimate_recital,
    prices_of,
    spoken_seconds,
)


def reply(*, sound: bool = True, usage: Usage | None = None, words: str = "") -> SpokenReply:
    return SpokenReply(
        transcript=words,
        sound=Sound(b"RIFF", "wav") if sound else None,
        handle=None,
        finish="stop",
        usage=usage,
        model="gpt-audio-1.5",
    )


def test_a_minute_of_speech_costs_what_the_price_list_says() -> None:
    assert cost_microusd(Usage(audio_out=1_200), "gpt-audio-1.5") == 76_800
    assert cost_microusd(Usage(audio_in=600), "gpt-audio-1.5") == 19_200
    assert cost_microusd(Usage(text_in=1_000, text_out=100), "gpt-4o-audio-preview") == 3_500


def test_what_is_written_down_costs_by_the_minute_or_by_tokens_as_the_list_says() -> None:
    heard = Usage(audio_in=600, text_out=200)
    assert cost_of(Spent(heard, "gpt-transcribe", written_s=60)) == 4_500
    assert cost_of(Spent(None, "openai/whisper-1", written_s=30)) == 3_000
    assert cost_of(Spent(heard, "gpt-4o-transcribe", written_s=60)) == 3_500
    assert cost_of(Spent(None, "gpt-4o-transcribe", written_s=60)) is None
    assert cost_of(Spent(heard, "ears-of-ours", written_s=60)) is None


@pytest.mark.parametrize(
    ("model", "audio_out"),
    [
        ("gpt-audio-mini-2025-12-15", 20),
        ("gpt-audio-2025-08-28", 64),
        ("openai/gpt-audio", 64),
        ("gpt-4o-audio-preview-2025-06-03", 80),
    ],
)
def test_snapshots_and_relays_names_cost_what_their_model_costs(
    model: str, audio_out: float
) -> None:
    prices = prices_of(model)
    assert prices is not None
    assert prices.audio_out == audio_out


@pytest.mark.parametrize("model", ["gpt-audio-2", "gpt-audio-minimal", "qwen-omni", ""])
def test_an_unknown_model_has_no_cost_rather_than_a_wrong_one(model: str) -> None:
    assert cost_microusd(Usage(text_in=10), model) is None


def test_words_read_aloud_cost_about_a_cent_and_a_half_a_minute() -> None:
    usage = estimate_recital("x" * 900, 60)
    assert usage == Usage(text_in=225, audio_out=1_200)
    for model in ("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"):
        assert cost_microusd(usage, model) == pytest.approx(15_000, rel=0.05)
    assert cost_microusd(usage, "tts-1") is None


def test_the_length_of_an_answer_comes_from_its_tokens_else_from_its_words() -> None:
    assert spoken_seconds(reply(usage=Usage(audio_out=100))) == 5
    assert spoken_seconds(reply(words="x" * 150)) == 10
    assert spoken_seconds(reply(sound=False, usage=Usage(audio_out=100))) == 0
