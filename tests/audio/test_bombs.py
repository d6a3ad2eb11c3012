"""Small files that would become gigabytes: refused in time and space."""

import sys
from pathlib import Path

import pytest

from bot.audio.service import AudioWorker
from bot.errors import AudioError
from soak.media.bombs import flac_silence, opus_silence, wav_of_rate
from soak.media.sounds import speech

MB = 1 << 20


def peak_mb(worker: AudioWorker) -> float:
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("opus", "audio_too_long", "23 h 59 min long"),
        ("flac", "audio_too_big", "too many channels"),
        ("1 Hz", "audio_unsupported", "cannot read"),
        ("8 Hz", "audio_unsupported", "cannot read"),
    ],
)
async def test_a_bomb_is_refused_within_bounds(
    worker: AudioWorker, name: str, code: str, told: str
) -> None:
    data = {
        "opus": lambda: opus_silence(24),
        "flac": lambda: flac_silence(120, rate_hz=192_000, layout="7.1"),
        "1 Hz": lambda: wav_of_rate(1, 2_000_000),
        "8 Hz": lambda: wav_of_rate(8, 2_000_000),
    }[name]()
    with pytest.raises(AudioError) as caught:
        await worker.model_input(data, max_seconds=450)
    assert caught.value.code == code
    assert told in caught.value.sentence
    assert peak_mb(worker) < 160


async def test_silence_without_end_names_a_length_that_is_near_the_truth(
    worker: AudioWorker,
) -> None:
    with pytest.raises(AudioError) as caught:
        await worker.model_input(opus_silence(0.1), max_seconds=5)
    assert "That recording is 6 min" in caught.value.sentence


async def test_a_worker_serves_on_after_a_bomb(worker: AudioWorker) -> None:
    with pytest.raises(AudioError):
        await worker.model_input(wav_of_rate(1, 2_000_000), max_seconds=450)
    assert len((await worker.model_input(_plain(), max_seconds=5)).data) > 0


def _plain() -> bytes:
    from bot.audio.encode import encode

    return encode(speech(1), "mp3")
