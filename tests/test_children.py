"""Children of libuv's loop behave as asyncio's do, and nothing of ours runs in them unasked."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.children import Child
from bot.tasks import spawn

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="libuv's loop is not used there")


async def start(code: str, **options: object) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", code, **options)  # type: ignore[arg-type]


def test_nothing_of_ours_runs_between_fork_and_program() -> None:
    code = (
        "import asyncio, os, time\n"
        "from bot import loops\n"
        "async def main():\n"
        "    child = await asyncio.create_subprocess_exec('true')\n"
        "    assert await child.wait() == 0\n"
        "os.register_at_fork(after_in_child=lambda: time.sleep(60))\n"
        "loops.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=30)


async def test_more_than_pipes_hold_goes_in_and_comes_out() -> None:
    child = await start(
        "import sys; data = sys.stdin.buffer.read();"
        "sys.stderr.write(str(len(data))); sys.stdout.buffer.write(data)",
        stdin=PIPE, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    data = bytes(range(256)) * 10_000
    assert await child.communicate(data) == (data, b"2560000")
    assert child.returncode == 0


async def test_a_writer_waits_for_a_child_that_does_not_read() -> None:
    child = await start("import sys; sys.stdin.read(1); sys.stdin.read()", stdin=PIPE)
    assert child.stdin is not None
    child.send_signal(signal.SIGSTOP)
    child.stdin.write(bytes(2**20))
    draining = spawn(child.stdin.drain(), name="drain")
    done, _ = await asyncio.wait([draining], timeout=0.05)
    assert not done
    child.send_signal(signal.SIGCONT)
    await draining
    child.stdin.close()
    await child.stdin.wait_closed()
    assert await child.wait() == 0


async def test_writing_to_a_child_that_is_gone_fails() -> None:
    child = await start("", stdin=PIPE)
    assert child.stdin is not None
    await child.wait()
    with pytest.raises((ConnectionError, RuntimeError)):
        await write_much(child.stdin)


async def write_much(stdin: asyncio.StreamWriter) -> None:
    for _ in range(100):
        stdin.write(bytes(2**20))
        await stdin.drain()


@pytest.mark.parametrize(
    ("send", "code"),
    [(Process.kill, -signal.SIGKILL), (Process.terminate, -signal.SIGTERM)],
)
async def test_it_ends_when_told_and_cannot_be_told_after(
    send: Callable[[Process], None], code: int
) -> None:
    child = await start("import time; time.sleep(60)")
    codes = [child.returncode]
    send(child)
    codes += [await child.wait(), child.returncode]
    assert codes == [None, code, code]
    with pytest.raises(ProcessLookupError):
        send(child)


async def test_waiting_for_one_may_be_given_up_and_begun_again() -> None:
    child = await start("import sys; sys.stdin.read(); sys.exit(3)", stdin=PIPE, stdout=DEVNULL)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await child.wait()
    assert child.stdin is not None
    child.stdin.close()
    assert set(await asyncio.gather(child.wait(), child.wait())) == {3}


async def test_lines_are_read_one_by_one_and_errors_with_them_if_asked() -> None:
    child = await start(
        "import sys; print(1, flush=True); print(2, file=sys.stderr)", stdout=PIPE, stderr=STDOUT
    )
    assert child.stdout is not None
    assert [line async for line in child.stdout] == [b"1\n", b"2\n"]
    assert await child.wait() == 0


async def test_a_line_that_is_too_long_is_an_error() -> None:
    child = await start("print('x' * 100)", stdout=PIPE, limit=10)
    assert child.stdout is not None
    with pytest.raises(asyncio.LimitOverrunError):
        await child.stdout.readuntil(b"\n")
    await child.communicate()


async def test_what_is_none_of_a_program_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await asyncio.create_subprocess_exec("/nothing/here")


@pytest.mark.parametrize("turns", range(8))
async def test_starting_one_can_be_given_up_at_any_moment(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[subprocess.Popen[bytes]]()
    connect = Child.connect

    async def note(child: Child) -> None:
        started.append(child._process)
        await connect(child)

    monkeypatch.setattr(Child, "connect", note)
    starting = spawn(start("import time; time.sleep(60)", stdin=PIPE, stdout=PIPE), name="start")
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    with suppress(asyncio.CancelledError):
        (await starting).kill()
    for process in started:
        assert await asyncio.to_thread(process.wait, 10) == -signal.SIGKILL


async def test_where_its_end_cannot_be_waited_for_it_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(BlockingIOError):
        await start("import time; time.sleep(60)", stdin=PIPE)


async def test_nobody_but_libuv_closes_its_pipes() -> None:
    """What is closed twice may be another thread's file by then."""
    child, _ = await asyncio.get_running_loop().subprocess_exec(
        asyncio.SubprocessProtocol, "cat", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert isinstance(child, Child)
    process = child._process
    streams = (process.stdin, process.stdout, process.stderr)
    assert all(stream is not None and stream.closed for stream in streams)
    pipe = child.get_pipe_transport(1)
    assert pipe is not None
    owner = pipe.get_extra_info("pipe")
    os.fstat(owner.fileno())
    owner.close()
    os.fstat(owner.fileno())
    child.close()


async def test_a_shell_is_started_the_same_way() -> None:
    child = await asyncio.create_subprocess_shell("echo $((6 * 7))", stdout=PIPE)
    written, _ = await child.communicate()
    assert written == b"42\n"


class Unwilling(asyncio.SubprocessProtocol):
    child: asyncio.SubprocessTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self.child = transport
        raise ZeroDivisionError


async def test_one_that_nobody_takes_is_ended() -> None:
    protocol = Unwilling()
    with pytest.raises(ZeroDivisionError):
        await asyncio.get_running_loop().subprocess_exec(
            lambda: protocol, sys.executable, "-c", "import time; time.sleep(60)", stdin=PIPE
        )
    assert protocol.child.is_closing()
    async with asyncio.timeout(10):
        while protocol.child.get_returncode() is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    assert protocol.child.get_returncode() == -signal.SIGKILL
