"""Events: what changes, told to the one who sees it."""

import asyncio
import json
import secrets

from aiohttp import WSMsgType, web

from bot.local.discord_server.payloads import Json
from bot.local.discord_server.world import Event, World
from bot.local.page.api import person
from bot.local.page.shown import message_shown, place_shown
from bot.local.page.sight import sees
from bot.tasks import spawn

_ABOUT_MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})
_ABOUT_PLACES = frozenset({"THREAD_CREATE", "THREAD_UPDATE", "CHANNEL_CREATE", "CHANNEL_UPDATE"})
_AS_THEY_ARE = frozenset(
    {
        "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE",
        "CHANNEL_DELETE", "THREAD_DELETE", "TYPING_START", "INTERACTION_MODAL_CREATE",
        "INTERACTION_SUCCESS", "INTERACTION_FAILURE", "COMMANDS_UPDATE",
    }
)  # fmt: skip

HEARTBEAT_S = 20
MOST_WAITING = 1000
"""Events that may wait for a client that does not read; then it is cut off, and starts anew."""


class Streams:
    """All clients that listen."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: set[web.WebSocketResponse] = set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves."""
        me = person(self._world, request.match_info["me"])
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=4096)
        await socket.prepare(request)
        stream = Stream(self._world, me, socket)
        self._open.add(socket)
        try:
            await stream.run()
        finally:
            self._open.discard(socket)
        return socket

    async def close(self) -> None:
        """Say goodbye to everybody."""
        for socket in list(self._open):
            await socket.close(code=1001)


class Stream:
    """One client's events."""

    def __init__(self, world: World, me: int, socket: web.WebSocketResponse) -> None:
        self._world = world
        self._me = me
        self._socket = socket
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()
        self._seen = {place.id for place in world.state.channels.values() if sees(world, me, place)}

    async def run(self) -> None:
        """Tell the client everything until it leaves."""
        self._push("HELLO", {"session": secrets.token_hex(8)})
        self._world.subscribe(self._hear)
        telling = spawn(self._tell(), name="page events")
        try:
            async for frame in self._socket:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            self._world.unsubscribe(self._hear)
            self._waiting.put_nowait(None)
            await telling

    async def _tell(self) -> None:
        while (text := await self._waiting.get()) is not None:
            try:
                await self._socket.send_str(text)
            except ConnectionError:
                return
            if self._waiting.qsize() > MOST_WAITING:
                await self._socket.close(code=1013)

    def _push(self, name: str, payload: Json) -> None:
        self._waiting.put_nowait(json.dumps({"t": name, "d": payload}))

    def _hear(self, event: Event) -> None:
        """Pass on what this member may know of, as they see it."""
        if event.for_user_id not in (None, self._me):
            return
        if event.name in _ABOUT_PLACES or event.name in {"CHANNEL_DELETE", "THREAD_DELETE"}:
            self._tell_of_place(event)
        elif event.name in _ABOUT_MESSAGES and self._may_hear(event):
            message = self._world.state.messages[int(event.payload(True)["id"])]
            self._push(event.name, message_shown(self._world, message, self._me))
        elif event.name in _AS_THEY_ARE and self._may_hear(event):
            self._push(event.name, event.payload(True))

    def _may_hear(self, event: Event) -> bool:
        if event.channel_id is None:
            return event.guild_id is None or self._is_in(event.guild_id)
        channel = self._world.state.channels.get(event.channel_id)
        return channel is not None and sees(self._world, self._me, channel)

    def _is_in(self, guild_id: int) -> bool:
        guild = self._world.state.guilds.get(guild_id)
        return guild is not None and self._me in guild.members

    def _tell_of_place(self, event: Event) -> None:
        """Tell of a place that came, changed or went, for this member: also by their rights."""
        payload = event.payload(True)
        channel = self._world.channel(int(payload["id"]))
        kind, change = event.name.split("_")
        known, sees_it = channel.id in self._seen, sees(self._world, self._me, channel)
        if change == "DELETE" or not sees_it:
            self._seen.discard(channel.id)
            if known:
                self._push(f"{kind}_DELETE", payload)
            return
        self._seen.add(channel.id)
        name = event.name if known else f"{kind}_CREATE"
        self._push(name, place_shown(self._world, channel, self._me))
