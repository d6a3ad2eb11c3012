"""/ask: in a channel, a thread, a forum post, a DM, for oneself alone, and refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.rooms import Scope
from bot.local.chat_server import faults
from bot.local.discord_server import building
from bot.local.discord_server.components import flatten
from bot.local.discord_server.permissions import Permission
from tests.e2e.scene import Scene, rows, scene
from tests.e2e.world import GOLDEN


@pytest_asyncio.fixture
async def home(folder: Path) -> AsyncIterator[Scene]:
    async with scene(folder) as made:
        yield made


@pytest.mark.parametrize("kind", ["channel", "thread", "post"])
async def test_a_question_by_command_is_shown_answered_and_kept(folder: Path, kind: str) -> None:
    async with scene(folder) as home:
        used = home.ada.slash("ask", home.room(kind), text=GOLDEN)
        shown = await home.ada.response(used)
        assert shown.content == f"> {GOLDEN}"
        [card] = await home.ada.answers(shown, timeout_s=20)
        assert card.attachments
    assert rows(folder, "select state, message_id from inbox") == [("answered", shown.id)]
    assert rows(folder, "select count(*) from usage where cost_microusd > 0") == [(1,)]


async def test_the_answer_can_be_replied_to(home: Scene) -> None:
    member = home.ada
    shown = await member.response(member.slash("ask", home.lounge, text="My name is Ada."))
    [card] = await member.answers(shown, timeout_s=20)
    question = member.say(home.lounge, "What is my name?", reply_to=card)
    [again] = await member.answers(question, timeout_s=20)
    assert "Ada" in again.content


async def test_in_a_dm_it_comes_as_a_voice_message_and_goes_on(home: Scene) -> None:
    member = home.ada
    used = member.slash("ask", member.dm_channel, text="My name is Ada.")
    bubble, _ = await member.answers(await member.response(used), 2, timeout_s=20)
    assert bubble.is_voice
    question = member.say(member.dm_channel, "What is my name?")
    _, words = await member.answers(question, 2, timeout_s=20)
    assert "Ada" in words.content


async def test_a_voice_can_be_asked_for_by_name(home: Scene) -> None:
    member = home.ada
    suggested = await member.suggestions("ask", home.lounge, "voice", "cor", text="x")
    assert [each["value"] for each in suggested] == ["coral"]
    shown = await member.response(member.slash("ask", home.lounge, text=GOLDEN, voice="Coral"))
    await member.answers(shown, timeout_s=20)
    assert home.talk.chat.completions_seen[-1]["audio"]["voice"] == "coral"


async def test_a_private_answer_is_seen_by_its_member_alone(home: Scene) -> None:
    member = home.ada
    used = member.slash("ask", home.thread, text="My name is Zelda.", private=True)
    shown = await member.response(used, timeout_s=20)
    [card] = await member.followups(used, timeout_s=20)
    assert {shown.for_user_id, card.for_user_id} == {member.user.id}
    assert card.attachments
    assert home.seen_by_all(home.thread) == []


async def test_nobody_goes_on_from_what_was_answered_in_private(home: Scene) -> None:
    member = home.ada
    used = member.slash("ask", home.thread, text="My name is Zelda.", private=True)
    await member.followups(used, timeout_s=20)
    question = home.bob.say(home.thread, f"{home.talk.discord.mention} What is my name?")
    await home.bob.answers(question, timeout_s=20)
    assert "Zelda" not in str(home.talk.last_request)


async def test_where_ordinary_messages_are_not_taken_the_command_itself_is_answered(
    home: Scene,
) -> None:
    world = home.talk.discord.world
    role = building.bot_role(world, home.talk.discord.guild)
    building.set_overwrite(world, home.lounge, role, deny=int(Permission.SEND_MESSAGES))
    used = home.ada.slash("ask", home.lounge, text=GOLDEN)
    [card] = await home.ada.followups(used, timeout_s=20)
    assert card.attachments
    assert card.for_user_id is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("answer", "denied", "I do not answer here"), ("roles_denied", "{role}", "of your roles")],
)
async def test_a_denied_room_or_role_is_refused_with_the_reason_each_time(
    home: Scene, name: str, value: str, said: str
) -> None:
    guild = home.talk.discord.guild
    await home.choose(Scope.CHANNEL, home.lounge.id, name, value.format(role=guild.id))
    for _ in range(2):
        refused = await home.refusal(home.ada, "ask", home.lounge, text=GOLDEN)
        assert said in refused
    assert home.talk.chat.completions_seen == []
    assert rows(home.talk.folder, "select * from inbox") == []


async def test_a_locked_voice_and_an_unknown_one_are_refused(home: Scene) -> None:
    await home.choose(Scope.CHANNEL, home.lounge.id, "voice_lock", "on")
    locked = await home.refusal(home.ada, "ask", home.lounge, text=GOLDEN, voice="coral")
    assert "fixed the voice" in locked
    unknown = await home.refusal(home.ada, "ask", home.lounge, text=GOLDEN, voice="robot")
    assert "no such voice" in unknown
    assert home.talk.chat.completions_seen == []


async def test_a_failing_model_is_told_where_the_question_was_asked(home: Scene) -> None:
    home.talk.chat.faults.next(faults.voice_unknown, 2)
    member = home.ada
    used = member.slash("ask", home.lounge, text=GOLDEN, voice="voice_gone", private=True)
    [notice] = await member.followups(used, timeout_s=20)
    assert notice.for_user_id == member.user.id


async def test_what_was_answered_in_private_is_spoken_in_private(folder: Path) -> None:
    async with scene(folder, text_model="gpt-5-mini") as home:
        await home.choose(Scope.CHANNEL, home.lounge.id, "speak", "on_demand")
        used = home.ada.slash("ask", home.lounge, text=GOLDEN, private=True)
        [words] = await home.ada.followups(used, timeout_s=20)
        [button] = [part for part in flatten(words.components) if "custom_id" in part]
        pressed = home.ada.press(words, button["custom_id"])
        [sound] = await home.ada.followups(pressed, timeout_s=20)
        assert sound.attachments
        assert sound.for_user_id == home.ada.user.id
        assert home.seen_by_all(home.lounge) == []


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_the_button_speaks_the_answer_in_every_kind_of_room(folder: Path, kind: str) -> None:
    async with scene(folder, text_model="gpt-5-mini") as home:
        room = home.room(kind)
        scope = Scope.THREAD if room.thread is not None else Scope.CHANNEL
        await home.choose(scope, room.id, "speak", "on_demand")
        shown = await home.ada.response(home.ada.slash("ask", room, text=GOLDEN))
        [words] = await home.ada.answers(shown, timeout_s=20)
        [button] = [part for part in flatten(words.components) if "custom_id" in part]
        said = await home.ada.response(home.ada.press(words, button["custom_id"]))
        [sound] = await home.ada.bot_messages(room, after=words, timeout_s=20)
        assert (len(sound.attachments), str(sound.id) in said.content) == (1, True)


async def test_a_room_with_threads_gets_one_on_the_question(home: Scene) -> None:
    await home.choose(Scope.CHANNEL, home.lounge.id, "threads", "on")
    shown = await home.ada.response(home.ada.slash("ask", home.lounge, text=GOLDEN))
    thread = await home.talk.discord.world.changes.until(
        lambda: home.talk.discord.world.state.channels.get(shown.id), 20
    )
    [card] = await home.ada.bot_messages(thread, after=shown, timeout_s=20)
    assert card.attachments
