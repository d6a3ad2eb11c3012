"""An answer's sound as a file to attach, and when it may go out as it came; pure."""

from bot.audio import mp3, ogg, wav
from bot.audio.formats import Container, sniff
from bot.domain.reply import SPEECH_HZ, Sound, SoundFile, SoundFormat

_KINDS: dict[SoundFormat, tuple[str, str, Container]] = {
    "wav": ("wav", "audio/wav", "wav"),
    "pcm16": ("wav", "audio/wav", "wav"),
    "mp3": ("mp3", "audio/mpeg", "mp3"),
    "flac": ("flac", "audio/flac", "flac"),
    "opus": ("ogg", "audio/ogg", "ogg"),
    "aac": ("aac", "audio/aac", "aac"),
}


def as_file(data: bytes, sound_format: SoundFormat, seconds: float | None) -> SoundFile:
    """Name the file of sound in a format; headerless samples are sent as WAV."""
    extension, content_type, _ = _KINDS[sound_format]
    return SoundFile(data, extension, content_type, seconds)


def raw_samples(sound: Sound) -> memoryview | None:
    """Give the samples of headerless sound; None when it is something else.

    Some servers send a whole WAV file where raw samples were asked for.
    """
    if sound.format != "pcm16" or wav.read_pcm(sound.data) is not None:
        return None
    return memoryview(sound.data)[: len(sound.data) & ~1]


def passed_on(sound: Sound, *, wanted: SoundFormat, limit_bytes: int) -> SoundFile | None:
    """Give the sound as it came when it is already what is wanted; else None."""
    made = _as_received(sound, wanted)
    return made if made is not None and len(made.data) <= limit_bytes else None


def _as_received(sound: Sound, wanted: SoundFormat) -> SoundFile | None:
    if wanted in ("wav", "pcm16"):
        return _as_wav(sound)
    if sound.format != wanted or sniff(sound.data) != _KINDS[wanted][2]:
        return None
    if wanted == "mp3":
        return _as_mp3(sound.data)
    if wanted == "opus":
        return _as_opus(sound.data)
    return as_file(sound.data, wanted, None)


def _as_wav(sound: Sound) -> SoundFile | None:
    samples = raw_samples(sound)
    if samples is not None:
        return (
            as_file(wav.from_pcm(samples), "wav", len(samples) / 2 / SPEECH_HZ) if samples else None
        )
    repaired = wav.repaired(sound.data)
    if repaired is None or not repaired[1]:
        return None
    return as_file(repaired[0], "wav", repaired[1])


def _as_mp3(data: bytes) -> SoundFile | None:
    found = mp3.walk(data)
    return as_file(data, "mp3", found.seconds) if found is not None and found.seconds else None


def _as_opus(data: bytes) -> SoundFile | None:
    if len(ogg.links(data)) > 1 or not (seconds := ogg.opus_seconds(data)):
        return None
    return as_file(data, "opus", seconds)
