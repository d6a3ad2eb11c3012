"""Functions as a model is told of them, and calls that no honest model makes."""

import asyncio
import json
import logging
import random
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct

from bot.domain.tools import ToolCall
from bot.domain.turns import Turn
from bot.services.tools import calling
from bot.services.tools.calling import LONGEST_ARGUMENTS, LONGEST_RESULT, Function, Tools
from bot.services.tools.echoes import echo
from bot.services.tools.here import Here
from bot.services.tools.table import NAMES, TABLE
from tests.fakes import NOON


async def _nothing_untold() -> Sequence[Turn]:
    return []


HERE = Here(NOON, random.Random(7), _nothing_untold)


def call(name: str, arguments: str = "{}") -> ToolCall:
    return ToolCall("call_1", name, arguments)


async def result_of(name: str, **arguments: object) -> str:
    return await Tools(TABLE, NAMES).call(call(name, json.dumps(arguments)), HERE)


def test_the_model_is_told_what_stands_in_the_signature() -> None:
    class Point(Struct):
        x: int

    async def weigh(
        here: Here,
        what: Annotated[str, Meta(description="What to weigh.")],
        where: Point | None = None,
    ) -> str:
        """Weigh a thing."""
        return f"{here.now} {what} {where}"

    tool = Function.read(weigh).tool
    assert (tool.name, tool.description) == ("weigh", "Weigh a thing.")
    assert tool.parameters["required"] == ["what"]
    assert '"what": {"description": "What to weigh.", "type": "string"}' in json.dumps(
        tool.parameters
    )
    check = Draft202012Validator(tool.parameters)
    assert check.is_valid({"what": "a feather", "where": {"x": 1}})
    assert not check.is_valid({"what": "a feather", "where": {"x": "1"}})
    assert not check.is_valid({"what": "a feather", "who": "me"})


@pytest.mark.parametrize("function", TABLE, ids=NAMES)
def test_every_function_of_the_table_is_told_as_servers_want_it(function: Function) -> None:
    Draft202012Validator.check_schema(dict(function.tool.parameters))
    assert function.tool.parameters["type"] == "object"
    assert function.tool.parameters["additionalProperties"] is False
    properties: dict[str, dict[str, Any]] = dict(function.tool.parameters["properties"])  # type: ignore[call-overload]  # a schema is not typed
    assert all(each["description"].endswith(".") for each in properties.values())
    assert function.tool.description.endswith(".")
    assert function.name.isidentifier()
    assert len(function.name) <= 64


def test_the_order_is_that_of_the_table_whatever_was_switched_on_first() -> None:
    some = Tools(TABLE, ["pick", "current_time"])
    assert [tool.name for tool in some.offered] == ["current_time", "pick"]
    assert Tools(TABLE, ()).offered == ()


async def test_what_must_be_said_may_stand_behind_what_need_not() -> None:
    async def wrap(here: Here, *, paper: str = "brown", what: str) -> str:
        """Wrap a thing."""
        return f"{what} in {paper} at {here.now:%H}"

    function = Function.read(wrap)
    assert list(dict(function.tool.parameters["properties"])) == ["paper", "what"]  # type: ignore[call-overload]  # a schema is not typed
    told = await Tools([function], ["wrap"]).call(call("wrap", '{"what": "a hat"}'), HERE)
    assert told == "a hat in brown at 12"


async def test_the_time_at_a_place() -> None:
    told = await result_of("current_time", place="Tokyo")
    assert told == "It is Saturday, 21 November 2026, 21:00 in Tokyo (UTC+9)."


async def test_one_die_and_several() -> None:
    assert await result_of("roll_dice", sides=20) in {
        f"The die with 20 sides shows {side}." for side in range(1, 21)
    }
    told = await result_of("roll_dice", count=3)
    shown, _, total = told.removeprefix("The 3 dice with 6 sides show ").partition("; ")
    sides = [int(side) for side in shown.split(", ")]
    assert len(sides) == 3
    assert set(sides) <= set(range(1, 7))
    assert total == f"that makes {sum(sides)}."


async def test_every_side_and_every_lot_may_come() -> None:
    rolled = {await result_of("roll_dice") for _ in range(200)}
    assert len(rolled) == 6
    picked = {await result_of("pick", options=["tea", "coffee"]) for _ in range(50)}
    assert picked == {"The lot fell on: tea", "The lot fell on: coffee"}


async def test_no_arguments_at_all_are_none() -> None:
    assert "12:00 UTC" in await Tools(TABLE, NAMES).call(call("current_time", " "), HERE)


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        ("roll_dice", '{"count": "2"}', "Expected `int`, got `str` - at `$.count`"),
        ("roll_dice", '{"count": 0}', "Expected `int` >= 1 - at `$.count`"),
        ("roll_dice", '{"sides": 100000}', "Expected `int` <= 1000 - at `$.sides`"),
        ("roll_dice", '{"count": 2.5}', "Expected `int`, got `float`"),
        ("roll_dice", f'{{"count": {"9" * 5000}}}', "at `$.count`"),
        ("pick", "{}", "Object missing required field `options`"),
        ("pick", '{"options": ["only"]}', "Expected `array` of length >= 2"),
        ("pick", json.dumps({"options": ["x"] * 101}), "Expected `array` of length <= 100"),
        ("earlier_turns", '{"words": "x", "conversation_id": 7}', "unknown field"),
        ("earlier_turns", '{"words": "x", "here": {}}', "unknown field"),
        ("current_time", '["Tokyo"]', "Expected `object`, got `array`"),
        ("current_time", "place=Tokyo", "the arguments are no JSON."),
        ("current_time", '{"place": "\ud800"}', "the arguments are no JSON."),
        ("current_time", '{"place": ' + "[" * 7000, "Expected `str`, got `array`"),
        ("current_time", '{"place": "' + "x" * 2**20 + '"}', "the arguments are too long."),
        ("current_time", f'{{"{"y" * 7000}": 1}}', "unknown field"),
    ],
)
async def test_what_does_not_fit_is_said_and_never_reaches_the_function(
    name: str, arguments: str, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = await Tools(TABLE, NAMES).call(call(name, arguments), HERE)
    assert told.startswith(f"That was no proper call of {name}: ")
    assert complaint in told
    assert len(told) < 300
    assert caplog.messages == [f"{name} was called with what does not fit it"]


async def test_deep_nesting_where_anything_is_taken_breaks_nothing() -> None:
    async def measure(here: Here, what: Any) -> str:  # noqa: ANN401 - that is the point
        """Measure it."""
        return f"{here.now:%H} {len(what)}"

    bomb = '{"what": ' + "[" * 3900 + "]" * 3900 + "}"
    told = await Tools([Function.read(measure)], ["measure"]).call(call("measure", bomb), HERE)
    # Which of both depends on how deep this Python goes.
    assert told in {"12 1", "That was no proper call of measure: the arguments are no JSON."}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    name=st.sampled_from(NAMES) | st.text(),
    arguments=st.text() | _JSON.map(json.dumps),
)
async def test_no_call_whatever_raises_or_grows(name: str, arguments: str) -> None:
    told = await Tools(TABLE, NAMES).call(call(name, arguments), HERE)
    assert 0 < len(told) <= LONGEST_RESULT
    [back] = echo([call(name, arguments)])
    assert isinstance(json.loads(back.arguments), dict)


@pytest.mark.parametrize("name", ["delete_channel", "", "__class__", "call", "roll_dice\n", "pick"])
async def test_what_is_not_switched_on_cannot_be_called(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = await Tools(TABLE, ["roll_dice"]).call(call(name), HERE)
    assert told == "There is no such function. There are: roll_dice."
    assert caplog.messages == ["a function that there is not was called"]


async def test_a_function_that_fails_is_told_to_the_model_and_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def break_down(here: Here) -> str:
        """Break."""
        raise OSError(f"a secret of {here}")

    told = await Tools([Function.read(break_down)], ["break_down"]).call(call("break_down"), HERE)
    assert told == "break_down did not work this time."
    assert caplog.messages == ["break_down failed: OSError"]


async def test_a_function_that_takes_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def wait(here: Here) -> str:
        """Wait for ever."""
        await asyncio.get_running_loop().create_future()
        return str(here)

    monkeypatch.setattr(calling, "PATIENCE_S", 0.01)
    told = await Tools([Function.read(wait)], ["wait"]).call(call("wait"), HERE)
    assert told == "wait did not work this time."
    assert caplog.messages == ["wait failed: TimeoutError"]


async def test_a_long_result_is_cut() -> None:
    async def talk(here: Here) -> str:
        """Talk."""
        return f"{here.now}" * LONGEST_RESULT

    told = await Tools([Function.read(talk)], ["talk"]).call(call("talk"), HERE)
    assert len(told) == LONGEST_RESULT


async def test_what_was_called_with_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await result_of("current_time", place="Tokyo")
    await result_of("current_time", place=["Tokyo"])
    assert "Tokyo" not in caplog.text


def test_calls_as_servers_take_them_are_told_back_as_they_are() -> None:
    calls = (
        ToolCall("call_a", "pick", '{"options": ["a", "b"]}'),
        ToolCall("b", "roll_dice", "{}"),
    )
    assert echo(calls) == calls


@pytest.mark.parametrize(
    "arguments",
    ["", "no json", "[]", '"x"', "[" * 5000, '{"a": "\ud800"}', " " * (LONGEST_ARGUMENTS + 1)],
)
def test_arguments_that_servers_refuse_are_told_back_as_none(arguments: str) -> None:
    assert echo([call("pick", arguments)]) == (call("pick", "{}"),)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "délete", "pick\n"])
def test_names_that_servers_refuse_are_told_back_as_unknown(name: str) -> None:
    assert echo([call(name)]) == (call("unknown"),)


@pytest.mark.parametrize("ids", [("", ""), ("same", "same"), ("x" * 201, "b")])
def test_calls_without_ids_of_their_own_are_given_some(ids: tuple[str, str]) -> None:
    told = echo([ToolCall(id_, "pick", "{}") for id_ in ids])
    assert [each.id for each in told] == ["call_0", "call_1"]
