"""Commands, buttons and menus, as members use them and as bots answer them."""

import io
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.interactions import Callback
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.options import NotOffered
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Interaction
from tests.local.discord_world import VOICE_FILE, Answer, Files, Listener, RawApi, voice_payload

VOICE_SET = {
    "name": "set",
    "description": "Choose a voice",
    "type": 1,
    "options": [
        {
            "name": "voice",
            "description": "Which",
            "type": 3,
            "required": True,
            "autocomplete": True,
        },
        {"name": "room", "description": "Where", "type": 7, "channel_types": [0, 11]},
        {"name": "speed", "description": "How fast", "type": 10, "min_value": 1, "max_value": 2},
        {"name": "who", "description": "Whose", "type": 6},
        {"name": "role", "description": "Which role", "type": 8},
        {"name": "sample", "description": "A recording", "type": 11},
        {"name": "loud", "description": "Loud?", "type": 5},
        {
            "name": "size",
            "description": "How much",
            "type": 3,
            "max_length": 5,
            "choices": [{"name": "Small", "value": "s"}, {"name": "Large", "value": "l"}],
        },
    ],
}
COMMANDS: list[dict[str, Any]] = [
    {"name": "voice", "description": "Voices", "type": 1, "options": [VOICE_SET]},
    {"name": "help", "description": "What this does", "type": 1, "contexts": [0, 1]},
    {"name": "reset", "description": "x", "type": 1, "default_member_permissions": "16"},
    {"name": "erase", "description": "x", "type": 1, "default_member_permissions": "0"},
    {"name": "serveronly", "description": "x", "type": 1, "contexts": [0]},
    {"name": "Answer aloud", "type": 3},
]


async def register(server: DiscordServer, api: RawApi, commands: object = COMMANDS) -> None:
    answer = await api.call("PUT", f"/applications/{server.world.bot_id}/commands", commands)
    assert answer.status == 200, answer.body


async def respond(
    api: RawApi, used: Interaction, kind: int, data: object = None, files: Files = ()
) -> Answer:
    path = f"/interactions/{used.id}/{used.token}/callback?with_response=1"
    return await api.call("POST", path, {"type": kind, "data": data}, files)


def webhook(server: DiscordServer, used: Interaction, rest: str = "?wait=1") -> str:
    return f"/webhooks/{server.world.bot_id}/{used.token}{rest}"


async def test_a_command_of_the_library_runs_and_answers(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    tree = app_commands.CommandTree(discord_client)
    group = app_commands.Group(name="voice", description="Voices")

    @group.command(name="set", description="Choose a voice")
    async def choose(
        interaction: discord.Interaction[Listener], voice: str, room: discord.TextChannel
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        manages = interaction.permissions.manage_channels
        await interaction.edit_original_response(content=f"{voice} {room.name} {manages}")
        await interaction.followup.send("more", file=discord.File(io.BytesIO(b"x"), "a.txt"))

    @choose.autocomplete("voice")
    async def suggest(
        interaction: discord.Interaction[Listener], typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}ral", value="coral")]

    tree.add_command(group)
    await tree.sync()
    alice = discord_server.member("Alice", permissions=int(Permission.MANAGE_CHANNELS))
    general = discord_server.general
    assert await alice.suggestions("voice set", general, "voice", "co") == [
        {"name": "coral", "value": "coral"}
    ]
    used = alice.slash("voice set", general, voice="coral", room=general)
    answer = await alice.response(used)
    assert (answer.content, answer.for_user_id) == ("coral general True", alice.user.id)
    [more] = await alice.followups(used)
    assert alice.read(more) == b"x"
    assert discord_server.world.messages_in(general.id) == [more]


async def test_a_button_of_the_library_is_pressed(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    class Again(discord.ui.View):
        @discord.ui.button(label="Again", custom_id="again")
        async def again(
            self, interaction: discord.Interaction[Listener], _: discord.ui.Button[Any]
        ) -> None:
            await interaction.response.edit_message(content="again", view=None)

    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, f"{discord_server.mention} hello")
    await (await discord_client.message()).reply("once", view=Again())
    [answer] = await alice.answers(to=question)
    used = alice.press(answer, "again")
    assert await alice.response(used) is answer
    assert (answer.content, answer.components) == ("again", [])
    with pytest.raises(NotOffered):
        alice.press(answer, "again")


async def test_a_message_command_brings_the_whole_message(
    discord_server: DiscordServer, discord_client: Listener, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    alice, bob = discord_server.member("Alice"), discord_server.member("Bob")
    hidden = bob.speak(discord_server.general, b"OggS")
    alice.use_on_message("Answer aloud", hidden)
    interaction = await discord_client.interaction()
    assert interaction.data is not None
    shown = interaction.data["resolved"]["messages"][str(hidden.id)]  # type: ignore[typeddict-item]  # a message command has it
    assert shown["attachments"][0]["filename"] == "voice-message.ogg"
    assert interaction.filesize_limit == 10 * 2**20
    assert interaction.app_permissions.send_voice_messages


async def test_everything_an_option_names_is_resolved(
    discord_server: DiscordServer, discord_client: Listener, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    role = building.bot_role(discord_server.world, discord_server.guild)
    used = alice.slash(
        "voice set",
        discord_server.general,
        voice="coral",
        speed=1.5,
        who=alice.user,
        role=role,
        sample=Upload("a.wav", b"RIFF", "audio/wav"),
        loud=True,
        size="s",
    )
    resolved = used.data["resolved"]
    assert set(resolved) == {"users", "members", "roles", "attachments"}
    interaction = await discord_client.interaction()
    assert interaction.user.id == alice.user.id
    [attachment] = resolved["attachments"].values()
    assert attachment["ephemeral"]
    assert await discord_client.http.get_from_cdn(attachment["url"]) == b"RIFF"


async def test_a_command_in_a_dm_says_so(
    discord_server: DiscordServer, discord_client: Listener, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    alice.slash("help", alice.dm_channel)
    interaction = await discord_client.interaction()
    assert interaction.guild_id is None
    assert interaction.context.dm_channel
    await interaction.response.send_message("This is what I do.")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("voices", {}),
        ("voice", {}),
        ("voice get", {}),
        ("voice set", {}),
        ("voice set", {"voice": 5}),
        ("voice set", {"voice": "coral", "speed": 3}),
        ("voice set", {"voice": "coral", "loud": 1}),
        ("voice set", {"voice": "coral", "size": "huge"}),
        ("voice set", {"voice": "coral", "colour": "red"}),
        ("reset", {}),
        ("erase", {}),
    ],
)
async def test_a_client_does_not_send_what_it_does_not_offer(
    discord_server: DiscordServer, discord_api: RawApi, command: str, options: dict[str, Any]
) -> None:
    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    with pytest.raises(NotOffered):
        alice.slash(command, discord_server.general, **options)


async def test_permissions_and_places_decide_what_is_offered(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    moderator = discord_server.member("Mod", permissions=int(Permission.MANAGE_CHANNELS))
    admin = discord_server.member("Admin", permissions=int(Permission.ADMINISTRATOR))
    assert moderator.slash("reset", discord_server.general).callback is None
    assert admin.slash("erase", discord_server.general).callback is None
    with pytest.raises(NotOffered):
        moderator.slash("serveronly", moderator.dm_channel)
    world = discord_server.world
    forum = building.add_channel(world, discord_server.guild, "forum", ChannelType.FORUM)
    with pytest.raises(NotOffered):
        moderator.slash("voice set", discord_server.general, voice="coral", room=forum)
    everyone = discord_server.guild.roles[discord_server.guild.id]
    denied = int(Permission.USE_APPLICATION_COMMANDS)
    building.set_overwrite(world, discord_server.general, everyone, deny=denied)
    with pytest.raises(NotOffered):
        moderator.slash("reset", discord_server.general)


async def test_a_server_has_commands_of_its_own(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api, [])
    scope = f"/applications/{discord_server.world.bot_id}/guilds/{discord_server.guild.id}/commands"
    command = {"name": "help", "description": "Here"}
    added = await discord_api.call("POST", scope, command)
    assert added.status == 201
    replaced = await discord_api.call("POST", scope, {**command, "description": "There"})
    assert replaced.status == 200
    [listed] = (await discord_api.call("GET", scope)).body
    assert (listed["description"], listed["guild_id"]) == ("There", str(discord_server.guild.id))
    used = discord_server.member("Alice").slash("help", discord_server.general)
    assert used.data["guild_id"] == str(discord_server.guild.id)
    assert (await discord_api.call("DELETE", f"{scope}/{listed['id']}")).status == 204
    with pytest.raises(NotOffered):
        discord_server.member("Alice").slash("help", discord_server.general)


async def test_a_command_keeps_its_id_when_all_are_put_again(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    before = [command["id"] for command in discord_server.world.state.commands[0]]
    await register(discord_server, discord_api)
    assert [command["id"] for command in discord_server.world.state.commands[0]] == before


def option(**changes: object) -> dict[str, object]:
    return {"name": "a", "description": "x", "type": 3, **changes}


def command(**changes: object) -> dict[str, object]:
    return {"name": "a", "description": "x", **changes}


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param({}, id="no list"),
        pytest.param([command(name="Voice")], id="upper case"),
        pytest.param([command(name="a b")], id="blank in the name"),
        pytest.param([command(name="x" * 33)], id="name too long"),
        pytest.param([command(description="")], id="no description"),
        pytest.param([command(description="x" * 101)], id="description too long"),
        pytest.param([command(), command()], id="same name twice"),
        pytest.param([command(name=f"c{n}") for n in range(101)], id="101 commands"),
        pytest.param([{"name": f"m{n}", "type": 3} for n in range(16)], id="16 message commands"),
        pytest.param([{"name": "m", "type": 3, "description": "x"}], id="menu with description"),
        pytest.param([command(options=[option(name=f"o{n}") for n in range(26)])], id="26 options"),
        pytest.param([command(options=[option(), option()])], id="option twice"),
        pytest.param([command(options=[option(type=12)])], id="unknown type"),
        pytest.param([command(options=[option(name="A")])], id="option in upper case"),
        pytest.param(
            [command(options=[option(), option(name="b", required=True)])], id="required last"
        ),
        pytest.param([command(options=[option(type=1), option(name="b")])], id="mixed levels"),
        pytest.param(
            [command(options=[option(type=1, options=[option(type=2)])])], id="group in subcommand"
        ),
        pytest.param(
            [command(options=[option(choices=[{"name": "x", "value": "x"}] * 26)])], id="26 choices"
        ),
        pytest.param(
            [command(options=[option(choices=[{"name": "x", "value": "x"}], autocomplete=True)])],
            id="choices and suggestions",
        ),
        pytest.param(
            [command(options=[option(choices=[{"name": "x", "value": "x" * 101}])])],
            id="choice too long",
        ),
        pytest.param(
            [
                command(
                    options=[
                        option(name=f"o{n}", description="x" * 100, choices=[
                            {"name": f"{m}" + "x" * 90, "value": "x" * 90} for m in range(5)
                        ])
                        for n in range(10)
                    ]
                )
            ],
            id="over 8000 characters",
        ),
    ],
)  # fmt: skip
async def test_a_command_that_breaks_a_rule_is_refused(
    discord_server: DiscordServer, discord_api: RawApi, commands: object
) -> None:
    path = f"/applications/{discord_server.world.bot_id}/commands"
    answer = await discord_api.call("PUT", path, commands)
    assert (answer.status, answer.code) == (400, 50035)


async def test_contexts_belong_to_global_commands(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    path = f"/applications/{discord_server.world.bot_id}/guilds/{discord_server.guild.id}/commands"
    answer = await discord_api.call("PUT", path, [command(contexts=[0])])
    assert answer.code == 50035


async def test_an_answer_after_three_seconds_is_too_late(
    discord_server: DiscordServer, discord_api: RawApi, discord_clock: AdvancingClock
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    discord_clock.advance(3.5)
    answer = await respond(discord_api, used, Callback.MESSAGE, {"content": "late"})
    assert (answer.status, answer.code) == (404, 10062)
    assert discord_server.world.messages_in(discord_server.general.id) == []


async def test_a_second_answer_is_refused(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    other = webhook(discord_server, used, "/messages/1")
    first = await respond(discord_api, used, Callback.DEFERRED_MESSAGE, {"flags": 64})
    assert (await discord_api.call("GET", other)).code == 10008
    assert first.body["interaction"]["response_message_loading"]
    assert first.body["interaction"]["response_message_ephemeral"]
    second = await respond(discord_api, used, Callback.MESSAGE, {"content": "x"})
    assert (second.status, second.code) == (400, 40060)


async def test_a_refused_answer_may_be_repaired(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    assert (await respond(discord_api, used, Callback.MESSAGE, {"content": ""})).code == 50006
    assert (await respond(discord_api, used, Callback.MESSAGE, {"content": "x"})).status == 200


@pytest.mark.parametrize("kind", [1, 6, 7, 8])
async def test_an_answer_must_fit_the_interaction(
    discord_server: DiscordServer, discord_api: RawApi, kind: int
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    assert (await respond(discord_api, used, kind, {})).code == 50035


async def test_the_webhook_works_after_the_first_answer_for_fifteen_minutes(
    discord_server: DiscordServer, discord_api: RawApi, discord_clock: AdvancingClock
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    path = webhook(discord_server, used)
    assert (await discord_api.call("POST", path, {"content": "x"})).code == 10015
    await respond(discord_api, used, Callback.MESSAGE, {"content": "first"})
    followup = await discord_api.call("POST", path, {"content": "x"})
    assert followup.body["message_reference"]["message_id"] == str(used.original_id)
    discord_clock.advance(15 * 60 + 1)
    late = await discord_api.call("POST", path, {"content": "x"})
    assert (late.status, late.code) == (401, 50027)


async def test_the_first_followup_fills_the_message_that_is_loading(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    used = alice.slash("help", discord_server.general)
    await respond(discord_api, used, Callback.DEFERRED_MESSAGE)
    followup = await discord_api.call("POST", webhook(discord_server, used), {"content": "done"})
    assert followup.body["id"] == str(used.original_id)
    assert (await alice.response(used)).content == "done"


async def test_the_original_is_read_edited_and_deleted(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    await respond(discord_api, used, Callback.DEFERRED_MESSAGE)
    original = webhook(discord_server, used, "/messages/@original")
    refused = await discord_api.call("PATCH", original, {"content": "x" * 2001})
    assert refused.code == 50035
    assert (await discord_api.call("GET", original)).body["flags"] == 128
    edited = await discord_api.call("PATCH", original, {"content": "x"})
    assert (edited.body["content"], edited.body["flags"]) == ("x", 0)
    assert (await discord_api.call("DELETE", original)).status == 204
    assert (await discord_api.call("GET", original)).code == 10008


async def test_an_ephemeral_answer_is_in_no_history(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    await respond(discord_api, used, Callback.MESSAGE, {"content": "psst", "flags": 64})
    path = f"/channels/{discord_server.general.id}/messages"
    assert (await discord_api.call("GET", path)).body == []
    assert (await discord_api.call("GET", f"{path}/{used.original_id}")).code == 10008
    deleted = await discord_api.call("DELETE", webhook(discord_server, used, "/messages/@original"))
    assert deleted.status == 204


async def test_a_voice_message_answers_a_command_where_it_may(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await register(discord_server, discord_api)
    world, alice = discord_server.world, discord_server.member("Alice")
    used = alice.slash("help", discord_server.general)
    answer = await respond(discord_api, used, 4, voice_payload(), [VOICE_FILE])
    assert answer.body["resource"]["message"]["flags"] == 8192
    denied = int(Permission.SEND_VOICE_MESSAGES)
    bot = world.user(world.bot_id)
    building.set_overwrite(world, discord_server.general, bot, deny=denied)
    used = alice.slash("help", discord_server.general)
    refused = await respond(discord_api, used, 4, voice_payload(), [VOICE_FILE])
    assert refused.code == 50173


@pytest.mark.parametrize(
    "choices", [[{"name": "x", "value": "x"}] * 26, [{"name": "", "value": "x"}]]
)
async def test_bad_suggestions_are_refused(
    discord_server: DiscordServer,
    discord_client: Listener,
    discord_api: RawApi,
    choices: list[dict[str, str]],
) -> None:
    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    with pytest.raises(TimeoutError):
        await alice.suggestions("voice set", discord_server.general, "voice", timeout_s=0)
    [asked] = discord_server.world.state.interactions.values()
    refused = await respond(discord_api, asked, Callback.SUGGESTIONS, {"choices": choices})
    assert refused.code == 50035


async def test_a_modal_is_opened_and_sent_in(
    discord_server: DiscordServer, discord_client: Listener, discord_api: RawApi
) -> None:
    class Ask(discord.ui.Modal, title="Ask"):
        words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="What?", custom_id="words")

        async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
            await interaction.response.send_message(f"You said {self.words.value}.")

    await register(discord_server, discord_api)
    alice = discord_server.member("Alice")
    used = alice.slash("help", discord_server.general)
    with pytest.raises(NotOffered):
        alice.submit(used, words="hello")
    await (await discord_client.interaction()).response.send_modal(Ask())
    answer = await alice.response(alice.submit(used, words="hello"))
    assert answer.content == "You said hello."


@pytest.mark.parametrize(
    "modal",
    [
        {"title": "", "custom_id": "x", "components": [{}]},
        {"title": "x", "custom_id": "", "components": [{}]},
        {"title": "x", "custom_id": "x", "components": []},
    ],
)
async def test_a_bad_modal_is_refused(
    discord_server: DiscordServer, discord_api: RawApi, modal: dict[str, Any]
) -> None:
    await register(discord_server, discord_api)
    used = discord_server.member("Alice").slash("help", discord_server.general)
    assert (await respond(discord_api, used, Callback.MODAL, modal)).code == 50035


async def test_a_choice_in_a_menu_arrives(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, f"{discord_server.mention} hello")
    view = discord.ui.View()
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id="voice", options=[discord.SelectOption(label="coral")]
    )
    view.add_item(menu)
    await (await discord_client.message()).reply("Which?", view=view)
    [answer] = await alice.answers(to=question)
    used = alice.select(answer, "voice", "coral")
    interaction = await discord_client.interaction()
    await interaction.response.defer()
    await discord_server.world.changes.until(lambda: used.callback == Callback.DEFERRED_UPDATE)
    assert menu.values == ["coral"]
    view.stop()
