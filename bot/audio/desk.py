"""Does the worker's jobs, and beforehand uses all it needs for them once."""

import array
from dataclasses import replace
from typing import get_args

import msgspec

from bot.audio import transcode
from bot.audio.failures import failure
from bot.audio.jobs import (
    Broke,
    Failed,
    HearRecording,
    Job,
    Made,
    MakeSoundFile,
    MakeVoiceClip,
    Report,
)
from bot.domain.reply import SPEECH_HZ, ModelAudio, Sound, SoundFile, SoundFormat, VoiceClip
from bot.errors import AudioError

_WARM_UP_LIMIT_BYTES = 1 << 20


def warm_up() -> None:
    """Make and read a tenth of a second in every format, and fail once.

    What libraries open or import when first used cannot be opened once the worker is locked.
    """
    for sound_format in get_args(SoundFormat):
        _use(sound_format)


def try_out() -> None:
    """Do the same in one format: what a lock forbids that is needed shows."""
    _use("mp3")


def _use(sound_format: SoundFormat) -> None:
    pcm = array.array("h", [4000, -4000] * (SPEECH_HZ // 20)).tobytes()
    sound = transcode.encode(pcm, sound_format)
    answer(MakeVoiceClip(sound_format, _WARM_UP_LIMIT_BYTES, speed=2), sound)
    answer(HearRecording(max_seconds=1, only_wav=False), sound)


def answer(job: Job, data: bytes) -> tuple[Report, bytes]:
    """Do one job; returns the report's head and body."""
    try:
        made = _do(job, data)
    except AudioError as error:
        return _failed(error), b""
    except MemoryError:
        return _failed(failure("audio_memory")), b""
    except Exception as error:  # noqa: BLE001 - untrusted media breaks libraries in every way
        return Broke(type(error).__name__), b""
    return Made(msgspec.Raw(msgspec.json.encode(replace(made, data=b"")))), made.data


def _do(job: Job, data: bytes) -> ModelAudio | VoiceClip | SoundFile:
    match job:
        case HearRecording(max_seconds, only_wav):
            return transcode.model_input(data, max_seconds=max_seconds, only_wav=only_wav)
        case MakeVoiceClip(sound_format, limit_bytes, speed):
            sound = Sound(data, sound_format)
            return transcode.voice_clip(sound, limit_bytes=limit_bytes, speed=speed)
        case MakeSoundFile(sound_format, wanted, limit_bytes, speed):
            sound = Sound(data, sound_format)
            return transcode.sound_file(sound, wanted=wanted, limit_bytes=limit_bytes, speed=speed)


def _failed(error: AudioError) -> Failed:
    return Failed(error.code, str(error.sentence))  # only plain text is sent between processes
