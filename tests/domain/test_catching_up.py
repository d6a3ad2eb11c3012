"""Where to look for what was missed."""

from datetime import UTC, datetime, timedelta

from bot.domain.catching_up import Candidate, Kind, in_order

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def minutes(ago: int) -> datetime:
    return NOON - timedelta(minutes=ago)


def test_dms_come_first_then_threads_then_channels_each_with_the_newest_first() -> None:
    candidates = [
        Candidate(1, Kind.CHANNEL, minutes(1)),
        Candidate(2, Kind.THREAD, minutes(9)),
        Candidate(3, Kind.THREAD, minutes(2)),
        Candidate(4, Kind.DM, None),
        Candidate(5, Kind.CHANNEL, minutes(0)),
    ]
    assert [each.room_id for each in in_order(candidates, minutes(10))] == [4, 3, 2, 5, 1]


def test_rooms_where_nothing_was_written_since_are_left_alone() -> None:
    candidates = [Candidate(1, Kind.CHANNEL, minutes(11)), Candidate(2, Kind.THREAD, minutes(10))]
    assert [each.room_id for each in in_order(candidates, minutes(10))] == [2]
