"""A file that must not be read, and two doors nobody may knock at."""

import contextlib
import os
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.audio import wav
from bot.domain.reply import SPEECH_HZ

_LONG_AGO_NS = 10**18


@dataclass(frozen=True)
class Trap:
    """What lies in wait.

    Attributes:
        canary: a sound file in the working folder.
        http: listens, and expects nobody.
        udp: likewise.

    """

    canary: Path
    http: socket.socket
    udp: socket.socket

    @property
    def url(self) -> str:
        """Where the first door is."""
        return f"http://127.0.0.1:{self.http.getsockname()[1]}/canary.wav"

    @property
    def udp_port(self) -> int:
        """Where the second one is."""
        return int(self.udp.getsockname()[1])

    @property
    def udp_url(self) -> str:
        """The same as an address."""
        return f"rtp://127.0.0.1:{self.udp_port}"

    @property
    def secret(self) -> bytes:
        """A part of the canary that no other sound has."""
        return _noise()[4_000:4_064]

    def caught(self) -> list[str]:
        """Tell what was touched, and by nobody else."""
        caught = ["file"] if self.canary.stat().st_atime_ns != _LONG_AGO_NS else []
        if caught:
            _never_read(self.canary)
        with contextlib.suppress(BlockingIOError):
            self.http.accept()[0].close()
            caught.append("http")
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(1)
            caught.append("udp")
        return caught


@contextlib.contextmanager
def set_trap(folder: Path) -> Iterator[Trap]:
    """Set it in a folder, which is the working folder meanwhile.

    Raises:
        RuntimeError: this file system does not tell when a file was read.

    """
    canary = folder / "canary.wav"
    canary.write_bytes(wav.from_pcm(_noise()))
    _never_read(canary)
    canary.read_bytes()
    if canary.stat().st_atime_ns == _LONG_AGO_NS:
        raise RuntimeError(f"{folder} keeps no access times: another TMPDIR may")
    _never_read(canary)
    udp = socket.socket(type=socket.SOCK_DGRAM)
    with socket.create_server(("127.0.0.1", 0)) as http, udp, contextlib.chdir(folder):
        udp.bind(("127.0.0.1", 0))
        http.setblocking(False)
        udp.setblocking(False)
        yield Trap(canary, http, udp)


def _never_read(file: Path) -> None:
    # Access times are kept to the day unless they are older than the last change.
    os.utime(file, ns=(_LONG_AGO_NS, 2 * _LONG_AGO_NS))


@cache
def _noise() -> bytes:
    """A second of noise, loud enough to be left as it is."""
    chances = random.Random(4_242)
    samples = (chances.randrange(-20_000, 20_000) for _ in range(SPEECH_HZ))
    return b"".join(each.to_bytes(2, "little", signed=True) for each in samples)
