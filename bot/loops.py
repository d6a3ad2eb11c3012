"""The event loop that everything runs on: libuv's, which answers for less; asyncio's on Windows."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.children import Child, P, start_child

if sys.platform != "win32":
    import uvloop

    class _Loop(uvloop.Loop):
        """libuv's, whose children Python starts."""

        async def subprocess_exec(  # type: ignore[override] # its stubs call transports protocols
            self,
            protocol_factory: Callable[[], P],
            *args: Any,  # noqa: ANN401 - str or bytes or a path
            **options: Any,  # noqa: ANN401 - as Popen's
        ) -> tuple[Child, P]:
            piped = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
            return await start_child(protocol_factory, *args, **(piped | options))

        async def subprocess_shell(  # type: ignore[override] # as above
            self,
            protocol_factory: Callable[[], P],
            cmd: str | bytes,
            **options: Any,  # noqa: ANN401 - as Popen's
        ) -> tuple[Child, P]:
            shell = ("/bin/sh", "-c", cmd)
            return await self.subprocess_exec(protocol_factory, *shell, **options)

    new_event_loop: Callable[[], asyncio.AbstractEventLoop] = _Loop
else:
    from asyncio import new_event_loop

__all__ = ["new_event_loop", "run"]

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a program's one coroutine to its end, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
