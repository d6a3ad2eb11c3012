"""What people do on the page, with the stand-in Discord behind it."""

import base64

import pytest

from bot.local.discord_server import building, messages
from bot.local.discord_server.drafts import Draft, Target
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.messages import Origin
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Message, Thread
from tests.local.page.browser import Browser

WAVEFORM = base64.b64encode(bytes([0, 90, 200, 40])).decode()
VOICE = {
    "flags": 8192,
    "attachments": [
        {"id": 0, "filename": "voice-message.ogg", "duration_secs": 1.5, "waveform": WAVEFORM}
    ],
}
OGG = ("voice-message.ogg", b"OggS" + bytes(range(100)), "audio/ogg")


def whispered(browser: Browser, to: str, text: str = "psst") -> Message:
    """A message of the bot in #general that one person sees."""
    general = browser.channel("general")
    origin = Origin(for_user_id=browser.person(to).id, interaction_id=1)
    world = browser.world
    return messages.store(world, general, world.bot_id, Draft(content=text), origin=origin)


async def test_the_page_knows_who_is_there_and_what_answers(browser: Browser) -> None:
    world = (await browser.get("/api/world")).json
    roles = {each["user"]["global_name"]: each["role"] for each in world["people"]}
    assert roles == {"Alice": "member", "Bo": "member", "Mira": "moderator", "Owner": "owner"}
    assert world["bot"]["bot"] is True
    assert world["application"]["id"] == world["bot"]["id"]
    assert world["engine"]["ready"] is True
    assert world["upload_limit_bytes"] == 25 * 2**20


async def test_everybody_is_shown_only_the_channels_they_may_see(browser: Browser) -> None:
    names = {}
    for name in ("Alice", "Mira"):
        ready = (await browser.tab(name).ask("GET", "/ready")).json
        home = next(guild for guild in ready["guilds"] if guild["name"] == "Home")
        names[name] = {channel["name"] for channel in home["channels"]}
        [dm] = ready["private_channels"]
        assert [user["username"] for user in dm["recipients"]] == ["voicebot"]
    assert names["Mira"] - names["Alice"] == {"moderators"}
    assert {"general", "voice-lounge", "questions"} < names["Alice"]


async def test_what_one_writes_reaches_the_others_as_it_happens(browser: Browser) -> None:
    alice, general = browser.tab("Alice"), browser.channel("general")
    async with browser.tab("Bo").events() as events:
        sent = await alice.say(general, "Hello, all", nonce="n1")
        assert (await events.next("MESSAGE_CREATE"))["id"] == sent["id"]
        path = f"/channels/{general.id}/messages/{sent['id']}"
        assert (await alice.ask("PATCH", path, {"content": "Hello!"})).json["content"] == "Hello!"
        assert (await events.next("MESSAGE_UPDATE"))["content"] == "Hello!"
        heart = path + "/reactions/%E2%9D%A4"
        assert (await alice.ask("PUT", heart)).status == 204
        assert (await events.next("MESSAGE_REACTION_ADD"))["emoji"]["name"] == "❤"
        [shown] = await alice.history(general)
        assert [each["me"] for each in shown["reactions"]] == [True]
        [shown] = await browser.tab("Bo").history(general)
        assert [each["me"] for each in shown["reactions"]] == [False]
        assert (await alice.ask("DELETE", heart)).status == 204
        await events.next("MESSAGE_REACTION_REMOVE")
        assert (await alice.ask("POST", f"/channels/{general.id}/typing")).status == 204
        assert (await events.next("TYPING_START"))["user_id"] == str(browser.person("Alice").id)
        assert (await alice.ask("DELETE", path)).status == 204
        assert (await events.next("MESSAGE_DELETE"))["id"] == sent["id"]


async def test_a_recording_goes_as_a_voice_message_and_plays_in_parts(browser: Browser) -> None:
    alice, general = browser.tab("Alice"), browser.channel("general")
    got = await alice.send_files(f"/channels/{general.id}/messages", VOICE, [OGG])
    assert got.status == 200, got.raw
    [sound] = got.json["attachments"]
    assert got.json["flags"] == 8192
    assert (sound["duration_secs"], sound["waveform"]) == (1.5, WAVEFORM)
    whole = await browser.get(sound["url"])
    assert (whole.status, whole.raw) == (200, OGG[1])
    assert whole.headers["Content-Type"] == "audio/ogg"
    part = await browser.get(sound["url"], Range="bytes=2-5")
    assert (part.status, part.raw) == (206, OGG[1][2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(OGG[1])}"
    tail = await browser.get(sound["url"], Range="bytes=-3")
    assert (tail.status, tail.raw) == (206, OGG[1][-3:])
    beyond = await browser.get(sound["url"], Range="bytes=500-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(OGG[1])}")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"flags": 8192}, 50160),
        ({**VOICE, "content": "words"}, 50159),
        ({"flags": 8192, "attachments": [{"id": 0, "filename": "a.ogg"}]}, 50161),
    ],
)
async def test_discords_refusals_come_as_they_are(
    browser: Browser, payload: dict[str, object], code: int
) -> None:
    path = f"/channels/{browser.channel('general').id}/messages"
    tab = browser.tab("Alice")
    sends_file = "attachments" in payload
    got = await (
        tab.send_files(path, payload, [OGG]) if sends_file else tab.ask("POST", path, payload)
    )
    assert (got.status, got.json["code"]) == (400, code)


async def test_people_cannot_send_what_only_bots_send(browser: Browser) -> None:
    general = browser.channel("general")
    button = {"type": 2, "style": 1, "label": "x", "custom_id": "x"}
    row = {"type": 1, "components": [button]}
    sent = await browser.tab("Alice").say(
        general, "hi", embeds=[{"title": "t"}], components=[row], flags=64
    )
    assert (sent["embeds"], sent["components"], sent["flags"]) == ([], [], 0)


async def test_nobody_acts_as_the_bot_or_as_a_stranger(browser: Browser) -> None:
    for user_id in (browser.world.bot_id, 1):
        got = await browser.get(f"/api/as/{user_id}/ready")
        assert (got.status, got.json["code"]) == (404, 10013)


async def test_a_hidden_channel_is_closed_to_those_who_do_not_see_it(browser: Browser) -> None:
    staff = browser.channel("moderators")
    secret = await browser.tab("Mira").say(staff, "between us")
    alice = browser.tab("Alice")
    message = f"/channels/{staff.id}/messages/{secret['id']}"
    asked = [
        await alice.ask("GET", f"/channels/{staff.id}/messages"),
        await alice.ask("POST", f"/channels/{staff.id}/messages", {"content": "hi"}),
        await alice.ask("POST", f"/channels/{staff.id}/typing"),
        await alice.ask("GET", f"/channels/{staff.id}/commands"),
        await alice.ask("DELETE", message),
        await alice.ask("PUT", message + "/reactions/x"),
        await alice.ask("POST", message + "/threads", {"name": "t"}),
        await alice.ask("POST", "/interactions", {"type": 2, "channel_id": str(staff.id)}),
    ]
    assert [(got.status, got.json["code"]) for got in asked] == [(403, 50001)] * len(asked)


async def test_what_one_does_not_see_cannot_be_brought_elsewhere(browser: Browser) -> None:
    staff, general = browser.channel("moderators"), browser.channel("general")
    secret = await browser.tab("Mira").say(staff, "between us")
    alice = browser.tab("Alice")
    for kind in (0, 1):
        taken = {"type": kind, "message_id": secret["id"], "channel_id": str(staff.id)}
        body = {"content": "" if kind else "look", "message_reference": taken}
        got = await alice.ask("POST", f"/channels/{general.id}/messages", body)
        assert 400 <= got.status < 500, got.raw
    assert await alice.history(general) == []


async def test_no_event_of_a_hidden_channel_reaches_who_does_not_see_it(browser: Browser) -> None:
    mira, staff = browser.tab("Mira"), browser.channel("moderators")
    async with browser.tab("Alice").events() as events:
        secret = await mira.say(staff, "between us")
        await mira.ask("POST", f"/channels/{staff.id}/typing")
        await mira.ask("DELETE", f"/channels/{staff.id}/messages/{secret['id']}")
        shown = await mira.say(browser.channel("general"), "for all")
        event = await events.any()
        assert (event["t"], event["d"]["id"]) == ("MESSAGE_CREATE", shown["id"])


async def test_a_channel_comes_and_goes_with_the_right_to_see_it(browser: Browser) -> None:
    world, general = browser.world, browser.channel("general")
    home = world.state.guilds[general.guild_id or 0]
    async with browser.tab("Alice").events() as events:
        everyone = home.roles[home.id]
        building.set_overwrite(world, general, everyone, deny=Permission.VIEW_CHANNEL)
        assert (await events.next("CHANNEL_DELETE"))["id"] == str(general.id)
        building.set_overwrite(world, general, everyone)
        shown = await events.next("CHANNEL_CREATE")
        assert int(shown["permissions"]) & Permission.VIEW_CHANNEL


async def test_an_ephemeral_message_is_for_its_reader_alone(browser: Browser) -> None:
    general = browser.channel("general")
    async with browser.tab("Alice").events() as hers, browser.tab("Bo").events() as his:
        hidden = whispered(browser, to="Alice")
        assert (await hers.next("MESSAGE_CREATE"))["flags"] & 64
        shown = await browser.tab("Bo").say(general, "hello")
        assert (await his.next("MESSAGE_CREATE"))["id"] == shown["id"]
    assert [each["content"] for each in await browser.tab("Alice").history(general)] == [
        "hello",
        "psst",
    ]
    assert [each["content"] for each in await browser.tab("Bo").history(general)] == ["hello"]
    path = f"/channels/{general.id}/messages/{hidden.id}"
    for name in ("Bo", "Owner"):
        for method, more in (("DELETE", ""), ("PUT", "/reactions/x"), ("GET", "/wire")):
            assert (await browser.tab(name).ask(method, path + more)).status == 404
    assert (await browser.tab("Alice").ask("DELETE", path)).status == 204
    assert hidden.id not in browser.world.state.messages


async def test_a_followup_for_all_does_not_show_the_ephemeral_one_it_refers_to(
    browser: Browser,
) -> None:
    world, general = browser.world, browser.channel("general")
    hidden = whispered(browser, to="Alice", text="secret")
    draft = Draft(content="for all", target=Target(hidden.id))
    messages.store(world, general, world.bot_id, draft, target=hidden)
    [shown] = await browser.tab("Bo").history(general)
    assert shown["content"] == "for all"
    assert shown["referenced_message"] is None
    hers = (await browser.tab("Alice").history(general))[0]
    assert hers["referenced_message"]["content"] == "secret"


async def forwarded(
    browser: Browser, name: str, message_id: int, source: Channel, to: Channel
) -> tuple[int, int]:
    """Try to forward a message; status and code of the refusal."""
    target = {"type": 1, "message_id": str(message_id), "channel_id": str(source.id)}
    body = {"message_reference": target}
    got = await browser.tab(name).ask("POST", f"/channels/{to.id}/messages", body)
    return got.status, got.json.get("code", 0)


async def test_an_ephemeral_message_cannot_be_forwarded(browser: Browser) -> None:
    general = browser.channel("general")
    hidden = whispered(browser, to="Alice", text="secret")
    for name in ("Bo", "Alice"):
        assert (await forwarded(browser, name, hidden.id, general, general))[0] == 400
    assert await browser.tab("Bo").history(general) == []


async def test_older_messages_come_page_by_page(browser: Browser) -> None:
    alice, general = browser.tab("Alice"), browser.channel("general")
    sent = [await alice.say(general, str(number)) for number in range(5)]
    path = f"/channels/{general.id}/messages?limit=2&before={sent[3]['id']}"
    assert [each["content"] for each in (await alice.ask("GET", path)).json] == ["2", "1"]


async def test_threads_and_forum_posts(browser: Browser) -> None:
    alice, general = browser.tab("Alice"), browser.channel("general")
    forum = browser.channel("questions")
    sent = await alice.say(general, "let us talk")
    async with browser.tab("Bo").events() as events:
        path = f"/channels/{general.id}/messages/{sent['id']}/threads"
        thread = (await alice.ask("POST", path, {"name": "Talk"})).json
        assert (await events.next("THREAD_CREATE"))["id"] == thread["id"]
        renamed = await alice.ask("PATCH", f"/channels/{thread['id']}", {"name": "Walk"})
        assert renamed.json["name"] == "Walk"
        assert (await events.next("THREAD_UPDATE"))["name"] == "Walk"
        body = {"name": "Why?", "message": {"content": "Because."}}
        post = await alice.ask("POST", f"/channels/{forum.id}/threads", body)
        assert post.status == 201
        assert post.json["message"]["content"] == "Because."
        assert (await events.next("THREAD_CREATE"))["parent_id"] == str(forum.id)
    locking = ("PATCH", f"/channels/{thread['id']}", {"locked": True})
    refused = await browser.tab("Bo").ask(*locking)
    assert (refused.status, refused.json["code"]) == (403, 50013)
    assert (await browser.tab("Mira").ask(*locking)).status == 200


async def test_a_private_thread_is_for_who_is_in_it(browser: Browser) -> None:
    world, general = browser.world, browser.channel("general")
    alice = browser.person("Alice")
    private = building.add_channel(
        world, world.state.guilds[general.guild_id or 0], "aside", ChannelType.PRIVATE_THREAD
    )
    private.parent_id = general.id
    private.thread = Thread(alice.id, world.clock(), member_ids={alice.id})
    assert (await browser.tab("Alice").ask("GET", f"/channels/{private.id}/messages")).status == 200
    refused = await browser.tab("Bo").ask("GET", f"/channels/{private.id}/messages")
    assert (refused.status, refused.json["code"]) == (403, 50001)
    aside = await browser.tab("Alice").say(private, "between us")
    assert await forwarded(browser, "Bo", int(aside["id"]), private, general) == (403, 50001)


async def test_only_authors_edit_and_only_moderators_delete_what_others_wrote(
    browser: Browser,
) -> None:
    general = browser.channel("general")
    sent = await browser.tab("Alice").say(general, "mine")
    path = f"/channels/{general.id}/messages/{sent['id']}"
    assert (await browser.tab("Mira").ask("PATCH", path, {"content": "x"})).json["code"] == 50005
    assert (await browser.tab("Bo").ask("DELETE", path)).json["code"] == 50013
    assert (await browser.tab("Mira").ask("DELETE", path)).status == 204


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        ("POST", "/messages", []),
        ("POST", "/messages", {"content": 5}),
        ("POST", "/messages", {"attachments": "x"}),
        ("POST", "/messages", {"message_reference": "x"}),
        ("POST", "/messages", {"allowed_mentions": 7}),
        ("POST", "/messages", {"flags": "x"}),
        ("POST", "/messages", {"content": "x", "nonce": {}}),
        ("POST", "/messages", {"attachments": [{"id": 0, "filename": 7}]}),
        ("POST", "/messages", {"attachments": [{"id": 0, "duration_secs": -1}]}),
        ("GET", "/messages?before=x", None),
        ("GET", "/messages?limit=0", None),
        ("PATCH", "/messages/7", {"content": "x"}),
        ("POST", "/threads", {"name": "x"}),
    ],
)
async def test_nonsense_is_refused_and_breaks_nothing(
    browser: Browser, method: str, path: str, payload: object
) -> None:
    general = browser.channel("general")
    got = await browser.tab("Alice").ask(method, f"/channels/{general.id}{path}", payload)
    assert 400 <= got.status < 500, got.raw
    assert {"code", "message"} <= set(got.json)
    assert await browser.tab("Alice").history(general) == []
