"""What a worker cannot do any more once it is locked."""

import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.audio import lock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locks of Linux")

PROJECT = Path(__file__).resolve().parents[2]
LOCKED = """
import mmap, os, signal, socket, subprocess, sys, threading, time
sys.path.insert(0, sys.argv[1])
from bot.audio import kernel, landlock, lock
parent, child = os.getppid(), os.getpid()
{preparation}
try:
    {attempt}
except Exception as error:
    print(type(error).__name__)
else:
    print("done")
"""
WITH_FILTER = "asked = lock.offered(); got = lock.lock_process(); assert got == lock.Lock(asked)"
WITHOUT_FILTER = "got = lock.lock_process(with_filter=False); assert 'rlimits' in got.layers"
KILLED = f"killed by {signal.Signals.SIGSYS.name}" if sys.platform == "linux" else ""

filtered = pytest.mark.skipif("seccomp" not in lock.offered(), reason="no filter offered here")
ruled = pytest.mark.skipif("Landlock" not in lock.offered(), reason="no Landlock offered here")


def outcome(attempt: str, preparation: str) -> str:
    program = LOCKED.format(attempt=attempt, preparation=preparation)
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(PROJECT)],
        capture_output=True, text=True, env={}, timeout=30, check=False,
    )  # fmt: skip
    if done.returncode < 0:
        return f"killed by {signal.Signals(-done.returncode).name}"
    return done.stdout.strip() or done.stderr


@filtered
@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "open('/etc/passwd', 'rb', buffering=0)",
        "os.stat('/etc/passwd')",
        "os.listdir('/')",
        "os.readlink('/proc/self/exe')",
        "os.access('/etc/passwd', os.R_OK)",
        "os.unlink('/nowhere')",
        "import wave",
        "socket.socket()",
        "socket.socketpair()",
        "os.pipe()",
        "os.dup(1)",
        "os.memfd_create('x')",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.kill(parent, 0)",
        "os.kill(child, signal.SIGTERM)",
        "os.setuid(0)",
        "os.getppid()",
        "os.uname()",
        "signal.setitimer(signal.ITIMER_REAL, 1)",
        "kernel.renounce_privileges()",
    ],
)
def test_a_filtered_process_dies_of_asking_for(attempt: str) -> None:
    assert outcome(attempt, WITH_FILTER) == KILLED


@filtered
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of that processor")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ptrace", 101),
        ("process_vm_readv", 310),
        ("io_uring_setup", 425),
        ("bpf", 321),
        ("vfork", 58),
        ("seccomp", 317),
        ("open as x32 calls it", 0x4000_0002),
    ],
)
def test_a_filtered_process_dies_of_calls_that_python_does_not_know(name: str, number: int) -> None:
    assert outcome(f"kernel.call({number}, 0, 0, 0)", WITH_FILTER) == KILLED, name


@filtered
@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("threading.Thread(target=int).start()", "RuntimeError"),
        ("mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)", "PermissionError"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("os.write(1, b'')", "done"),
        ("bytearray(50 << 20)", "done"),
        ("time.sleep(0.001)", "done"),
        ("os.urandom(8)", "done"),
    ],
)
def test_what_libraries_can_do_without_is_refused_and_what_they_need_works(
    attempt: str, refusal: str
) -> None:
    assert outcome(attempt, WITH_FILTER) == refusal


@filtered
def test_no_process_is_made() -> None:
    # Python 3.12 and later look how many threads they have once they forked, and die of that.
    assert outcome("os.fork()", WITH_FILTER) in ("BlockingIOError", KILLED)


@filtered
def test_threads_that_ran_before_are_filtered_too() -> None:
    preparation = (
        "go = threading.Event()\n"
        "thread = threading.Thread(target=lambda: (go.wait(), os.uname()))\n"
        f"thread.start(); {WITH_FILTER}"
    )
    assert outcome("go.set(); thread.join(10)", preparation) == KILLED


@pytest.mark.parametrize(
    ("attempt", "refusal"),
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
def test_limits_alone_refuse_the_same(attempt: str, refusal: str) -> None:
    assert outcome(attempt, WITHOUT_FILTER).removeprefix("Permission") in (
        refusal, "Error", "PermissionError",
    )  # fmt: skip


@ruled
@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("open('/etc/hostname')", "PermissionError"),
        ("os.listdir('/')", "PermissionError"),
        ("open('/tmp/x', 'w')", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("os.kill(parent, 0)", "PermissionError"),
    ],
)
def test_landlock_alone_forbids_files_connections_and_signals(attempt: str, refusal: str) -> None:
    preparation = "kernel.renounce_privileges(); assert landlock.enter()"
    assert outcome(attempt, preparation) == refusal


def test_root_is_given_up() -> None:
    said = outcome("print(os.getuid() != 0 or 'root', os.getresuid()[0] != 0)", WITHOUT_FILTER)
    assert said.split() == ["True", "True", "done"]


@filtered
def test_a_process_locked_without_the_filter_says_so() -> None:
    said = outcome("print(got.layers, got.kept)", WITHOUT_FILTER)
    assert "'system calls'" in said
    assert "seccomp" not in said


REFUSING = """
code = b"".join((
    seccomp._step(0x20, 0),
    *(step for number in (444, 445, 446, seccomp.NUMBERS[kernel.machine()]["seccomp"])
      for step in (seccomp._step(0x15, number, otherwise=1), seccomp._step(6, 0x50001))),
    seccomp._step(6, 0x7FFF0000),
))
buffer = ctypes.create_string_buffer(code, len(code))
head = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
kernel.renounce_privileges()
filtered = ctypes.create_string_buffer(head, len(head))
kernel.call(seccomp.NUMBERS[kernel.machine()]["seccomp"], 1, 0, filtered)
"""


@filtered
def test_where_a_machine_refuses_both_limits_alone_hold_and_say_so() -> None:
    preparation = (
        "import ctypes, struct; from bot.audio import seccomp\n"
        f"{REFUSING}\nasked = lock.offered(); got = lock.lock_process()"
    )
    said = outcome("print(asked == got.layers, *got.layers, '|', *got.kept)", preparation)
    assert said.startswith("True rlimits")
    assert said.splitlines()[0].endswith("| system calls")
    assert outcome("open('/etc/hostname')", preparation) == "OSError"
    assert outcome("socket.socket()", preparation) == "OSError"
