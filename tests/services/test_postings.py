import asyncio

from bot.services.postings import Postings


async def test_settling_waits_for_what_is_being_posted_into_that_room() -> None:
    postings, order, posted = Postings(), list[str](), asyncio.Event()

    async def post() -> None:
        with postings.into(1):
            await posted.wait()
            order.append("posted")

    async def look() -> None:
        assert await postings.settle(1)
        order.append("looked")

    async def let_go() -> None:
        posted.set()

    await asyncio.gather(post(), look(), let_go())
    assert order == ["posted", "looked"]


async def test_a_room_without_postings_is_settled_at_once() -> None:
    postings = Postings()
    with postings.into(1):
        assert not await postings.settle(2)
    assert not await postings.settle(1)
