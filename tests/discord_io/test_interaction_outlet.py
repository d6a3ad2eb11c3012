"""Answers by interaction alone, at Discord's limits, with a real client and the stand-in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.discord_io.components import Components, Signer
from bot.discord_io.interaction_outlet import FOLLOWUPS_OF_GUESTS, NOTHING, InteractionOutlet
from bot.domain.reply import VoiceClip
from bot.errors import DeliveryError, TooLarge, VoiceForbidden
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.faults import Answer, Reset
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Interaction
from tests.e2e.scene import outsider
from tests.local.discord_world import Listener, connected, redirected_to

ASK = {"name": "ask", "description": "Ask", "integration_types": [0, 1], "contexts": [0, 1, 2]}
CLIP = VoiceClip(b"OggS" + bytes(60), 1.25, b"\x01\x02")
POST = "/webhooks/*/*"


class Guest:
    """Eve, in a server without the bot, with the bot's client."""

    def __init__(self, server: DiscordServer, client: Listener, clock: AdvancingClock) -> None:
        self.server = server
        self.clock = clock
        self.eve: MemberClient
        self.lobby: Channel
        self.eve, self.lobby = outsider(server)
        self._client = client
        server.world.state.commands[0] = [ASK | {"id": "1", "type": 1, "options": []}]

    async def ask(self, channel: Channel | None = None) -> tuple[Interaction, InteractionOutlet]:
        used = self.eve.slash("ask", channel or self.lobby)
        interaction = await self._client.interaction()
        await interaction.response.defer(thinking=True)
        signer = Signer(bytes(32), lambda: datetime.now(UTC))
        return used, InteractionOutlet(interaction, Components(signer), "> What?")


@pytest_asyncio.fixture
async def guest() -> AsyncIterator[Guest]:
    clock = AdvancingClock()
    async with DiscordServer(clock=clock) as server:
        with redirected_to(server):
            async with connected(server) as client:
                yield Guest(server, client, clock)


async def test_the_heading_comes_first_and_only_once(guest: Guest) -> None:
    used, outlet = await guest.ask()
    await outlet.post_voice(CLIP, part=0)
    await outlet.post_text("words", part=1)
    assert (await guest.eve.response(used)).content == "> What?"
    voice, words = await guest.eve.followups(used, 2)
    assert voice.is_voice
    assert words.content == "words"
    assert len(guest.server.traffic.to("PATCH", "/webhooks/*/*/messages/@original")) == 1


async def test_a_part_that_stands_is_not_posted_again(guest: Guest) -> None:
    used, outlet = await guest.ask()
    assert await outlet.post_text("words", part=1) == await outlet.post_text("words", part=1)
    assert len(await guest.eve.followups(used)) == 1


async def test_what_is_too_much_for_a_guest_is_left_out_and_said(guest: Guest) -> None:
    used, outlet = await guest.ask()
    for part in range(FOLLOWUPS_OF_GUESTS + 2):
        await outlet.post_text(f"page {part}", part=part)
    with pytest.raises(VoiceForbidden):
        await outlet.post_voice(CLIP, part=99)
    assert len(await guest.eve.followups(used)) == FOLLOWUPS_OF_GUESTS
    assert "left out" in (await guest.eve.response(used)).content


async def test_after_a_quarter_of_an_hour_nothing_is_taken(guest: Guest) -> None:
    _, outlet = await guest.ask()
    guest.clock.advance(16 * 60)
    with pytest.raises(DeliveryError) as caught:
        await outlet.post_text("words", part=1)
    assert caught.value.code == "command_over"
    assert not await outlet.whisper("too late")


async def test_discords_refusals_are_told_apart(guest: Guest) -> None:
    _, outlet = await guest.ask()
    guest.server.faults.add("POST", POST, Answer(413, {"code": 40005, "message": "no"}))
    with pytest.raises(TooLarge):
        await outlet.post_text("words", part=1)
    guest.server.faults.add("POST", POST, Reset(), times=9)
    with pytest.raises(DeliveryError):
        await outlet.post_text("words", part=1)


async def test_nobody_is_left_waiting(guest: Guest) -> None:
    used, outlet = await guest.ask()
    await outlet.close()
    assert (await guest.eve.response(used)).content == NOTHING
    used, outlet = await guest.ask()
    await outlet.post_text("words", part=1)
    await outlet.close()
    assert (await guest.eve.response(used)).content == "> What?"
