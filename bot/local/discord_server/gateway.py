"""The gateway: identify, heartbeats, events, resuming, and everything that can break there.

Source: https://docs.discord.com/developers/events/gateway
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import WSMsgType, web

from bot.local.discord_server import events
from bot.local.discord_server.connection import Connection
from bot.local.discord_server.events import Intent
from bot.local.discord_server.identify import (
    Refused,
    check_token,
    parse,
    read_identity,
    without_token,
)
from bot.local.discord_server.payloads import user_json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.sessions import Session
from bot.local.discord_server.state import Guild
from bot.local.discord_server.world import Event, World

SESSION_LIFE = timedelta(minutes=5)
"""Discord keeps a session `a few minutes` after its connection was lost."""

SENDS_PER_MINUTE = 120
HEARTBEAT_MS = 41_250
ACK_AFTER_S = 0.02
"""A heartbeat's way over a network: discord.py notes when it sent one only after it has, and takes
an answer that comes sooner for a late one to the heartbeat before."""
_GOODBYE_S = 1

HEARTBEAT, RECONNECT, INVALID_SESSION, HELLO, ACK = 1, 7, 9, 10, 11


class Gateway:
    """All sessions and their connections.

    Attributes:
        received: every message clients sent, without their token.
        silent: whether the gateway has stopped answering: connections stay open, nothing comes.
        heartbeat_ms: how often clients are told to say that they live.
        sharding_required: whether one shard is no longer enough (4011).
        late: the servers that have trouble of their own: nothing is told of them before `give`.

    """

    def __init__(self, world: World, url: Callable[[], str]) -> None:
        self._world = world
        self._url = url
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.received: list[dict[str, Any]] = []
        self.silent = False
        self.heartbeat_ms = HEARTBEAT_MS
        self.sharding_required = False
        self.late: set[int] = set()
        world.subscribe(self._dispatch)

    # What tests look at and break.

    def ops(self, op: int) -> list[dict[str, Any]]:
        """Select what clients sent with this opcode."""
        return [message for message in self.received if message["op"] == op]

    @property
    def ready(self) -> bool:
        """Whether a bot is connected and identified."""
        return any(session.connection for session in self.sessions.values())

    def close_all(self, code: int) -> None:
        """Close every connection with a code."""
        for connection in list(self.connections):
            connection.close(code)

    async def hang_up(self) -> None:
        """Say goodbye to everybody, and wait until they have heard it."""
        leaving = list(self.connections)
        self.close_all(1001)
        for connection in leaving:
            await connection.closed()

    def ask_to_reconnect(self) -> None:
        """Send op 7 to everybody."""
        self._send_all({"op": RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9 to everybody; sessions that are not resumable are forgotten."""
        self._send_all({"op": INVALID_SESSION, "d": resumable, "s": None, "t": None})
        if not resumable:
            self.forget_sessions()

    def forget_sessions(self) -> None:
        """Lose all sessions: whoever resumes is sent op 9."""
        self.sessions.clear()

    def give(self, guild: Guild) -> None:
        """Tell everybody of a server that was late."""
        self.late.discard(guild.id)
        for session in self.sessions.values():
            if session.serves(guild.id):
                self._announce(session, guild)

    def take_away(self, guild: Guild) -> None:
        """Tell everybody that a server has trouble of its own; until `give` it tells nothing."""
        self.late.add(guild.id)
        lost = {"id": str(guild.id), "unavailable": True}
        for session in self.sessions.values():
            if session.serves(guild.id) and session.identity.intents & Intent.GUILDS:
                session.send("GUILD_DELETE", lost)

    def cut_all(self) -> None:
        """Cut every connection as a broken network does."""
        for connection in list(self.connections):
            connection.cut()

    def go_silent(self) -> None:
        """Let every connection stay open while nothing comes any more; new ones are served."""
        for connection in self.connections:
            connection.is_dead = True

    def repeat(self, count: int) -> None:
        """Send the last events of each session once more, with their old numbers."""
        for session in self.sessions.values():
            for text in session.log[-count:]:
                session.push(text)

    # The protocol.

    async def handle(self, http: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        socket = web.WebSocketResponse(max_msg_size=0, timeout=_GOODBYE_S)
        await socket.prepare(http)
        connection = Connection(socket, http.transport, lambda: self.silent)
        self.connections.append(connection)
        connection.send(
            {"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None}
        )
        try:
            if http.query.get("v") not in {"9", "10"}:
                connection.close(4012)
            await self._listen(connection, socket)
        finally:
            self._lost(connection, socket)
            await connection.end()
        return socket

    async def _listen(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                continue
            try:
                self._receive(connection, frame.data)
            except Refused as refusal:
                connection.close(refusal.code)

    def _receive(self, connection: Connection, data: str | bytes) -> None:
        message = parse(data)
        op, content = message.get("op"), message.get("d")
        asked = content if isinstance(content, dict) else {}
        self.received.append({**message, "d": without_token(content)})
        connection.count(op == HEARTBEAT, self._world.clock(), SENDS_PER_MINUTE)
        if connection.sends_too_much:
            raise Refused(4008)
        match op:
            case 1:
                acknowledged = {"op": ACK, "d": None, "s": None, "t": None}
                asyncio.get_running_loop().call_later(ACK_AFTER_S, connection.send, acknowledged)
            case 2:
                self._identify(connection, asked)
            case 6:
                self._resume(connection, asked)
            case 8:
                self._list_members(connection, asked)
            case 3 | 4:
                self._session_of(connection)
            case _:
                raise Refused(4001)
        self._world.changes.tell()

    def _identify(self, connection: Connection, asked: dict[str, Any]) -> None:
        if self._find_session(connection):
            raise Refused(4005)
        identity = read_identity(self._world, asked, sharding_required=self.sharding_required)
        session = Session(f"{self._world.next_id():x}", identity, connection)
        self.sessions[session.id] = session
        self._welcome(session)

    def _welcome(self, session: Session) -> None:
        guilds = [guild for guild in self._bot_guilds() if session.serves(guild.id)]
        session.send(
            "READY",
            {
                "v": 10,
                "user": user_json(self._world, self._world.bot_id),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self._url(),
                "shard": [session.identity.shard, session.identity.shard_count],
                "session_type": "normal",
                "private_channels": [],
                "application": {
                    "id": str(self._world.bot_id),
                    "flags": self._world.state.application.flags,
                },
            },
        )
        for guild in guilds:
            if guild.id not in self.late:
                self._announce(session, guild)

    def _announce(self, session: Session, guild: Guild) -> None:
        if session.identity.intents & Intent.GUILDS:
            all_members = bool(session.identity.intents & Intent.GUILD_MEMBERS)
            event = events.guild_available(self._world, guild, all_members=all_members)
            session.send(event.name, event.payload(False))

    def _resume(self, connection: Connection, asked: dict[str, Any]) -> None:
        check_token(self._world, asked)
        session = self.sessions.get(asked.get("session_id") or "")
        if session is None or self._is_expired(session):
            connection.send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return
        missed_from = asked.get("seq") or 0
        if not 0 <= missed_from <= len(session.log):
            raise Refused(4007)
        session.connection, session.lost_at = connection, None
        for text in session.log[missed_from:]:
            session.push(text)
        session.send("RESUMED", {})

    def _is_expired(self, session: Session) -> bool:
        return bool(session.lost_at and self._world.clock() - session.lost_at > SESSION_LIFE)

    def _list_members(self, connection: Connection, asked: dict[str, Any]) -> None:
        session = self._session_of(connection)
        guild = self._world.guild(int(asked["guild_id"]))
        wanted = {int(id_) for id_ in asked.get("user_ids") or guild.members}
        chosen = [member for id_, member in guild.members.items() if id_ in wanted]
        session.send("GUILD_MEMBERS_CHUNK", events.members_chunk(self._world, guild, chosen, asked))

    def _session_of(self, connection: Connection) -> Session:
        if (session := self._find_session(connection)) is None:
            raise Refused(4003)
        return session

    def _find_session(self, connection: Connection) -> Session | None:
        for session in self.sessions.values():
            if session.connection is connection:
                return session
        return None

    def _lost(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        """Detach the session; a client that closes with 1000 or 1001 ends it."""
        self.connections.remove(connection)
        session = self._find_session(connection)
        if session is None:
            return
        session.connection, session.lost_at = None, self._world.clock()
        # After a close of our own aiohttp reports 1000 whatever the client said.
        if not connection.closed_by_us and socket.close_code in (1000, 1001):
            self.sessions.pop(session.id, None)
        self._world.changes.tell()

    # Events.

    def _dispatch(self, event: Event) -> None:
        for session in self.sessions.values():
            if self._concerns(session, event):
                reads = bool(session.identity.intents & Intent.MESSAGE_CONTENT)
                session.send(event.name, event.payload(reads and self._world.content_is_granted))

    def _concerns(self, session: Session, event: Event) -> bool:
        if not event.for_bots or not session.serves(event.guild_id):
            return False
        if event.guild_id in self.late:
            return False
        if event.intents and not session.identity.intents & event.intents:
            return False
        if event.channel_id is None:
            return True
        channel = self._world.channel(event.channel_id)
        return self._world.can(self._world.bot_id, channel, Permission.VIEW_CHANNEL)

    def _send_all(self, message: dict[str, Any]) -> None:
        for connection in self.connections:
            connection.send(message)

    def _bot_guilds(self) -> list[Guild]:
        bot_id = self._world.bot_id
        return [guild for guild in self._world.state.guilds.values() if bot_id in guild.members]
