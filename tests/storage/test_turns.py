from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from bot.domain.outgoing import Part
from bot.domain.reply import Usage
from bot.domain.rooms import Room
from bot.domain.turns import Clip, KeptClip
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from tests.storage.builders import ADA, DM, NOW, ROOM, handle, lane_of, turn


@pytest.fixture
def turns(database: Database) -> TurnStore:
    return TurnStore(database)


async def chain(turns: TurnStore, length: int) -> list[int]:
    ids: list[int] = []
    for number in range(length):
        ids.append(await turns.record(turn(ids[-1] if ids else None, 1000 + number)))
    return ids


async def test_a_turn_comes_back_as_it_was_recorded(turns: TurnStore) -> None:
    new = turn(clips=(KeptClip(b"one", 1.5), KeptClip(b"two", 2.0)), handle=handle("audio_1"))
    turn_id = await turns.record(new)
    [found] = await turns.ancestors(turn_id, 20)
    assert (found.id, found.parent_id, found.question_id) == (turn_id, None, 100)
    assert (found.member, found.text, found.transcript) == (ADA, "Hello?", "Hi there.")
    assert [clip.seconds for clip in found.clips] == [1.5, 2.0]
    assert found.handle == handle("audio_1")
    assert (found.unkept_seconds, found.answer_seconds, found.asked_at) == (0.5, 1.5, NOW)


async def test_a_conversation_comes_oldest_first_and_ends_in_the_turn(turns: TurnStore) -> None:
    ids = await chain(turns, 5)
    assert [found.id for found in await turns.ancestors(ids[-1], 20)] == ids
    assert [found.id for found in await turns.ancestors(ids[2], 20)] == ids[:3]


async def test_the_newest_turns_are_given_when_there_are_too_many(turns: TurnStore) -> None:
    ids = await chain(turns, 5)
    assert [found.id for found in await turns.ancestors(ids[-1], 2)] == ids[-2:]
    assert await turns.ancestors(ids[-1], 0) == []
    assert await turns.ancestors(12345, 20) == []


async def test_a_conversation_branches_where_an_older_answer_is_continued(
    turns: TurnStore,
) -> None:
    first, second = await chain(turns, 2)
    branch = await turns.record(turn(first, 500, text="What about cats?"))
    leaf = await turns.record(turn(branch, 501))
    assert [t.id for t in await turns.ancestors(leaf, 20)] == [first, branch, leaf]
    assert [t.id for t in await turns.ancestors(second, 20)] == [first, second]


async def test_a_conversation_costs_two_queries_and_loads_no_sound(turns: TurnStore) -> None:
    parent = None
    for number in range(10):
        clips = (KeptClip(b"sound", 1.0), KeptClip(b"sound", 1.0))
        parent = await turns.record(turn(parent, number, clips=clips))
    assert parent is not None
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        found = await turns.ancestors(parent, 20)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert sum(len(t.clips) for t in found) == 20
    assert len([s for s in statements if not s.startswith("BEGIN")]) == 2
    assert not any("data" in statement for statement in statements)


async def test_the_parents_are_found_by_key_and_not_by_scanning(
    turns: TurnStore, database: Database
) -> None:
    statements: list[tuple[str, tuple[object, ...]]] = []

    def note(
        _c: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object
    ) -> None:
        statements.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        ids = await chain(turns, 2)
        await turns.ancestors(ids[-1], 20)
        await turns.latest_in(1)
        await turns.forget_handles(["x"])
        await turns.forget_clips(NOW - timedelta(1))
        await turns.keep_words(ids[0], "words")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    traced: list[str] = []
    await (await lane_of(database)).set_trace_callback(traced.append)
    await turns.of_message(1)
    statements += [(statement, ()) for statement in traced]
    asked = [s for s in statements if s[0].split()[0] in ("SELECT", "WITH", "UPDATE", "DELETE")]
    assert len(asked) >= 7
    async with database.reading() as session:
        connection = await session.connection()
        for statement, values in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(row["detail"]) for row in plan.mappings()]
            assert not any(step.startswith("SCAN turn") for step in steps), (statement, steps)
            assert not any(step == "SCAN clips" for step in steps), (statement, steps)


async def test_a_turn_is_found_by_its_question_and_by_every_part_of_its_answer(
    turns: TurnStore, database: Database
) -> None:
    outbox = OutboxStore(database)
    turn_id = await turns.record(turn(question_id=100))
    assert await turns.of_message(100) == turn_id
    assert await turns.parts(turn_id) == []
    for number, message_id in enumerate((201, 202, None, 203)):
        await outbox.note(turn_id, Part(number, message_id))
    assert [await turns.of_message(part) for part in (201, 202, 203)] == [turn_id] * 3
    assert await turns.parts(turn_id) == [201, 202, 203]
    assert await turns.of_message(999) is None


async def test_a_question_answered_twice_leads_to_the_newer_answer(turns: TurnStore) -> None:
    await turns.record(turn(question_id=100))
    newer = await turns.record(turn(question_id=100))
    assert await turns.of_message(100) == newer


async def test_the_newest_turn_of_a_place_is_that_of_the_thread_not_of_its_channel(
    turns: TurnStore,
) -> None:
    thread = Room(channel_id=10, guild_id=1, thread_id=11)
    in_thread = await turns.record(turn(room=thread))
    await turns.record(turn(room=DM))
    in_dm = await turns.record(turn(room=DM))
    in_channel = await turns.record(turn(room=ROOM))
    assert [await turns.latest_in(id_) for id_ in (11, 99, 10, 12)] == [
        in_thread, in_dm, in_channel, None,
    ]  # fmt: skip


async def test_clips_are_loaded_by_id_and_missing_ones_are_left_out(turns: TurnStore) -> None:
    turn_id = await turns.record(turn(clips=(KeptClip(b"one", 1), KeptClip(b"two", 2))))
    [found] = await turns.ancestors(turn_id, 1)
    first, second = (clip.id for clip in found.clips)
    assert await turns.clips([second, first, 999]) == {first: b"one", second: b"two"}
    assert await turns.clips([]) == {}


async def test_a_dead_audio_id_is_never_given_again(turns: TurnStore) -> None:
    first = await turns.record(turn(handle=handle("audio_1")))
    second = await turns.record(turn(first, handle=handle("audio_2")))
    await turns.forget_handles(["audio_1", "audio_x"])
    assert [t.handle for t in await turns.ancestors(second, 9)] == [None, handle("audio_2")]


async def test_old_clips_are_erased_and_their_length_stays(turns: TurnStore) -> None:
    clips = (KeptClip(b"one", 1.5), KeptClip(b"two", 2.0))
    old = await turns.record(turn(clips=clips, at=NOW - timedelta(days=8)))
    new = await turns.record(turn(old, clips=clips[:1], at=NOW))
    assert await turns.forget_clips(NOW - timedelta(days=7)) == 2
    assert await turns.forget_clips(NOW - timedelta(days=7)) == 0
    before, after = await turns.ancestors(new, 9)
    assert (before.clips, before.unkept_seconds) == ((), 4.0)
    assert (len(after.clips), after.unkept_seconds) == (1, 0.5)
    assert isinstance(after.clips[0], Clip)


async def test_an_erased_clip_is_in_no_file_any_more(turns: TurnStore, database_file: Path) -> None:
    marker = b"what a member said in confidence"
    await turns.record(turn(clips=(KeptClip(marker * 500, 1.0),), at=NOW - timedelta(days=8)))
    files = [database_file, database_file.with_name("bot.db-wal")]
    assert any(marker in file.read_bytes() for file in files)
    await turns.forget_clips(NOW)
    assert not any(marker in file.read_bytes() for file in files)


async def test_words_take_the_place_of_clips_which_are_in_no_file_any_more(
    turns: TurnStore, database_file: Path
) -> None:
    marker = b"what a member said in confidence"
    clips = (KeptClip(marker * 500, 1.0), KeptClip(b"more", 1.0))
    turn_id, other = (
        await turns.record(turn(clips=clips)),
        await turns.record(turn(clips=clips[1:])),
    )
    await turns.keep_words(turn_id, "in confidence")
    [found] = await turns.ancestors(turn_id, 1)
    assert (found.said, found.clips) == ("Hello?\n\nin confidence", ())
    assert found.unkept_seconds == 0.5
    await turns.keep_words(turn_id, "", whole=True)
    [found] = await turns.ancestors(turn_id, 1)
    assert (found.said, found.heard, found.unkept_seconds) == ("Hello?", "", 0.0)
    [untouched] = await turns.ancestors(other, 1)
    assert (untouched.heard, len(untouched.clips)) == (None, 1)
    files = [database_file, database_file.with_name("bot.db-wal")]
    assert not any(marker in file.read_bytes() for file in files)


async def test_a_turn_is_recorded_with_its_cost_or_not_at_all(
    turns: TurnStore, database: Database
) -> None:
    usage = Usage(text_in=1, audio_in=2, text_out=3, audio_out=4, cached_in=5)
    turn_id = await turns.record(turn(usage=usage))
    unknown = await turns.record(turn())
    columns = "turn_id, text_in, audio_in, text_out, audio_out, cached_in, cost_microusd"
    async with database.reading() as session:
        rows = await session.execute(text(f"SELECT {columns} FROM usage ORDER BY id"))  # noqa: S608
        assert [tuple(row) for row in rows] == [
            (turn_id, 1, 2, 3, 4, 5, 42),
            (unknown, None, None, None, None, None, None),
        ]
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await turns.record(turn(parent_id=999, usage=usage))
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM usage"))).scalar() == 2
