"""Voice messages: Ogg Opus with its waveform and exact length, in tiers of size."""

import io
from dataclasses import dataclass

import av

from bot.audio import ogg
from bot.audio.failures import failure
from bot.audio.frames import Pcm, pieces, speech_frame
from bot.audio.waveform import LevelMeter
from bot.domain.reply import SPEECH_HZ, VoiceClip


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """How libopus encodes.

    The default is CELT only: a sixth of the work of libopus' own default at the same measured
    quality, for twice the bytes. Below 48 kbit/s CELT drops, so the small tiers use SILK.
    """

    bit_rate: int = 64_000
    complexity: int = 0
    application: str = "lowdelay"


TIERS = (
    OpusSettings(),
    OpusSettings(48_000),
    OpusSettings(24_000, 8, "voip"),
    OpusSettings(12_000, 8, "voip"),
)
"""From the cheapest to make to the smallest: about 18, 25, 50 and 96 minutes in 10 MiB."""

_MARGIN = 1.13
"""How much above its bit rate a tier may come out, container included."""


def encode_voice(pcm: Pcm, *, limit_bytes: int) -> VoiceClip:
    """Make a voice message of at most `limit_bytes`.

    Raises:
        AudioError: even the smallest tier is too big, or there are no samples.

    """
    for settings in plan_tiers(len(pcm) / 2 / SPEECH_HZ, limit_bytes=limit_bytes):
        writer = OpusWriter(settings)
        writer.feed(pcm)
        clip = writer.finish()
        if len(clip.data) <= limit_bytes:
            return clip
    raise failure("audio_does_not_fit")


def plan_tiers(seconds: float, *, limit_bytes: int) -> tuple[OpusSettings, ...]:
    """Name the tiers worth trying, best first; the last one always is."""
    bits_per_s = limit_bytes * 8 / max(seconds, 0.001)
    first = next(
        (n for n, tier in enumerate(TIERS) if tier.bit_rate * _MARGIN <= bits_per_s),
        len(TIERS) - 1,
    )
    return TIERS[first:]


class OpusWriter:
    """Encodes speech as it comes; only the compressed bytes are kept."""

    def __init__(self, settings: OpusSettings) -> None:
        self._sink = io.BytesIO()
        self._container = av.open(self._sink, "w", format="ogg", options={"fflags": "+bitexact"})
        # In FFmpeg's libopus "on" means unconstrained, which overshoots by half.
        self._stream = self._container.add_stream(
            "libopus",
            rate=SPEECH_HZ,
            layout="mono",
            options={
                "application": settings.application,
                "compression_level": str(settings.complexity),
                "vbr": "constrained",
            },
        )
        self._stream.codec_context.format = "s16"
        self._stream.bit_rate = settings.bit_rate
        self._meter = LevelMeter()
        self._samples = 0

    def feed(self, pcm: Pcm) -> None:
        """Encode more samples; `pcm` holds whole ones."""
        for piece in pieces(pcm):
            frame = speech_frame(piece, at_sample=self._samples)
            self._container.mux(self._stream.encode(frame))
            self._meter.feed(piece)
            self._samples += len(piece) // 2

    def finish(self) -> VoiceClip:
        """End the stream.

        Raises:
            AudioError: nothing was fed.

        """
        if not self._samples:
            raise failure("audio_empty")
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._claim_full_rate()
        return VoiceClip(self._sink.getvalue(), self._samples / SPEECH_HZ, self._meter.draw())

    def _claim_full_rate(self) -> None:
        """Write 48000 into OpusHead: Discord was seen to play 24000 at half speed."""
        self._sink.seek(0)
        page = self._sink.read(_FIRST_PAGE_BYTES)
        self._sink.seek(0)
        self._sink.write(ogg.with_opus_rate(page, ogg.OPUS_HZ))


_FIRST_PAGE_BYTES = 27 + 1 + 19
"""Page header, one lacing value, OpusHead of a mono stream."""
