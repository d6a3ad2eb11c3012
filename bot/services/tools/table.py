"""The functions a model may call. To add one: write it here, and put it into `TABLE`.

A function is typed, async, takes `here` first and gives a sentence or a few for the model. Its
docstring tells the model when to call it, the types and descriptions of its other parameters what
with; what does not fit them never reaches it. It reads and never changes anything: members decide
what a model is told, and so what it calls. `TOOLS` switches it on.
"""

import asyncio
from typing import Annotated

from msgspec import Meta

from bot.services.tools.calling import Function
from bot.services.tools.excerpts import find_turns, tell_turns
from bot.services.tools.here import Here
from bot.services.tools.places import tell_time


async def current_time(
    here: Here,
    place: Annotated[
        str,
        Meta(
            max_length=100,
            description="An IANA zone such as Europe/Berlin (best), or a city or country in "
            "English; empty when nobody said where.",
        ),
    ] = "",
) -> str:
    """Tell the date, weekday and time that it is now at a place."""
    return await asyncio.to_thread(tell_time, place, here.now)


async def roll_dice(
    here: Here,
    count: Annotated[int, Meta(ge=1, le=100, description="How many dice.")] = 1,
    sides: Annotated[int, Meta(ge=2, le=1000, description="How many sides each has.")] = 6,
) -> str:
    """Roll dice by real chance, which you cannot do yourself."""
    rolled = [here.chance.randint(1, sides) for _ in range(count)]
    if count == 1:
        return f"The die with {sides} sides shows {rolled[0]}."
    shown = ", ".join(map(str, rolled))
    return f"The {count} dice with {sides} sides show {shown}; that makes {sum(rolled)}."


async def pick(
    here: Here,
    options: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(min_length=2, max_length=100, description="What to choose from."),
    ],
) -> str:
    """Pick one of several things by real chance: lots, coins, who begins."""
    return f"The lot fell on: {here.chance.choice(options)}"


async def earlier_turns(
    here: Here,
    words: Annotated[
        str, Meta(max_length=200, description="Words to look for; empty for whatever there is.")
    ] = "",
    oldest_first: Annotated[
        bool, Meta(description="Whether to begin where the conversation began.")
    ] = False,
) -> str:
    """Look up what was said in this conversation before the part of it that you were sent."""
    turns = await here.untold()
    if not turns:
        return "There is nothing earlier in this conversation: you were sent all of it."
    found = find_turns(turns, words)
    if not found:
        return "None of these words was said in the earlier part of this conversation."
    return tell_turns(found if oldest_first else found[::-1], words)


TABLE = tuple(Function.read(each) for each in (current_time, roll_dice, pick, earlier_turns))
"""All there are, in the order in which the model is told of them."""

NAMES = tuple(function.name for function in TABLE)
