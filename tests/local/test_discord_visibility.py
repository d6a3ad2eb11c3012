"""Which content a bot sees with the Message Content intent and without it."""

from collections.abc import Callable
from typing import Any

import discord
import pytest

from bot.local.discord_server import building
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.kinds import MessageType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Message
from tests.local.discord_world import UNPRIVILEGED, Listener, RawApi, connected

NOTE = Upload("note.wav", b"RIFF", "audio/wav")
WITH_CONTENT = discord.Intents(guilds=True, guild_messages=True, message_content=True)


async def by_the_bot(server: DiscordServer, api: RawApi) -> Message:
    answer = await api.post(server.general, {"content": "I am the bot"})
    return server.world.state.messages[int(answer.body["id"])]


def plain(server: DiscordServer, _: Message) -> Message:
    return server.member("Alice").say(server.general, "hello", files=[NOTE])


def user_mention(server: DiscordServer, _: Message) -> Message:
    return server.member("Alice").say(server.general, f"{server.mention} hello", files=[NOTE])


def old_user_mention(server: DiscordServer, _: Message) -> Message:
    text = f"<@!{server.world.bot_id}> hello"
    return server.member("Alice").say(server.general, text, files=[NOTE])


def role_mention(server: DiscordServer, _: Message) -> Message:
    text = f"{server.role_mention} hello"
    return server.member("Alice").say(server.general, text, files=[NOTE])


def everyone(server: DiscordServer, _: Message) -> Message:
    return server.member("Alice").say(server.general, "@everyone hello", files=[NOTE])


def reply(server: DiscordServer, answered: Message) -> Message:
    alice = server.member("Alice")
    return alice.say(server.general, "hello", files=[NOTE], reply_to=answered)


def silent_reply(server: DiscordServer, answered: Message) -> Message:
    alice = server.member("Alice")
    return alice.say(server.general, "hello", files=[NOTE], reply_to=answered, ping=False)


def reply_to_a_command(server: DiscordServer, answered: Message) -> Message:
    answered.interaction_id = 1
    answered.type = MessageType.CHAT_INPUT_COMMAND
    return reply(server, answered)


def voice_reply(server: DiscordServer, answered: Message) -> Message:
    return server.member("Alice").speak(server.general, b"OggS", reply_to=answered)


def dm(server: DiscordServer, _: Message) -> Message:
    alice = server.member("Alice")
    return alice.say(alice.dm_channel, "hello", files=[NOTE])


def in_the_bots_thread(server: DiscordServer, answered: Message) -> Message:
    alice = server.member("Alice")
    return alice.say(alice.start_thread(answered), "hello", files=[NOTE])


Says = Callable[[DiscordServer, Message], Message]
ALWAYS: list[Says] = [user_mention, old_user_mention, reply, voice_reply, dm]
WITH_THE_INTENT: list[Says] = [
    plain, role_mention, everyone, silent_reply, reply_to_a_command, in_the_bots_thread,
]  # fmt: skip


async def read(api: RawApi, message: Message) -> dict[str, Any]:
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    shown: dict[str, Any] = (await api.call("GET", path)).body
    return shown


@pytest.mark.parametrize("says", ALWAYS + WITH_THE_INTENT)
async def test_without_the_intent_some_messages_are_empty(
    discord_server: DiscordServer, discord_client: Listener, discord_api: RawApi, says: Says
) -> None:
    message = says(discord_server, await by_the_bot(discord_server, discord_api))
    while (heard := await discord_client.message()).id != message.id:
        pass
    shown = await read(discord_api, message)
    visible = says in ALWAYS
    assert (heard.content, len(heard.attachments)) == (message.content * visible, int(visible))
    assert (shown["content"], len(shown["attachments"])) == (heard.content, int(visible))
    assert heard.flags.value == shown["flags"] == message.flags


@pytest.mark.parametrize("says", WITH_THE_INTENT)
async def test_with_the_intent_everything_is_seen(
    discord_server: DiscordServer, discord_api: RawApi, says: Says
) -> None:
    discord_server.world.grant_message_content()
    async with connected(discord_server, WITH_CONTENT) as client:
        message = says(discord_server, await by_the_bot(discord_server, discord_api))
        while (heard := await client.message()).id != message.id:
            pass
    assert heard.content == message.content
    assert len(heard.attachments) == 1


async def test_a_granted_intent_that_was_not_asked_for_counts_on_rest_only(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    discord_server.world.grant_message_content()
    async with connected(discord_server, UNPRIVILEGED) as client:
        message = plain(discord_server, await by_the_bot(discord_server, discord_api))
        heard = await client.message()
    assert heard.content == ""
    assert (await read(discord_api, message))["content"] == "hello"
    discord_server.world.grant_message_content(False)
    assert (await read(discord_api, message))["content"] == ""


async def test_what_a_third_person_said_stays_hidden_in_a_visible_reply(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice, bob = discord_server.member("Alice"), discord_server.member("Bob")
    secret = bob.speak(discord_server.general, b"OggS")
    text = f"{discord_server.mention} answer that"
    question = alice.say(discord_server.general, text, reply_to=secret)
    while (heard := await discord_client.message()).id != question.id:
        pass
    assert heard.content == text
    assert heard.reference is not None
    assert isinstance(heard.reference.resolved, discord.Message)
    assert heard.reference.resolved.attachments == []
    assert heard.reference.resolved.flags.voice


async def test_a_deleted_message_that_was_answered_is_null(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    first = alice.say(alice.dm_channel, "first")
    second = alice.say(alice.dm_channel, "second", reply_to=first)
    assert (await read(discord_api, second))["referenced_message"]["content"] == "first"
    alice.delete(first)
    assert (await read(discord_api, second))["referenced_message"] is None


async def test_a_forward_in_a_server_hides_its_snapshot(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    original = alice.say(alice.dm_channel, "words", files=[NOTE])
    passed_on = alice.forward(original, discord_server.general)
    [snapshot] = (await read(discord_api, passed_on))["message_snapshots"]
    assert (snapshot["message"]["content"], snapshot["message"]["attachments"]) == ("", [])
    again = alice.forward(passed_on, alice.dm_channel)
    [snapshot] = (await read(discord_api, again))["message_snapshots"]
    assert snapshot["message"]["content"] == "words"


async def test_the_bot_forwards_only_what_it_can_read(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    hidden = discord_server.member("Alice").say(discord_server.general, "hello")
    seen = discord_server.member("Alice").say(discord_server.general, discord_server.mention)
    reference = {"type": 1, "channel_id": str(discord_server.general.id)}
    for message, status, code in ((hidden, 403, 160014), (seen, 200, None)):
        asked = {"message_reference": {**reference, "message_id": str(message.id)}}
        answer = await discord_api.post(discord_server.general, asked)
        assert (answer.status, answer.code) == (status, code)
    lost = {"message_reference": {**reference, "message_id": "1"}}
    assert (await discord_api.post(discord_server.general, lost)).code == 50035


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, (["alice"], True, True)),
        ({"parse": []}, ([], False, False)),
        ({"parse": ["users"]}, (["alice"], False, False)),
        ({"parse": ["roles", "everyone"]}, ([], True, True)),
        ({"users": ["{alice}"]}, (["alice"], False, False)),
        ({"users": ["1"]}, ([], False, False)),
        ({"roles": ["{role}"]}, ([], True, False)),
    ],
)
async def test_only_what_is_allowed_is_pinged(
    discord_server: DiscordServer,
    discord_api: RawApi,
    allowed: dict[str, list[str]] | None,
    pinged: tuple[list[str], bool, bool],
) -> None:
    world, alice = discord_server.world, discord_server.member("Alice")
    role = building.bot_role(world, discord_server.guild)
    role.permissions |= Permission.MENTION_EVERYONE
    content = f"<@{alice.user.id}> <@&{role.id}> @everyone"
    payload: dict[str, Any] = {"content": content}
    if allowed is not None:
        known = {"alice": alice.user.id, "role": role.id}
        payload["allowed_mentions"] = {
            kind: [each.format(**known) for each in listed] for kind, listed in allowed.items()
        }
    body = (await discord_api.post(discord_server.general, payload)).body
    users = [user["username"] for user in body["mentions"]]
    assert (users, bool(body["mention_roles"]), body["mention_everyone"]) == pinged


async def test_an_edit_parses_mentions_anew_with_the_defaults(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    text = f"<@{alice.user.id}>"
    nobody = {"parse": list[str]()}
    posted = await discord_api.post(
        discord_server.general, {"content": text, "allowed_mentions": nobody}
    )
    assert posted.body["mentions"] == []
    path = f"/channels/{discord_server.general.id}/messages/{posted.body['id']}"
    edited = await discord_api.call("PATCH", path, {"content": text})
    assert [user["username"] for user in edited.body["mentions"]] == ["alice"]
    flags_only = await discord_api.call("PATCH", path, {"flags": 4})
    assert (flags_only.body["content"], flags_only.body["flags"]) == (text, 4)
