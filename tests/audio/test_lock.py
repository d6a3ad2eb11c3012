"""What a worker cannot do any more once it is locked."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resource limits of Linux")

PROJECT = Path(__file__).resolve().parents[2]
LOCKED = """
import os, socket, subprocess, sys
sys.path.insert(0, sys.argv[1])
from bot.audio.lock import lock_process
assert lock_process() == (), "a limit is missing"
try:
    {attempt}
except Exception as error:
    print(type(error).__name__)
else:
    print("done")
"""


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("open('/etc/hostname')", "OSError"),
        ("open('/etc/passwd', 'rb', buffering=0)", "OSError"),
        ("socket.socket()", "OSError"),
        ("socket.socketpair()", "OSError"),
        ("os.pipe()", "OSError"),
        ("os.fork()", "BlockingIOError"),
        ("subprocess.run(['/bin/true'])", "OSError"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("import wave", "OSError"),
        ("os.write(1, b'')", "done"),
        ("bytearray(50 << 20)", "done"),
    ],
)
def test_a_locked_process_cannot(attempt: str, outcome: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOCKED.format(attempt=attempt), str(PROJECT)],
        capture_output=True, text=True, env={}, timeout=30, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [outcome], done.stderr


def test_root_is_given_up() -> None:
    program = LOCKED.format(attempt="print(os.getuid() != 0 or 'root'), os.getresuid()")
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(PROJECT)],
        capture_output=True, text=True, env={}, timeout=30, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "done"], done.stderr
