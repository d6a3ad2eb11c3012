"""Decoded frames of any rate and layout into speech samples."""

from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from bot.audio.failures import failure
from bot.domain.reply import SPEECH_HZ

_LOWEST_HZ, _HIGHEST_HZ = 4_000, 384_000
_CHANNELS_AT_MOST = 16
_BATCH_SAMPLES_AT_MOST = 48_000

SAMPLES_AT_MOST = 180_000_000
"""Samples times channels of one file: half an hour of 48 kHz stereo. Caps the work of formats
that pack hours of silence, or eight channels of it, into a few kilobytes."""


class Mixdown:
    """Collects frames and appends them, mixed and resampled, to `pcm`.

    A second of frames at a time: resampling each 20 ms frame on its own costs as much as decoding.
    """

    def __init__(self, pcm: bytearray) -> None:
        self.seconds = 0.0
        self._pcm = pcm
        self._samples_left = SAMPLES_AT_MOST
        self._shape: tuple[int, int, str] | None = None
        self._fifo = AudioFifo()
        self._resampler = AudioResampler("s16", "mono", SPEECH_HZ)
        self._batch_samples = 0

    def add(self, frame: AudioFrame) -> None:
        """Take one frame.

        Raises:
            AudioError: no sane rate or channel count, or more samples than any clip needs.

        """
        if not frame.samples:
            return
        shape = (frame.sample_rate, frame.layout.nb_channels, frame.format.name)
        # AudioFifo does not check: fewer channels than before crash the process.
        if shape != self._shape:
            self._reshape(shape)
        self._samples_left -= frame.samples * shape[1]
        if self._samples_left < 0:
            raise failure("audio_too_big")
        self.seconds += frame.samples / frame.sample_rate
        frame.pts = None
        self._fifo.write(frame)
        while self._fifo.samples >= self._batch_samples:
            self._resample(self._batch_samples)

    def drain(self) -> None:
        """Bring what is still held into `pcm`; new frames may follow."""
        if self._shape is None:
            return
        if self._fifo.samples:
            self._resample(self._fifo.samples)
        self._append(self._resampler.resample(None))
        self._shape = None

    def _reshape(self, shape: tuple[int, int, str]) -> None:
        rate_hz, channels, _ = shape
        if not _LOWEST_HZ <= rate_hz <= _HIGHEST_HZ or not 1 <= channels <= _CHANNELS_AT_MOST:
            raise failure("audio_unsupported")
        self.drain()
        self._shape = shape
        self._fifo = AudioFifo()
        self._resampler = AudioResampler("s16", "mono", SPEECH_HZ)
        self._batch_samples = min(rate_hz, _BATCH_SAMPLES_AT_MOST)

    def _resample(self, samples: int) -> None:
        batch = self._fifo.read(samples)
        if batch is not None:
            batch.pts = None
            self._append(self._resampler.resample(batch))

    def _append(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            # A plane is longer than the sound in it.
            self._pcm += memoryview(frame.planes[0])[: frame.samples * 2]
