"""Files that make decoders read elsewhere: nothing is opened, fetched or bound."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.audio.service import AudioWorker
from bot.errors import AudioError
from soak.media.sounds import RECIPES, make_file, speech

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Trap:
    """A file that must not be read, and two doors nobody may knock at."""

    canary: Path
    read_at_ns: int
    http: socket.socket
    udp: socket.socket

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.getsockname()[1]}/canary.wav"

    @property
    def udp_url(self) -> str:
        return f"rtp://127.0.0.1:{self.udp.getsockname()[1]}"

    def caught(self) -> list[str]:
        """What was touched."""
        caught = ["file"] if self.canary.stat().st_atime_ns != self.read_at_ns else []
        with contextlib.suppress(BlockingIOError):
            self.http.accept()[0].close()
            caught.append("http")
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(1)
            caught.append("udp")
        return caught


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    canary = tmp_path / "canary.wav"
    canary.write_bytes(make_file(RECIPES["wav"], speech(1)))
    # Access times are kept to the day unless they are older than the last change.
    os.utime(canary, ns=(10**18, 2 * 10**18))
    monkeypatch.chdir(tmp_path)
    udp = socket.socket(type=socket.SOCK_DGRAM)
    with socket.create_server(("127.0.0.1", 0)) as http, udp:
        udp.bind(("127.0.0.1", 0))
        http.setblocking(False)
        udp.setblocking(False)
        yield Trap(canary, 10**18, http, udp)


def playlists(trap: Trap) -> dict[str, bytes]:
    hls = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n{}\n#EXT-X-ENDLIST\n"
    path, url, name = trap.canary, trap.url, trap.canary.name
    texts = {
        "hls file": hls.format(f"#EXTINF:1,\nfile:{path}"),
        "hls absolute": hls.format(f"#EXTINF:1,\n{path}"),
        "hls relative": hls.format(f"#EXTINF:1,\n{name}"),
        "hls http": hls.format(f"#EXTINF:1,\n{url}"),
        "hls rtp": hls.format(f"#EXTINF:1,\n{trap.udp_url}"),
        "hls key": hls.format(f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF:1,\n{name}'),
        "hls data": hls.format("#EXTINF:1,\ndata:audio/wav;base64,UklGRg=="),
        "hls subfile": hls.format(f"#EXTINF:1,\nsubfile,,start,0,end,0,,:{path}"),
        "hls concat": hls.format(f"#EXTINF:1,\nconcat:{path}|{path}"),
        "ffconcat relative": f"ffconcat version 1.0\nfile {name}\n",
        "ffconcat absolute": f"ffconcat version 1.0\nfile '{path}'\n",
        "ffmetadata": f";FFMETADATA1\ntitle={path}\n",
        "sdp": (
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
            "m=audio 5004 RTP/AVP 0\n"
        ),
        "dash": (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="audio/mp4">'
            f'<Representation id="a" bandwidth="1"><BaseURL>{url}</BaseURL>'
            "<SegmentList><SegmentURL/></SegmentList></Representation></AdaptationSet></Period></MPD>"
        ),
        "vobsub": (
            f"# VobSub index file, v7 (do not modify this line!)\n# {name}\nid: en, index: 0\n"
        ),
        "smil": f'<smil><body><audio src="{url}"/></body></smil>',
        "m3u": f"{url}\n",
        "pls": f"[playlist]\nFile1={url}\n",
    }
    return {kind: text.encode() for kind, text in texts.items()}


KINDS = [
    "hls file", "hls absolute", "hls relative", "hls http", "hls rtp", "hls key", "hls data",
    "hls subfile", "hls concat", "ffconcat relative", "ffconcat absolute", "ffmetadata", "sdp",
    "dash", "vobsub", "smil", "m3u", "pls",
]  # fmt: skip


def disguised(kind: bytes) -> list[bytes]:
    """The same behind magic bytes that would let it past the first look."""
    return [b"ID3\x04\0\0\0\0\0\0" + kind, b"RIFF\xff\xff\xff\xffWAVE" + kind, b"OggS" + kind, kind]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_playlist_is_refused_and_nothing_is_touched(
    worker: AudioWorker, trap: Trap, kind: str
) -> None:
    for data in disguised(playlists(trap)[kind]):
        with pytest.raises(AudioError) as caught:
            await worker.model_input(data, max_seconds=120)
        assert caught.value.code in ("audio_unsupported", "audio_corrupt")
    assert trap.caught() == []


CARELESS = """
import av, io, sys
with av.open(io.BytesIO(sys.stdin.buffer.read()), format=sys.argv[2]) as container:
    print(sum(frame.samples for frame in container.decode(audio=0)))
"""
CAREFUL = """
import io, sys
sys.path.insert(0, sys.argv[1])
from bot.audio import decode, pyav
data = io.BytesIO(sys.stdin.buffer.read())
pyav.open_bytes(data, demuxer=sys.argv[2], options=decode.OPTIONS, timeout_s=5)
"""


def opened_by(program: str, data: bytes, demuxer: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-I", "-c", program, str(PROJECT), demuxer],
        input=data, capture_output=True, timeout=30, check=False,
    )  # fmt: skip


def test_the_trap_catches_a_careless_decoder(trap: Trap) -> None:
    done = opened_by(CARELESS, playlists(trap)["ffconcat relative"], "concat")
    assert int(done.stdout) > 40_000
    assert trap.caught() == ["file"]


@pytest.mark.parametrize(
    ("kind", "demuxer"),
    [
        ("ffconcat relative", "concat"),
        ("hls relative", "hls"),
        ("hls http", "hls"),
        ("hls rtp", "hls"),
        ("sdp", "sdp"),
    ],
)
def test_past_the_first_look_ffmpeg_itself_refuses_the_demuxer(
    trap: Trap, kind: str, demuxer: str
) -> None:
    done = opened_by(CAREFUL, playlists(trap)[kind], demuxer)
    assert done.returncode == 1
    assert b"av.error." in done.stderr
    assert trap.caught() == []


async def test_a_movie_that_points_to_another_file_does_not_read_it(
    worker: AudioWorker, trap: Trap
) -> None:
    data = with_reference_to(trap.canary, make_file(RECIPES["mov with video"], speech(1)))
    with contextlib.suppress(AudioError):
        await worker.model_input(data, max_seconds=120)
    assert trap.caught() == []


def with_reference_to(path: Path, movie: bytes) -> bytes:
    """Let the sound track's samples lie in another file (QuickTime's `dref` with an `alis`)."""
    name = str(path).encode()
    alias = bytes(10) + name[:64].ljust(140, b"\0") + struct.pack(">HH", 2, len(name)) + name
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    at = max(movie.rfind(b"alis"), movie.rfind(b"url ")) - 4
    made = bytearray(movie[:at] + entry + movie[at + 12 :])
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        size_at = made.rfind(box, 0, at) - 4
        size = int.from_bytes(made[size_at : size_at + 4], "big") + len(alias)
        made[size_at : size_at + 4] = size.to_bytes(4, "big")
    return bytes(made)
