"""No word of one conversation reaches another: all questions are marked, all requests read."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer
from bot.local.discord_server import building
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from tests.e2e.world import talking
from tests.security.test_injection import Beep, Obedient

pytestmark = pytest.mark.once

ROUNDS = 12
MARK = re.compile(r"mark-(\d+)-(\d+)")


@dataclass
class Place:
    """Where questions are asked, and what was answered there."""

    number: int
    channel: Channel
    who: list[MemberClient]
    answers: list[Message] = field(default_factory=list)
    parents: dict[int, int | None] = field(default_factory=dict)


def places(discord: DiscordServer) -> list[Place]:
    """Two servers with two rooms each, and everybody's own DM; some are in both servers."""
    ada, bob, eve = (discord.member(name) for name in ("Ada", "Bob", "Eve"))
    other = building.add_guild(discord.world, "Elsewhere", eve.user.id)
    building.join(discord.world, other, ada.user.id)
    rooms = [
        (discord.general, [ada, bob]),
        (building.add_channel(discord.world, discord.guild, "lounge"), [ada, bob]),
        (building.add_channel(discord.world, other, "one"), [ada, eve]),
        (building.add_channel(discord.world, other, "two"), [ada, eve]),
        *((who.dm_channel, [who]) for who in (ada, bob, eve)),
    ]
    return [Place(number, channel, who) for number, (channel, who) in enumerate(rooms)]


async def ask(discord: DiscordServer, place: Place, number: int, chances: random.Random) -> None:
    """Ask anew, or go on from any earlier answer of the place."""
    who = chances.choice(place.who)
    earlier = chances.choice([None, *place.answers])
    words = f"{discord.mention} mark-{place.number}-{number} SAY⟦mark-{place.number}-{number}⟧"
    question = who.say(place.channel, words, reply_to=earlier)
    found = await who.answers(question, 1, timeout_s=60)
    place.answers.append(found[0])


@pytest.mark.timeout(300)
async def test_a_request_holds_marks_of_its_own_place_only(folder: Path) -> None:
    chances = random.Random(20_261_121)
    discord, chat = DiscordServer(), ChatServer(mind=Obedient(), voice=Beep())
    all_places = places(discord)
    async with talking(folder, discord=discord, chat=chat, MEMBER_RATE="0", SERVER_RATE="0"):
        for number in range(ROUNDS):
            await asyncio.gather(*(ask(discord, each, number, chances) for each in all_places))
    requests = [str(body["messages"]) for body in chat.completions_seen]
    assert len(requests) == ROUNDS * len(all_places)
    marks = [{place for place, _ in MARK.findall(text)} for text in requests]
    assert all(len(places_in) == 1 for places_in in marks)
    assert max(len(set(MARK.findall(text))) for text in requests) > 2, "nothing was ever continued"
    for place in all_places:
        said = {found for each in place.answers for found, _ in MARK.findall(each.content)}
        assert said <= {str(place.number)}
