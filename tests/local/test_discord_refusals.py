"""What the stand-in refuses, with Discord's status and code."""

import aiohttp
import pytest

from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.errors import ApiError
from bot.local.discord_server.kinds import ChannelType, MessageType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from tests.local.discord_world import VOICE_FILE, RawApi, voice_payload

MIB = 2**20
ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}]}
TEXT_FILE = ("notes.txt", b"words", "text/plain")


@pytest.mark.parametrize(
    ("payload", "files", "status", "code"),
    [
        pytest.param({}, [], 400, 50006, id="empty"),
        pytest.param({"content": " \n"}, [], 400, 50006, id="only blanks"),
        pytest.param({"content": "x" * 2001}, [], 400, 50035, id="2001 characters"),
        pytest.param({"content": 5}, [], 400, 50035, id="content is no text"),
        pytest.param({"content": "x", "nonce": "n" * 26}, [], 400, 50035, id="26 in nonce"),
        pytest.param({"content": "x", "nonce": 2**63}, [], 400, 50035, id="nonce too large"),
        pytest.param({"embeds": [{"title": "x"}] * 11}, [], 400, 50035, id="11 embeds"),
        pytest.param({"embeds": [{"title": "x" * 257}]}, [], 400, 50035, id="embed title"),
        pytest.param(
            {"embeds": [{"description": "x" * 4000}] * 2}, [], 400, 50035, id="embeds too large"
        ),
        pytest.param(
            {"embeds": [{"fields": [{"name": "", "value": "x"}]}]}, [], 400, 50035, id="field"
        ),
        pytest.param(
            {"embeds": [{"fields": [{"name": "x", "value": "x"}] * 26}]}, [], 400, 50035, id="26"
        ),
        pytest.param(
            {"embeds": [{"footer": {"text": "x" * 2049}}]}, [], 400, 50035, id="footer"
        ),
        pytest.param(
            {"content": "x", "components": [{"type": 1, "components": [
                {"type": 2, "label": "a", "custom_id": "a"}]}]},
            [], 400, 50035, id="button without a style",
        ),
        pytest.param({"content": "x", "components": [ROW] * 6}, [], 400, 50035, id="6 rows"),
        pytest.param(
            {"content": "x", "components": [ROW, ROW]}, [], 400, 50035, id="custom id twice"
        ),
        pytest.param(
            {"content": "x", "components": [{"type": 1, "components": []}]}, [], 400, 50035,
            id="empty row",
        ),
        pytest.param(
            {"content": "x", "components": [{"type": 1, "components": [
                {"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}]}]},
            [], 400, 50035, id="label",
        ),
        pytest.param(
            {"content": "x", "components": [{"type": 1, "components": [
                {"type": 2, "style": 1, "custom_id": "x" * 101}]}]},
            [], 400, 50035, id="custom id too long",
        ),
        pytest.param(
            {"content": "x", "flags": 32768}, [], 400, 50035, id="text beside components v2"
        ),
        pytest.param({"flags": 32768}, [], 400, 50006, id="components v2 without any"),
        pytest.param({}, [TEXT_FILE] * 11, 400, 50035, id="11 files"),
        pytest.param(
            {"attachments": [{"id": 3}], "content": "x"}, [], 400, 50035, id="file did not come"
        ),
        pytest.param(
            {"attachments": [{"id": 0, "description": "x" * 1025}]}, [TEXT_FILE], 400, 50035,
            id="alt text too long",
        ),
        pytest.param(
            {"attachments": [{"id": 0, "filename": "x" * 1025}]}, [TEXT_FILE], 400, 50035,
            id="file name too long",
        ),
        pytest.param(
            {}, [("a.wav", bytes(10 * MIB + 1), "audio/wav")], 413, 40005, id="file over 10 MiB"
        ),
        pytest.param(
            {}, [("a.wav", bytes(9 * MIB), "audio/wav")] * 3, 413, 40005, id="request over 25 MiB"
        ),
        pytest.param({"content": "x" * 26 * MIB}, [], 413, 40005, id="JSON over 25 MiB"),
        pytest.param(
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, [],
            400, 50035, id="users allowed twice",
        ),
        pytest.param(
            {"content": "x", "allowed_mentions": {"users": ["me"]}}, [], 400, 50035, id="no ids"
        ),
        pytest.param(
            {"content": "x", "allowed_mentions": {"users": 5}}, [], 400, 50035, id="no list"
        ),
        pytest.param(
            {"content": "x", "message_reference": {"message_id": "?"}}, [], 400, 50035,
            id="reference is no id",
        ),
        pytest.param(voice_payload(content="x"), [VOICE_FILE], 400, 50159, id="voice and text"),
        pytest.param(
            voice_payload(embeds=[{"title": "x"}]), [VOICE_FILE], 400, 50159, id="voice and embed"
        ),
        pytest.param(
            voice_payload(components=[ROW]), [VOICE_FILE], 400, 50159, id="voice and button"
        ),
        pytest.param({"flags": 8192}, [], 400, 50160, id="voice without file"),
        pytest.param({"flags": 8192}, [VOICE_FILE] * 2, 400, 50160, id="voice with two files"),
        pytest.param(
            voice_payload(duration_secs=None), [VOICE_FILE], 400, 50161, id="voice, no length"
        ),
        pytest.param(
            voice_payload(waveform=None), [VOICE_FILE], 400, 50161, id="voice, no waveform"
        ),
        pytest.param(
            voice_payload(), [("voice-message.ogg", b"OggS", "application/octet-stream")],
            400, 50161, id="voice, not declared as audio",
        ),
        pytest.param(
            voice_payload(duration_secs=-1), [VOICE_FILE], 400, 50035, id="voice, negative length"
        ),
        pytest.param(
            voice_payload(waveform="AAAA" * 101), [VOICE_FILE], 400, 50035, id="waveform too long"
        ),
        pytest.param(
            voice_payload(waveform="AAAA" * 100), [VOICE_FILE], 400, 50035, id="300 points"
        ),
        pytest.param(
            voice_payload(waveform="?"), [VOICE_FILE], 400, 50035, id="waveform is no base64"
        ),
    ],
)  # fmt: skip
async def test_a_message_that_breaks_a_rule_is_refused(
    discord_server: DiscordServer,
    discord_api: RawApi,
    payload: dict[str, object],
    files: list[tuple[str, bytes, str]],
    status: int,
    code: int,
) -> None:
    answer = await discord_api.post(discord_server.general, payload, files)
    assert (answer.status, answer.code) == (status, code)
    assert discord_server.world.messages_in(discord_server.general.id) == []


@pytest.mark.parametrize(
    ("missing", "payload", "files", "code"),
    [
        (Permission.VIEW_CHANNEL, {"content": "x"}, [], 50001),
        (Permission.SEND_MESSAGES, {"content": "x"}, [], 50013),
        (Permission.ATTACH_FILES, {"content": "x"}, [TEXT_FILE], 50013),
        (Permission.EMBED_LINKS, {"embeds": [{"title": "x"}]}, [], 50013),
        (Permission.SEND_VOICE_MESSAGES, voice_payload(), [VOICE_FILE], 50173),
    ],
)
async def test_each_permission_is_asked_for(
    discord_server: DiscordServer,
    discord_api: RawApi,
    missing: Permission,
    payload: dict[str, object],
    files: list[tuple[str, bytes, str]],
    code: int,
) -> None:
    world, channel = discord_server.world, discord_server.general
    building.set_overwrite(world, channel, world.user(world.bot_id), deny=int(missing))
    answer = await discord_api.post(channel, payload, files)
    assert (answer.status, answer.code) == (403, code)


async def test_a_voice_message_does_not_need_the_right_to_attach_files(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world, channel = discord_server.world, discord_server.general
    denied = int(Permission.ATTACH_FILES)
    building.set_overwrite(world, channel, world.user(world.bot_id), deny=denied)
    answer = await discord_api.post(channel, voice_payload(), [VOICE_FILE])
    assert answer.status == 200
    [sound] = answer.body["attachments"]
    assert (sound["duration_secs"], sound["waveform"]) == (1.25, "AAEC")


async def test_length_and_waveform_of_a_file_that_is_not_audio_are_ignored(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    said = {key: value for key, value in voice_payload().items() if key != "flags"}
    answer = await discord_api.post(
        discord_server.general, said, [("a.ogg", b"OggS", "application/octet-stream")]
    )
    [file] = answer.body["attachments"]
    assert "waveform" not in file
    assert "duration_secs" not in file


async def test_a_boosted_server_takes_larger_files(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    discord_server.guild.premium_tier = 2
    large = ("a.wav", bytes(11 * MIB), "audio/wav")
    assert (await discord_api.post(discord_server.general, {}, [large])).status == 200


async def test_replies_need_the_message_history(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world, channel = discord_server.world, discord_server.general
    question = discord_server.member("Alice").say(channel, "hello")
    building.set_overwrite(
        world, channel, world.user(world.bot_id), deny=int(Permission.READ_MESSAGE_HISTORY)
    )
    path = f"/channels/{channel.id}/messages"
    reply = {"content": "x", "message_reference": {"message_id": str(question.id)}}
    assert (await discord_api.post(channel, reply)).code == 160002
    assert (await discord_api.call("GET", f"{path}/{question.id}")).code == 50013
    assert (await discord_api.call("GET", path)).body == []


async def test_a_reply_to_a_deleted_message_is_refused_unless_it_may_be_loose(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, "hello")
    alice.delete(question)
    reference: dict[str, object] = {"message_id": str(question.id)}
    payload = {"content": "x", "message_reference": reference}
    refused = await discord_api.post(discord_server.general, payload)
    assert (refused.status, refused.code) == (400, 50035)
    assert refused.field_errors == ["MESSAGE_REFERENCE_UNKNOWN_MESSAGE"]
    reference["fail_if_not_exists"] = False
    loose = await discord_api.post(discord_server.general, payload)
    assert loose.body["type"] == 0
    assert "message_reference" not in loose.body


async def test_a_system_message_cannot_be_answered(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    thread = alice.start_thread(alice.say(discord_server.general, "hello"))
    [beginning] = discord_server.world.messages_in(thread.id)
    assert beginning.type is MessageType.THREAD_STARTER_MESSAGE
    reply = {"content": "x", "message_reference": {"message_id": beginning.id}}
    answer = await discord_api.post(thread, reply)
    assert answer.field_errors == ["REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"]


async def test_a_nonce_gives_the_earlier_message_for_some_minutes(
    discord_server: DiscordServer, discord_api: RawApi, discord_clock: AdvancingClock
) -> None:
    payload = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    first = await discord_api.post(discord_server.general, payload)
    again = await discord_api.post(discord_server.general, payload)
    assert again.body["id"] == first.body["id"]
    not_enforced = {"content": "x", "nonce": "job-1"}
    assert (await discord_api.post(discord_server.general, not_enforced)).body["id"] != (
        first.body["id"]
    )
    discord_clock.advance(301)
    later = await discord_api.post(discord_server.general, payload)
    assert later.body["id"] != first.body["id"]


async def test_the_nonce_of_a_deleted_message_is_an_unknown_message(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    payload = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    first = await discord_api.post(discord_server.general, payload)
    path = f"/channels/{discord_server.general.id}/messages/{first.body['id']}"
    assert (await discord_api.call("DELETE", path)).status == 204
    again = await discord_api.post(discord_server.general, payload)
    assert (again.status, again.code) == (404, 10008)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/channels/1", 404, 10003),
        ("GET", "/channels/general", 400, 50035),
        ("POST", "/channels/1/messages", 404, 10003),
        ("GET", "/channels/{general}/messages/1", 404, 10008),
        ("DELETE", "/channels/{general}/messages/1", 404, 10008),
        ("GET", "/channels/{general}/messages?limit=101", 400, 50035),
        ("GET", "/channels/{general}/messages?limit=many", 400, 50035),
        ("GET", "/users/1", 404, 10013),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", "/guilds/{guild}/members/1", 404, 10007),
        ("GET", "/applications/1/commands", 403, 50001),
        ("DELETE", "/applications/{bot}/commands/1", 404, 10063),
        ("POST", "/interactions/1/secret/callback", 404, 10062),
        ("POST", "/webhooks/{bot}/secret", 404, 10015),
        ("POST", "/users/@me/channels", 400, 50035),
        ("GET", "/voice/regions", 404, 0),
        ("PURGE", "/channels/{general}", 404, 0),
    ],
)
async def test_what_is_not_there_is_named(
    discord_server: DiscordServer,
    discord_api: RawApi,
    method: str,
    path: str,
    status: int,
    code: int,
) -> None:
    world = discord_server.world
    known = {"general": discord_server.general.id, "guild": discord_server.guild.id}
    answer = await discord_api.call(method, path.format(**known, bot=world.bot_id))
    assert (answer.status, answer.code) == (status, code)


async def test_calls_to_unknown_routes_are_recorded(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    await discord_api.call("GET", "/voice/regions")
    assert [call.path for call in discord_server.traffic.unknown] == ["/voice/regions"]


async def test_a_wrong_token_is_unauthorized(discord_api: RawApi) -> None:
    answer = await discord_api.call("GET", "/users/@me", token="wrong")
    assert (answer.status, answer.body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_broken_json_is_named(discord_server: DiscordServer) -> None:
    url = f"{discord_server.api_url}/channels/{discord_server.general.id}/messages"
    headers = {"Authorization": f"Bot {discord_server.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response,
    ):
        assert response.status == 400
        assert (await response.json())["code"] == 50109


async def test_voice_messages_cannot_be_edited(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    posted = await discord_api.post(discord_server.general, voice_payload(), [VOICE_FILE])
    path = f"/channels/{discord_server.general.id}/messages/{posted.body['id']}"
    answer = await discord_api.call("PATCH", path, {"content": "x"})
    assert (answer.status, answer.code) == (400, 50162)


async def test_only_the_author_edits_and_only_moderators_delete_for_others(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    message = discord_server.member("Alice").say(discord_server.general, "mine")
    path = f"/channels/{discord_server.general.id}/messages/{message.id}"
    assert (await discord_api.call("PATCH", path, {"content": "x"})).code == 50005
    assert (await discord_api.call("DELETE", path)).code == 50013
    with pytest.raises(ApiError, match="50013"):
        discord_server.member("Bob").delete(message)


async def test_a_message_cannot_be_edited_to_nothing(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    posted = await discord_api.post(discord_server.general, {"content": "x"}, [TEXT_FILE])
    path = f"/channels/{discord_server.general.id}/messages/{posted.body['id']}"
    without_text = await discord_api.call("PATCH", path, {"content": None})
    assert (without_text.status, without_text.body["content"]) == (200, "")
    without_file = await discord_api.call("PATCH", path, {"attachments": []})
    assert (without_file.status, without_file.code) == (400, 50006)


async def test_places_without_text_take_no_messages(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world, guild = discord_server.world, discord_server.guild
    for kind in (ChannelType.CATEGORY, ChannelType.FORUM):
        place = building.add_channel(world, guild, "place", kind)
        assert (await discord_api.post(place, {"content": "x"})).code == 50008


async def test_a_dm_needs_a_common_server_and_an_open_door(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world = discord_server.world
    stranger = building.add_user(world, "Stranger")
    closed = discord_server.member("Closed")
    closed.user.takes_dms = False
    for user_id, code in ((stranger.id, 50278), (closed.user.id, 50007)):
        opened = await discord_api.call("POST", "/users/@me/channels", {"recipient_id": user_id})
        channel = world.channel(int(opened.body["id"]))
        assert (await discord_api.post(channel, {"content": "x"})).code == code
    to_itself = {"recipient_id": str(world.bot_id)}
    assert (await discord_api.call("POST", "/users/@me/channels", to_itself)).code == 50007


async def test_components_are_numbered_through_a_message(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    text = {"type": 10, "content": "Which voice?"}
    accessory = {"type": 2, "style": 2, "label": "This", "custom_id": "this"}
    section = {"type": 9, "components": [text], "accessory": accessory}
    sent = {"flags": 32768, "components": [section, ROW]}
    answer = await discord_api.post(discord_server.general, sent)
    [kept, row] = answer.body["components"]
    ids = [kept["id"], kept["components"][0]["id"], kept["accessory"]["id"], row["id"]]
    assert ids == [1, 2, 3, 4]
    alice = discord_server.member("Alice")
    message = discord_server.world.state.messages[int(answer.body["id"])]
    assert alice.press(message, "this").message_id == message.id
