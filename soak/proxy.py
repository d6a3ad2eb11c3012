"""A network that fails, as a TCP proxy on loopback: one fault for each exchange on a connection."""

import asyncio
import enum
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from bot.tasks import spawn

_CHUNK_BYTES = 64 * 1024
_DRIP_S = 0.02
_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST."""


class Kind(enum.Enum):
    """What happens to an answer."""

    PASS = "pass"
    RESET = "reset"
    CUT = "cut"
    HALF_CLOSE = "half-close"
    SILENCE = "silence"
    DRIP = "drip"
    LATENCY = "latency"
    CORRUPT = "corrupt"
    LOST = "lost before it was asked"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one answer, from one of its bytes on.

    Attributes:
        kind: what.
        at_byte: so many bytes of the answer still pass, its head included.
        seconds: of LATENCY.

    """

    kind: Kind
    at_byte: int = 0
    seconds: float = 0.2

    def __str__(self) -> str:
        return f"{self.kind.value} at byte {self.at_byte}"


_WELL = Fault(Kind.PASS)


class Proxy:
    """Stands before a server.

    Attributes:
        plan: the faults of the next exchanges; after them all goes well.
        met: how many exchanges met theirs.
        url: where it listens.

    """

    def __init__(self, url: str) -> None:
        self.plan: deque[Fault] = deque()
        self.met = 0
        self._behind = urlsplit(url)
        self._connections: set[asyncio.Task[None]] = set()
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def before(cls, url: str) -> AsyncIterator[Self]:
        """Listen on any free port; `url` of it leads where the given one does."""
        proxy = cls(url)
        server = await asyncio.start_server(proxy._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        proxy.url = f"http://127.0.0.1:{port}{proxy._behind.path}"
        try:
            yield proxy
        finally:
            server.close()
            await proxy._hang_up()
            await server.wait_closed()

    async def _hang_up(self) -> None:
        for each in self._connections:
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            inner = await asyncio.open_connection(self._behind.hostname, self._behind.port)
            await _Connection(self, reader, writer, *inner).carry()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    def next(self) -> Fault:
        """Take the fault of an exchange that begins."""
        if not self.plan:
            return _WELL
        self.met += 1
        return self.plan.popleft()


class _Connection:
    """One client, and the connection to the server that was opened for it."""

    def __init__(
        self,
        proxy: Proxy,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._to_client = to_client
        self._server = server
        self._to_server = to_server
        self._fault: Fault | None = None
        self._passed = 0

    async def carry(self) -> None:
        """Carry both ways until one end leaves, or a fault ends it."""
        ways = [spawn(self._ask(), name="to the server"), spawn(self._answer(), name="back")]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._to_server.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(self) -> None:
        while data := await self._client.read(_CHUNK_BYTES):
            if self._fault is None or self._passed:
                self._fault, self._passed = self._proxy.next(), 0
            if self._fault.kind is Kind.LOST:
                self._reset()
                return
            self._to_server.write(data)
            await self._to_server.drain()

    async def _answer(self) -> None:
        while data := await self._server.read(_CHUNK_BYTES):
            if not await self._give(data, self._fault or _WELL):
                return

    async def _give(self, data: bytes, fault: Fault) -> bool:
        """Pass on a piece of an answer; False when nothing of it comes any more."""
        before, self._passed = self._passed, self._passed + len(data)
        if fault.kind is Kind.PASS or not before <= fault.at_byte < self._passed:
            await self._send(data)
            return True
        good, rest = data[: fault.at_byte - before], data[fault.at_byte - before :]
        await self._send(good)
        return await self._spoil(rest, fault)

    async def _spoil(self, rest: bytes, fault: Fault) -> bool:
        match fault.kind:
            case Kind.RESET:
                self._reset()
            case Kind.HALF_CLOSE:
                self._to_client.write_eof()
                await _until_the_client_leaves()
            case Kind.SILENCE:
                await _until_the_client_leaves()
            case Kind.DRIP:
                await self._drip(rest)
            case Kind.LATENCY:
                await asyncio.sleep(fault.seconds)
                await self._send(rest)
                return True
            case Kind.CORRUPT:
                await self._send(bytes([rest[0] ^ 0x55]) + rest[1:])
                return True
        return False

    async def _drip(self, rest: bytes) -> None:
        """Send byte after byte, for longer than anybody waits."""
        for byte in rest:
            await self._send(bytes([byte]))
            await asyncio.sleep(_DRIP_S)
        await _until_the_client_leaves()

    async def _send(self, data: bytes) -> None:
        self._to_client.write(data)
        await self._to_client.drain()

    def _reset(self) -> None:
        connection: socket.socket | None = self._to_client.get_extra_info("socket")
        with suppress(OSError):
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._to_client.transport.abort()


async def _until_the_client_leaves() -> None:
    """Do nothing: the other way ends then, and this one with it."""
    await asyncio.Event().wait()
