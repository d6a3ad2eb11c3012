"""Commands, buttons and modals of the page, answered by a real discord.py client."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord
import pytest_asyncio

from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.world import World
from bot.local.page.scenery import new_demo_world
from tests.local.discord_world import Listener, connected, redirected_to
from tests.local.page.browser import Browser, Got, Json, browsing

COMMANDS: list[Json] = [
    {
        "id": "1",
        "name": "voice",
        "type": 1,
        "description": "Voices",
        "options": [
            {
                "name": "set",
                "type": 1,
                "description": "Choose",
                "options": [
                    {"name": "voice", "type": 3, "required": True, "autocomplete": True},
                    {"name": "room", "type": 7},
                    {"name": "size", "type": 3, "choices": [{"name": "S", "value": "s"}]},
                ],
            }
        ],
    },
    {
        "id": "2",
        "name": "purge",
        "type": 1,
        "description": "x",
        "default_member_permissions": "8192",
    },
    {"id": "3", "name": "Answer aloud", "type": 3},
    {"id": "4", "name": "Who is this", "type": 2},
]


@dataclass(frozen=True)
class Stage:
    """The page, the bot behind it, and the world's clock."""

    browser: Browser
    bot: Listener
    clock: AdvancingClock

    @property
    def general(self) -> str:
        return str(self.browser.channel("general").id)

    async def use(self, name: str, kind: int, data: Json, **more: object) -> Got:
        """Use something in #general as somebody."""
        body = {"type": kind, "channel_id": self.general, "data": data, **more}
        return await self.browser.tab(name).ask("POST", "/interactions", body)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = AdvancingClock()
    world = World(new_demo_world().state, clock)
    world.state.commands[0] = COMMANDS
    async with DiscordServer(world) as server:
        with redirected_to(server):
            async with connected(server) as bot, browsing(world) as browser:
                yield Stage(browser, bot, clock)


def slash(*options: Json) -> Json:
    inner = {"name": "set", "type": 1, "options": list(options)}
    return {"id": "1", "name": "voice", "type": 1, "options": [inner]}


def voice(value: str, **more: object) -> Json:
    return {"name": "voice", "type": 3, "value": value, **more}


async def test_everybody_is_offered_what_they_may_use(stage: Stage) -> None:
    names = {}
    for name in ("Alice", "Mira"):
        path = f"/channels/{stage.general}/commands"
        listed = (await stage.browser.tab(name).ask("GET", path)).json
        names[name] = {command["name"] for command in listed}
    assert names["Mira"] - names["Alice"] == {"purge"}
    refused = await stage.use("Alice", 2, {"id": "2", "name": "purge", "type": 1})
    assert refused.status == 400
    assert (await stage.use("Mira", 2, {"id": "2", "name": "purge", "type": 1})).status == 201


async def test_a_command_reaches_the_bot_and_its_answer_only_its_member(stage: Stage) -> None:
    async with stage.browser.tab("Alice").events() as hers:
        got = await stage.use("Alice", 2, slash(voice("coral")))
        assert got.status == 201
        asked = await stage.bot.interaction()
        assert str(asked.id) == got.json["id"]
        await asked.response.defer(ephemeral=True, thinking=True)
        assert (await hers.next("MESSAGE_CREATE"))["flags"] & 128
        assert (await hers.next("INTERACTION_SUCCESS"))["id"] == got.json["id"]
        await asked.edit_original_response(content="Chosen.")
        changed = await hers.next("MESSAGE_UPDATE")
    assert changed["content"] == "Chosen."
    assert changed["flags"] & 64
    metadata = changed["interaction_metadata"]
    assert (metadata["name"], metadata["user"]["username"]) == ("voice set", "alice")
    assert await stage.browser.tab("Bo").history(stage.browser.channel("general")) == []


async def test_what_the_client_does_not_offer_never_reaches_the_bot(stage: Stage) -> None:
    elsewhere = str(stage.browser.channel("reading").id)
    hidden = str(stage.browser.channel("moderators").id)
    unsent = [
        slash(),
        slash(voice("x"), {"name": "size", "type": 3, "value": "huge"}),
        slash(voice("x"), {"name": "room", "type": 7, "value": elsewhere}),
        slash(voice("x"), {"name": "room", "type": 7, "value": hidden}),
        slash(voice("x"), {"name": "nothing", "type": 3, "value": "x"}),
        slash(voice("x", focused=True)),
        {"id": "1", "name": "voice", "type": 1},
        {"id": "9", "name": "nothing", "type": 1},
        {"id": "3", "name": "voice", "type": 1, "options": slash(voice("x"))["options"]},
        {"id": "1", "name": "voice", "type": 1, "options": "x"},
    ]
    for data in unsent:
        got = await stage.use("Alice", 2, data)
        assert 400 <= got.status < 500, data
    assert stage.browser.world.state.interactions == {}


async def test_suggestions_come_while_typing(stage: Stage) -> None:
    async def suggest(interaction: "discord.Interaction[Listener]") -> None:
        choice = discord.app_commands.Choice(name="Coral", value="coral")
        await interaction.response.autocomplete([choice])

    stage.bot.on_interaction = suggest  # type: ignore[attr-defined]  # the library looks it up
    got = await stage.use("Alice", 4, slash(voice("co", focused=True)))
    assert got.json["choices"] == [{"name": "Coral", "value": "coral"}]


async def test_menus_of_messages_and_users_reach_the_bot(stage: Stage) -> None:
    sent = await stage.browser.tab("Bo").say(stage.browser.channel("general"), "What now?")
    data: Json = {"id": "3", "name": "Answer aloud", "type": 3, "target_id": sent["id"]}
    assert (await stage.use("Alice", 2, data)).status == 201
    asked = await stage.bot.interaction()
    assert asked.data is not None
    assert asked.data["target_id"] == sent["id"]  # type: ignore[typeddict-item]  # of a menu
    bo = str(stage.browser.person("Bo").id)
    data = {"id": "4", "name": "Who is this", "type": 2, "target_id": bo}
    assert (await stage.use("Alice", 2, data)).status == 201


async def test_who_is_not_answered_within_three_seconds_is_told(stage: Stage) -> None:
    async with stage.browser.tab("Alice").events() as hers:
        got = await stage.use("Alice", 2, slash(voice("coral")))
        await stage.bot.interaction()
        stage.clock.advance(3.1)
        failed = await hers.next("INTERACTION_FAILURE")
    assert failed["id"] == got.json["id"]
    assert failed["reason"] == "The application did not respond"


class Form(discord.ui.Modal, title="Your words"):
    words: "discord.ui.TextInput[Form]" = discord.ui.TextInput(
        label="Words", custom_id="words", min_length=2
    )


async def test_a_button_opens_a_modal_that_only_its_member_sends_in(stage: Stage) -> None:
    general = stage.browser.channel("general")
    channel = await stage.bot.fetch_channel(general.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Say", custom_id="say"))
    view.add_item(discord.ui.Button(label="Off", custom_id="off", disabled=True))
    view.add_item(
        discord.ui.Select(custom_id="pick", options=[discord.SelectOption(label="A", value="a")])
    )
    posted = str((await channel.send("Press", view=view)).id)

    def press(name: str, **more: object) -> Json:
        return {"custom_id": name, "component_type": 2, **more}

    assert (await stage.use("Alice", 3, press("off"), message_id=posted)).status == 400
    assert (await stage.use("Alice", 3, press("nothing"), message_id=posted)).status == 400
    picked = {"custom_id": "pick", "component_type": 3, "values": ["b"]}
    assert (await stage.use("Alice", 3, picked, message_id=posted)).status == 400
    async with stage.browser.tab("Alice").events() as hers:
        assert (await stage.use("Alice", 3, press("say"), message_id=posted)).status == 201
        pressed = await stage.bot.interaction()
        await pressed.response.send_modal(Form(custom_id="form"))
        modal = await hers.next("INTERACTION_MODAL_CREATE")
    assert (modal["title"], modal["custom_id"]) == ("Your words", "form")

    def filled(value: str) -> Json:
        part = {"type": 4, "custom_id": "words", "value": value}
        return {"custom_id": "form", "components": [{"type": 1, "components": [part]}]}

    assert (await stage.use("Bo", 5, filled("Hello"), opened_by=modal["id"])).status == 404
    assert (await stage.use("Alice", 5, filled("H"), opened_by=modal["id"])).status == 400
    assert (await stage.use("Alice", 5, filled(""), opened_by=modal["id"])).status == 400
    got = await stage.use("Alice", 5, filled("Hello"), opened_by=modal["id"])
    assert got.status == 201
    sent_in = await stage.bot.interaction()
    assert sent_in.type is discord.InteractionType.modal_submit
    await sent_in.response.edit_message(content="Thank you")
    shown = (await stage.browser.tab("Bo").history(general))[0]
    assert shown["content"] == "Thank you"
