"""Untrusted bytes into speech (24 kHz mono, 16 bit), by allow-listed demuxers and codecs.

Everything a file claims about itself is ignored until it is decoded; every loop has a cap.
"""

import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard, Stream

from bot.audio import ogg, wav
from bot.audio.failures import failure, too_long
from bot.audio.formats import Container, sniff
from bot.audio.mixdown import Mixdown
from bot.audio.pyav import open_bytes
from bot.domain.reply import SPEECH_HZ
from bot.errors import AudioError

AudioPacket: TypeAlias = "Packet[AudioStream]"

DEADLINE_S = 20.0

_GRACE_S = 0.5
"""A recorder that stops at two minutes stops a little later."""

_LENGTH_SEARCH_S = 1.0
"""How long to look for the end of a clip that is refused anyway, to say how long it is."""

_DAMAGED_PACKETS_AT_MOST = 200
_LINKS_AT_MOST = 64

_DEMUXERS = "ogg,mp3,wav,flac,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,amr,aiff,asf"
_PCM_CODECS = (
    "pcm_s16le pcm_s16be pcm_u8 pcm_s8 pcm_s24le pcm_s24be pcm_s32le pcm_s32be "
    "pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_alaw pcm_mulaw"
)
CODECS = frozenset(
    (
        "opus vorbis mp3 mp3float aac alac flac amrnb amrwb libopencore_amrnb libopencore_amrwb "
        f"wmav1 wmav2 wmapro wmavoice wmalossless {_PCM_CODECS}"
    ).split()
)
OPTIONS = {
    "protocol_whitelist": "none",
    "format_whitelist": _DEMUXERS,
    "codec_whitelist": ",".join(sorted(CODECS)),
    "max_streams": "32",
    "probesize": "1000000",
    "analyzeduration": "2000000",
    "enable_drefs": "0",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Speech, and what it came from. `damaged` counts packets that had to be skipped."""

    pcm: bytearray | memoryview
    container: Container
    damaged: int = 0

    @property
    def seconds(self) -> float:
        """Length of the speech."""
        return len(self.pcm) / 2 / SPEECH_HZ


def decode(data: bytes, *, max_seconds: float, deadline_s: float = DEADLINE_S) -> Decoded:
    """Decode a whole file.

    Raises:
        AudioError: it is empty, unsupported, damaged, without sound, or over a cap; one that is
            longer than `max_seconds` is refused with its length.

    """
    if not data:
        raise failure("audio_empty")
    container = sniff(data)
    if container is None:
        raise failure("audio_unsupported")
    if (pcm := _plain_speech(data, max_seconds)) is not None:
        return Decoded(pcm, container)
    decoding = _Decoding(container, max_seconds, time.monotonic() + deadline_s)
    links = ogg.links(data) if container == "ogg" else [data]
    decoding.run_all(links)
    return Decoded(decoding.pcm, container, decoding.damaged)


def _plain_speech(data: bytes, max_seconds: float) -> memoryview | None:
    """Find the samples of a WAV file that needs no decoder."""
    found = wav.read_pcm(data)
    if found is None or not found.is_speech:
        return None
    if not found.samples:
        raise failure("audio_empty")
    if found.seconds > max_seconds + _GRACE_S:
        raise too_long(found.seconds, max_seconds=max_seconds)
    return found.samples


class _Decoding:
    """One file on its way to samples: what was made so far, and what may still be spent."""

    def __init__(self, container: Container, max_seconds: float, ends_at: float) -> None:
        self.pcm = bytearray()
        self.damaged = 0
        self._container = container
        self._max_seconds = max_seconds
        self._ends_at = ends_at

    def run_all(self, links: list[bytes]) -> None:
        """Decode the links of a chain one after the other, skipping broken ones."""
        if len(links) > _LINKS_AT_MOST:
            raise failure("audio_corrupt")
        problem = failure("audio_corrupt")
        for number, link in enumerate(links):
            try:
                self._run(link, later=links[number + 1 :])
            except _BrokenFile as broken:
                self.damaged += 1
                problem = broken.error
        if not self.pcm:
            raise problem

    def _run(self, link: bytes, later: list[bytes]) -> None:
        with self._open(link) as container:
            stream = _choose_stream(container)
            mixdown = Mixdown(self.pcm)
            packets = container.demux(stream)
            try:
                self._pump(packets, stream, mixdown, container, later)
                mixdown.drain()
            except MemoryError:
                raise
            except FFmpegError:
                self.damaged += 1

    def _open(self, link: bytes) -> InputContainer:
        timeout_s = max(0.1, self._ends_at - time.monotonic())
        try:
            return open_bytes(
                io.BytesIO(link), demuxer=self._container, options=OPTIONS, timeout_s=timeout_s
            )
        except FFmpegError as error:
            raise _BrokenFile(failure("audio_corrupt")) from error

    def _pump(
        self,
        packets: Iterator[AudioPacket],
        stream: AudioStream,
        mixdown: Mixdown,
        container: InputContainer,
        later: list[bytes],
    ) -> None:
        before_s = len(self.pcm) / 2 / SPEECH_HZ
        for packet in packets:
            if time.monotonic() > self._ends_at:
                raise failure("audio_too_slow")
            self._decode_packet(packet, stream, mixdown)
            if before_s + mixdown.seconds > self._max_seconds + _GRACE_S:
                so_far_s = before_s + mixdown.seconds
                raise self._too_long(so_far_s, packet, packets, container, later)

    def _decode_packet(self, packet: AudioPacket, stream: AudioStream, mixdown: Mixdown) -> None:
        try:
            for frame in _frames_of(packet, stream):
                mixdown.add(frame)
        except av.error.EOFError:
            return
        except MemoryError:
            raise
        except FFmpegError as error:
            self.damaged += 1
            if self.damaged > _DAMAGED_PACKETS_AT_MOST and not mixdown.seconds:
                raise _BrokenFile(failure("audio_corrupt")) from error

    def _too_long(
        self,
        so_far_s: float,
        last: AudioPacket,
        packets: Iterator[AudioPacket],
        container: InputContainer,
        later: list[bytes],
    ) -> AudioError:
        """Measure the rest without decoding it, as far as that is quickly done."""
        rest_s = _measure_rest(last, packets)
        if rest_s is None:
            claimed_s = (container.duration or 0) / av.time_base
            return too_long(
                max(so_far_s, claimed_s),
                max_seconds=self._max_seconds,
                at_least=claimed_s <= so_far_s,
            )
        later_s = sum(ogg.opus_seconds(link) or 0 for link in later)
        return too_long(so_far_s + rest_s + later_s, max_seconds=self._max_seconds)


class _BrokenFile(Exception):
    """One link cannot be decoded; others of its chain may be."""

    def __init__(self, error: AudioError) -> None:
        super().__init__(error.code)
        self.error = error


def _choose_stream(container: InputContainer) -> AudioStream:
    """Take the first stream we may decode; the others are not even read."""
    chosen: AudioStream | None = None
    for stream in container.streams:
        if chosen is None and isinstance(stream, AudioStream) and _is_allowed(stream):
            chosen = stream
        else:
            stream.discard = Discard.all
    if chosen is None:
        raise _BrokenFile(_no_stream(container.streams))
    chosen.codec_context.thread_count = 1
    return chosen


def _is_allowed(stream: AudioStream) -> bool:
    # Without a decoder in this build there is no context, whatever the stubs say.
    return getattr(stream.codec_context, "name", None) in CODECS


def _no_stream(streams: Iterable[Stream]) -> AudioError:
    kinds = {stream.type for stream in streams}
    if "audio" in kinds:
        return failure("audio_unsupported")
    return failure("audio_no_track" if "video" in kinds else "audio_corrupt")


def _frames_of(packet: AudioPacket, stream: AudioStream) -> list[AudioFrame]:
    try:
        return stream.codec_context.decode(packet if packet.size else None)
    except FFmpegError:
        raise
    except ValueError as error:  # PyAV's own since 19: the header makes no decoder
        raise _BrokenFile(failure("audio_corrupt")) from error


def _measure_rest(last: AudioPacket, packets: Iterator[AudioPacket]) -> float | None:
    """Seconds from the end of `last` to the end of the file; None when it takes too long."""
    give_up_at = time.monotonic() + _LENGTH_SEARCH_S
    start_s = end_s = _end_s(last) or 0.0
    for packet in packets:
        if time.monotonic() > give_up_at:
            return None
        end_s = max(end_s, _end_s(packet) or 0.0)
    return end_s - start_s


def _end_s(packet: AudioPacket) -> float | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)
