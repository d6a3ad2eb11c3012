"""Files that make decoders read elsewhere: nothing is opened, fetched or bound."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.audio.service import AudioWorker
from bot.errors import AudioError
from soak.media.decoys import KINDS, disguised, playlists, with_reference_to
from soak.media.sounds import RECIPES, make_file, speech
from soak.media.trap import Trap, set_trap

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    with set_trap(tmp_path) as trap:
        yield trap


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
    assert int(done.stdout) > 20_000
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
