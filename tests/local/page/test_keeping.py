"""The demo's world between two starts."""

import asyncio
from pathlib import Path

import pytest

from bot.local.discord_server.drafts import Draft, Upload
from bot.local.discord_server.interactions import begin
from bot.local.discord_server.kinds import ChannelType, InteractionType
from bot.local.discord_server.messages import Origin, store
from bot.local.discord_server.state import Message, Use
from bot.local.discord_server.world import World
from bot.local.page.keeping import FolderInUse, Keeper, held
from bot.local.page.scenery import new_demo_world
from bot.tasks import spawn


def written(world: World) -> Message:
    """A message of the bot with a file, in the first text channel."""
    channels = world.state.channels.values()
    general = next(channel for channel in channels if channel.type is ChannelType.TEXT)
    draft = Draft(content="kept", uploads=(Upload("a.ogg", b"OggS", "audio/ogg"),))
    used = Use(world.bot_id, InteractionType.COMMAND, "voice set")
    return store(world, general, world.bot_id, draft, origin=Origin(interaction_id=1, used=used))


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    world, keeper = new_demo_world(), Keeper(tmp_path)
    message = written(world)
    channel = world.channel(message.channel_id)
    begin(world, InteractionType.COMMAND, world.bot_id, channel, {})
    keeper.save(world)
    again = Keeper(tmp_path).load()
    assert again is not None
    assert again.state.messages[message.id] == message
    assert again.state.files == {message.attachments[0].id: b"OggS"}
    assert again.content_is_granted
    assert again.next_id() > world.state.last_id


def test_the_files_of_deleted_messages_go(tmp_path: Path) -> None:
    world, keeper = new_demo_world(), Keeper(tmp_path)
    message = written(world)
    keeper.save(world)
    assert len(list((tmp_path / "files").iterdir())) == 1
    world.drop_message(message)
    keeper.save(world)
    assert list((tmp_path / "files").iterdir()) == []


async def test_changes_are_saved_by_themselves(tmp_path: Path) -> None:
    world, keeper = new_demo_world(), Keeper(tmp_path)
    saved = spawn(keeper.save_changes(world, every_s=0), name="saving")
    message: Message | None = None
    while (again := Keeper(tmp_path).load()) is None or message is None:
        message = message or written(world)
        await world_moves(world)
    saved.cancel()
    assert message.id in again.state.messages


async def world_moves(world: World) -> None:
    """Something else happens, and the loop goes round."""
    world.changes.tell()
    await asyncio.to_thread(lambda: None)


def test_nothing_is_loaded_from_an_empty_folder(tmp_path: Path) -> None:
    assert Keeper(tmp_path).load() is None


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"users": 5}', b"\xff", b"[" * 200_000])
def test_a_damaged_world_is_put_aside(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "world.json").write_bytes(damaged)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        Keeper(tmp_path).load()
    aside = Keeper(tmp_path).put_aside()
    assert aside.read_bytes() == damaged
    assert Keeper(tmp_path).load() is None


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(FolderInUse, match="Another demo"), held(tmp_path):
        pytest.fail("the second one came in")
    with held(tmp_path):
        pass
