"""Speech faster or slower with its pitch kept: FFmpeg's atempo. Runs only inside the worker."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph

from bot.audio.frames import Pcm, pieces, speech_frame
from bot.audio.speeds import check_speed
from bot.domain.reply import SPEECH_HZ

_TAIL = bytes(SPEECH_HZ // 5)
"""Silence after the end, 100 ms: atempo keeps the last part of a window to itself."""


def at_speed(pcm: Pcm, speed: float) -> Pcm:
    """Make speech `speed` times as fast; its length is exact to the sample.

    Raises:
        ValueError: see `check_speed`.

    """
    check_speed(speed)
    if speed == 1:
        return pcm
    wanted_bytes = round(len(pcm) // 2 / speed) * 2
    made = bytearray()
    for samples in _stretched(pcm, speed):
        made += samples
    del made[wanted_bytes:]
    made += bytes(wanted_bytes - len(made))
    return made


def _stretched(pcm: Pcm, speed: float) -> Iterator[memoryview]:
    graph = _open_graph(speed)
    at_sample = 0
    for source in (pcm, _TAIL):
        for piece in pieces(source):
            graph.push(speech_frame(piece, at_sample=at_sample))
            at_sample += len(piece) // 2
            yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _open_graph(speed: float) -> Graph:
    graph = Graph()
    # The worker may not start threads.
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=SPEECH_HZ, format="s16", layout="mono", time_base=Fraction(1, SPEECH_HZ)
    )
    graph.link_nodes(source, graph.add("atempo", f"{speed:.6f}"), graph.add("abuffersink"))
    graph.configure()
    return graph


def _ready(graph: Graph) -> Iterator[memoryview]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, av.AudioFrame):
            # A plane is longer than the sound in it.
            yield memoryview(frame.planes[0])[: frame.samples * 2]
