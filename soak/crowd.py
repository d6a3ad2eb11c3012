"""Members who go on asking: in rooms, as replies, in DMs, in writing and aloud."""

import asyncio
import random

from bot.local.discord_server import building
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from soak.echo import voice_note
from soak.ledger import Ledger

ROOMS = 3
MEMBERS = 4
MOST_OPEN = 16
"""A slow machine must not be buried in questions."""

_BURST = 4
_TWICE = 0.1


class Crowd:
    """Some members in some rooms; each question is written down in the ledger."""

    def __init__(self, discord: DiscordServer, ledger: Ledger, chances: random.Random) -> None:
        self._discord = discord
        self._ledger = ledger
        self._chances = chances
        self._asked = 0
        self._members = [discord.member(f"Member {n}") for n in range(MEMBERS)]
        self._rooms = [
            building.add_channel(discord.world, discord.guild, f"room-{n}") for n in range(ROOMS)
        ]

    def greet(self) -> None:
        """Ask once in every room and every DM, so that the bot knows them."""
        for member in self._members:
            self._say(member.dm_channel, "", member_index=self._members.index(member))
        for room in self._rooms:
            self._say(room, self._discord.mention)

    async def go_on(self, mean_pause_s: float) -> None:
        """Ask for ever, now alone, now several at once; who waits for much asks no more."""
        while True:
            await asyncio.sleep(self._chances.uniform(0, 2 * mean_pause_s))
            if len(self._ledger.open) > MOST_OPEN:
                continue
            for _ in range(self._chances.choice((1, 1, 1, _BURST))):
                self.ask()

    def ask(self) -> None:
        """Ask something somewhere; now and then Discord tells of it twice."""
        kind = self._chances.choices(("mention", "reply", "dm", "aloud"), (55, 20, 15, 10))[0]
        member = self._chances.randrange(MEMBERS)
        room = self._chances.choice(self._rooms)
        if kind == "aloud":
            self._speak(member)
        elif kind == "dm":
            self._say(self._members[member].dm_channel, "", member_index=member)
        elif kind == "reply" and (answer := self._an_answer_in(room)) is not None:
            self._say(room, "", reply_to=answer, member_index=member)
        else:
            self._say(room, self._discord.mention, member_index=member)
        if self._chances.random() < _TWICE:
            self._discord.gateway.repeat(self._chances.randint(1, 4))

    def _say(
        self, room: Channel, to: str, *, reply_to: Message | None = None, member_index: int = 0
    ) -> None:
        self._asked += 1
        words = f"{to} What is the answer to number {self._asked}?".strip()
        message = self._members[member_index].say(room, words, reply_to=reply_to)
        self._ledger.expect(message, self._asked)

    def _speak(self, member_index: int) -> None:
        member = self._members[member_index]
        self._ledger.expect(member.speak(member.dm_channel, voice_note(), seconds=0.4), None)

    def _an_answer_in(self, room: Channel) -> Message | None:
        world = self._discord.world
        found = [each for each in world.messages_in(room.id) if each.author_id == world.bot_id]
        return self._chances.choice(found[-10:]) if found else None
