"""What we do with sound. Runs only inside the worker (and in the stand-in world and tests)."""

from bot.audio import mp3, wav
from bot.audio.decode import Decoded, decode
from bot.audio.encode import MP3_MODEL_BIT_RATE, encode, encode_mp3
from bot.audio.failures import of_answer
from bot.audio.frames import Pcm
from bot.audio.opus import encode_voice
from bot.audio.recording import Recording, tidy
from bot.audio.soundfiles import as_file, raw_samples
from bot.audio.tempo import at_speed
from bot.domain.reply import SPEECH_HZ, ModelAudio, Sound, SoundFile, SoundFormat, VoiceClip
from bot.errors import AudioError

__all__ = ["decode", "encode", "model_input", "sound_file", "voice_clip"]

WAV_SECONDS_AT_MOST = 61.0
"""Longer clips go to the model as MP3: a minute of WAV is 3.8 MB of base64."""

ANSWER_SECONDS_AT_MOST = 3_600.0
_OWN_MP3_BIT_RATE_AT_MOST = 128_000


def model_input(data: bytes, *, max_seconds: float, only_wav: bool = False) -> ModelAudio:
    """Turn a member's file into what the model hears.

    Raises:
        AudioError: not sound, broken, silent, or longer than `max_seconds`.

    """
    heard = decode(data, max_seconds=max_seconds)
    recording = tidy(heard.pcm)
    if only_wav or recording.seconds <= WAV_SECONDS_AT_MOST:
        return ModelAudio(_as_wav(recording), "wav", recording.seconds)
    own = _own_mp3(data, heard, recording)
    if own is not None:
        return own
    made = encode_mp3(recording.pieces(), bit_rate=MP3_MODEL_BIT_RATE)
    return ModelAudio(made, "mp3", recording.seconds)


def _as_wav(recording: Recording) -> bytes:
    return b"".join((wav.header(len(recording.pcm)), *recording.pieces()))


def _own_mp3(data: bytes, heard: Decoded, recording: Recording) -> ModelAudio | None:
    """The member's own frames, where every server can read them and nothing is to be changed."""
    if heard.container != "mp3" or heard.damaged or not recording.untouched:
        return None
    bare = mp3.constant_frames(data)
    if bare is None:
        return None
    frames, walk = bare
    if walk.bit_rate is None or walk.bit_rate > _OWN_MP3_BIT_RATE_AT_MOST:
        return None
    return ModelAudio(frames, "mp3", walk.seconds)


def voice_clip(sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
    """Turn the model's sound into a voice message of at most `limit_bytes`, `speed` times as fast.

    Raises:
        AudioError: it is broken, or does not fit even as the smallest Opus.

    """
    return encode_voice(at_speed(_answer_pcm(sound), speed), limit_bytes=limit_bytes)


def sound_file(
    sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
) -> SoundFile:
    """Turn the model's sound into a file to attach, in smaller Opus where it must be.

    Raises:
        AudioError: it is broken, or does not fit even as the smallest Opus.

    """
    pcm = at_speed(_answer_pcm(sound), speed)
    if wanted != "opus":
        made = encode(pcm, "wav" if wanted == "pcm16" else wanted)
        if len(made) <= limit_bytes:
            return as_file(made, wanted, len(pcm) / 2 / SPEECH_HZ)
    clip = encode_voice(pcm, limit_bytes=limit_bytes)
    return as_file(clip.data, "opus", clip.seconds)


def _answer_pcm(sound: Sound) -> Pcm:
    samples = raw_samples(sound)
    if samples is not None:
        return samples
    try:
        return decode(sound.data, max_seconds=ANSWER_SECONDS_AT_MOST).pcm
    except AudioError as error:
        raise of_answer(error) from error
