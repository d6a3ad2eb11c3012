"""What the page shows of the wire: the whole demo, with the relay between bot and model."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import aiohttp.web
import pytest
import pytest_asyncio

from bot.audio import wav
from bot.domain.conversation import Question, Recalled, build_messages
from bot.domain.incoming import Member
from bot.domain.prompt import FromMember
from bot.domain.turns import Turn
from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server.server import DiscordServer
from bot.local.page.calls import CallLog
from bot.local.page.exchanges import MOST_KEPT, Exchange, Exchanges, shortened
from bot.local.page.relay import Relay
from bot.local.page.scenery import new_demo_world
from bot.local.page.server import Backstage
from bot.local.page.wire import Wire, form_of
from bot.local.together import database_url, together
from bot.storage.answers import open_answers
from tests.e2e.world import fresh
from tests.local.page.browser import ENGINE, Browser, Json, browsing


@dataclass(frozen=True)
class Demo:
    """All of it."""

    browser: Browser
    chat: ChatServer
    relay: Relay

    async def ask(self, text: str, reply_to: Json | None = None) -> Json:
        """Ask in #general as Alice, and wait for the answer."""
        general = self.browser.channel("general")
        mention = f"<@{self.browser.world.bot_id}> {text}"
        more: Json = {}
        if reply_to is not None:
            place = {"message_id": reply_to["id"], "channel_id": str(general.id)}
            more = {"message_reference": place, "allowed_mentions": {"replied_user": True}}
        async with self.browser.tab("Alice").events() as events:
            await self.browser.tab("Alice").say(general, mention, **more)
            while True:
                message = await events.next("MESSAGE_CREATE")
                if message["author"].get("bot"):
                    return message

    async def wire(self, message: Json, name: str = "Alice") -> tuple[int, Json]:
        path = f"/channels/{message['channel_id']}/messages/{message['id']}/wire"
        got = await self.browser.tab(name).ask("GET", path)
        return got.status, got.json


@pytest_asyncio.fixture
async def demo(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Demo]:
    folder = fresh(tmp_path / "data", migrated_file)
    discord, chat = DiscordServer(new_demo_world()), ChatServer()
    async with (
        Relay(lambda: chat.base_url, chat.key) as relay,
        open_answers(database_url(folder)) as answers,
        together(
            folder,
            discord=discord,
            chat=chat,
            OPENAI_BASE_URL=relay.base_url,
            OPENAI_API_KEY=relay.key,
        ),
        browsing(discord.world, Backstage(lambda: ENGINE, Wire(relay.exchanges, answers))) as page,
    ):
        yield Demo(page, chat, relay)


async def test_an_answer_shows_its_call_without_sound_and_without_keys(demo: Demo) -> None:
    answer = await demo.ask("What is six times seven?")
    status, panel = await demo.wire(answer)
    assert status == 200
    [exchange] = panel["exchanges"]
    assert exchange["status"] == 200
    assert exchange["request"]["modalities"] == ["text", "audio"]
    sound = exchange["response"]["choices"][0]["message"]["audio"]
    assert sound["data"]["bytes"] > 1000
    assert sound["data"]["format"] == "mp3"
    assert 0.2 < sound["data"]["seconds"] < 10
    assert panel["audio"] == {
        "id": sound["id"],
        "expires_at": sound["expires_at"],
        "good": True,
        "transcript": sound["transcript"],
    }
    assert (panel["voice"], panel["format"]) == ("alloy", "mp3")
    assert panel["usage"]["total_tokens"] > 0
    assert panel["cost_usd"] > 0
    assert panel["history"] == []
    assert demo.chat.key not in str(panel)
    assert demo.relay.key not in str(panel)


async def test_what_came_before_is_shown_in_the_form_in_which_it_was_sent(demo: Demo) -> None:
    first = await demo.ask("My name is Ada.")
    _, told = await demo.wire(first)
    answer = await demo.ask("What is my name?", reply_to=first)
    _, panel = await demo.wire(answer)
    asked, answered = panel["history"]
    assert (asked["role"], asked["as"]) == ("user", "text")
    assert "My name is Ada" in asked["text"]
    assert (answered["role"], answered["as"]) == ("assistant", "audio id")
    assert answered["audio_id"] == told["audio"]["id"]
    assert answered["text"] == told["audio"]["transcript"]


async def test_a_call_that_had_to_be_repeated_is_shown_with_the_one_before(demo: Demo) -> None:
    first = await demo.ask("My name is Ada.")
    _, told = await demo.wire(first)
    demo.chat.memory.forget(told["audio"]["id"])
    answer = await demo.ask("What is my name?", reply_to=first)
    _, panel = await demo.wire(answer)
    assert [exchange["status"] for exchange in panel["exchanges"]] == [400, 200]
    assert panel["history"][-1]["as"] == "text"


async def test_messages_that_are_no_answers_have_nothing_to_show(demo: Demo) -> None:
    answer = await demo.ask("Hello!")
    status, panel = await demo.wire(answer["referenced_message"])
    assert (status, panel) == (404, {})
    staff = demo.browser.channel("moderators")
    hidden = await demo.browser.tab("Mira").say(staff, "x")
    assert (await demo.wire(hidden))[0] == 403


async def test_the_relay_serves_nobody_but_the_bot(demo: Demo) -> None:
    async with aiohttp.ClientSession() as session:
        for key in ("", demo.chat.key):
            headers = {"Authorization": f"Bearer {key}"}
            async with session.get(f"{demo.relay.base_url}/models", headers=headers) as answer:
                assert answer.status == 401


async def test_the_relay_passes_failures_on_as_they_are(demo: Demo) -> None:
    headers = {"Authorization": f"Bearer {demo.relay.key}"}
    demo.chat.faults.next(faults.html_502)
    async with aiohttp.ClientSession() as session:
        url = f"{demo.relay.base_url}/chat/completions"
        async with session.post(url, headers=headers, json={}) as answer:
            assert answer.status == 502
            assert "<html" in (await answer.text()).lower()
    assert demo.relay.exchanges.kept[-1].status == 502


async def test_a_server_that_cannot_be_reached_is_a_lost_connection() -> None:
    nowhere = Relay(lambda: "http://127.0.0.1:1/v1", "")
    async with nowhere as relay, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {relay.key}"}
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"{relay.base_url}/chat/completions", headers=headers, json={})


async def test_a_stream_is_put_together_and_a_quoted_key_is_taken_out() -> None:
    async def stream(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        secret = request.headers["Authorization"].removeprefix("Bearer ")
        data = base64.b64encode(b"\0" * 480).decode()
        pieces = [
            {"choices": [{"delta": {"audio": {"id": "a1", "transcript": "Hi "}}}]},
            {"choices": [{"delta": {"audio": {"data": data, "transcript": secret}}}]},
            {"choices": [], "usage": {"total_tokens": 3}},
        ]
        texts = [*map(json.dumps, pieces), "[DONE]"]
        text = "".join(f"data: {piece}\n\n" for piece in texts)
        return aiohttp.web.Response(text=text, content_type="text/event-stream")

    app = aiohttp.web.Application()
    app.router.add_post("/v1/chat/completions", stream)
    runner = aiohttp.web.AppRunner(app)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with (
        Relay(lambda: f"http://127.0.0.1:{port}/v1", "sk-secret") as relay,
        aiohttp.ClientSession() as session,
    ):
        headers = {"Authorization": f"Bearer {relay.key}"}
        asking = session.post(f"{relay.base_url}/chat/completions", headers=headers, json={})
        async with asking as answer:
            assert "sk-secret" in await answer.text()
    await runner.cleanup()
    [kept] = relay.exchanges.kept
    assert (kept.audio["id"], kept.words) == ("a1", "Hi (key)")
    assert kept.audio["data"]["bytes"] == 480
    assert kept.response is not None
    assert kept.response["usage"] == {"total_tokens": 3}


def test_sounds_are_kept_as_their_measures() -> None:
    sound = base64.b64encode(wav.from_pcm(bytes(48_000))).decode()
    body = f'{{"messages": [{{"content": [{{"input_audio": {{"data": "{sound}"}}}}]}}]}}'.encode()
    short = shortened(body)
    assert short is not None
    [part] = short["messages"][0]["content"]
    assert part["input_audio"]["data"]["seconds"] == 1.0
    assert part["input_audio"]["data"]["format"] == "wav"


def test_only_the_last_calls_are_kept() -> None:
    assert Exchanges().kept.maxlen == MOST_KEPT


def call(number: int) -> Exchange:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    audio = {"id": f"audio_{number}", "transcript": "Hi"}
    answer = {"choices": [{"message": {"audio": audio}}]}
    return Exchange(at, "/chat/completions", 200, 0.5, {"messages": []}, answer)


def test_calls_are_there_again_after_a_restart_and_a_torn_line_harms_no_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "calls.jsonl"
    log = CallLog(path)
    for number in range(2):
        log.add(call(number))
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01\n')
    assert CallLog(path).load() == [call(0), call(1)]


def test_the_file_of_calls_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    log = CallLog(path)
    for number in range(2 * MOST_KEPT + 1):
        log.add(call(number))
    assert len(path.read_bytes().splitlines()) == MOST_KEPT + 1
    assert CallLog(path).load()[-1] == call(2 * MOST_KEPT)


async def test_an_answer_whose_call_is_no_longer_kept_still_shows_what_is_known(
    demo: Demo,
) -> None:
    answer = await demo.ask("My name is Ada.")
    demo.relay.exchanges.kept.clear()
    status, panel = await demo.wire(answer)
    assert (status, panel["exchanges"], panel["history"]) == (200, [], [])
    assert panel["audio"]["transcript"] == "Nice to meet you, Ada."
    assert panel["voice"] == "alloy"
    assert panel["seconds_of_speech"] > 0


async def test_the_relay_keeps_address_and_key_over_a_restart_where_ids_outlive_it(
    tmp_path: Path,
) -> None:
    async def started(key: str, port_file: Path | None = None) -> tuple[str, str]:
        async with Relay(lambda: "https://models.example/v1", key, port_file=port_file) as relay:
            return relay.base_url, relay.key

    port_file = tmp_path / "relay-port"
    first = await started("sk-mine", port_file)
    assert await started("sk-mine", port_file) == first
    assert (await started("sk-other", port_file))[1] != first[1]
    assert (await started("sk-mine"))[1] != first[1]
    assert "sk-mine" not in first[1]


async def test_a_relay_whose_port_was_taken_meanwhile_listens_elsewhere(tmp_path: Path) -> None:
    port_file = tmp_path / "relay-port"
    async with (
        Relay(lambda: "", "sk-mine", port_file=port_file) as first,
        Relay(lambda: "", "sk-mine", port_file=port_file) as second,
    ):
        assert first.base_url != second.base_url


def test_a_recording_that_is_not_sent_again_is_shown_as_a_note() -> None:
    ada, at = Member(1, "Ada"), datetime(2026, 1, 1, tzinfo=UTC)
    spoken = Turn(1, None, 2, ada, "", (), 4.0, "Hi", None, 0.0, at)
    _, asked, *_ = build_messages(
        [Recalled(spoken, None, ())],
        Question(ada, "And now?", ()),
        heard={},
        instructions="",
        shared=True,
    )
    assert isinstance(asked, FromMember)
    assert form_of(str(asked.parts[0])) == "placeholder"
    assert form_of("(voice message)") == "text"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff", b'{"a": [' + b"[" * 10_000])
def test_a_body_that_is_no_object_is_kept_as_none(body: bytes) -> None:
    assert shortened(body) is None
