"""Speech to text: what our own voices say is understood, also through Discord's Opus."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.audio.service import AudioWorker
from bot.local.chat_server.sound import read_clip
from bot.local.espeak import Espeak
from bot.local.speech.moonshine import Moonshine, find_model, read_tokens
from bot.local.speech.natural import NaturalVoice
from bot.local.speech.pcm import to_pcm, to_samples
from bot.local.speech.pinned import DataDamaged
from soak.media.sounds import Recipe, make_file
from tests.local.speech.sentences import QUESTION, SENTENCES, accuracy

RATE_HZ = 24_000


@pytest.mark.parametrize("voice", ["alloy", "echo", "onyx", "shimmer", "voice_1234"])
def test_a_spoken_question_is_understood(
    natural: NaturalVoice, ears: Moonshine, voice: str
) -> None:
    pcm = natural.speak(QUESTION, voice)
    assert 4 < len(pcm) / 2 / RATE_HZ < 6.5
    assert accuracy(QUESTION, ears.hear(pcm)) >= 0.8


def test_the_robot_is_understood_too(ears: Moonshine) -> None:
    assert accuracy(QUESTION, ears.hear(Espeak().speak(QUESTION, "alloy"))) >= 0.8


@pytest.mark.parametrize("bit_rate", [24_000, 32_000])
async def test_a_voice_message_is_understood_as_the_bot_passes_it_on(
    natural: NaturalVoice, ears: Moonshine, bit_rate: int
) -> None:
    recorded = Recipe("libopus", "ogg", bit_rate=bit_rate, codec_options={"application": "voip"})
    async with AudioWorker() as worker:
        for voice in ("ash", "nova"):
            message = make_file(recorded, natural.speak(QUESTION, voice))
            passed_on = await worker.model_input(message, max_seconds=60)
            pcm = read_clip(passed_on.data, passed_on.format)
            assert accuracy(QUESTION, ears.hear(pcm)) >= 0.8


def test_a_long_recording_is_understood_to_its_end(natural: NaturalVoice, ears: Moonshine) -> None:
    text = " ".join(SENTENCES * 2)
    pcm = natural.speak(text, "nova")
    assert len(pcm) / 2 / RATE_HZ > 24
    assert accuracy(text, ears.hear(pcm)) >= 0.8


def test_speech_in_some_noise_is_understood(natural: NaturalVoice, ears: Moonshine) -> None:
    samples = to_samples(natural.speak(QUESTION, "alloy"))
    level = float(np.sqrt((samples**2).mean())) * 10 ** (-10 / 20)
    noise = np.random.default_rng(1).normal(0, level, len(samples)).astype(np.float32)
    assert accuracy(QUESTION, ears.hear(to_pcm(samples + noise))) >= 0.8


@pytest.mark.parametrize("loudness", [0.0, 0.001, 0.02, 0.3])
def test_nothing_is_heard_in_silence_and_noise(ears: Moonshine, loudness: float) -> None:
    noise = np.random.default_rng(2).normal(0, loudness, 3 * RATE_HZ).astype(np.float32)
    assert ears.hear(to_pcm(noise)) == ""


@pytest.mark.parametrize("pcm", [b"", b"\1", b"\1\0" * 10, b"\1\0" * 1200])
def test_next_to_nothing_is_heard_as_nothing(ears: Moonshine, pcm: bytes) -> None:
    assert ears.hear(pcm) == ""


def test_several_are_heard_at_once(natural: NaturalVoice, ears: Moonshine) -> None:
    clips = [natural.speak(sentence, "nova") for sentence in SENTENCES]
    alone = [ears.hear(clip) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ears.hear, clips)) == alone


def test_a_model_that_was_tampered_with_is_not_run(tmp_path: Path) -> None:
    for file in find_model().iterdir():
        shutil.copy(file, tmp_path)
    tokens = tmp_path / "tokenizer.bin"
    tokens.write_bytes(tokens.read_bytes() + b"\1x")
    with pytest.raises(DataDamaged, match=r"tokenizer\.bin is not the file"):
        Moonshine(tmp_path)
    tokens.unlink()
    with pytest.raises(DataDamaged, match=r"tokenizer\.bin cannot be read"):
        Moonshine(tmp_path)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(DataDamaged, match="moonshine-voice"):
        find_model()


def test_tokens_longer_than_a_byte_can_say_are_read() -> None:
    long = b"y" * 300
    assert read_tokens(b"\1x" + bytes([128 + 300 % 128, 300 // 128]) + long) == [b"x", long]
