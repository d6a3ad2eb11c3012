"""A person who speaks, as files of several kinds."""

import io
import wave
from functools import cache

import av

from bot.domain.reply import SPEECH_HZ
from bot.local.speech.engines import LoadingEngines
from tests.page.sound import Opened, open_sound

SPOKEN = "Is a golden retriever a good family dog?"


@cache
def engines() -> LoadingEngines:
    """The best there is to hear and speak with; who needs one first waits a second or two."""
    return LoadingEngines()


@cache
def spoken_wav(text: str = SPOKEN, voice: str = "nova") -> bytes:
    """A short silence, and then a person who speaks."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SPEECH_HZ)
        file.writeframes(bytes(SPEECH_HZ) + engines().voice.speak(text, voice))
    return made.getvalue()


@cache
def encoded(
    container: str = "webm", bit_rate: int = 48_000, frame_ms: str = "20", codec: str = "libopus"
) -> bytes:
    """The same as FFmpeg writes it."""
    made = io.BytesIO()
    wav = av.open(io.BytesIO(spoken_wav()), "r")
    with wav, av.open(made, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bit_rate
        if codec == "libopus":
            stream.codec_context.options = {"vbr": "constrained", "frame_duration": frame_ms}
        for frame in wav.decode(audio=0):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return made.getvalue()


@cache
def spoken() -> Opened:
    """The same in Opus, taken apart."""
    return open_sound(encoded())


def spoken_seconds() -> float:
    return spoken().seconds
