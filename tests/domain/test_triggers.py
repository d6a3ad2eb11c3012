from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.incoming import Address, Incoming, Member, ReplyTo
from bot.domain.rooms import Room
from bot.domain.triggers import (
    Known,
    Verdict,
    how_to_be_heard,
    judge,
    may_be_ours,
)

CHANNEL = Room(channel_id=10, guild_id=1)
THREAD = Room(channel_id=10, guild_id=1, thread_id=11)
PLAIN = Incoming(
    message_id=5,
    room=CHANNEL,
    member=Member(2, "Ada"),
    text="hello",
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
    address=Address.NONE,
)
IN_THREAD = replace(PLAIN, room=THREAD, address=Address.THREAD)
GREW = Known(our_thread=True)


@pytest.mark.parametrize(
    "address", [Address.DM, Address.MENTION, Address.ROLE_MENTION, Address.REPLY]
)
def test_whoever_addresses_us_is_answered(address: Address) -> None:
    assert judge(replace(PLAIN, address=address), Known()) is Verdict.ANSWER


def test_talk_between_members_is_none_of_our_business() -> None:
    assert judge(PLAIN, Known()) is Verdict.IGNORE
    assert not may_be_ours(replace(PLAIN, mentions_others=True))
    assert not may_be_ours(replace(PLAIN, reply_to=ReplyTo(99, ours=False)))


def test_where_we_listen_what_is_said_to_all_needs_no_mention() -> None:
    listens = Known(listens=True)
    assert may_be_ours(PLAIN)
    assert judge(PLAIN, listens) is Verdict.ANSWER
    assert judge(IN_THREAD, listens) is Verdict.ANSWER
    for other in (
        replace(PLAIN, mentions_others=True),
        replace(PLAIN, reply_to=ReplyTo(99, ours=False)),
        replace(PLAIN, text="", content_visible=False),
        replace(PLAIN, text=""),
        replace(PLAIN, by_bot=True),
    ):
        assert judge(other, listens) is Verdict.IGNORE
        assert not may_be_ours(other)


def test_bots_are_answered_only_where_they_may_be_and_call_us() -> None:
    bot = replace(PLAIN, by_bot=True, address=Address.MENTION)
    assert may_be_ours(bot)
    assert judge(bot, Known()) is Verdict.IGNORE
    assert judge(bot, Known(answers_bots=True)) is Verdict.ANSWER
    overheard = replace(IN_THREAD, by_bot=True)
    assert judge(overheard, replace(GREW, answers_bots=True, listens=True)) is Verdict.IGNORE


def test_a_thread_that_grew_from_an_answer_needs_no_mention() -> None:
    assert judge(IN_THREAD, GREW) is Verdict.ANSWER
    assert judge(IN_THREAD, Known()) is Verdict.IGNORE


def test_members_may_talk_to_each_other_in_our_thread() -> None:
    to_somebody = replace(IN_THREAD, mentions_others=True)
    reply_to_somebody = replace(IN_THREAD, reply_to=ReplyTo(99, ours=False))
    assert judge(to_somebody, GREW) is Verdict.IGNORE
    assert judge(reply_to_somebody, GREW) is Verdict.IGNORE


def test_a_reply_whose_target_discord_does_not_show_is_recognised_by_our_memory() -> None:
    reply = replace(PLAIN, reply_to=ReplyTo(99, ours=None))
    assert may_be_ours(reply)
    assert judge(reply, Known(replied_turn=7)) is Verdict.ANSWER
    assert judge(reply, Known()) is Verdict.IGNORE


def test_a_reply_to_somebody_elses_question_is_not_for_us() -> None:
    reply = replace(PLAIN, reply_to=ReplyTo(99, ours=False))
    assert judge(reply, Known(replied_turn=7)) is Verdict.IGNORE


def test_what_is_for_us_but_withheld_is_unreadable() -> None:
    withheld = replace(IN_THREAD, text="", content_visible=False)
    assert judge(withheld, GREW) is Verdict.UNREADABLE
    assert judge(withheld, Known()) is Verdict.IGNORE


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        (Address.ROLE_MENTION, "not by my role"),
        (Address.REPLY, "leave the ping on"),
        (Address.THREAD, "mention me"),
    ],
)
def test_the_remedy_fits_the_way_we_were_addressed(address: Address, remedy: str) -> None:
    assert remedy in how_to_be_heard(replace(PLAIN, address=address))
