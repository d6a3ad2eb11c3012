"""A success as it comes in, whole or in pieces: what it says."""

from collections.abc import Callable
from functools import partial

from bot.chat_api import answer
from bot.chat_api.assembling import Answer
from bot.chat_api.heavy import work_on
from bot.chat_api.merging import Merger
from bot.chat_api.transport import ConnectionLost, Incoming

OnWords = Callable[[str], None]


async def receive(incoming: Incoming, on_words: OnWords) -> Answer:
    """Read what was said, by what came and not by what was asked for: some relays differ.

    Args:
        incoming: a success.
        on_words: is told of the words of a stream as they come.

    Raises:
        AttemptFailed: the connection broke before anything was said, or too much came.

    """
    if not incoming.is_stream:
        body = (await incoming.read()).body
        return await work_on(len(body), partial(_read, body))
    merger = Merger()
    try:
        await _merge(incoming, merger, on_words)
    except ConnectionLost:
        kept = merger.answer(lost=True)
        if all(said.is_empty for said in kept.choices):
            raise
        return kept
    return merger.answer()


async def _merge(incoming: Incoming, merger: Merger, on_words: OnWords) -> None:
    while not merger.is_over:
        piece = await incoming.piece()
        take = partial(merger.feed, piece) if piece else merger.end
        words = await work_on(merger.held_bytes, take)
        if words:
            on_words(words)
        if not piece:
            return


def _read(body: bytes) -> Answer:
    """Read a whole answer, or a stream that is not called one."""
    whole = answer.parse(body)
    if whole is not None:
        return whole
    merger = Merger()
    merger.feed(body)
    merger.end()
    return merger.answer()
