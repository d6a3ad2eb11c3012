import asyncio

from bot.services.postings import Postings
from bot.tasks import spawn


async def test_settling_waits_for_what_is_being_posted_into_that_room() -> None:
    postings, order, posted = Postings(), list[str](), asyncio.Event()

    async def post() -> None:
        with postings.into(1):
            await posted.wait()
            order.append("posted")

    async def look() -> None:
        under_way = postings.under_way(1)
        assert len(under_way) == 1
        await postings.settle(under_way)
        order.append("looked")

    async def let_go() -> None:
        posted.set()

    await asyncio.gather(post(), look(), let_go())
    assert order == ["posted", "looked"]


async def test_what_is_handed_over_counts_as_under_way_until_it_is_done() -> None:
    postings = Postings()
    noted = asyncio.get_running_loop().create_future()
    with postings.into(1) as until:
        until(noted)
    under_way = postings.under_way(1)
    settling = spawn(postings.settle(under_way), name="settle")
    await asyncio.sleep(0)
    assert not settling.done()
    noted.set_result(None)
    await settling
    assert postings.under_way(1) == ()


async def test_a_room_without_postings_is_settled() -> None:
    postings = Postings()
    with postings.into(1):
        assert postings.under_way(2) == ()
    assert postings.under_way(1) == ()
